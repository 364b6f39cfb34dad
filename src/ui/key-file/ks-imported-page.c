/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/key-file/ks-imported-page.h"

#include "ui/key-file/ks-key-file-text.h"
#include "ui/ks-number-text.h"
#include "ui/restore/ks-failure-rows.h"

#include <glib/gi18n.h>

struct _KsImportedPage
{
  KsSetUpPage parent;

  GtkListBox *counts;
  GtkLabel *added;
  GtkLabel *better;
  GtkLabel *here;
};

G_DEFINE_FINAL_TYPE (KsImportedPage, ks_imported_page, KS_TYPE_SET_UP_PAGE)

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

void
ks_imported_page_show (KsImportedPage *self, const KsKeyReport *report, gboolean imported)
{
  KsSetUpPage *page = KS_SET_UP_PAGE (self);
  g_autofree char *sentence = ks_key_file_text_sentence (report, imported);
  gboolean good = report->total > 0 && ks_key_report_get_failed (report) == 0;
  gboolean some = ks_key_report_get_failed (report) < report->total;

  ks_set_up_page_set_title (page, ks_key_file_text_title (report, imported));
  ks_set_up_page_set_description (page, sentence);
  ks_set_up_page_set_icon (page, good ? "emblem-ok-symbolic" : "ks-shield-alert-symbolic",
                           good ? "ok" : "attention");
  ks_set_up_page_set_forward_label (page, imported || !some ? _ ("_Done") : _ ("_Import the Rest"));
  show_count (self->added, report->added);
  show_count (self->better, report->better);
  show_count (self->here, report->here);
  drop_failures (self);
  ks_failure_rows_add (self->counts, report, ks_key_file_text_reason, ks_key_file_text_advice);
}

static void
ks_imported_page_class_init (KsImportedPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/key-file/ks-imported-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, counts);
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, added);
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, better);
  gtk_widget_class_bind_template_child (widget_class, KsImportedPage, here);
}

static void
ks_imported_page_init (KsImportedPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
