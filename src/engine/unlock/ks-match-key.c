/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-match-key.h"

#include "base/ks-steps.h"
#include "engine/backup/ks-older-version.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/unlock/ks-old-key.h"
#include "matrix/ks-api-account-data.h"
#include "matrix/ks-matrix-error.h"

/* Matches.
 *
 *   1. list   the keys that secrets are stored under besides the default one
 *   2. other  their descriptions (a request each); left out if there are none
 *   3. locks  all that there is, the backup itself included, in the order in which they are tried:
 *             what secrets are stored under, the backup, a key that nothing is stored under
 *   4. find   which of them it fits, in a thread
 *   5. older  only if it fits none: the backups before the current one, and which of them it fits
 *   6. judge  only if it fits none of these: whether it can be called wrong
 *   7. old    whether the account had such a key once. It ends with an error, whatever this finds
 */

typedef struct
{
  KsHttp *http;             /* owned */
  char *user_id;            /* owned */
  const KsServerLook *look; /* borrowed */
  KsSecret *text;           /* owned */
  KsKeyEntrySource source;
  GStrv others;            /* owned: key IDs besides the default one */
  gboolean cut;            /* there are more than these */
  guint at;                /* the one that is asked for */
  KsKeyLock *default_lock; /* owned; NULL: there is none, or it is among the others */
  GPtrArray *older;        /* owned: KsKeyLock elements, of older backups; NULL once it fits one of them */
  GError *unknown;         /* owned: why not all of these are known; NULL: they are, as far as one can ask */
  KsKeyMatch *match;       /* owned */
  GError *failure;         /* owned: why nothing was found; NULL: it was */
} Op;

static void
free_lock (gpointer lock)
{
  ks_key_lock_free (lock);
}

void
ks_key_match_free (KsKeyMatch *match)
{
  if (match == NULL)
    return;
  ks_found_key_free (match->found);
  g_ptr_array_unref (match->locks);
  g_free (match);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  g_clear_error (&op->failure);
  ks_key_match_free (op->match);
  g_clear_error (&op->unknown);
  g_clear_pointer (&op->older, g_ptr_array_unref);
  ks_key_lock_free (op->default_lock);
  g_strfreev (op->others);
  ks_secret_unref (op->text);
  g_free (op->user_id);
  g_object_unref (op->http);
  g_free (op);
}

static KsStepVerdict
fail (GError **error, KsRecoveryError code, const char *message)
{
  g_set_error_literal (error, KS_RECOVERY_ERROR, code, message);
  return KS_STEP_FAIL;
}

static void
add_lock (Op *op, KsKeyLock *lock)
{
  if (lock != NULL)
    g_ptr_array_add (op->match->locks, lock);
}

static KsStepVerdict
list_keys (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (op->look->default_key_id != NULL)
    op->default_lock =
        ks_key_lock_new_storage (op->look->default_key_id, op->look->description, op->look->secrets);
  op->others =
      ks_secret_storage_list_keys (op->look->secrets, KS_N_SECRETS, op->look->default_key_id, &op->cut);
  return op->others[0] != NULL ? KS_STEP_NEXT : KS_STEP_SKIP; /* "other" */
}

static void
get_other (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autofree char *type = ks_secret_storage_key_type (op->others[op->at]);

  ks_api_account_data_get_async (op->http, op->user_id, type, cancellable, ready, run);
}

/* A description that does not come is as good as none: the key is tried on the secrets. */
static KsStepVerdict
got_other (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (JsonObject) description = NULL;
  g_autoptr (GError) failure = NULL;

  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &description, &failure))
    {
      if (failure->domain != KS_MATRIX_ERROR)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return KS_STEP_FAIL;
        }
      g_message ("a key's description is not known: %s", failure->message);
    }
  add_lock (op, ks_key_lock_new_storage (op->others[op->at], description, op->look->secrets));
  return op->others[++op->at] != NULL ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static KsStepVerdict
order_locks (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (KsKeyLock) lock = g_steal_pointer (&op->default_lock);
  const GError *failure = ks_server_look_failure (op->look);

  if (lock != NULL && ks_key_lock_stores_any (lock))
    g_ptr_array_insert (op->match->locks, 0, g_steal_pointer (&lock));
  if (op->look->version != NULL)
    add_lock (op, ks_key_lock_new_backup (op->look->version));
  add_lock (op, g_steal_pointer (&lock));
  if (op->match->locks->len > 0)
    return KS_STEP_NEXT;
  if (failure != NULL)
    {
      g_propagate_error (error, g_error_copy (failure));
      return KS_STEP_FAIL;
    }
  if (op->look->default_key_id == NULL && op->look->version == NULL)
    return fail (error, KS_RECOVERY_ERROR_NOT_SET_UP, "the account has nothing to unlock");
  return fail (error, KS_RECOVERY_ERROR_UNSUPPORTED, "no key of the account is described in a known way");
}

static void
find (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_find_key_async (ks_key_entry_read (op->text, op->source), op->match->locks, cancellable, ready, run);
}

/* Whether what was given can be called wrong: everything could be read that it may have been
 * for. */
static gboolean
can_be_judged (Op *op)
{
  gboolean phrase = op->failure->code == KS_RECOVERY_ERROR_WRONG_PHRASE
                    || op->failure->code == KS_RECOVERY_ERROR_NO_PHRASE
                    || op->failure->code == KS_RECOVERY_ERROR_HARD_PHRASE;
  gboolean default_is_there = op->look->default_key_id == NULL;

  if (op->cut)
    return FALSE;
  for (guint i = 0; i < op->match->locks->len; i++)
    {
      const KsKeyLock *lock = op->match->locks->pdata[i];

      if (!ks_key_lock_can_judge (lock, phrase))
        return FALSE;
      default_is_there = default_is_there || g_strcmp0 (lock->key_id, op->look->default_key_id) == 0;
    }
  return default_is_there;
}

/* What the server did not tell of the keys or of what is stored under them; borrowed. */
static const GError *
why_unseen (Op *op)
{
  for (int i = 0; i < KS_N_LOOK_PARTS; i++)
    if (i != KS_LOOK_IDENTITY && op->look->failures[i] != NULL)
      return op->look->failures[i];
  return NULL;
}

static KsStepVerdict
found (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->match->found = ks_find_key_finish (result, &op->failure);
  if (op->match->found != NULL)
    {
      op->match->lock = op->match->locks->pdata[op->match->found->lock];
      return KS_STEP_DONE;
    }
  if (op->failure->domain != KS_RECOVERY_ERROR || op->failure->code == KS_RECOVERY_ERROR_NOT_A_KEY
      || op->failure->code == KS_RECOVERY_ERROR_ROOM_KEY_FILE)
    {
      g_propagate_error (error, g_steal_pointer (&op->failure));
      return KS_STEP_FAIL;
    }
  return op->look->version != NULL ? KS_STEP_NEXT : KS_STEP_SKIP; /* "older" */
}

/* All of them are wanted: none is it. */
static gboolean
note_older (const KsBackupVersion *version, gpointer data)
{
  KsKeyLock *lock = version->count != 0 ? ks_key_lock_new_backup (version) : NULL;

  if (lock != NULL)
    g_ptr_array_add (((Op *) data)->older, lock);
  return FALSE;
}

static void
find_older (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_older_version_find_async (op->http, op->look->version, NULL, note_older, op, cancellable, ready, run);
}

static KsStepVerdict
older_found (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (KsBackupVersion) none = NULL;
  gboolean cut;

  if (ks_older_version_find_finish (KS_HTTP (http), result, &none, &cut, &op->unknown)
      || op->unknown->domain == KS_MATRIX_ERROR)
    return op->older->len > 0 ? KS_STEP_NEXT : KS_STEP_SKIP; /* "try older" */
  g_propagate_error (error, g_steal_pointer (&op->unknown));
  return KS_STEP_FAIL;
}

static void
try_older (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_find_key_async (ks_key_entry_read (op->text, op->source), op->older, cancellable, ready, run);
}

static KsStepVerdict
older_tried (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  op->match->found = ks_find_key_finish (result, &failure);
  if (op->match->found == NULL && failure->domain == KS_RECOVERY_ERROR)
    return KS_STEP_NEXT;
  if (op->match->found == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  op->match->lock = op->older->pdata[op->match->found->lock];
  op->match->found->lock += op->match->locks->len;
  g_ptr_array_extend_and_steal (op->match->locks, g_steal_pointer (&op->older));
  return KS_STEP_DONE;
}

static KsStepVerdict
judge (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  /* Then nobody knows whether what the person gave is wrong. */
  if (why_unseen (op) != NULL)
    {
      g_propagate_error (error, g_error_copy (why_unseen (op)));
      return KS_STEP_FAIL;
    }
  if (op->unknown != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&op->unknown));
      return KS_STEP_FAIL;
    }
  if (op->failure->code == KS_RECOVERY_ERROR_UNSUPPORTED)
    {
      g_propagate_error (error, g_steal_pointer (&op->failure));
      return KS_STEP_FAIL;
    }
  if (!can_be_judged (op))
    return fail (error, KS_RECOVERY_ERROR_UNSUPPORTED, "there may be keys that it was not tried on");
  return KS_STEP_NEXT;
}

static void
look_for_old (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (GStrvBuilder) tried = g_strv_builder_new ();
  g_auto (GStrv) ids = NULL;

  for (guint i = 0; i < op->match->locks->len; i++)
    {
      const KsKeyLock *lock = op->match->locks->pdata[i];

      if (lock->key_id != NULL)
        g_strv_builder_add (tried, lock->key_id);
    }
  ids = g_strv_builder_end (tried);
  ks_old_key_look_async (op->http, ks_key_entry_read (op->text, op->source), ids, cancellable, ready, run);
}

static KsStepVerdict
looked_for_old (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) unknown = NULL;
  gboolean is_old;

  if (!ks_old_key_look_finish (KS_HTTP (http), result, &is_old, &unknown))
    {
      if (g_error_matches (unknown, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&unknown));
          return KS_STEP_FAIL;
        }
      g_message ("whether it is an old key is not known: %s", unknown->message);
    }
  if (is_old)
    return fail (error, KS_RECOVERY_ERROR_OLD_KEY, "nothing is stored under it any more");
  g_propagate_error (error, g_steal_pointer (&op->failure));
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "list", .end = list_keys },
  { .name = "other", .begin = get_other, .end = got_other },
  { .name = "locks", .end = order_locks },
  { .name = "find", .begin = find, .end = found },
  { .name = "older", .begin = find_older, .end = older_found },
  { .name = "try older", .begin = try_older, .end = older_tried },
  { .name = "judge", .end = judge },
  { .name = "old", .begin = look_for_old, .end = looked_for_old },
  { 0 },
};

void
ks_match_key_async (KsHttp *http,
                    const char *user_id,
                    const KsServerLook *look,
                    KsSecret *text,
                    KsKeyEntrySource source,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->user_id = g_strdup (user_id);
  op->look = look;
  op->text = ks_secret_ref (text);
  op->source = source;
  op->older = g_ptr_array_new_with_free_func (free_lock);
  op->match = g_new0 (KsKeyMatch, 1);
  op->match->locks = g_ptr_array_new_with_free_func (free_lock);
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

KsKeyMatch *
ks_match_key_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->match) : NULL;
}
