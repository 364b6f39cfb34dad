/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/repair/ks-repair-look.h"

#include "base/ks-steps.h"
#include "engine/repair/ks-repair-reach.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-api-account-data.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-store-error.h"

/* Looks.
 *
 *   1. look       at all of it on the server: a part that it does not tell is not repaired blindly, and
 *                 none that hangs on it (ks-repair-reach.h)
 *   2. describes  what is said of the Security Key, where it is not the default one
 *   3. here       the secrets in this session, one after another
 *   4. record     what this session knew
 *   5. plan
 *
 * Only reads. */

typedef struct
{
  KsHttp *http;                    /* owned */
  char *user_id;                   /* owned */
  char *device_id;                 /* owned */
  KsSecretStore *secret_store;     /* owned */
  KsRecoveryStore *recovery_store; /* owned */
  KsUnlockNote *note;              /* owned; NULL: the Security Key is not here */
  gboolean device_verified;
  gboolean undescribed;            /* what is said of the Security Key could not be read */
  KsSecret *secrets[KS_N_SECRETS]; /* owned: here; NULL: not here */
  int at;                          /* the secret that is asked for */
  KsRepairSight *sight;            /* owned */
} Op;

void
ks_repair_sight_free (KsRepairSight *sight)
{
  if (sight == NULL)
    return;
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_secret_unref (sight->values[i]);
  ks_repair_plan_free (sight->plan);
  ks_recovery_record_free (sight->record);
  g_clear_pointer (&sight->description, json_object_unref);
  ks_server_look_free (sight->look);
  g_free (sight);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_repair_sight_free (op->sight);
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_secret_unref (op->secrets[i]);
  ks_unlock_note_free (op->note);
  g_object_unref (op->recovery_store);
  g_object_unref (op->secret_store);
  g_free (op->device_id);
  g_free (op->user_id);
  g_object_unref (op->http);
  g_free (op);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_server_look_sense_async (op->http, op->user_id, op->device_id, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  const char *key_id;

  op->sight->look = ks_server_look_sense_finish (KS_HTTP (http), result, error);
  if (op->sight->look == NULL)
    return KS_STEP_FAIL;
  key_id = op->note != NULL ? op->note->key_id : NULL;
  return key_id != NULL && g_strcmp0 (key_id, op->sight->look->default_key_id) != 0
             ? KS_STEP_NEXT
             : KS_STEP_SKIP; /* "describes" */
}

static void
get_description (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autofree char *type = ks_secret_storage_key_type (op->note->key_id);

  ks_api_account_data_get_async (op->http, op->user_id, type, cancellable, ready, run);
}

static KsStepVerdict
got_description (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  g_autoptr (GError) failure = NULL;

  if (ks_api_account_data_get_finish (KS_HTTP (http), result, &op->sight->description, &failure))
    return KS_STEP_NEXT;
  op->undescribed = ks_matrix_error_is_lasting (failure);
  if (op->undescribed)
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

/* What is not here, or does not open, is not here. */
static gboolean
is_absent (const GError *error)
{
  return g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND)
         || g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
}

static void
get_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_secret_store_get_async (op->secret_store, ks_secret_name_to_string ((KsSecretName) op->at), cancellable,
                             ready, run);
}

static KsStepVerdict
got_secret (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  op->secrets[op->at] = ks_secret_store_get_finish (KS_SECRET_STORE (store), result, &failure);
  if (failure != NULL && !is_absent (failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  return ++op->at < KS_N_SECRETS ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static void
get_record (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_store_get_async (((Op *) data)->recovery_store, cancellable, ready, run);
}

static KsStepVerdict
got_record (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  op->sight->record = ks_recovery_store_get_finish (KS_RECOVERY_STORE (store), result, &failure);
  if (failure == NULL || is_absent (failure))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static KsStepVerdict
plan (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  KsRepairSight *sight = op->sight;
  KsRepairPlace place = { .user_id = op->user_id,
                          .master_key = sight->record != NULL ? sight->record->master_key : NULL,
                          .accepted = op->note != NULL && op->note->accepted
                                      && ks_unlock_note_is_of (op->note, sight->look),
                          .known_key = sight->record != NULL ? sight->record->default_key_id : NULL,
                          .storage_proof = sight->record != NULL ? sight->record->storage_proof : NULL,
                          .device_verified = op->device_verified,
                          .key = op->note != NULL ? op->note->key : NULL,
                          .key_id = op->note != NULL ? op->note->key_id : NULL,
                          .description = sight->description,
                          .weak = op->note != NULL && op->note->weak,
                          .made = op->note != NULL ? op->note->made : NULL };

  for (int i = 0; i < KS_N_SECRETS; i++)
    place.secrets[i] = op->secrets[i];
  sight->plan = ks_repair_plan_within (sight->look, &place, op->undescribed, sight->values);
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "describes", .begin = get_description, .end = got_description },
  { .name = "here", .begin = get_secret, .end = got_secret },
  { .name = "record", .begin = get_record, .end = got_record },
  { .name = "plan", .end = plan },
  { 0 },
};

void
ks_repair_look_async (const KsRepairTools *tools,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (tools->http);
  op->user_id = g_strdup (tools->user_id);
  op->device_id = g_strdup (tools->device_id);
  op->secret_store = g_object_ref (tools->secret_store);
  op->recovery_store = g_object_ref (tools->recovery_store);
  op->note = tools->note != NULL ? ks_unlock_note_copy (tools->note) : NULL;
  op->device_verified = tools->device_verified;
  op->sight = g_new0 (KsRepairSight, 1);
  ks_steps_start (steps, op, op_free, NULL, G_STRFUNC, cancellable, callback, user_data);
}

KsRepairSight *
ks_repair_look_finish (GAsyncResult *result, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->sight) : NULL;
}
