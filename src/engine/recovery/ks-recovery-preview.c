/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-preview.h"

#include "base/ks-steps.h"
#include "engine/recovery/ks-adopt-key.h"
#include "engine/recovery/ks-recovery-private.h"
#include "engine/repair/ks-repair-look.h"
#include "engine/unlock/ks-unlock.h"
#include "store/ks-keyring-error.h"

/* Previews.
 *
 *   1. keyring  the key from there; left out where one is given
 *   2. try      it: what it would open
 *   3. look     at everything, and plan with it
 */

typedef struct
{
  KsRecovery *recovery; /* owned */
  KsSecret *text;       /* owned; NULL before the keyring gave it */
  KsKeyEntrySource source;
  KsUnlockNote *note;  /* owned; NULL: with that key there is nothing to be done */
  KsRepairSight *seen; /* owned */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_repair_sight_free (op->seen);
  ks_unlock_note_free (op->note);
  ks_secret_unref (op->text);
  g_object_unref (op->recovery);
  g_free (op);
}

static void
look_up (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsRecovery *self = ((Op *) data)->recovery;

  ks_keyring_lookup_async (self->keyring, KS_KEYRING_SECURITY_KEY, self->user_id, NULL, TRUE, cancellable,
                           ready, run);
}

static KsStepVerdict
looked_up (gpointer data, GObject *keyring, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->text = ks_keyring_lookup_finish (KS_KEYRING (keyring), result, error);
  return op->text != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
try_key (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  KsRecovery *self = op->recovery;
  const KsUnlockPlace place = { .http = self->http,
                                .user_id = self->user_id,
                                .device_id = self->device_id,
                                .olm_store = self->olm_store,
                                .recovery_store = self->recovery_store,
                                .secret_store = self->secret_store,
                                .keys = self->keys };

  ks_unlock_async (&place, op->text, op->source, KS_UNLOCK_ONLY_TRY, cancellable, ready, run);
}

static KsStepVerdict
tried (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;
  g_autoptr (KsUnlockResult) opened = ks_unlock_finish (result, &op->note, &failure);

  if (opened != NULL)
    op->note = g_steal_pointer (&opened->note);
  else if (op->note == NULL)
    op->note = ks_adopt_key (op->recovery->snapshot, op->text, op->source);
  if (opened != NULL || op->note != NULL)
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  KsRecovery *self = op->recovery;
  const KsRepairTools tools = { .http = self->http,
                                .user_id = self->user_id,
                                .device_id = self->device_id,
                                .secret_store = self->secret_store,
                                .recovery_store = self->recovery_store,
                                .note = op->note,
                                .device_verified = self->snapshot->device_verified };

  ks_repair_look_async (&tools, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->seen = ks_repair_look_finish (result, error);
  return op->seen != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "keyring", .begin = look_up, .end = looked_up },
  { .name = "try", .begin = try_key, .end = tried },
  { .name = "look", .begin = look, .end = looked },
  { 0 },
};

void
ks_recovery_preview_async (KsRecovery *self,
                           KsSecret *text,
                           KsKeyEntrySource source,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  g_return_if_fail (KS_IS_RECOVERY (self) && self->snapshot != NULL);

  op->recovery = g_object_ref (self);
  op->text = text != NULL ? ks_secret_ref (text) : NULL;
  op->source = source;
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  if (text == NULL && self->keyring == NULL)
    {
      g_task_return_new_error (task, KS_KEYRING_ERROR, KS_KEYRING_ERROR_ABSENT, "there is no keyring");
      g_object_unref (task);
      return;
    }
  ks_steps_run (task, text == NULL ? steps : steps + 1);
}

KsRepairPlan *
ks_recovery_preview_finish (KsRecovery *self, GAsyncResult *result, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->seen->plan) : NULL;
}
