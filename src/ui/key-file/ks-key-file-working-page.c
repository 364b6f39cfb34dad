/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/key-file/ks-key-file-working-page.h"

#include "ui/steps/ks-step-row.h"

struct _KsKeyFileWorkingPage
{
  KsStepPage parent;

  KsStepRow *step;
};

G_DEFINE_FINAL_TYPE (KsKeyFileWorkingPage, ks_key_file_working_page, KS_TYPE_STEP_PAGE)

void
ks_key_file_working_page_show (KsKeyFileWorkingPage *self, const char *text, double fraction)
{
  ks_step_row_set_state (self->step, KS_STEP_ROW_NOW);
  ks_step_row_set_label (self->step, text);
  ks_step_row_set_fraction (self->step, fraction);
}

static void
ks_key_file_working_page_class_init (KsKeyFileWorkingPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (KS_TYPE_STEP_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               RESOURCES "/key-file/ks-key-file-working-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsKeyFileWorkingPage, step);
}

static void
ks_key_file_working_page_init (KsKeyFileWorkingPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
