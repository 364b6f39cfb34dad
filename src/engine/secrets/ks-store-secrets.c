/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-store-secrets.h"

#include "base/ks-steps.h"
#include "engine/secrets/ks-key-description.h"
#include "engine/secrets/ks-new-description.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-api-account-data.h"
#include "matrix/ks-http-answer.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

/* Stores the secrets.
 *
 *   1. describe     the key, under its own ID; left out where that is not wanted
 *   2. secret       one after another: merged into what is there (below)
 *   3. description  read back: does it know the key?
 *   4. read back    each secret, opened with the key and compared; and whether what others
 *                   had stored beside it is still there (below)
 *
 * Stopped anywhere, entries under a key that nobody uses are left; the next call writes
 * them again. */

/* How often a write that the line swallowed is begun anew, and how often what others had
 * stored is put back. */
#define MAX_TRIES 3

typedef struct
{
  KsHttp *http;  /* owned */
  char *user_id; /* owned */
  char *key_id;  /* owned */
  char *type;    /* owned: of the key's description */
  KsSecret *key; /* owned */
  char *salt;    /* owned */
  gint64 rounds;
  gboolean described;
  JsonObject *before;              /* owned; NULL: none */
  KsSecret *secrets[KS_N_SECRETS]; /* owned; NULL: left as it is */
  gboolean expects;                /* that they are as they were seen */
  JsonObject *seen[KS_N_SECRETS];  /* owned: with expects; NULL: nothing was there */
  KsSecretName at;
  JsonObject *present[KS_N_SECRETS]; /* owned: each one's account data before ours was added */
  JsonObject *now;                   /* owned: that of the secret at hand, as read back */
  guint tries;                       /* of what is repeated, for the secret at hand */
  gboolean unfinished;               /* it is to be tried again */
  KsStorageProof proof;              /* of what was read back */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_clear_pointer (&op->before, json_object_unref);
  g_clear_pointer (&op->now, json_object_unref);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_clear_pointer (&op->present[i], json_object_unref);
      g_clear_pointer (&op->seen[i], json_object_unref);
      ks_secret_unref (op->secrets[i]);
    }
  g_free (op->salt);
  ks_secret_unref (op->key);
  g_free (op->type);
  g_free (op->key_id);
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

static KsStepVerdict
fail_corrupt (GError **error, const char *message)
{
  return fail (error, KS_RECOVERY_ERROR_CORRUPT, message);
}

static gboolean
is_to_be_described (gpointer data)
{
  return ((Op *) data)->described;
}

static void
describe (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (JsonObject) content = ks_new_description (op->before, op->key, op->salt, op->rounds);

  ks_api_account_data_put_async (op->http, op->user_id, op->type, content, cancellable, ready, run);
}

static KsStepVerdict
was_put (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_api_account_data_put_finish (KS_HTTP (http), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
get_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_api_account_data_get_async (op->http, op->user_id, ks_secret_name_to_string (op->at), cancellable, ready,
                                 run);
}

static gboolean
is_stored (Op *op, JsonObject *content)
{
  g_autoptr (KsSecret) value = NULL;

  return ks_secret_storage_open (content, ks_secret_name_to_string (op->at), op->key_id, op->key, &value)
             == KS_STORED_SECRET_OK
         && ks_secret_equal (value, op->secrets[op->at]);
}

/* Whether it is as it was seen. A server that does not tell of an entry for once must not have it
 * written over. */
static gboolean
is_as_seen (Op *op)
{
  JsonObject *seen = op->seen[op->at];
  JsonObject *present = op->present[op->at];
  gboolean empty = present == NULL || json_object_get_size (present) == 0;

  if (seen == NULL || json_object_get_size (seen) == 0)
    return empty;
  return !empty && json_object_equal (seen, present);
}

/* One secret.
 *
 *   1. get  what is there; if the secret is among it, that is all. It ends here if it is not what the
 *           caller saw there
 *   2. put  the same with the secret added. Where the line swallows it, the whole begins
 *           anew: what was read is old by then
 *
 * Another client that writes between the two loses what it wrote: the server knows no
 * conditional write. The two follow each other as closely as can be, and what is lost
 * nevertheless is told by whoever gives the set-up up. */

/* The account data of the secret at hand, as an answer tells it. What lies in one that is not to be
 * stored is no matter. */
static gboolean
take_content (Op *op, GObject *http, GAsyncResult *result, JsonObject **content, GError **error)
{
  GError *failure = NULL;

  if (ks_api_account_data_get_finish (KS_HTTP (http), result, content, &failure))
    return TRUE;
  if (op->secrets[op->at] == NULL && ks_matrix_error_is_lasting (failure))
    {
      g_error_free (failure);
      return TRUE;
    }
  g_propagate_error (error, failure);
  return FALSE;
}

static KsStepVerdict
got_secret (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  JsonObject **present = &op->present[op->at];

  g_clear_pointer (present, json_object_unref);
  if (!take_content (op, http, result, present, error))
    return KS_STEP_FAIL;
  if (op->secrets[op->at] == NULL || is_stored (op, *present))
    return KS_STEP_DONE;
  if (op->expects && !is_as_seen (op))
    return fail (error, KS_RECOVERY_ERROR_CONFLICT, "a secret is not what it was a moment ago");
  return KS_STEP_NEXT;
}

static void
put_content (Op *op, JsonObject *content, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_account_data_put_once_async (op->http, op->user_id, ks_secret_name_to_string (op->at), content,
                                      cancellable, ready, run);
}

static void
put_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (JsonObject) content =
      ks_secret_storage_put (op->present[op->at], ks_secret_name_to_string (op->at), op->key_id, op->key,
                             op->secrets[op->at]);

  put_content (op, content, cancellable, ready, run);
}

static KsStepVerdict
was_put_once (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  if (ks_api_account_data_put_finish (KS_HTTP (http), result, &failure))
    return KS_STEP_NEXT;
  op->unfinished = ks_http_is_transient (failure) && ++op->tries < MAX_TRIES;
  if (op->unfinished)
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static const KsStep secret_steps[] = {
  { .name = "get", .begin = get_secret, .end = got_secret },
  { .name = "put", .begin = put_secret, .end = was_put_once },
  { 0 },
};

static void
store_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_steps_start (secret_steps, data, NULL, NULL, G_STRFUNC, cancellable, ready, run);
}

/* The end of what is done for one secret after another. */
static KsStepVerdict
next_secret (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  if (op->unfinished)
    {
      op->unfinished = FALSE;
      return KS_STEP_AGAIN;
    }
  op->tries = 0;
  if (++op->at < KS_N_SECRETS)
    return KS_STEP_AGAIN;
  op->at = KS_SECRET_MASTER;
  return KS_STEP_NEXT;
}

static gboolean
was_described (gpointer data)
{
  return ((Op *) data)->described;
}

static void
get_description (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_api_account_data_get_async (op->http, op->user_id, op->type, cancellable, ready, run);
}

static KsStepVerdict
got_description (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (JsonObject) content = NULL;
  g_autoptr (KsKeyDescription) description = NULL;

  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &content, error))
    return KS_STEP_FAIL;
  if (ks_key_description_read (content, &description) != KS_KEY_DESCRIPTION_OK || !description->has_check
      || ks_aes_hmac_check_key (op->key, description->iv, description->iv_size, description->mac,
                                sizeof description->mac)
             != KS_AES_HMAC_OK)
    return fail_corrupt (error, "the description of the new key is not what was stored");
  if (g_strcmp0 (description->salt, op->salt) != 0
      || (op->salt != NULL && description->iterations != op->rounds))
    return fail_corrupt (error, "the new key could not be had from its phrase again");
  ks_storage_proof_take_description (&op->proof, content, op->key);
  return KS_STEP_NEXT;
}

/* One secret read back.
 *
 *   1. read      it: it must open to what was stored, and hold whatever others had stored
 *                when ours was added
 *   2. put back  what of that is missing, and read once more; left out if nothing is
 *
 * Missing it can be where a write of ours that was taken for lost arrives late and has
 * less in it than the one that followed. Nobody but its owner can make such an entry
 * again, while one too many is in nobody's way. What is there now is never changed. */

/* @now with what @before holds beside it for other keys; NULL: there is no more in it. */
static JsonObject *
with_entries_of (JsonObject *before, JsonObject *now)
{
  g_autoptr (JsonObject) content = NULL;
  JsonObject *old_entries;
  JsonObject *entries;
  JsonObjectIter iter;
  const char *key_id;
  JsonNode *entry;
  gboolean more = FALSE;

  if (before == NULL || !ks_json_get_object (before, "encrypted", &old_entries))
    return NULL;
  content = ks_json_copy_object (now);
  entries = json_object_get_object_member (content, "encrypted"); /* ours is in it */
  json_object_iter_init (&iter, old_entries);
  while (json_object_iter_next (&iter, &key_id, &entry))
    if (!json_object_has_member (entries, key_id))
      {
        json_object_set_member (entries, key_id, json_node_copy (entry));
        more = TRUE;
      }
  return more ? g_steal_pointer (&content) : NULL;
}

/* What opens with the key, nobody but its owner can have stored. */
static KsStepVerdict
explain_other (Op *op, JsonObject *content, GError **error)
{
  g_autoptr (KsSecret) value = NULL;

  if (ks_secret_storage_open (content, ks_secret_name_to_string (op->at), op->key_id, op->key, &value)
      == KS_STORED_SECRET_OK)
    return fail (error, KS_RECOVERY_ERROR_CONFLICT, "another client has stored another secret just now");
  return fail_corrupt (error, "a secret that was stored does not come back");
}

static KsStepVerdict
secret_read (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (JsonObject) content = NULL;

  if (!take_content (op, http, result, &content, error))
    return KS_STEP_FAIL;
  if (op->secrets[op->at] == NULL)
    return KS_STEP_DONE;
  if (!is_stored (op, content))
    return explain_other (op, content, error);
  ks_storage_proof_take_secret (&op->proof, op->at, content, op->key_id, op->key, op->secrets[op->at]);
  g_clear_pointer (&op->now, json_object_unref);
  op->now = with_entries_of (op->present[op->at], content);
  if (op->now == NULL)
    return KS_STEP_DONE;
  if (++op->tries < MAX_TRIES)
    return KS_STEP_NEXT;
  return fail_corrupt (error, "what others had stored beside a secret does not stay");
}

static void
put_back (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  g_message ("what another client had stored beside %s is put back", ks_secret_name_to_string (op->at));
  put_content (op, op->now, cancellable, ready, run);
}

static KsStepVerdict
was_put_back (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (was_put_once (data, http, result, error) == KS_STEP_FAIL)
    return KS_STEP_FAIL;
  op->unfinished = TRUE;
  return KS_STEP_NEXT;
}

static const KsStep read_steps[] = {
  { .name = "read", .begin = get_secret, .end = secret_read },
  { .name = "put back", .begin = put_back, .end = was_put_back },
  { 0 },
};

static void
read_back (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_steps_start (read_steps, data, NULL, NULL, G_STRFUNC, cancellable, ready, run);
}

static const KsStep steps[] = {
  { .name = "describe", .when = is_to_be_described, .begin = describe, .end = was_put },
  { .name = "secret", .begin = store_secret, .end = next_secret },
  { .name = "description", .when = was_described, .begin = get_description, .end = got_description },
  { .name = "read back", .begin = read_back, .end = next_secret },
  { 0 },
};

void
ks_store_secrets_async (KsHttp *http,
                        const KsSecretsToStore *secrets,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->user_id = g_strdup (secrets->user_id);
  op->key_id = g_strdup (secrets->key_id);
  op->type = ks_secret_storage_key_type (secrets->key_id);
  op->key = ks_secret_ref (secrets->key);
  op->salt = g_strdup (secrets->salt);
  op->rounds = secrets->rounds;
  op->described = secrets->describe;
  op->before = secrets->before != NULL ? json_object_ref (secrets->before) : NULL;
  op->expects = secrets->seen != NULL;
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      op->secrets[i] = secrets->secrets[i] != NULL ? ks_secret_ref (secrets->secrets[i]) : NULL;
      if (op->expects && secrets->seen[i] != NULL)
        op->seen[i] = json_object_ref (secrets->seen[i]);
    }
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_store_secrets_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

const KsStorageProof *
ks_store_secrets_get_proof (GAsyncResult *result)
{
  return &((Op *) g_task_get_task_data (G_TASK (result)))->proof;
}
