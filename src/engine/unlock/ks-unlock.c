/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-unlock.h"

#include "base/ks-steps.h"
#include "crypto/ks-encoding.h"
#include "engine/backup/ks-vouch-for-backup.h"
#include "engine/identity/ks-publish-device.h"
#include "engine/identity/ks-sign-session.h"
#include "engine/restore/ks-bring-back.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/unlock/ks-leave-backup.h"
#include "engine/unlock/ks-match-key.h"
#include "engine/unlock/ks-open-secrets.h"
#include "engine/unlock/ks-unlock-record.h"
#include "engine/unlock/ks-unlock-sum.h"
#include "store/ks-store-error.h"

/* Unlocks, each part by itself.
 *
 *   1. record    what this session knew before
 *   2. look      at the server, anew. What it does not tell of a part costs that part alone
 *   3. match     what the person gave with the keys that the account has
 *   4. open      every secret, and compare every public half; it ends here if nothing is good for
 *                anything, with a note of the key if it is the right one all the same
 *                – up to here nothing was written –
 *   5. older     the room keys of an older backup, where the key opens that one's; it ends here if it
 *                opens nothing else
 *   6. device    this session's own keys are published, if they are not
 *   7. sign      them, with the self-signing key; left out without it
 *   8. vouch     for the backup; left out if its key or the master key was not opened
 *   9. leave     the backup before, if another's key is here: what it has comes here first
 *  10. keep      the secrets and what is known by them, in one transaction
 *
 * What goes wrong in 5 to 9 is told with the result, and costs no secret that was proven.
 *
 * There is no journal, because no state between is wrong. Stopped before 10, the session is
 * locked as before: device keys and signatures on the server are true whether or not the
 * secrets are here, and the next call finds them done. */

typedef struct
{
  KsHttp *http;                    /* owned */
  char *user_id;                   /* owned */
  char *device_id;                 /* owned */
  KsOlmStore *olm_store;           /* owned */
  KsRecoveryStore *recovery_store; /* owned */
  KsSecretStore *secret_store;     /* owned */
  KsKeyStore *keys;                /* owned */
  KsSecret *text;                  /* owned */
  KsKeyEntrySource source;
  KsUnlockFlags flags;
  KsRecoveryRecord *record; /* owned; NULL: nothing was known */
  KsServerLook *look;       /* owned */
  gboolean changed;         /* the identity, and the person has not said that it is theirs */
  KsKeyMatch *match;        /* owned */
  KsOpenedSecrets secrets;
  KsKeyReport *older;     /* owned: what came of an older backup; NULL: nothing */
  GError *failure;        /* owned: why nothing opened that is good for anything now; NULL: something did */
  KsOlmAccount *olm;      /* owned; NULL: its keys could not be published */
  GError *device;         /* owned: what the server refused of them; NULL: nothing */
  gboolean is_signed;     /* this session is */
  GError *signing;        /* owned: why it is not; NULL: it is, or it was not tried */
  KsUnlockResult *result; /* owned */
  KsUnlockNote *note;     /* owned: of the right key that opened nothing; NULL: it is no such */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_unlock_note_free (op->note);
  ks_unlock_result_free (op->result);
  g_clear_error (&op->signing);
  g_clear_error (&op->device);
  ks_olm_account_free (op->olm);
  g_clear_error (&op->failure);
  ks_key_report_free (op->older);
  ks_opened_secrets_clear (&op->secrets);
  ks_key_match_free (op->match);
  ks_server_look_free (op->look);
  ks_recovery_record_free (op->record);
  ks_secret_unref (op->text);
  g_object_unref (op->keys);
  g_object_unref (op->secret_store);
  g_object_unref (op->recovery_store);
  g_object_unref (op->olm_store);
  g_free (op->device_id);
  g_free (op->user_id);
  g_object_unref (op->http);
  g_free (op);
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

  op->record = ks_recovery_store_get_finish (KS_RECOVERY_STORE (store), result, &failure);
  if (op->record != NULL || g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_server_look_parts_async (op->http, op->user_id, op->device_id, cancellable, ready, run);
}

/* An older or other identity is never taken without a word (threat A22). */
static gboolean
is_changed (Op *op)
{
  g_autofree char *master = NULL;

  if (op->record == NULL || op->record->master_key == NULL || !op->look->identity.any)
    return FALSE;
  if (!op->look->identity.published[KS_SECRET_MASTER])
    return TRUE;
  master = ks_base64_encode (op->look->identity.keys[KS_SECRET_MASTER], KS_SIGNING_PUBLIC_KEY_SIZE,
                             KS_BASE64_UNPADDED);
  return !g_str_equal (master, op->record->master_key);
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->look = ks_server_look_parts_finish (KS_HTTP (http), result, error);
  if (op->look == NULL)
    return KS_STEP_FAIL;
  op->changed = is_changed (op) && (op->flags & KS_UNLOCK_TAKE_OTHER_IDENTITY) == 0;
  return KS_STEP_NEXT;
}

static void
match (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_match_key_async (op->http, op->user_id, op->look, op->text, op->source, cancellable, ready, run);
}

static KsStepVerdict
matched (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->match = ks_match_key_finish (KS_HTTP (http), result, error);
  return op->match != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

/* Whether @failure ends all of it: the disk, or the person. */
static gboolean
is_fatal (const GError *failure)
{
  return failure->domain == KS_STORE_ERROR || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED);
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
  g_autoptr (GError) failure = NULL;

  op->olm = ks_publish_device_finish (KS_HTTP (http), result, &op->device, &failure);
  if (op->olm != NULL)
    return KS_STEP_NEXT;
  if (is_fatal (failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  g_message ("this session's keys are not published: %s", failure->message);
  op->device = g_steal_pointer (&failure);
  return KS_STEP_NEXT;
}

static gboolean
can_sign (gpointer data)
{
  Op *op = data;

  return op->olm != NULL && op->secrets.values[KS_SECRET_SELF_SIGNING] != NULL;
}

static void
sign (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const KsSessionToSign session = { .user_id = op->user_id,
                                    .device_id = op->device_id,
                                    .self_signing = op->secrets.values[KS_SECRET_SELF_SIGNING],
                                    .identity = op->secrets.identity,
                                    .olm = op->olm };

  ks_sign_session_async (op->http, &session, cancellable, ready, run);
}

static KsStepVerdict
was_signed (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->is_signed = ks_sign_session_finish (KS_HTTP (http), result, NULL, &op->signing);
  if (!op->is_signed)
    g_message ("this session is not signed: %s", op->signing->message);
  return KS_STEP_NEXT;
}

static gboolean
can_vouch (gpointer data)
{
  Op *op = data;

  return op->olm != NULL && op->secrets.values[KS_SECRET_MASTER] != NULL
         && op->secrets.values[KS_SECRET_BACKUP] != NULL;
}

static void
vouch (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const KsBackupSigners signers = { .user_id = op->user_id,
                                    .device_id = op->device_id,
                                    .key = op->secrets.values[KS_SECRET_BACKUP],
                                    .master = op->secrets.values[KS_SECRET_MASTER],
                                    .olm = op->olm };

  ks_vouch_for_backup_async (op->http, &signers, cancellable, ready, run);
}

/* Its key is the person's with or without a signature. */
static KsStepVerdict
vouched (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!ks_vouch_for_backup_finish (KS_HTTP (http), result, &failure))
    g_message ("the backup is not signed: %s", failure->message);
  return KS_STEP_NEXT;
}

static KsUnlockSeen
seen_so_far (Op *op)
{
  return (KsUnlockSeen){ .user_id = op->user_id,
                         .look = op->look,
                         .before = op->record,
                         .secrets = &op->secrets,
                         .changed = op->changed,
                         .accepted = (op->flags & KS_UNLOCK_TAKE_OTHER_IDENTITY) != 0,
                         .is_signed = op->is_signed,
                         .only_older = op->failure != NULL };
}

static KsUnlockResult *
make_result (Op *op)
{
  const KsUnlockSeen seen = seen_so_far (op);
  KsUnlockResult *result = ks_unlock_sum_up (&seen, op->match);

  result->device = g_steal_pointer (&op->device);
  result->signing = g_steal_pointer (&op->signing);
  result->older = g_steal_pointer (&op->older);
  return result;
}

/* Whether the key is that of an older backup, or opens it and is not the default one. What lies so under the
 * default key, or where there is none, is for a repair, which makes a new backup of it. */
static gboolean
is_of_older_backup (const Op *op)
{
  const char *key_id = op->match->lock->key_id;

  return op->secrets.older != NULL && op->look->version != NULL
         && (key_id == NULL
             || (op->look->default_key_id != NULL && !g_str_equal (key_id, op->look->default_key_id)))
         && (op->failure == NULL
             || g_error_matches (op->failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_OLD_KEY));
}

/* Whether entering this key again would change nothing: it is the one that other clients ask for,
 * and what is stored under it is damaged, or of another account's life, or not there. */
static gboolean
opens_nothing_for_ever (Op *op, const GError *failure)
{
  return op->match->lock->key_id != NULL && ks_server_look_failure (op->look) == NULL
         && (g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOTHING_STORED)
             || g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_DAMAGED_SECRET)
             || g_error_matches (failure, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_MISMATCH));
}

static KsStepVerdict
open_secrets (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  KsSecret *key = op->match->found->key;

  if (ks_open_secrets (op->look, op->match->lock, key, op->changed, &op->secrets, &op->failure))
    {
      if ((op->flags & KS_UNLOCK_ONLY_TRY) == 0)
        return KS_STEP_NEXT;
      op->result = make_result (op);
      return KS_STEP_DONE;
    }
  if (is_of_older_backup (op) && (op->flags & KS_UNLOCK_ONLY_TRY) == 0)
    return KS_STEP_NEXT;
  if (opens_nothing_for_ever (op, op->failure))
    {
      const KsUnlockSeen seen = seen_so_far (op);

      op->note = ks_unlock_sum_note (&seen, op->match);
    }
  g_propagate_error (error, g_steal_pointer (&op->failure));
  return KS_STEP_FAIL;
}

static gboolean
has_older (gpointer data)
{
  return is_of_older_backup (data);
}

static void
bring_older (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  const char *known = op->record != NULL ? op->record->backup_version : NULL;

  ks_bring_back_async (op->http, op->keys, op->look->version, known, op->secrets.older, cancellable, ready,
                       run);
}

static KsStepVerdict
older_brought (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) unread = NULL;
  gboolean cut;

  if (!ks_bring_back_finish (KS_HTTP (http), result, &op->older, &cut, &unread))
    {
      if (is_fatal (unread) || op->failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&unread));
          return KS_STEP_FAIL;
        }
      g_message ("an older backup is not read: %s", unread->message);
    }
  if (op->older != NULL)
    op->secrets.opened[KS_SECRET_BACKUP] = KS_OPENED_OLDER;
  if (op->failure == NULL)
    return KS_STEP_NEXT;
  if (op->older == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&op->failure));
      return KS_STEP_FAIL;
    }
  op->result = make_result (op);
  return KS_STEP_DONE;
}

static gboolean
has_to_leave (gpointer data)
{
  return ((Op *) data)->secrets.values[KS_SECRET_BACKUP] != NULL;
}

static void
leave (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const KsBackupToLeave to_leave = { .http = op->http,
                                     .secret_store = op->secret_store,
                                     .keys = op->keys,
                                     .known = op->record != NULL ? op->record->backup_version : NULL,
                                     .current = op->look->version,
                                     .key = op->secrets.values[KS_SECRET_BACKUP] };

  ks_leave_backup_async (&to_leave, cancellable, ready, run);
}

/* The key that is here is not lost for a server that does not answer: the other one is not kept. */
static KsStepVerdict
left (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  if (ks_leave_backup_finish (result, &failure))
    return KS_STEP_NEXT;
  if (is_fatal (failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  g_message ("the backup before is not read yet: %s", failure->message);
  op->secrets.opened[KS_SECRET_BACKUP] = KS_OPENED_UNKNOWN;
  g_clear_pointer (&op->secrets.values[KS_SECRET_BACKUP], ks_secret_unref);
  return KS_STEP_NEXT;
}

static void
keep (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (KsRecoveryRecord) record = NULL;
  KsNamedSecret secrets[KS_N_SECRETS];
  guint n = 0;

  op->result = make_result (op);
  record = ks_unlock_record_new (op->record, op->look, op->match, &op->secrets, op->result);
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (op->secrets.values[i] != NULL)
      secrets[n++] = (KsNamedSecret){ .name = ks_secret_name_to_string ((KsSecretName) i),
                                      .value = op->secrets.values[i] };
  ks_recovery_store_put_with_secrets_async (op->recovery_store, record, secrets, n, cancellable, ready, run);
}

static KsStepVerdict
kept (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  return ks_recovery_store_put_with_secrets_finish (KS_RECOVERY_STORE (store), result, error) ? KS_STEP_NEXT
                                                                                              : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "record", .begin = get_record, .end = got_record },
  { .name = "look", .begin = look, .end = looked },
  { .name = "match", .begin = match, .end = matched },
  { .name = "open", .end = open_secrets },
  { .name = "older", .when = has_older, .begin = bring_older, .end = older_brought },
  { .name = "device", .begin = publish_device, .end = device_published },
  { .name = "sign", .when = can_sign, .begin = sign, .end = was_signed, .committed = TRUE },
  { .name = "vouch", .when = can_vouch, .begin = vouch, .end = vouched, .committed = TRUE },
  { .name = "leave", .when = has_to_leave, .begin = leave, .end = left, .committed = TRUE },
  { .name = "keep", .begin = keep, .end = kept, .committed = TRUE },
  { 0 },
};

void
ks_unlock_async (const KsUnlockPlace *place,
                 KsSecret *text,
                 KsKeyEntrySource source,
                 KsUnlockFlags flags,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (place->http);
  op->user_id = g_strdup (place->user_id);
  op->device_id = g_strdup (place->device_id);
  op->olm_store = g_object_ref (place->olm_store);
  op->recovery_store = g_object_ref (place->recovery_store);
  op->secret_store = g_object_ref (place->secret_store);
  op->keys = g_object_ref (place->keys);
  op->text = ks_secret_ref (text);
  op->source = source;
  op->flags = flags;
  ks_steps_start (steps, op, op_free, NULL, G_STRFUNC, cancellable, callback, user_data);
}

KsUnlockResult *
ks_unlock_finish (GAsyncResult *result, KsUnlockNote **note, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  *note = g_steal_pointer (&op->note);
  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->result) : NULL;
}
