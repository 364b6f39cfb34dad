/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-restore-row.h"

#include "ui/ks-error-text.h"
#include "ui/restore/ks-restore-text.h"

#include <glib/gi18n.h>

struct _KsRestoreRow
{
  AdwActionRow parent;

  GtkSpinner *spinner;
  GtkProgressBar *bar;

  KsRestoreJob *job; /* owned; NULL: nobody is signed in */
  gulong state_changed;
  gulong progressed;
  KsTimeLeft time_left;
};

G_DEFINE_FINAL_TYPE (KsRestoreRow, ks_restore_row, ADW_TYPE_ACTION_ROW)

static char *
describe (KsRestoreRow *self)
{
  const GError *failure = ks_restore_job_get_failure (self->job);

  switch (ks_restore_job_get_state (self->job))
    {
    case KS_RESTORE_JOB_RUNNING:
      return ks_restore_text_progress (self->job, &self->time_left);
    case KS_RESTORE_JOB_FAILED:
      return ks_error_text_restore (failure);
    case KS_RESTORE_JOB_DONE:
    case KS_RESTORE_JOB_STOPPED:
      return ks_restore_text_sentence (self->job);
    case KS_RESTORE_JOB_IDLE:
    default:
      return g_strdup (_ ("Brings its room keys to this computer"));
    }
}

static const char *
name (KsRestoreRow *self)
{
  switch (ks_restore_job_get_state (self->job))
    {
    case KS_RESTORE_JOB_RUNNING:
      return _ ("Restoring From Backup");
    case KS_RESTORE_JOB_FAILED:
      return _ ("Restoring Stopped");
    case KS_RESTORE_JOB_DONE:
    case KS_RESTORE_JOB_STOPPED:
      return ks_restore_text_title (self->job);
    case KS_RESTORE_JOB_IDLE:
    default:
      return _ ("Restore From Backup…");
    }
}

static void
update (KsRestoreRow *self)
{
  gboolean running = ks_restore_job_get_state (self->job) == KS_RESTORE_JOB_RUNNING;
  g_autofree char *text = describe (self);

  if (!running)
    self->time_left = (KsTimeLeft){ 0 };
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name (self));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), running);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), running);
  gtk_progress_bar_set_fraction (self->bar, MAX (ks_restore_text_fraction (self->job), 0));
}

static void
leave_job (KsRestoreRow *self)
{
  if (self->job != NULL)
    {
      g_clear_signal_handler (&self->state_changed, self->job);
      g_clear_signal_handler (&self->progressed, self->job);
    }
  g_clear_object (&self->job);
}

void
ks_restore_row_set_job (KsRestoreRow *self, KsRestoreJob *job)
{
  leave_job (self);
  if (job == NULL)
    return;
  self->job = g_object_ref (job);
  self->state_changed = g_signal_connect_swapped (job, "notify::state", G_CALLBACK (update), self);
  self->progressed = g_signal_connect_swapped (job, "progress", G_CALLBACK (update), self);
  update (self);
}

static void
ks_restore_row_dispose (GObject *object)
{
  /* The template is not taken apart here: AdwActionRow has one of its own. */
  leave_job (KS_RESTORE_ROW (object));
  G_OBJECT_CLASS (ks_restore_row_parent_class)->dispose (object);
}

static void
ks_restore_row_class_init (KsRestoreRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_restore_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/restore/ks-restore-row.ui");
  gtk_widget_class_bind_template_child (widget_class, KsRestoreRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, KsRestoreRow, bar);
}

static void
ks_restore_row_init (KsRestoreRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
