/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The end of a set-up that another client was faster than.
 */

#include "engine/set-up/ks-set-up-private.h"

#include "base/ks-steps.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/identity/ks-server-look.h"
#include "engine/secrets/ks-default-key.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"

/* Gives up.
 *
 *   1. look       what is there by now
 *   2. hand back  the default key, if we named ours over another client's in the moment
 *                 between the last look and the commit, and it still names ours;
 *                 left out otherwise. Begun anew where the line swallows it
 *   3. judge      the current backup
 *   4. delete     it, if it is ours, empty, and the default key is not ours; left out
 *                 otherwise. Nothing else of what was published is in anybody's way
 *   5. keep       our secrets here, as far as something that is published needs them, or
 *                 was committed: nobody else may have them then
 *   6. journal    is wiped
 *   7. own up     to what may have been overwritten
 *
 * Stopped before 6, the next run finds the conflict again and comes back here. */

/* How often a hand-back that the line swallowed is begun anew. */
#define MAX_HAND_BACKS 3

typedef struct
{
  KsSetUp *set_up;      /* owned */
  KsServerLook *seen;   /* owned */
  const char *rightful; /* borrowed from seen: the key ID to hand the default key back to; NULL: none */
  int missing;          /* a KsSecretName that the other client must have stored; -1: none */
  guint hand_backs;     /* that the line swallowed */
  gboolean unreturned;  /* the default key is ours, and should be another one that nobody can tell */
  gboolean deleted;     /* the backup that was seen */
} GiveUp;

static void
give_up_free (gpointer data)
{
  GiveUp *op = data;

  ks_server_look_free (op->seen);
  g_object_unref (op->set_up);
  g_free (op);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsSetUp *self = ((GiveUp *) data)->set_up;

  ks_server_look_async (self->http, self->user_id, self->device_id, cancellable, ready, run);
}

/* Whether the identity that is published can be had back with the person's key. */
static gboolean
opens_identity (GiveUp *op)
{
  KsSetUpSecrets *ours = op->set_up->secrets;

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE];
      g_autoptr (KsSecret) value = NULL;
      KsStoredSecretResult result =
          ks_secret_storage_open (op->seen->secrets[i], ks_secret_name_to_string ((KsSecretName) i),
                                  ours->key_id, ours->key, &value);

      if ((result != KS_STORED_SECRET_OK && result != KS_STORED_SECRET_ODD)
          || !op->seen->identity.published[i] || !ks_signing_public_key (value, public_key)
          || !ks_bytes_equal (public_key, op->seen->identity.keys[i], sizeof public_key))
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_entry (JsonObject *secret, const char *key_id)
{
  JsonObject *encrypted;

  return secret != NULL && ks_json_get_object (secret, "encrypted", &encrypted)
         && json_object_has_member (encrypted, key_id);
}

static gboolean
has_all_secrets (const KsServerLook *seen, const char *key_id)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    if (!has_entry (seen->secrets[i], key_id))
      return FALSE;
  return TRUE;
}

/* May the key be that of a client that was setting up beside us? What was there before, and
 * nobody's default key, is what a set-up that came to nothing has left: whoever was handed
 * the account by it would look for a key that nobody has. */
static gboolean
may_be_theirs (GiveUp *op, const char *key_id)
{
  KsSetUp *self = op->set_up;

  return !g_str_equal (key_id, self->secrets->key_id)
         && (self->orphans == NULL || !g_hash_table_contains (self->orphans, key_id));
}

/* The one key of another client that all four secrets are stored under; NULL: there is none,
 * or more than one, or it cannot be told from what a set-up that came to nothing has left: a
 * restart forgets what was there before. Borrowed. */
static const char *
other_key (GiveUp *op)
{
  const char *found = NULL;
  JsonObject *encrypted;
  JsonObjectIter iter;
  const char *key_id;

  if (op->set_up->orphans == NULL || op->seen->secrets[0] == NULL
      || !ks_json_get_object (op->seen->secrets[0], "encrypted", &encrypted))
    return NULL;
  json_object_iter_init (&iter, encrypted);
  while (json_object_iter_next (&iter, &key_id, NULL))
    {
      if (!may_be_theirs (op, key_id) || !has_all_secrets (op->seen, key_id))
        continue;
      if (found != NULL)
        return NULL;
      found = key_id;
    }
  return found;
}

/* The key of secret storage that the other client's secrets are under, as far as anybody
 * can tell; NULL: nobody can. Borrowed. */
static const char *
their_key (GiveUp *op)
{
  JsonObject *encrypted;
  JsonObjectIter iter;
  const char *key_id;

  if (g_strcmp0 (op->seen->default_key_id, op->set_up->secrets->key_id) != 0)
    return op->seen->default_key_id;
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      if (op->seen->secrets[i] == NULL || !ks_json_get_object (op->seen->secrets[i], "encrypted", &encrypted))
        continue;
      json_object_iter_init (&iter, encrypted);
      while (json_object_iter_next (&iter, &key_id, NULL))
        if (may_be_theirs (op, key_id))
          return key_id;
    }
  return NULL;
}

/* Is a secret stored under any key besides ours? */
static gboolean
has_others (GiveUp *op)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      JsonObject *encrypted;

      if (op->seen->secrets[i] != NULL && ks_json_get_object (op->seen->secrets[i], "encrypted", &encrypted)
          && json_object_get_size (encrypted)
                 > (json_object_has_member (encrypted, op->set_up->secrets->key_id) ? 1U : 0U))
        return TRUE;
    }
  return FALSE;
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  GiveUp *op = data;

  op->seen = ks_server_look_finish (KS_HTTP (http), result, error);
  if (op->seen == NULL)
    return KS_STEP_FAIL;
  if (g_strcmp0 (op->seen->default_key_id, op->set_up->secrets->key_id) == 0 && !opens_identity (op))
    {
      op->rightful = other_key (op);
      op->unreturned = op->rightful == NULL && has_others (op);
    }
  return op->rightful != NULL ? KS_STEP_NEXT : KS_STEP_SKIP; /* "hand back" */
}

static void
hand_back (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  GiveUp *op = data;
  KsSetUp *self = op->set_up;

  ks_default_key_name_async (self->http, self->user_id, op->rightful, self->secrets->key_id, cancellable,
                             ready, run);
}

static KsStepVerdict
handed_back (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  GiveUp *op = data;
  g_autofree char *found = NULL;
  gboolean swallowed;
  g_autoptr (GError) failure = NULL;

  if (ks_default_key_name_finish (KS_HTTP (http), result, &found, &swallowed, &failure))
    {
      g_free (op->seen->default_key_id);
      op->seen->default_key_id = g_steal_pointer (&found);
      return KS_STEP_NEXT;
    }
  if (swallowed && ++op->hand_backs < MAX_HAND_BACKS)
    return KS_STEP_AGAIN;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

/* Is the secret the private half of something that is published? */
static gboolean
is_published (GiveUp *op, int name)
{
  uint8_t ours[KS_SIGNING_PUBLIC_KEY_SIZE];

  return name < KS_N_CROSS_SIGNING_KEYS && op->seen->identity.published[name]
         && ks_signing_public_key (op->set_up->secrets->secrets[name], ours)
         && ks_bytes_equal (ours, op->seen->identity.keys[name], sizeof ours);
}

static gboolean
is_our_version (GiveUp *op)
{
  KsSetUp *self = op->set_up;

  return op->seen->version != NULL
         && ks_backup_auth_trust (op->seen->version, self->user_id, self->secrets->secrets[KS_SECRET_BACKUP],
                                  NULL)
                == KS_BACKUP_TRUST_KEY;
}

/* Is the private half of something that they published missing where ours is stored? The
 * server has no conditional write: what came between our look and our write is gone, and
 * only the gap tells of it. There is nothing to put back: a write is sent once and right
 * after its look, so that what it overwrote was never seen here. A client that has not
 * come to the end yet leaves the same gap, so that this is no more than a suspicion. */
static int
find_missing (GiveUp *op)
{
  const KsServerLook *seen = op->seen;
  const char *key_id = their_key (op);

  for (int i = 0; key_id != NULL && i < KS_N_SECRETS; i++)
    {
      gboolean theirs = i < KS_N_CROSS_SIGNING_KEYS ? seen->identity_keys[i] != NULL && !is_published (op, i)
                                                    : seen->version != NULL && !is_our_version (op);

      if (theirs && has_entry (seen->secrets[i], op->set_up->secrets->key_id)
          && !has_entry (seen->secrets[i], key_id))
        return i;
    }
  return -1;
}

static KsStepVerdict
judge (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  GiveUp *op = data;

  op->missing = find_missing (op);
  if (is_our_version (op) && op->seen->version->count == 0
      && g_strcmp0 (op->seen->default_key_id, op->set_up->secrets->key_id) != 0)
    return KS_STEP_NEXT;
  return KS_STEP_SKIP; /* "delete" */
}

static void
delete_backup (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  GiveUp *op = data;

  ks_api_backup_delete_version_async (op->set_up->http, op->seen->version->version, cancellable, ready, run);
}

static KsStepVerdict
backup_deleted (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  GiveUp *op = data;

  op->deleted = ks_api_backup_delete_version_finish (KS_HTTP (http), result, error);
  return op->deleted ? KS_STEP_NEXT : KS_STEP_FAIL;
}

/* Does the secret open something that stays on the server? Of what was superseded since,
 * nothing can be known, but it is empty unless our default key was seen by others; then what
 * is stored under it opens that too. */
static gboolean
opens_what_stays (GiveUp *op, int name)
{
  return name == KS_SECRET_BACKUP ? is_our_version (op) && !op->deleted : is_published (op, name);
}

static guint
secrets_to_keep (GiveUp *op, KsNamedSecret secrets[KS_N_SECRETS])
{
  KsSetUp *self = op->set_up;
  gboolean committed = g_str_equal (self->step, KS_SET_UP_COMMITTED);
  guint n = 0;

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      if (committed || opens_what_stays (op, i))
        secrets[n++] = (KsNamedSecret){ .name = ks_secret_name_to_string ((KsSecretName) i),
                                        .value = self->secrets->secrets[i] };
    }
  return n;
}

static void
keep (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  GiveUp *op = data;
  KsNamedSecret secrets[KS_N_SECRETS];
  guint n = secrets_to_keep (op, secrets);

  ks_secret_store_put_async (op->set_up->secret_store, secrets, n, cancellable, ready, run);
}

static KsStepVerdict
kept (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  return ks_secret_store_put_finish (KS_SECRET_STORE (store), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
end_journal (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_set_up_end_journal_async (((GiveUp *) data)->set_up, cancellable, ready, run);
}

static KsStepVerdict
journal_ended (gpointer data, GObject *set_up, GAsyncResult *result, GError **error)
{
  KsSetUp *self = KS_SET_UP (set_up);

  if (!ks_set_up_end_journal_finish (self, result, error))
    return KS_STEP_FAIL;
  g_clear_pointer (&self->secrets, ks_set_up_secrets_free);
  return KS_STEP_NEXT;
}

static KsStepVerdict
own_up (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  GiveUp *op = data;

  if (op->missing < 0 && !op->unreturned)
    return KS_STEP_NEXT;
  g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_OVERWRITTEN,
               "%s of the other client is missing where ours was stored",
               op->missing < 0 ? KS_DEFAULT_KEY_TYPE : ks_secret_name_to_string ((KsSecretName) op->missing));
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "hand back", .begin = hand_back, .end = handed_back },
  { .name = "judge", .end = judge },
  { .name = "delete", .begin = delete_backup, .end = backup_deleted },
  { .name = "keep", .begin = keep, .end = kept },
  { .name = "journal", .begin = end_journal, .end = journal_ended, .committed = TRUE },
  { .name = "own up", .end = own_up, .committed = TRUE },
  { 0 },
};

void
ks_set_up_give_up_async (KsSetUp *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GiveUp *op = g_new0 (GiveUp, 1);

  op->set_up = g_object_ref (self);
  ks_steps_start (steps, op, give_up_free, self, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_set_up_give_up_finish (KsSetUp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
