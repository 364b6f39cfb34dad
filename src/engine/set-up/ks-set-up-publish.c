/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The part of a set-up before and with its commit.
 */

#include "engine/set-up/ks-set-up-private.h"

#include "base/ks-steps.h"
#include "crypto/ks-keyed-hash.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/backup/ks-create-backup.h"
#include "engine/identity/ks-publish-device.h"
#include "engine/identity/ks-publish-identity.h"
#include "engine/identity/ks-server-look.h"
#include "engine/secrets/ks-default-key.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/secrets/ks-store-secrets.h"
#include "matrix/ks-json.h"

/* Publishes, in an order in which no private half of anything published lies on this disk
 * alone. Every run goes through all of it; what is there already is found and left.
 *
 *   1. journal   that from now on something may be on the server
 *   2. device    this session's own keys
 *   3. look      whether anybody else has set anything up, or has removed what was
 *                committed: then it ends with a conflict
 *   4. secrets   stored under the new key, read back, opened with it
 *   5. identity  published, this session signed. The server may want to know that it is
 *                the person: the run ends there, and the next one brings the answer
 *   6. backup    made, signed by the identity
 *   7. commit    after one more look (below)
 *   8. look      all of it, as everybody sees it now
 *   9. journal   that it is committed
 *
 * Stopped before 7: what is on the server is used by nobody, and the secrets are in the
 * journal and under the person's key. Stopped after 7: only settling is left. */

/* How often a commit that the line swallowed is begun anew. */
#define MAX_COMMITS 3

typedef struct
{
  KsSetUp *set_up;   /* owned */
  KsOlmAccount *olm; /* owned */
  char *version;     /* owned: of the backup */
  guint commits;
  gboolean swallowed; /* the line has, and it is to be tried again */
} Publish;

static void
publish_free (gpointer data)
{
  Publish *publish = data;

  g_free (publish->version);
  ks_olm_account_free (publish->olm);
  g_object_unref (publish->set_up);
  g_free (publish);
}

static KsStepVerdict
fail (GError **error, KsRecoveryError code, const char *message)
{
  g_set_error_literal (error, KS_RECOVERY_ERROR, (int) code, message);
  return KS_STEP_FAIL;
}

static void
note_begin (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsSetUp *self = ((Publish *) data)->set_up;
  gboolean first = g_str_equal (self->step, KS_SET_UP_MADE) || g_str_equal (self->step, KS_SET_UP_SAVED);

  ks_set_up_write_journal_async (self, first ? KS_SET_UP_PUBLISHED : self->step, cancellable, ready, run);
}

static KsStepVerdict
noted (gpointer data, GObject *set_up, GAsyncResult *result, GError **error)
{
  return ks_set_up_write_journal_finish (KS_SET_UP (set_up), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
publish_device (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsSetUp *self = ((Publish *) data)->set_up;

  ks_publish_device_async (self->http, self->olm_store, self->user_id, self->device_id, cancellable, ready,
                           run);
}

static KsStepVerdict
device_published (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Publish *publish = data;

  publish->olm = ks_publish_device_finish (KS_HTTP (http), result, NULL, error);
  return publish->olm != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsSetUp *self = ((Publish *) data)->set_up;

  ks_server_look_async (self->http, self->user_id, self->device_id, cancellable, ready, run);
}

/* Whether a part of what is there was made by somebody else. */
static gboolean
has_foreign (KsSetUp *self, const KsServerLook *seen)
{
  const KsSetUpSecrets *secrets = self->secrets;

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      uint8_t ours[KS_SIGNING_PUBLIC_KEY_SIZE];

      if (seen->identity_keys[i] != NULL
          && (!seen->identity.published[i] || !ks_signing_public_key (secrets->secrets[i], ours)
              || !ks_bytes_equal (seen->identity.keys[i], ours, sizeof ours)))
        return TRUE;
    }
  if (seen->default_key_id != NULL && !g_str_equal (seen->default_key_id, secrets->key_id))
    return TRUE;
  return seen->version != NULL
         && ks_backup_auth_trust (seen->version, self->user_id, secrets->secrets[KS_SECRET_BACKUP], NULL)
                != KS_BACKUP_TRUST_KEY;
}

gboolean
ks_set_up_is_ours (KsSetUp *self, const KsServerLook *seen, GError **error)
{
  const char *what = NULL;

  if (has_foreign (self, seen))
    what = "another client has set something up";
  /* Somebody has switched off what was on: that is not undone behind their back. */
  else if (g_str_equal (self->step, KS_SET_UP_COMMITTED)
           && (seen->default_key_id == NULL || seen->version == NULL))
    what = "another client has removed what was set up";
  if (what != NULL)
    fail (error, KS_RECOVERY_ERROR_CONFLICT, what);
  return what == NULL;
}

/* Secrets under a key that nobody named are what an earlier set-up, of whomever, has left.
 * Noted by the first look of all: later ones may see a client that is setting up now. */
static void
note_orphans (KsSetUp *self, const KsServerLook *seen)
{
  if (self->orphans != NULL || seen->default_key_id != NULL)
    return;
  self->orphans = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, NULL);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      JsonObject *encrypted;
      JsonObjectIter iter;
      const char *key_id;

      if (seen->secrets[i] == NULL || !ks_json_get_object (seen->secrets[i], "encrypted", &encrypted))
        continue;
      json_object_iter_init (&iter, encrypted);
      while (json_object_iter_next (&iter, &key_id, NULL))
        g_hash_table_add (self->orphans, g_strdup (key_id));
    }
}

gboolean
ks_set_up_has_company (KsSetUp *self, const KsServerLook *seen)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      JsonObject *encrypted;
      JsonObjectIter iter;
      const char *key_id;

      if (seen->secrets[i] == NULL || !ks_json_get_object (seen->secrets[i], "encrypted", &encrypted))
        continue;
      json_object_iter_init (&iter, encrypted);
      while (json_object_iter_next (&iter, &key_id, NULL))
        if (!g_str_equal (key_id, self->secrets->key_id)
            && (self->orphans == NULL || !g_hash_table_contains (self->orphans, key_id)))
          return TRUE;
    }
  return FALSE;
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  KsSetUp *self = ((Publish *) data)->set_up;
  g_autoptr (KsServerLook) seen = ks_server_look_finish (KS_HTTP (http), result, error);

  if (seen == NULL || !ks_set_up_is_ours (self, seen, error))
    return KS_STEP_FAIL;
  note_orphans (self, seen);
  return KS_STEP_NEXT;
}

static void
store_secrets (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsSetUp *self = ((Publish *) data)->set_up;
  KsSecretsToStore to_store = {
    .user_id = self->user_id,
    .key_id = self->secrets->key_id,
    .key = self->secrets->key,
    .salt = self->secrets->salt,
    .rounds = self->secrets->rounds,
    .describe = TRUE,
  };

  for (int i = 0; i < KS_N_SECRETS; i++)
    to_store.secrets[i] = self->secrets->secrets[i];
  ks_set_up_set_part (self, KS_SET_UP_SECRETS);
  ks_store_secrets_async (self->http, &to_store, cancellable, ready, run);
}

static KsStepVerdict
secrets_stored (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_store_secrets_finish (KS_HTTP (http), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
publish_identity (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Publish *publish = data;
  KsSetUp *self = publish->set_up;
  g_autoptr (KsUiaAnswer) answer = g_steal_pointer (&self->answer);
  KsIdentitySecrets secrets = {
    .user_id = self->user_id,
    .device_id = self->device_id,
    .olm = publish->olm,
  };

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    secrets.seeds[i] = self->secrets->secrets[i];
  g_clear_pointer (&self->challenge, ks_uia_unref);
  ks_set_up_set_part (self, KS_SET_UP_IDENTITY);
  ks_publish_identity_async (self->http, &secrets, answer, cancellable, ready, run);
}

static KsStepVerdict
identity_published (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  KsSetUp *self = ((Publish *) data)->set_up;

  return ks_publish_identity_finish (KS_HTTP (http), result, &self->challenge, error) ? KS_STEP_NEXT
                                                                                      : KS_STEP_FAIL;
}

static void
create_backup (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Publish *publish = data;
  KsSetUp *self = publish->set_up;
  KsBackupSigners signers = {
    .user_id = self->user_id,
    .device_id = self->device_id,
    .key = self->secrets->secrets[KS_SECRET_BACKUP],
    .master = self->secrets->secrets[KS_SECRET_MASTER],
    .olm = publish->olm,
  };

  ks_set_up_set_part (self, KS_SET_UP_BACKUP);
  ks_create_backup_async (self->http, &signers, cancellable, ready, run);
}

static KsStepVerdict
backup_created (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Publish *publish = data;

  publish->version = ks_create_backup_finish (KS_HTTP (http), result, error);
  return publish->version != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

/* Whether everything is there, as it was made, and opens with the key. */
static gboolean
is_whole (Publish *publish, const KsServerLook *seen)
{
  KsSetUp *self = publish->set_up;

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsSecret) value = NULL;

      if (ks_secret_storage_open (seen->secrets[i], ks_secret_name_to_string ((KsSecretName) i),
                                  self->secrets->key_id, self->secrets->key, &value)
              != KS_STORED_SECRET_OK
          || !ks_secret_equal (value, self->secrets->secrets[i]))
        return FALSE;
    }
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    if (!seen->identity.published[i])
      return FALSE;
  return seen->version != NULL && g_str_equal (seen->version->version, publish->version);
}

/* The commit.
 *
 *   1. look    once more: nobody else has committed anything, and all is there
 *   2. commit  the default key is ours; left out if it is already. Where the line swallows
 *              it, the whole begins anew: what was seen is old by then */

static KsStepVerdict
looked_again (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Publish *publish = data;
  g_autoptr (KsServerLook) seen = ks_server_look_finish (KS_HTTP (http), result, error);

  if (seen == NULL)
    return KS_STEP_FAIL;
  if (has_foreign (publish->set_up, seen))
    return fail (error, KS_RECOVERY_ERROR_CONFLICT, "another client has set something up meanwhile");
  /* The default key must never name a key that does not open all four. */
  if (!is_whole (publish, seen))
    return fail (error, KS_RECOVERY_ERROR_CORRUPT, "a part of what was set up is gone again");
  return seen->default_key_id == NULL ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
commit (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsSetUp *self = ((Publish *) data)->set_up;

  ks_default_key_name_async (self->http, self->user_id, self->secrets->key_id, NULL, cancellable, ready, run);
}

static KsStepVerdict
committed (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Publish *publish = data;
  g_autofree char *found = NULL;
  gboolean swallowed;
  g_autoptr (GError) failure = NULL;

  if (!ks_default_key_name_finish (KS_HTTP (http), result, &found, &swallowed, &failure))
    {
      publish->swallowed = swallowed && ++publish->commits < MAX_COMMITS;
      if (publish->swallowed)
        return KS_STEP_NEXT;
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  if (g_strcmp0 (found, publish->set_up->secrets->key_id) != 0)
    return fail (error, KS_RECOVERY_ERROR_CONFLICT, "another client has committed just now");
  return KS_STEP_NEXT;
}

static const KsStep commit_steps[] = {
  { .name = "look again", .begin = look, .end = looked_again },
  { .name = "commit", .begin = commit, .end = committed },
  { 0 },
};

static void
try_commit (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ((Publish *) data)->swallowed = FALSE;
  ks_steps_start (commit_steps, data, NULL, NULL, G_STRFUNC, cancellable, ready, run);
}

static KsStepVerdict
commit_tried (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  return ((Publish *) data)->swallowed ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static void
prove (KsSetUp *self, const KsServerLook *seen)
{
  const KsSetUpSecrets *secrets = self->secrets;

  self->proof = (KsStorageProof){ 0 };
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_storage_proof_take_secret (&self->proof, (KsSecretName) i, seen->secrets[i], secrets->key_id,
                                  secrets->key, secrets->secrets[i]);
  ks_storage_proof_take_description (&self->proof, seen->description, secrets->key);
}

static KsStepVerdict
seen_by_all (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Publish *publish = data;
  g_autoptr (KsServerLook) seen = ks_server_look_finish (KS_HTTP (http), result, error);

  if (seen == NULL)
    return KS_STEP_FAIL;
  if (has_foreign (publish->set_up, seen))
    return fail (error, KS_RECOVERY_ERROR_CONFLICT, "another client has taken the set-up's place");
  if (seen->default_key_id == NULL || !is_whole (publish, seen))
    return fail (error, KS_RECOVERY_ERROR_CORRUPT, "the server does not give back what was set up");
  prove (publish->set_up, seen);
  return KS_STEP_NEXT;
}

static void
note_commit (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_set_up_write_journal_async (((Publish *) data)->set_up, KS_SET_UP_COMMITTED, cancellable, ready, run);
}

static const KsStep steps[] = {
  { .name = "journal", .begin = note_begin, .end = noted },
  { .name = "device", .begin = publish_device, .end = device_published },
  { .name = "look", .begin = look, .end = looked },
  { .name = "secrets", .begin = store_secrets, .end = secrets_stored },
  { .name = "identity", .begin = publish_identity, .end = identity_published },
  { .name = "backup", .begin = create_backup, .end = backup_created },
  { .name = "try to commit", .begin = try_commit, .end = commit_tried },
  { .name = "look at all", .begin = look, .end = seen_by_all },
  { .name = "journal", .begin = note_commit, .end = noted },
  { 0 },
};

void
ks_set_up_publish_async (KsSetUp *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  Publish *publish = g_new0 (Publish, 1);

  publish->set_up = g_object_ref (self);
  ks_steps_start (steps, publish, publish_free, self, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_set_up_publish_finish (KsSetUp *self, GAsyncResult *result, char **version, GError **error)
{
  Publish *publish = g_task_get_task_data (G_TASK (result));

  *version = g_steal_pointer (&publish->version);
  return g_task_propagate_boolean (G_TASK (result), error);
}
