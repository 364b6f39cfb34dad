/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-restoring-page.h"

#include "ui/ks-error-text.h"
#include "ui/restore/ks-restore-text.h"
#include "ui/steps/ks-note.h"
#include "ui/steps/ks-step-row.h"

#include <glib/gi18n.h>

struct _KsRestoringPage
{
  KsStepPage parent;

  KsNote *notes;
  KsNote *problem;
  KsStepRow *keys_row;

  KsRestoreJob *job; /* owned; NULL before there is one */
  KsTimeLeft time_left;
};

G_DEFINE_FINAL_TYPE (KsRestoringPage, ks_restoring_page, KS_TYPE_STEP_PAGE)

static void
show_keys (KsRestoringPage *self)
{
  g_autofree char *text = ks_restore_text_progress (self->job, &self->time_left);

  ks_step_row_set_label (self->keys_row, text);
  ks_step_row_set_fraction (self->keys_row, ks_restore_text_fraction (self->job));
}

static void
show_failure (KsRestoringPage *self, const GError *failure)
{
  KsStepPage *page = KS_STEP_PAGE (self);
  g_autofree char *text = failure != NULL ? ks_error_text_restore (failure) : NULL;

  ks_note_set_text (self->problem, text);
  ks_step_row_set_state (self->keys_row, failure != NULL ? KS_STEP_ROW_STOPPED : KS_STEP_ROW_NOW);
  ks_step_page_set_title (page, failure != NULL ? _ ("Restoring Stopped") : _ ("Restoring Your History"));
  ks_step_page_set_description (page, failure != NULL
                                          ? _ ("What has arrived is kept. Trying again brings the rest.")
                                          : _ ("Messages become readable as their keys arrive."));
  ks_step_page_set_icon (page, failure != NULL ? "ks-shield-alert-symbolic" : "emblem-synchronizing-symbolic",
                         failure != NULL ? "attention" : "accent");
  ks_step_page_set_forward_label (page, failure != NULL ? _ ("_Try Again") : _ ("_Run in the Background"));
  ks_step_page_set_forward_suggested (page, failure != NULL);
}

static void
update (KsRestoringPage *self)
{
  switch (ks_restore_job_get_state (self->job))
    {
    case KS_RESTORE_JOB_RUNNING:
    case KS_RESTORE_JOB_FAILED:
      show_failure (self, ks_restore_job_get_failure (self->job));
      show_keys (self);
      break;
    case KS_RESTORE_JOB_IDLE:
    case KS_RESTORE_JOB_DONE:
    case KS_RESTORE_JOB_STOPPED:
    default:
      self->time_left = (KsTimeLeft){ 0 };
      break;
    }
}

void
ks_restoring_page_set_job (KsRestoringPage *self, KsRestoreJob *job)
{
  g_assert (self->job == NULL);

  self->job = g_object_ref (job);
  g_signal_connect_object (job, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (job, "progress", G_CALLBACK (show_keys), self, G_CONNECT_SWAPPED);
  update (self);
}

void
ks_restoring_page_set_notes (KsRestoringPage *self, const char *notes)
{
  ks_note_set_text (self->notes, notes);
}

static void
ks_restoring_page_wipe (KsStepPage *page)
{
  KsRestoringPage *self = KS_RESTORING_PAGE (page);

  if (self->notes != NULL)
    ks_note_set_text (self->notes, NULL);
}

static void
ks_restoring_page_dispose (GObject *object)
{
  g_clear_object (&KS_RESTORING_PAGE (object)->job);
  G_OBJECT_CLASS (ks_restoring_page_parent_class)->dispose (object);
}

static void
ks_restoring_page_class_init (KsRestoringPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_restoring_page_dispose;
  KS_STEP_PAGE_CLASS (class)->wipe = ks_restoring_page_wipe;

  g_type_ensure (KS_TYPE_NOTE);
  g_type_ensure (KS_TYPE_STEP_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/restore/ks-restoring-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsRestoringPage, notes);
  gtk_widget_class_bind_template_child (widget_class, KsRestoringPage, problem);
  gtk_widget_class_bind_template_child (widget_class, KsRestoringPage, keys_row);
}

static void
ks_restoring_page_init (KsRestoringPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
