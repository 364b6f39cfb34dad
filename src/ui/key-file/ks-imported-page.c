/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/key-file/ks-imported-page.h"

#include "ui/key-file/ks-key-file-text.h"
#include "ui/key-file/ks-set-aside-text.h"
#include "ui/ks-number-text.h"
#include "ui/restore/ks-failure-rows.h"

#include <glib/gi18n.h>

struct _KsImportedPage
{
  KsStepPage parent;

  GtkListBox *counts;
  GtkWidget *readable_row;
  GtkLabel *readable;
  GtkLabel *added;
  GtkLabel *better;
  GtkLabel *here;
  GtkWidget *secrets_row;
  GtkLabel *secrets;
};

G_DEFINE_FINAL_TYPE (KsImportedPage, ks_imported_page, KS_TYPE_STEP_PAGE)

static void
show_count (GtkLabel *label, guint64 count)
{
  g_autofree char *text = ks_number_text (count);

  gtk_label_set_label (label, text);
}

/* Of what was shown before. */
static void
drop_failures (KsImportedPage *self)
{
  GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->counts));

  while (row != NULL)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (row);

      if (ADW_IS_EXPANDER_ROW (row))
        gtk_list_box_remove (self->counts, row);
      row = next;
    }
}

static void
show_report (KsImportedPage *self, const KsKeyReport *report, gboolean good, KsReasonText advice)
{
  ks_step_page_set_icon (KS_STEP_PAGE (self), good ? "emblem-ok-symbolic" : "ks-shield-alert-symbolic",
                         good ? "ok" : "attention");
  show_count (self->added, report->added);
  show_count (self->better, report->better);
  show_count (self->here, report->here);
  drop_failures (self);
  ks_failure_rows_add (self->counts, report, ks_key_file_text_reason, advice);
}

void
ks_imported_page_show (KsImportedPage *self, const KsKeyReport *report, gboolean imported)
{
  KsStepPage *page = KS_STEP_PAGE (self);
  g_autofree char *sentence = ks_key_file_text_sentence (report, imported);
  gboolean good = report->total > 0 && ks_key_report_get_failed (report) == 0;
  gboolean some = ks_key_report_get_failed (report) < report->total;

  ks_step_page_set_title (page, ks_key_file_text_title (report, imported));
  ks_step_page_set_description (page, sentence);
  ks_step_page_set_forward_label (page, imported || !some ? _ ("_Done") : _ ("_Import the Rest"));
  gtk_widget_set_visible (self->readable_row, FALSE);
  gtk_widget_set_visible (self->secrets_row, FALSE);
  show_report (self, report, good, ks_key_file_text_advice);
}

void
ks_imported_page_show_set_aside (KsImportedPage *self,
                                 const KsKeyReport *report,
                                 guint secrets,
                                 gboolean backing_up)
{
  KsStepPage *page = KS_STEP_PAGE (self);
  g_autofree char *sentence = ks_set_aside_text_sentence (report, secrets, backing_up);
  gboolean good = (report->total > 0 || secrets > 0) && ks_key_report_get_failed (report) == 0;

  ks_step_page_set_title (page, ks_set_aside_text_title (report, secrets));
  ks_step_page_set_description (page, sentence);
  ks_step_page_set_forward_label (page, _ ("_Done"));
  gtk_widget_set_visible (self->readable_row, TRUE);
  show_count (self->readable, report->total);
  gtk_widget_set_visible (self->secrets_row, secrets > 0);
  show_count (self->secrets, secrets);
  show_report (self, report, good, ks_set_aside_text_advice);
}

static void
ks_imported_page_class_init (KsImportedPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/key-file/ks-imported-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, counts);
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, readable_row);
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, readable);
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, added);
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, better);
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, here);
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, secrets_row);
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, secrets);
}

static void
ks_imported_page_init (KsImportedPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
