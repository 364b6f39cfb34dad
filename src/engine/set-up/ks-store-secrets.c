/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/set-up/ks-store-secrets.h"

#include "base/ks-steps.h"
#include "engine/ks-recovery-error.h"
#include "engine/ks-server-look.h"
#include "engine/secrets/ks-key-description.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-api-account-data.h"

/* Stores the secrets.
 *
 *   1. describe     the key, under its own ID
 *   2. secret       one after another: merged into what is there (below)
 *   3. description  read back: does it know the key?
 *   4. read         each secret, opened with the key and compared
 *
 * Stopped anywhere, entries under a key that nobody uses are left; the next call writes
 * them again. */

typedef struct
{
  KsHttp *http;  /* owned */
  char *user_id; /* owned */
  char *key_id;  /* owned */
  char *type;    /* owned: of the key's description */
  KsSecret *key; /* owned */
  char *salt;    /* owned */
  gint64 rounds;
  KsSecret *secrets[KS_N_SECRETS]; /* owned */
  KsSecretName at;
  JsonObject *present; /* owned: the account data of the secret at hand */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_clear_pointer (&op->present, json_object_unref);
  for (int i = 0; i < KS_N_SECRETS; i++)
    ks_secret_unref (op->secrets[i]);
  g_free (op->salt);
  ks_secret_unref (op->key);
  g_free (op->type);
  g_free (op->key_id);
  g_free (op->user_id);
  g_object_unref (op->http);
  g_free (op);
}

static KsStepVerdict
fail_corrupt (GError **error, const char *message)
{
  g_set_error_literal (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT, message);
  return KS_STEP_FAIL;
}

static void
describe (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (JsonObject) description = ks_secret_storage_describe (op->key, op->salt, op->rounds);

  ks_api_account_data_put_async (op->http, op->user_id, op->type, description, cancellable, ready, run);
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

/* One secret.
 *
 *   1. get  what is there; if the secret is among it, that is all
 *   2. put  the same with the secret added
 *
 * Another client that writes between the two loses what it wrote: the server knows no
 * conditional write. The two follow each other as closely as can be. */

static KsStepVerdict
got_secret (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  g_clear_pointer (&op->present, json_object_unref);
  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &op->present, error))
    return KS_STEP_FAIL;
  return is_stored (op, op->present) ? KS_STEP_DONE : KS_STEP_NEXT;
}

static void
put_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const char *name = ks_secret_name_to_string (op->at);
  g_autoptr (JsonObject) content =
      ks_secret_storage_put (op->present, name, op->key_id, op->key, op->secrets[op->at]);

  ks_api_account_data_put_async (op->http, op->user_id, name, content, cancellable, ready, run);
}

static const KsStep secret_steps[] = {
  { "get", get_secret, got_secret, FALSE },
  { "put", put_secret, was_put, FALSE },
  { NULL, NULL, NULL, FALSE },
};

static void
store_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  GTask *task = g_task_new (NULL, cancellable, ready, run);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, data, NULL);
  ks_steps_run (task, secret_steps);
}

static KsStepVerdict
secret_stored (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  if (++op->at < KS_N_SECRETS)
    return KS_STEP_AGAIN;
  op->at = KS_SECRET_MASTER;
  return KS_STEP_NEXT;
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
  return KS_STEP_NEXT;
}

static KsStepVerdict
read_secret (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (JsonObject) content = NULL;

  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &content, error))
    return KS_STEP_FAIL;
  if (!is_stored (op, content))
    return fail_corrupt (error, "a secret that was stored does not come back");
  return ++op->at < KS_N_SECRETS ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { "describe", describe, was_put, FALSE },
  { "secret", store_secret, secret_stored, FALSE },
  { "description", get_description, got_description, FALSE },
  { "read", get_secret, read_secret, FALSE },
  { NULL, NULL, NULL, FALSE },
};

void
ks_store_secrets_async (KsHttp *http,
                        const KsSecretsToStore *secrets,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (http, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->user_id = g_strdup (secrets->user_id);
  op->key_id = g_strdup (secrets->key_id);
  op->type = ks_server_look_key_type (secrets->key_id);
  op->key = ks_secret_ref (secrets->key);
  op->salt = g_strdup (secrets->salt);
  op->rounds = secrets->rounds;
  for (int i = 0; i < KS_N_SECRETS; i++)
    op->secrets[i] = ks_secret_ref (secrets->secrets[i]);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  ks_steps_run (task, steps);
}

gboolean
ks_store_secrets_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
