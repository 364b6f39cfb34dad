/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/repair/ks-repair.h"

#include "base/ks-steps.h"
#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-encoding.h"
#include "engine/backup/ks-backup-trust.h"
#include "engine/backup/ks-create-backup.h"
#include "engine/identity/ks-publish-device.h"
#include "engine/identity/ks-publish-identity.h"
#include "engine/identity/ks-sign-session.h"
#include "engine/repair/ks-repair-proof.h"
#include "engine/repair/ks-repair-store.h"
#include "engine/restore/ks-bring-back.h"
#include "engine/secrets/ks-default-key.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/unlock/ks-unlock-note-store.h"

/* Repairs.
 *
 *   1. look        at everything anew, and plan; it ends here where there is nothing to do, or where
 *                  it cannot be done
 *   2. note        what was made anew, before anything can depend on it
 *   3. device      this session's own keys
 *   4. bring back  what is in the backup that is to be followed, where its key opens it; or in an
 *                  older one, which that key is of, or one that is about to be written over
 *   5. store       the secrets, read back and opened: nothing is published whose private half lies on
 *                  this disk alone
 *   6. publish     the public halves, and sign this session; the server may ask who it is. The run
 *                  ends there, and the next one brings the answer
 *   7. sign        this session, where nothing was to be published
 *   8. backup      a new version; the one before stays
 *   9. name        the Security Key as the default one: last, so that it opens all from the first
 *  10. keep        the secrets here, and what is known by them
 *
 * Stopped anywhere, everything on the server is as it was or as it is to be; the next run plans
 * anew and does the rest with the same secrets. */

typedef struct
{
  KsHttp *http;                    /* owned */
  char *user_id;                   /* owned */
  char *device_id;                 /* owned */
  KsJournal *journal;              /* owned */
  KsOlmStore *olm_store;           /* owned */
  KsSecretStore *secret_store;     /* owned */
  KsRecoveryStore *recovery_store; /* owned */
  KsKeyStore *keys;                /* owned */
  KsUnlockNote *note;              /* owned; NULL: the Security Key is not here */
  gboolean device_verified;
  KsUiaAnswer *answer; /* owned; NULL: none */
  KsRepairFunc on_action;
  gpointer action_data;
  KsRepairSight *sight;  /* owned */
  KsOlmAccount *olm;     /* owned */
  KsUia *challenge;      /* owned; NULL: none */
  char *version;         /* owned: of the new backup; NULL: none was made */
  KsStorageProof stored; /* what was stored, as it was read back */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_free (op->version);
  ks_uia_unref (op->challenge);
  ks_olm_account_free (op->olm);
  ks_repair_sight_free (op->sight);
  ks_uia_answer_unref (op->answer);
  ks_unlock_note_free (op->note);
  g_object_unref (op->keys);
  g_object_unref (op->recovery_store);
  g_object_unref (op->secret_store);
  g_object_unref (op->olm_store);
  g_object_unref (op->journal);
  g_free (op->device_id);
  g_free (op->user_id);
  g_object_unref (op->http);
  g_free (op);
}

static KsStepVerdict
fail (GError **error, KsRecoveryError code, const char *message)
{
  g_set_error_literal (error, KS_RECOVERY_ERROR, (int) code, message);
  return KS_STEP_FAIL;
}

static void
tell (Op *op, KsRepairAction action)
{
  if (op->on_action != NULL && op->sight->plan->actions[action])
    op->on_action (action, op->action_data);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const KsRepairTools tools = { .http = op->http,
                                .user_id = op->user_id,
                                .device_id = op->device_id,
                                .secret_store = op->secret_store,
                                .recovery_store = op->recovery_store,
                                .note = op->note,
                                .device_verified = op->device_verified };

  ks_repair_look_async (&tools, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  KsRepairPlan *plan;

  op->sight = ks_repair_look_finish (result, error);
  if (op->sight == NULL)
    return KS_STEP_FAIL;
  plan = op->sight->plan;
  if (plan->foreign)
    return fail (error, KS_RECOVERY_ERROR_CHANGED, "the identity is not the one that was known");
  /* A run that was stopped near its end has left only the keeping. */
  if (!plan->any && !plan->news)
    return KS_STEP_DONE;
  if (plan->needs_key)
    return fail (error, KS_RECOVERY_ERROR_LOCKED, "the Security Key is needed for it");
  if (op->note == NULL)
    return KS_STEP_SKIP; /* "note" */
  if (plan->key_id == NULL && plan->actions[KS_REPAIR_STORE])
    {
      g_free (op->note->key_id);
      op->note->key_id = ks_secret_storage_new_key_id ();
      plan->key_id = g_strdup (op->note->key_id);
    }
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (plan->make[i] && op->note->made[i] == NULL)
      op->note->made[i] = ks_secret_ref (op->sight->values[i]);
  return KS_STEP_NEXT;
}

static void
note (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_unlock_note_save_async (op->journal, op->note, cancellable, ready, run);
}

static KsStepVerdict
noted (gpointer data, GObject *journal, GAsyncResult *result, GError **error)
{
  return ks_unlock_note_save_finish (KS_JOURNAL (journal), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
publish_device (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_publish_device_async (op->http, op->olm_store, op->user_id, op->device_id, cancellable, ready, run);
}

static KsStepVerdict
device_published (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->olm = ks_publish_device_finish (KS_HTTP (http), result, NULL, error);
  if (op->olm == NULL)
    return KS_STEP_FAIL;
  return KS_STEP_NEXT;
}

static gboolean
has_to_store (gpointer data)
{
  const KsRepairPlan *plan = ((Op *) data)->sight->plan;

  return plan->actions[KS_REPAIR_STORE] || plan->actions[KS_REPAIR_DESCRIBE_KEY];
}

static void
store (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  tell (op, KS_REPAIR_DESCRIBE_KEY);
  tell (op, KS_REPAIR_STORE);
  ks_repair_store_async (op->http, op->user_id, op->sight, op->note->key, cancellable, ready, run);
}

static KsStepVerdict
stored (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_repair_store_finish (KS_HTTP (http), result, &((Op *) data)->stored, error) ? KS_STEP_NEXT
                                                                                        : KS_STEP_FAIL;
}

static gboolean
has_to_bring_back (gpointer data)
{
  const KsRepairSight *sight = ((Op *) data)->sight;
  gboolean follows = sight->plan->actions[KS_REPAIR_BACKUP] && !sight->plan->make[KS_SECRET_BACKUP];

  return (follows || sight->plan->older != NULL) && sight->look->version != NULL;
}

static void
bring_back (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const KsRepairPlan *plan = op->sight->plan;
  /* What is stored may be of any version, whatever this session knew. */
  const KsRecoveryRecord *record = plan->older == NULL ? op->sight->record : NULL;
  KsSecret *key = plan->older != NULL ? plan->older : op->sight->values[KS_SECRET_BACKUP];

  ks_bring_back_async (op->http, op->keys, op->sight->look->version,
                       record != NULL ? record->backup_version : NULL, key, cancellable, ready, run);
}

static KsStepVerdict
brought_back (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  gboolean cut;

  if (!ks_bring_back_finish (KS_HTTP (http), result, NULL, &cut, error))
    return KS_STEP_FAIL;
  /* It would be written over, and nobody knows what it opens. */
  if (cut && ((Op *) data)->sight->plan->older != NULL)
    return fail (error, KS_RECOVERY_ERROR_UNSUPPORTED,
                 "the key that is stored may open an older backup, which is not found");
  return KS_STEP_NEXT;
}

static gboolean
has_to_publish (gpointer data)
{
  return ((Op *) data)->sight->plan->actions[KS_REPAIR_PUBLISH];
}

static void
publish (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (KsUiaAnswer) answer = g_steal_pointer (&op->answer);
  KsIdentitySecrets secrets = {
    .user_id = op->user_id, .device_id = op->device_id, .mend = TRUE, .olm = op->olm
  };

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    secrets.seeds[i] = op->sight->values[i];
  tell (op, KS_REPAIR_PUBLISH);
  ks_publish_identity_async (op->http, &secrets, answer, cancellable, ready, run);
}

static KsStepVerdict
published (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  return ks_publish_identity_finish (KS_HTTP (http), result, &op->challenge, error) ? KS_STEP_NEXT
                                                                                    : KS_STEP_FAIL;
}

/* Publishing signs, too. */
static gboolean
has_to_sign (gpointer data)
{
  const KsRepairPlan *todo = ((Op *) data)->sight->plan;

  return todo->actions[KS_REPAIR_SIGN] && !todo->actions[KS_REPAIR_PUBLISH];
}

static void
sign (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  KsSessionToSign session = { .user_id = op->user_id,
                              .device_id = op->device_id,
                              .self_signing = op->sight->values[KS_SECRET_SELF_SIGNING],
                              .identity = op->sight->look->identity,
                              .olm = op->olm };

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    session.identity.published[i] = session.identity.published[i] && op->sight->values[i] != NULL;
  tell (op, KS_REPAIR_SIGN);
  ks_sign_session_async (op->http, &session, cancellable, ready, run);
}

static KsStepVerdict
was_signed (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_sign_session_finish (KS_HTTP (http), result, NULL, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static gboolean
has_to_make_backup (gpointer data)
{
  return ((Op *) data)->sight->plan->actions[KS_REPAIR_BACKUP];
}

static void
make_backup (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const KsBackupSigners signers = { .user_id = op->user_id,
                                    .device_id = op->device_id,
                                    .key = op->sight->values[KS_SECRET_BACKUP],
                                    .master = op->sight->values[KS_SECRET_MASTER],
                                    .olm = op->olm,
                                    .instead_of = op->sight->plan->old_version };

  tell (op, KS_REPAIR_BACKUP);
  ks_create_backup_async (op->http, &signers, cancellable, ready, run);
}

static KsStepVerdict
backup_made (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->version = ks_create_backup_finish (KS_HTTP (http), result, error);
  return op->version != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static gboolean
has_to_name (gpointer data)
{
  return ((Op *) data)->sight->plan->actions[KS_REPAIR_NAME_KEY];
}

static void
name (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  tell (op, KS_REPAIR_NAME_KEY);
  ks_default_key_name_async (op->http, op->user_id, op->sight->plan->key_id, op->sight->look->default_key_id,
                             cancellable, ready, run);
}

static KsStepVerdict
named (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autofree char *found = NULL;
  gboolean swallowed;

  if (!ks_default_key_name_finish (KS_HTTP (http), result, &found, &swallowed, error))
    return KS_STEP_FAIL;
  if (g_strcmp0 (found, op->sight->plan->key_id) == 0)
    return KS_STEP_NEXT;
  return fail (error, KS_RECOVERY_ERROR_CONFLICT, "another client has named its key just now");
}

static void
replace (char **place, char *value)
{
  g_free (*place);
  *place = value;
}

/* What is known from now on. */
static KsRecoveryRecord *
make_record (Op *op)
{
  KsRecoveryRecord *record =
      op->sight->record != NULL ? ks_recovery_record_copy (op->sight->record) : g_new0 (KsRecoveryRecord, 1);
  const char *key_id = op->sight->plan->key_id;
  gboolean is_default = op->sight->plan->actions[KS_REPAIR_NAME_KEY]
                        || g_strcmp0 (key_id, op->sight->look->default_key_id) == 0;
  const char *version = op->version != NULL                ? op->version
                        : op->sight->look->version != NULL ? op->sight->look->version->version
                                                           : NULL;
  uint8_t half[KS_BACKUP_KEY_SIZE];

  /* Another key that is the default one was not seen to open anything. */
  if (op->note != NULL && is_default)
    {
      if (g_strcmp0 (record->default_key_id, key_id) != 0)
        g_clear_pointer (&record->key_file, g_free);
      replace (&record->default_key_id, g_strdup (key_id));
      ks_repair_proof_note (record, op->sight, op->note, &op->stored);
    }
  if (op->sight->plan->keep[KS_SECRET_MASTER]
      && ks_signing_public_key (op->sight->values[KS_SECRET_MASTER], half))
    replace (&record->master_key, ks_base64_encode (half, sizeof half, KS_BASE64_UNPADDED));
  if (op->sight->values[KS_SECRET_BACKUP] == NULL
      || !ks_backup_public_key (op->sight->values[KS_SECRET_BACKUP], half))
    return record;
  if (g_strcmp0 (record->backup_version, version) != 0)
    {
      record->last_check = 0;
      record->last_check_result = KS_LAST_CHECK_NEVER;
    }
  replace (&record->backup_version, g_strdup (version));
  replace (&record->backup_public_key, ks_base64_encode (half, sizeof half, KS_BASE64_UNPADDED));
  return record;
}

static void
keep (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (KsRecoveryRecord) record = make_record (op);
  KsNamedSecret secrets[KS_N_SECRETS];
  guint n = 0;

  for (int i = 0; i < KS_N_SECRETS; i++)
    if (op->sight->plan->keep[i])
      secrets[n++] = (KsNamedSecret){ .name = ks_secret_name_to_string ((KsSecretName) i),
                                      .value = op->sight->values[i] };
  ks_recovery_store_put_with_secrets_async (op->recovery_store, record, secrets, n, cancellable, ready, run);
}

static KsStepVerdict
kept (gpointer data, GObject *recovery_store, GAsyncResult *result, GError **error)
{
  return ks_recovery_store_put_with_secrets_finish (KS_RECOVERY_STORE (recovery_store), result, error)
             ? KS_STEP_NEXT
             : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "note", .begin = note, .end = noted },
  { .name = "device", .begin = publish_device, .end = device_published },
  { .name = "bring back", .when = has_to_bring_back, .begin = bring_back, .end = brought_back },
  { .name = "store", .when = has_to_store, .begin = store, .end = stored },
  { .name = "publish", .when = has_to_publish, .begin = publish, .end = published },
  { .name = "sign", .when = has_to_sign, .begin = sign, .end = was_signed },
  { .name = "backup", .when = has_to_make_backup, .begin = make_backup, .end = backup_made },
  { .name = "name", .when = has_to_name, .begin = name, .end = named },
  { .name = "keep", .begin = keep, .end = kept },
  { 0 },
};

void
ks_repair_async (const KsRepairTools *tools,
                 KsUiaAnswer *answer,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (tools->http);
  op->user_id = g_strdup (tools->user_id);
  op->device_id = g_strdup (tools->device_id);
  op->journal = g_object_ref (tools->journal);
  op->olm_store = g_object_ref (tools->olm_store);
  op->secret_store = g_object_ref (tools->secret_store);
  op->recovery_store = g_object_ref (tools->recovery_store);
  op->keys = g_object_ref (tools->keys);
  op->note = tools->note != NULL ? ks_unlock_note_copy (tools->note) : NULL;
  op->answer = answer != NULL ? ks_uia_answer_ref (answer) : NULL;
  op->device_verified = tools->device_verified;
  op->on_action = tools->on_action;
  op->action_data = tools->action_data;
  ks_steps_start (steps, op, op_free, NULL, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_repair_finish (GAsyncResult *result, KsRepairPlan **plan, KsUia **challenge, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  *plan = op->sight != NULL ? g_steal_pointer (&op->sight->plan) : NULL;
  *challenge = g_steal_pointer (&op->challenge);
  return g_task_propagate_boolean (G_TASK (result), error);
}
