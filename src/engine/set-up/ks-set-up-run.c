/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ks_set_up_run_async(): a whole run.
 */

#include "engine/set-up/ks-set-up-private.h"

#include "base/ks-steps.h"
#include "engine/secrets/ks-recovery-error.h"

/* A run.
 *
 *   1. attempt  the whole of it (below). Where another client stores its secrets at the same
 *               time, a write of either may take the other's away, and nothing says yet which
 *               is the faster one: then the attempt begins anew, until one of them has lost
 *   2. give up  only after a conflict: it ends with that error, or with the one that says
 *               that something of the other client's may be overwritten
 *
 * An attempt.
 *
 *   1. work     publishes, up to the commit, and settles what follows it (below)
 *   2. look     only if something of ours is not as it was left: is it another client's by
 *               now? That is a conflict then, whatever it looked like from near
 *
 * What a stop leaves is told beside each. */

/* Two clients that disturb each other every time are no two clients. */
#define MAX_ATTEMPTS 4

typedef struct
{
  KsSetUp *set_up; /* owned */
  char *version;   /* owned */
  GError *failure; /* owned: of the work; NULL: none */
  guint attempts;  /* that another client has disturbed */
  gboolean again;
} Run;

static void
run_free (gpointer data)
{
  Run *op = data;

  g_clear_error (&op->failure);
  g_free (op->version);
  g_object_unref (op->set_up);
  g_free (op);
}

static void
publish (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_set_up_publish_async (((Run *) data)->set_up, cancellable, ready, run);
}

static KsStepVerdict
published (gpointer data, GObject *set_up, GAsyncResult *result, GError **error)
{
  Run *op = data;

  g_clear_pointer (&op->version, g_free);
  return ks_set_up_publish_finish (KS_SET_UP (set_up), result, &op->version, error) ? KS_STEP_NEXT
                                                                                    : KS_STEP_FAIL;
}

static void
settle (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Run *op = data;

  ks_set_up_settle_async (op->set_up, op->version, cancellable, ready, run);
}

static KsStepVerdict
settled (gpointer data, GObject *set_up, GAsyncResult *result, GError **error)
{
  return ks_set_up_settle_finish (KS_SET_UP (set_up), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep work_steps[] = {
  { .name = "publish", .begin = publish, .end = published },
  { .name = "settle", .begin = settle, .end = settled },
  { 0 },
};

static void
work (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  GTask *task = g_task_new (NULL, cancellable, ready, run);

  g_task_set_name (task, G_STRFUNC);
  /* What is done is done, cancelled or not. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, data, NULL);
  ks_steps_run (task, work_steps);
}

/* What it looks like from near when another client has replaced something of ours. */
static gboolean
may_be_conflict (const GError *error)
{
  return g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT)
         || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNTRUSTED)
         || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_REFUSED)
         || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_WRONG_KEY);
}

static KsStepVerdict
worked (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Run *op = data;

  if (g_task_propagate_boolean (G_TASK (result), &op->failure))
    return KS_STEP_DONE;
  if (g_error_matches (op->failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT))
    return KS_STEP_DONE; /* it is plain whose it is */
  if (may_be_conflict (op->failure))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&op->failure));
  return KS_STEP_FAIL;
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsSetUp *self = ((Run *) data)->set_up;

  ks_server_look_async (self->http, self->user_id, self->device_id, cancellable, ready, run);
}

/* TRUE: the secrets are disturbed by a client that stores its own just now, and nothing shows
 * yet which of the two is the faster one. */
static gboolean
is_undecided (Run *op, const KsServerLook *seen)
{
  return g_error_matches (op->failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT)
         && ks_set_up_has_company (op->set_up, seen) && ++op->attempts < MAX_ATTEMPTS;
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Run *op = data;
  g_autoptr (GError) conflict = NULL;
  g_autoptr (KsServerLook) seen = ks_server_look_finish (KS_HTTP (http), result, NULL);

  if (seen != NULL && !ks_set_up_is_ours (op->set_up, seen, &conflict))
    {
      g_message ("%s", op->failure->message);
      g_clear_error (&op->failure);
      op->failure = g_steal_pointer (&conflict);
      return KS_STEP_DONE;
    }
  op->again = seen != NULL && is_undecided (op, seen);
  if (op->again)
    {
      g_message ("%s", op->failure->message);
      g_clear_error (&op->failure);
      return KS_STEP_DONE;
    }
  g_propagate_error (error, g_steal_pointer (&op->failure));
  return KS_STEP_FAIL;
}

static const KsStep attempt_steps[] = {
  { .name = "work", .begin = work, .end = worked },
  { .name = "look at whose it is", .begin = look, .end = looked },
  { 0 },
};

static void
attempt (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  GTask *task = g_task_new (NULL, cancellable, ready, run);

  ((Run *) data)->again = FALSE;
  g_task_set_name (task, G_STRFUNC);
  /* As above. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, data, NULL);
  ks_steps_run (task, attempt_steps);
}

static KsStepVerdict
attempted (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Run *op = data;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  if (op->again)
    return KS_STEP_AGAIN;
  return op->failure != NULL ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
give_up (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_set_up_give_up_async (((Run *) data)->set_up, cancellable, ready, run);
}

static KsStepVerdict
given_up (gpointer data, GObject *set_up, GAsyncResult *result, GError **error)
{
  Run *op = data;
  g_autoptr (GError) failure = NULL;

  ks_set_up_give_up_finish (KS_SET_UP (set_up), result, &failure);
  if (g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_OVERWRITTEN))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  if (failure != NULL)
    g_message ("what the set-up left behind is not tidied up yet: %s", failure->message);
  g_propagate_error (error, g_steal_pointer (&op->failure));
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "attempt", .begin = attempt, .end = attempted },
  { .name = "give up", .begin = give_up, .end = given_up },
  { 0 },
};

/* The stage is right before anybody hears of the end, and whether or not anybody does. */
static void
on_run_ended (GObject *set_up, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  KsSetUp *self = KS_SET_UP (set_up);
  GError *error = NULL;

  /* A run that did not come as far as to need it must not keep the password. */
  g_clear_pointer (&self->answer, ks_uia_answer_unref);
  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      ks_set_up_set_stage (self, KS_SET_UP_DONE);
      g_task_return_boolean (task, TRUE);
      return;
    }
  self->failure = g_error_copy (error);
  ks_set_up_set_stage (self, self->step != NULL ? KS_SET_UP_KEY_SAVED : KS_SET_UP_NONE);
  g_task_return_error (task, error);
}

void
ks_set_up_run_async (KsSetUp *self,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GTask *whole;
  Run *op;

  g_task_set_name (task, G_STRFUNC);
  /* What ended must be told as it ended: a set-up that is done was not cancelled. */
  g_task_set_check_cancellable (task, FALSE);
  if (self->stage != KS_SET_UP_KEY_SAVED)
    {
      if (self->stage != KS_SET_UP_RUNNING)
        g_clear_pointer (&self->answer, ks_uia_answer_unref);
      g_task_return_new_error (task, KS_RECOVERY_ERROR,
                               self->stage == KS_SET_UP_KEY_MADE ? KS_RECOVERY_ERROR_NOT_SAVED
                                                                 : KS_RECOVERY_ERROR_NOT_SET_UP,
                               "there is no saved key to set up with");
      g_object_unref (task);
      return;
    }
  g_clear_error (&self->failure);
  ks_set_up_set_stage (self, KS_SET_UP_RUNNING);
  op = g_new0 (Run, 1);
  op->set_up = g_object_ref (self);
  whole = g_task_new (self, cancellable, on_run_ended, task);
  g_task_set_name (whole, G_STRFUNC);
  g_task_set_check_cancellable (whole, FALSE);
  g_task_set_task_data (whole, op, run_free);
  ks_steps_run (whole, steps);
}

gboolean
ks_set_up_run_finish (KsSetUp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
