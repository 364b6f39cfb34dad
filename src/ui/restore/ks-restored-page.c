/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-restored-page.h"

#include "ui/ks-number-text.h"
#include "ui/restore/ks-failure-rows.h"
#include "ui/restore/ks-restore-text.h"
#include "ui/steps/ks-note.h"

#include <glib/gi18n.h>

struct _KsRestoredPage
{
  KsStepPage parent;

  GtkListBox *counts;
  GtkLabel *added;
  GtkLabel *better;
  GtkLabel *here;
  AdwActionRow *held_back_row;
  GtkLabel *held_back;
  KsNote *notes;
};

G_DEFINE_FINAL_TYPE (KsRestoredPage, ks_restored_page, KS_TYPE_STEP_PAGE)

static void
show_count (GtkLabel *label, guint64 count)
{
  g_autofree char *text = ks_number_text (count);

  gtk_label_set_label (label, text);
}

/* A backup says nothing of what was never put into it. */
static char *
with_limit (const char *sentence, const KsKeyReport *report)
{
  if (report == NULL || report->added + report->better == 0)
    return g_strdup (sentence);
  return g_strdup_printf ("%s %s", sentence,
                          _ ("Messages whose keys were never backed up stay locked. A session that still "
                             "reads them can export its keys to a file."));
}

static void
show_report (KsRestoredPage *self, const KsKeyReport *report, guint64 held_back)
{
  gtk_widget_set_visible (GTK_WIDGET (self->counts), report != NULL);
  if (report == NULL)
    return;
  show_count (self->added, report->added);
  show_count (self->better, report->better);
  show_count (self->here, report->here);
  show_count (self->held_back, held_back);
  gtk_widget_set_visible (GTK_WIDGET (self->held_back_row), held_back > 0);
  ks_failure_rows_add (self->counts, report, ks_restore_text_reason, ks_restore_text_advice);
}

void
ks_restored_page_show (KsRestoredPage *self, KsRestoreJob *job)
{
  KsStepPage *page = KS_STEP_PAGE (self);
  const KsKeyReport *report = ks_restore_job_get_report (job);
  gboolean good = ks_restore_text_is_good (job);
  g_autofree char *sentence = ks_restore_text_sentence (job);
  g_autofree char *description = with_limit (sentence, report);

  ks_step_page_set_title (page, ks_restore_text_title (job));
  ks_step_page_set_description (page, description);
  ks_step_page_set_icon (page, good ? "emblem-ok-symbolic" : "ks-shield-alert-symbolic",
                         good ? "ok" : "attention");
  show_report (self, report, ks_restore_text_held_back (job));
}

void
ks_restored_page_show_older (KsRestoredPage *self, const KsKeyReport *report, const char *sentence)
{
  KsStepPage *page = KS_STEP_PAGE (self);

  ks_step_page_set_title (page, _ ("Older Backup Restored"));
  ks_step_page_set_description (page, sentence);
  ks_step_page_set_icon (page, "emblem-ok-symbolic", "ok");
  show_report (self, report, 0);
}

void
ks_restored_page_show_unlocked (KsRestoredPage *self, const char *sentence)
{
  KsStepPage *page = KS_STEP_PAGE (self);

  ks_step_page_set_title (page, _ ("Unlocked, but Nothing to Restore"));
  ks_step_page_set_description (page, sentence);
  ks_step_page_set_icon (page, "ks-shield-alert-symbolic", "attention");
  gtk_widget_set_visible (GTK_WIDGET (self->counts), FALSE);
}

void
ks_restored_page_set_notes (KsRestoredPage *self, const char *notes)
{
  ks_note_set_text (self->notes, notes);
}

static void
ks_restored_page_wipe (KsStepPage *page)
{
  KsRestoredPage *self = KS_RESTORED_PAGE (page);

  if (self->notes != NULL)
    ks_note_set_text (self->notes, NULL);
}

static void
ks_restored_page_class_init (KsRestoredPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  KS_STEP_PAGE_CLASS (class)->wipe = ks_restored_page_wipe;

  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/restore/ks-restored-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsRestoredPage, counts);
  gtk_widget_class_bind_template_child (widget_class, KsRestoredPage, added);
  gtk_widget_class_bind_template_child (widget_class, KsRestoredPage, better);
  gtk_widget_class_bind_template_child (widget_class, KsRestoredPage, here);
  gtk_widget_class_bind_template_child (widget_class, KsRestoredPage, held_back_row);
  gtk_widget_class_bind_template_child (widget_class, KsRestoredPage, held_back);
  gtk_widget_class_bind_template_child (widget_class, KsRestoredPage, notes);
}

static void
ks_restored_page_init (KsRestoredPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
