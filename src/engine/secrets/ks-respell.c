/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-respell.h"

#include "base/ks-steps.h"
#include "crypto/ks-encoding.h"
#include "engine/secrets/ks-key-description.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-api-account-data.h"
#include "matrix/ks-json.h"

#include <string.h>

/* A secret as Keepsake writes it: 32 bytes as padded base64. */
#define SECRET_LENGTH KS_BASE64_LENGTH (KS_STORED_SECRET_SIZE)

static gboolean
is_unpadded (JsonObject *object, const char *name)
{
  const char *text;

  return ks_json_get_string (object, name, &text) && strlen (text) % 4 != 0;
}

/* FALSE: it is no base64. */
static gboolean
pad (JsonObject *object, const char *name)
{
  const char *text;
  g_autofree uint8_t *bytes = NULL;
  g_autofree char *padded = NULL;
  gsize size;

  if (!ks_json_get_string (object, name, &text))
    return FALSE;
  bytes = g_malloc (KS_BASE64_BYTES (strlen (text)));
  if (ks_base64_decode (text, strlen (text), bytes, &size) != KS_DECODE_OK)
    return FALSE;
  padded = ks_base64_encode (bytes, size, KS_BASE64_PADDED);
  json_object_set_string_member (object, name, padded);
  return TRUE;
}

/* Whether @key opens the entry, to a secret in Keepsake's own spelling. */
static gboolean
is_ours (JsonObject *content, const char *name, const char *key_id, const KsSecret *key)
{
  g_autoptr (KsEncryptedSecret) secret = NULL;
  g_autoptr (KsSecret) text = NULL;

  return ks_encrypted_secret_read (content, key_id, &secret) == KS_KEY_DESCRIPTION_OK
         && secret->size == SECRET_LENGTH && secret->iv_size == KS_AES_HMAC_IV_SIZE
         && ks_aes_hmac_decrypt (key, name, secret->iv, secret->iv_size, secret->ciphertext, secret->size,
                                 secret->mac, sizeof secret->mac, &text)
                == KS_AES_HMAC_OK
         && ks_secret_bytes (text)[SECRET_LENGTH - 1] == '=';
}

JsonObject *
ks_respell_secret (JsonObject *content, const char *name, const char *key_id, const KsSecret *key)
{
  g_autoptr (JsonObject) copy = NULL;
  JsonObject *encrypted;
  JsonObject *entry;

  if (!ks_json_get_object (content, "encrypted", &encrypted)
      || !ks_json_get_object (encrypted, key_id, &entry) || !is_unpadded (entry, "iv")
      || !is_unpadded (entry, "mac") || !is_unpadded (entry, "ciphertext")
      || !is_ours (content, name, key_id, key))
    return NULL;
  copy = ks_json_copy_object (content);
  entry = json_object_get_object_member (json_object_get_object_member (copy, "encrypted"), key_id);
  return pad (entry, "iv") && pad (entry, "mac") && pad (entry, "ciphertext") ? g_steal_pointer (&copy)
                                                                              : NULL;
}

gboolean
ks_respell_is_needed (JsonObject *const secrets[KS_N_SECRETS], const char *key_id, const KsSecret *key)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (JsonObject) right =
          ks_respell_secret (secrets[i], ks_secret_name_to_string ((KsSecretName) i), key_id, key);

      if (right != NULL)
        return TRUE;
    }
  return FALSE;
}

JsonObject *
ks_respell_description (JsonObject *content)
{
  g_autoptr (KsKeyDescription) description = NULL;
  g_autoptr (JsonObject) copy = NULL;

  if (ks_key_description_read (content, &description) != KS_KEY_DESCRIPTION_OK || !description->has_check
      || !is_unpadded (content, "iv") || !is_unpadded (content, "mac"))
    return NULL;
  copy = ks_json_copy_object (content);
  return pad (copy, "iv") && pad (copy, "mac") ? g_steal_pointer (&copy) : NULL;
}

/* Puts the spelling right.
 *
 *   1. get secret       each of the four, to see which are Keepsake's own
 *   2. get description  of their key; nothing more is done where none of them is
 *   3. description      is written first: once the secrets are, nothing tells any more that it
 *                       is Keepsake's own
 *   4. read secret      each of the four, once more, right before it is written
 *   5. secret           is written; left out where it is another client's, or right already
 *
 * Stopped anywhere, some are padded and some are not: all open. The next call goes on. */

typedef struct
{
  KsHttp *http;   /* owned */
  char *user_id;  /* owned */
  char *key_id;   /* owned */
  char *type;     /* owned: of the key's description */
  KsSecret *key;  /* owned */
  int at;         /* the secret that is asked for */
  gboolean ours;  /* a secret was found that is to be put right */
  JsonObject *to; /* owned: what is to be written next; NULL: nothing */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_clear_pointer (&op->to, json_object_unref);
  ks_secret_unref (op->key);
  g_free (op->type);
  g_free (op->key_id);
  g_free (op->user_id);
  g_object_unref (op->http);
  g_free (op);
}

static void
get_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_api_account_data_get_async (op->http, op->user_id, ks_secret_name_to_string ((KsSecretName) op->at),
                                 cancellable, ready, run);
}

/* Takes what was read of the secret at hand. */
static gboolean
take_secret (Op *op, GObject *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) content = NULL;

  g_clear_pointer (&op->to, json_object_unref);
  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &content, error))
    return FALSE;
  op->to = ks_respell_secret (content, ks_secret_name_to_string ((KsSecretName) op->at), op->key_id, op->key);
  return TRUE;
}

static KsStepVerdict
got_secret (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!take_secret (op, http, result, error))
    return KS_STEP_FAIL;
  op->ours = op->ours || op->to != NULL;
  if (++op->at < KS_N_SECRETS)
    return KS_STEP_AGAIN;
  op->at = 0;
  return op->ours ? KS_STEP_NEXT : KS_STEP_DONE;
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

  g_clear_pointer (&op->to, json_object_unref);
  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &content, error))
    return KS_STEP_FAIL;
  op->to = ks_respell_description (content);
  return op->to != NULL ? KS_STEP_NEXT : KS_STEP_SKIP; /* "description" */
}

static void
put_description (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_api_account_data_put_once_async (op->http, op->user_id, op->type, op->to, cancellable, ready, run);
}

static KsStepVerdict
was_put (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_api_account_data_put_finish (KS_HTTP (http), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static KsStepVerdict
read_secret (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!take_secret (op, http, result, error))
    return KS_STEP_FAIL;
  if (op->to != NULL)
    return KS_STEP_NEXT;
  return ++op->at < KS_N_SECRETS ? KS_STEP_AGAIN : KS_STEP_DONE;
}

static void
put_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_api_account_data_put_once_async (op->http, op->user_id, ks_secret_name_to_string ((KsSecretName) op->at),
                                      op->to, cancellable, ready, run);
}

static const KsStep secret_steps[] = {
  { .name = "read secret", .begin = get_secret, .end = read_secret },
  { .name = "secret", .begin = put_secret, .end = was_put },
  { 0 },
};

static void
put_secret_right (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_steps_start (secret_steps, data, NULL, NULL, G_STRFUNC, cancellable, ready, run);
}

static KsStepVerdict
secret_is_right (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  return ++((Op *) data)->at < KS_N_SECRETS ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "get secret", .begin = get_secret, .end = got_secret },
  { .name = "get description", .begin = get_description, .end = got_description },
  { .name = "description", .begin = put_description, .end = was_put },
  { .name = "put secret right", .begin = put_secret_right, .end = secret_is_right },
  { 0 },
};

void
ks_respell_storage_async (KsHttp *http,
                          const char *user_id,
                          const char *key_id,
                          KsSecret *key,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->user_id = g_strdup (user_id);
  op->key_id = g_strdup (key_id);
  op->type = ks_secret_storage_key_type (key_id);
  op->key = ks_secret_ref (key);
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_respell_storage_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
