/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-restore-job.h"

struct _KsRestoreJob
{
  GObject parent;

  KsRecovery *recovery;      /* owned */
  KsRestoreJobState state;   /* notified */
  GCancellable *cancellable; /* owned: of the run; NULL: nothing runs */
  gulong restoring;          /* while it runs, else 0 */
  gboolean stopping;         /* the person has stopped the run */
  gboolean abandoned;
  gboolean watched;
  guint64 done;
  guint64 total;
  KsKeyReport *report; /* owned; NULL before keys were asked for */
  GError *failure;     /* owned; NULL: none */
};

G_DEFINE_FINAL_TYPE (KsRestoreJob, ks_restore_job, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (KsRestoreJobState,
                    ks_restore_job_state,
                    G_DEFINE_ENUM_VALUE (KS_RESTORE_JOB_IDLE, "idle"),
                    G_DEFINE_ENUM_VALUE (KS_RESTORE_JOB_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (KS_RESTORE_JOB_DONE, "done"),
                    G_DEFINE_ENUM_VALUE (KS_RESTORE_JOB_STOPPED, "stopped"),
                    G_DEFINE_ENUM_VALUE (KS_RESTORE_JOB_FAILED, "failed"))

enum
{
  PROP_STATE = 1,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

static guint progress_signal;

static void
set_state (KsRestoreJob *self, KsRestoreJobState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

static void
forget_end (KsRestoreJob *self)
{
  g_clear_pointer (&self->report, ks_key_report_free);
  g_clear_error (&self->failure);
  self->done = self->total = 0;
}

/* Ending. */

static void
on_forgotten (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsRestoreJob) self = data;
  g_autoptr (GError) error = NULL;

  /* At worst the next start goes on with it. */
  if (!ks_recovery_forget_restore_finish (KS_RECOVERY (recovery), result, &error))
    g_message ("that the restore was stopped is not noted: %s", error->message);
  g_clear_object (&self->cancellable);
  if (!self->abandoned)
    set_state (self, KS_RESTORE_JOB_STOPPED);
}

/* A server that handed nothing over has said how many there are all the same. */
static void
know_total (KsRestoreJob *self)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (self->recovery);

  if (self->total == 0 && seen != NULL && seen->backup_version != NULL)
    self->total = (guint64) MAX (seen->backup_count, 0);
}

static void
on_ended (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsRestoreJob) self = data;
  g_autoptr (GError) error = NULL;

  g_clear_signal_handler (&self->restoring, self->recovery);
  ks_recovery_restore_finish (KS_RECOVERY (recovery), result, &self->report, &error);
  /* One that ended all the same is done, whoever wanted to stop it. */
  if (error != NULL && self->stopping)
    {
      ks_recovery_forget_restore_async (self->recovery, NULL, on_forgotten, g_object_ref (self));
      return;
    }
  g_clear_object (&self->cancellable);
  if (self->abandoned)
    return;
  if (error != NULL)
    g_message ("the restore stopped: %s", error->message);
  else
    know_total (self);
  self->failure = g_steal_pointer (&error);
  set_state (self, self->failure != NULL ? KS_RESTORE_JOB_FAILED : KS_RESTORE_JOB_DONE);
}

/* Running. */

static void
on_restoring (KsRecovery *recovery, const KsKeyReport *report, guint64 expected, KsRestoreJob *self)
{
  self->done = report->total;
  self->total = expected;
  g_signal_emit (self, progress_signal, 0);
}

void
ks_restore_job_run (KsRestoreJob *self)
{
  if (self->cancellable != NULL || self->abandoned)
    return;
  forget_end (self);
  self->stopping = FALSE;
  self->cancellable = g_cancellable_new ();
  self->restoring = g_signal_connect (self->recovery, "restoring", G_CALLBACK (on_restoring), self);
  set_state (self, KS_RESTORE_JOB_RUNNING);
  ks_recovery_restore_async (self->recovery, NULL, self->cancellable, on_ended, g_object_ref (self));
}

static void
on_unfinished_known (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsRestoreJob) self = data;
  g_autoptr (GError) error = NULL;
  gboolean unfinished = FALSE;

  if (!ks_recovery_has_unfinished_restore_finish (KS_RECOVERY (recovery), result, &unfinished, &error))
    g_message ("whether a restore is unfinished is not known: %s", error->message);
  else if (unfinished && self->state == KS_RESTORE_JOB_IDLE)
    ks_restore_job_run (self);
}

void
ks_restore_job_resume (KsRestoreJob *self)
{
  ks_recovery_has_unfinished_restore_async (self->recovery, NULL, on_unfinished_known, g_object_ref (self));
}

void
ks_restore_job_stop (KsRestoreJob *self)
{
  if (self->state != KS_RESTORE_JOB_RUNNING)
    return;
  self->stopping = TRUE;
  g_cancellable_cancel (self->cancellable);
}

void
ks_restore_job_abandon (KsRestoreJob *self)
{
  self->abandoned = TRUE;
  g_cancellable_cancel (self->cancellable);
}

void
ks_restore_job_reset (KsRestoreJob *self)
{
  if (self->cancellable != NULL)
    return;
  forget_end (self);
  set_state (self, KS_RESTORE_JOB_IDLE);
}

/* What is known of it. */

void
ks_restore_job_set_watched (KsRestoreJob *self, gboolean watched)
{
  self->watched = watched;
}

gboolean
ks_restore_job_get_watched (KsRestoreJob *self)
{
  return self->watched;
}

KsRecovery *
ks_restore_job_get_recovery (KsRestoreJob *self)
{
  return self->recovery;
}

KsRestoreJobState
ks_restore_job_get_state (KsRestoreJob *self)
{
  return self->state;
}

void
ks_restore_job_get_keys (KsRestoreJob *self, guint64 *done, guint64 *total)
{
  *done = self->done;
  *total = self->total;
}

const KsKeyReport *
ks_restore_job_get_report (KsRestoreJob *self)
{
  return self->report;
}

const GError *
ks_restore_job_get_failure (KsRestoreJob *self)
{
  return self->failure;
}

static void
ks_restore_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, KS_RESTORE_JOB (object)->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_restore_job_finalize (GObject *object)
{
  KsRestoreJob *self = KS_RESTORE_JOB (object);

  forget_end (self);
  g_object_unref (self->recovery);
  G_OBJECT_CLASS (ks_restore_job_parent_class)->finalize (object);
}

static void
ks_restore_job_class_init (KsRestoreJobClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = ks_restore_job_get_property;
  object_class->finalize = ks_restore_job_finalize;
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, KS_TYPE_RESTORE_JOB_STATE, KS_RESTORE_JOB_IDLE,
                                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  progress_signal =
      g_signal_new ("progress", KS_TYPE_RESTORE_JOB, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ks_restore_job_init (KsRestoreJob *self)
{
}

KsRestoreJob *
ks_restore_job_new (KsRecovery *recovery)
{
  KsRestoreJob *self = g_object_new (KS_TYPE_RESTORE_JOB, NULL);

  self->recovery = g_object_ref (recovery);
  return self;
}
