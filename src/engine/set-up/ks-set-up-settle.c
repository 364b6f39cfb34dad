/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The part of a set-up behind its commit.
 */

#include "engine/backup/ks-backup-trust.h"
#include "engine/set-up/ks-set-up-private.h"

#include "base/ks-steps.h"
#include "crypto/ks-encoding.h"
#include "crypto/ks-signing.h"
#include "engine/backup/ks-drill.h"
#include "engine/backup/ks-mend-backup.h"
#include "engine/backup/ks-upload.h"
#include "engine/secrets/ks-kept-key.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-api-account-data.h"
#include "matrix/ks-json.h"

/* Client-Server API, "Server-side key backups": whether the person wants the backup. And
 * what clients wrote before it was in the specification (MSC4287). */
#define ENABLED_TYPE "m.key_backup"
#define DISABLED_TYPE "m.org.matrix.custom.backup_disabled"

/* Settles. By now the account is recoverable with the person's key, whatever stops this.
 *
 *   1. enable    says to all clients that the backup is wanted, in both forms
 *   2. keep      the secrets here, so that this session can go on backing up
 *   3. remember  what is ours, so that a change by the server is noticed
 *   4. keyring   the Security Key, if the person wants it; a keyring that cannot is told
 *                of at the end, and stops nothing
 *   5. fill      uploads the room keys that are here, and checks (below)
 *   6. note      when that was, and how it went
 *   7. journal   is wiped
 *
 * Stopped anywhere, the next run does all of it again; what is done stays. */

/* How often keys that the backup has lost are brought back before that is told. */
#define MAX_MENDS 2

typedef struct
{
  KsSetUp *set_up; /* owned */
  char *version;   /* owned */
  guint mends;
  KsDrillLoss *loss; /* owned: what is to be mended; NULL: nothing */
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  KsRecoveryRecord *record; /* owned */
  KsSetUpOutcome *outcome;  /* owned */
} Settle;

static void
settle_free (gpointer data)
{
  Settle *settle = data;

  ks_drill_loss_free (settle->loss);
  ks_set_up_outcome_free (settle->outcome);
  ks_recovery_record_free (settle->record);
  g_free (settle->version);
  g_object_unref (settle->set_up);
  g_free (settle);
}

static void
put_boolean (Settle *settle,
             const char *type,
             const char *name,
             gboolean value,
             GCancellable *cancellable,
             GAsyncReadyCallback ready,
             gpointer run)
{
  KsSetUp *self = settle->set_up;
  g_autoptr (JsonObject) content = json_object_new ();

  json_object_set_boolean_member (content, name, value);
  ks_api_account_data_put_async (self->http, self->user_id, type, content, cancellable, ready, run);
}

static void
enable (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  put_boolean (data, ENABLED_TYPE, "enabled", TRUE, cancellable, ready, run);
}

static void
enable_old (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  put_boolean (data, DISABLED_TYPE, "disabled", FALSE, cancellable, ready, run);
}

static KsStepVerdict
was_put (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_api_account_data_put_finish (KS_HTTP (http), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
keep (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsSetUp *self = ((Settle *) data)->set_up;
  KsNamedSecret secrets[KS_N_SECRETS];

  for (int i = 0; i < KS_N_SECRETS; i++)
    secrets[i] = (KsNamedSecret){ .name = ks_secret_name_to_string ((KsSecretName) i),
                                  .value = self->secrets->secrets[i] };
  ks_secret_store_put_async (self->secret_store, secrets, KS_N_SECRETS, cancellable, ready, run);
}

static KsStepVerdict
kept (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  return ks_secret_store_put_finish (KS_SECRET_STORE (store), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
remember (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Settle *settle = data;
  KsSetUp *self = settle->set_up;
  uint8_t master[KS_SIGNING_PUBLIC_KEY_SIZE];

  if (!ks_signing_public_key (self->secrets->secrets[KS_SECRET_MASTER], master)
      || !ks_backup_public_key (self->secrets->secrets[KS_SECRET_BACKUP], settle->public_key))
    g_assert_not_reached (); /* their size is fixed by the journal's format */
  if (settle->record == NULL)
    {
      settle->record = g_new0 (KsRecoveryRecord, 1);
      settle->record->master_key = ks_base64_encode (master, sizeof master, KS_BASE64_UNPADDED);
      settle->record->default_key_id = g_strdup (self->secrets->key_id);
      settle->record->key_file = g_strdup (self->secrets->file_name);
      settle->record->storage_proof = ks_storage_proof_write (&self->proof);
      settle->record->backup_version = g_strdup (settle->version);
      settle->record->backup_public_key =
          ks_base64_encode (settle->public_key, sizeof settle->public_key, KS_BASE64_UNPADDED);
    }
  ks_recovery_store_put_async (self->recovery_store, settle->record, cancellable, ready, run);
}

static KsStepVerdict
remembered (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Settle *settle = data;

  if (!ks_recovery_store_put_finish (KS_RECOVERY_STORE (store), result, error))
    return KS_STEP_FAIL;
  if (settle->set_up->keyring != NULL && (settle->set_up->secrets->saved & KS_KEY_SAVED_KEYRING) != 0)
    return KS_STEP_NEXT;
  return KS_STEP_SKIP; /* "keyring" */
}

static void
store_in_keyring (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsSetUp *self = ((Settle *) data)->set_up;

  ks_kept_key_store_async (self->keyring, self->user_id, self->device_id, self->secrets->key, cancellable,
                           ready, run);
}

static KsStepVerdict
stored_in_keyring (gpointer data, GObject *keyring, GAsyncResult *result, GError **error)
{
  Settle *settle = data;

  settle->outcome->in_keyring =
      ks_keyring_store_finish (KS_KEYRING (keyring), result, &settle->outcome->keyring);
  if (g_error_matches (settle->outcome->keyring, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&settle->outcome->keyring));
      return KS_STEP_FAIL;
    }
  return KS_STEP_NEXT;
}

/* Fills the backup.
 *
 *   1. upload  the room keys that are here
 *   2. count   them
 *   3. drill   some of them fetched and opened with the person's key
 *   4. mend    only if the backup has lost some that are marked as being in it, which no
 *              upload would send again: then the whole begins anew, a bounded number of times
 */

static void
on_progress (guint64 done, guint64 total, gpointer data)
{
  ks_set_up_set_keys (((Settle *) data)->set_up, done, total);
}

static void
upload (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Settle *settle = data;
  KsSetUp *self = settle->set_up;

  ks_set_up_set_part (self, KS_SET_UP_KEYS);
  ks_upload_async (self->http, self->keys, settle->version, settle->public_key, on_progress, settle,
                   cancellable, ready, run);
}

static KsStepVerdict
uploaded (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_upload_finish (KS_HTTP (http), result, NULL, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
count (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Settle *settle = data;

  ks_key_store_count_async (settle->set_up->keys, settle->version, cancellable, ready, run);
}

static KsStepVerdict
counted (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Settle *settle = data;
  guint64 total;
  guint64 pending;
  guint64 refused;

  if (!ks_key_store_count_finish (KS_KEY_STORE (store), result, &total, &pending, &refused, error))
    return KS_STEP_FAIL;
  settle->outcome->uploaded = total - pending - refused;
  settle->outcome->refused = refused;
  return KS_STEP_NEXT;
}

static void
drill (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Settle *settle = data;
  KsSetUp *self = settle->set_up;

  ks_set_up_set_part (self, KS_SET_UP_CHECK);
  ks_drill_async (self->http, self->keys, self->user_id, self->secrets->key_id, settle->version,
                  self->secrets->key, cancellable, ready, run);
}

static KsStepVerdict
drilled (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Settle *settle = data;
  g_autoptr (GError) failure = NULL;

  if (!ks_drill_finish (KS_HTTP (http), result, &settle->outcome->checked, &failure))
    {
      g_autoptr (KsDrillLoss) loss = ks_drill_take_loss (result);

      if (loss != NULL && g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT)
          && ++settle->mends <= MAX_MENDS)
        {
          /* What was brought back and is lost once more is no chance any more. */
          loss->many = loss->many || settle->mends > 1;
          settle->loss = g_steal_pointer (&loss);
          return KS_STEP_NEXT;
        }
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  settle->record->last_check = g_get_real_time () / 1000;
  settle->record->last_check_result =
      settle->outcome->checked > 0 ? KS_LAST_CHECK_GOOD : KS_LAST_CHECK_NOTHING_THERE;
  return KS_STEP_DONE;
}

static void
mend (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Settle *settle = data;
  KsSetUp *self = settle->set_up;

  ks_mend_backup_async (self->http, self->keys, settle->version, g_steal_pointer (&settle->loss), cancellable,
                        ready, run);
}

static KsStepVerdict
was_mended (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_mend_backup_finish (KS_HTTP (http), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep fill_steps[] = {
  { .name = "upload", .begin = upload, .end = uploaded },
  { .name = "count", .begin = count, .end = counted },
  { .name = "drill", .begin = drill, .end = drilled },
  { .name = "mend", .begin = mend, .end = was_mended },
  { 0 },
};

static void
fill (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_steps_start (fill_steps, data, NULL, NULL, G_STRFUNC, cancellable, ready, run);
}

static KsStepVerdict
filled (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  /* Only a drill that went well is noted here. */
  return ((Settle *) data)->record->last_check == 0 ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static KsStepVerdict
check_noted (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  return ks_recovery_store_put_finish (KS_RECOVERY_STORE (store), result, error) ? KS_STEP_NEXT
                                                                                 : KS_STEP_FAIL;
}

static void
end_journal (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_set_up_end_journal_async (((Settle *) data)->set_up, cancellable, ready, run);
}

static KsStepVerdict
journal_ended (gpointer data, GObject *set_up, GAsyncResult *result, GError **error)
{
  Settle *settle = data;
  KsSetUp *self = settle->set_up;

  if (!ks_set_up_end_journal_finish (self, result, error))
    return KS_STEP_FAIL;
  ks_set_up_outcome_free (self->outcome);
  self->outcome = g_steal_pointer (&settle->outcome);
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "enable", .begin = enable, .end = was_put },
  { .name = "enable, old form", .begin = enable_old, .end = was_put },
  { .name = "keep", .begin = keep, .end = kept },
  { .name = "remember", .begin = remember, .end = remembered },
  { .name = "keyring", .begin = store_in_keyring, .end = stored_in_keyring },
  { .name = "fill", .begin = fill, .end = filled },
  { .name = "note", .begin = remember, .end = check_noted },
  /* Without its row it is done, and must be told so. */
  { .name = "journal", .begin = end_journal, .end = journal_ended, .committed = TRUE },
  { 0 },
};

void
ks_set_up_settle_async (KsSetUp *self,
                        const char *version,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  Settle *settle = g_new0 (Settle, 1);

  settle->set_up = g_object_ref (self);
  settle->version = g_strdup (version);
  settle->outcome = g_new0 (KsSetUpOutcome, 1);
  settle->outcome->key_id = g_strdup (self->secrets->key_id);
  settle->outcome->backup_version = g_strdup (version);
  ks_steps_start (steps, settle, settle_free, self, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_set_up_settle_finish (KsSetUp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
