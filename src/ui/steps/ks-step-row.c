/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/steps/ks-step-row.h"

#include <glib/gi18n.h>

struct _KsStepRow
{
  GtkListBoxRow parent;

  GtkBox *box;
  GtkImage *icon;
  GtkSpinner *spinner;
  GtkLabel *label;
  GtkProgressBar *bar;
};

G_DEFINE_FINAL_TYPE (KsStepRow, ks_step_row, GTK_TYPE_LIST_BOX_ROW)

typedef struct
{
  const char *icon;
  const char *name;
  const char *style; /* of the icon; NULL: none */
} Look;

static const Look looks[] = {
  [KS_STEP_ROW_AHEAD] = { "ks-dot-symbolic", N_ ("To do"), NULL },
  [KS_STEP_ROW_NOW] = { NULL, N_ ("In progress"), NULL },
  [KS_STEP_ROW_STOPPED] = { "dialog-warning-symbolic", N_ ("Stopped"), "warning" },
  [KS_STEP_ROW_DONE] = { "emblem-ok-symbolic", N_ ("Done"), "success" },
};

void
ks_step_row_set_label (KsStepRow *self, const char *label)
{
  gtk_label_set_label (self->label, label);
}

void
ks_step_row_set_state (KsStepRow *self, KsStepRowState state)
{
  const Look *look = &looks[state];
  const char *icon_classes[] = { look->style, NULL };
  const char *box_classes[] = { "ks-step", state == KS_STEP_ROW_AHEAD ? "ahead" : NULL, NULL };

  gtk_widget_set_visible (GTK_WIDGET (self->spinner), state == KS_STEP_ROW_NOW);
  gtk_widget_set_visible (GTK_WIDGET (self->icon), state != KS_STEP_ROW_NOW);
  gtk_image_set_from_icon_name (self->icon, look->icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->icon), icon_classes);
  gtk_widget_set_css_classes (GTK_WIDGET (self->box), box_classes);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->icon), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (look->name),
                                  -1);
}

void
ks_step_row_set_fraction (KsStepRow *self, double fraction)
{
  gtk_widget_set_visible (GTK_WIDGET (self->bar), fraction >= 0);
  gtk_progress_bar_set_fraction (self->bar, CLAMP (fraction, 0, 1));
}

static void
ks_step_row_class_init (KsStepRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/steps/ks-step-row.ui");
  gtk_widget_class_bind_template_child (widget_class, KsStepRow, box);
  gtk_widget_class_bind_template_child (widget_class, KsStepRow, icon);
  gtk_widget_class_bind_template_child (widget_class, KsStepRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, KsStepRow, label);
  gtk_widget_class_bind_template_child (widget_class, KsStepRow, bar);
}

static void
ks_step_row_init (KsStepRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ks_step_row_set_state (self, KS_STEP_ROW_AHEAD);
}
