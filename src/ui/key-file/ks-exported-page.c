/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/key-file/ks-exported-page.h"

#include "ui/key-file/ks-key-file-text.h"
#include "ui/ks-number-text.h"

struct _KsExportedPage
{
  KsStepPage parent;

  GtkLabel *keys;
  AdwActionRow *left_out_row;
  GtkLabel *left_out;
  AdwActionRow *file_row;
};

G_DEFINE_FINAL_TYPE (KsExportedPage, ks_exported_page, KS_TYPE_STEP_PAGE)

void
ks_exported_page_show (KsExportedPage *self, const KsExportReport *report, GFile *file)
{
  g_autofree char *keys = ks_number_text (report->keys);
  g_autofree char *left_out = ks_number_text (report->left_out);
  g_autofree char *place = ks_key_file_text_place (file);
  gboolean whole = report->left_out == 0;

  ks_step_page_set_icon (KS_STEP_PAGE (self), whole ? "emblem-ok-symbolic" : "ks-shield-alert-symbolic",
                         whole ? "ok" : "attention");
  gtk_label_set_label (self->keys, keys);
  gtk_label_set_label (self->left_out, left_out);
  gtk_widget_set_visible (GTK_WIDGET (self->left_out_row), !whole);
  adw_action_row_set_subtitle (self->file_row, place);
}

static void
ks_exported_page_class_init (KsExportedPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/key-file/ks-exported-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsExportedPage, keys);
  gtk_widget_class_bind_template_child (widget_class, KsExportedPage, left_out_row);
  gtk_widget_class_bind_template_child (widget_class, KsExportedPage, left_out);
  gtk_widget_class_bind_template_child (widget_class, KsExportedPage, file_row);
}

static void
ks_exported_page_init (KsExportedPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
