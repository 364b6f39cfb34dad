/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/identity/ks-server-look.h"

#include "base/ks-steps.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-api-account-data.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

void
ks_server_look_free (KsServerLook *look)
{
  if (look == NULL)
    return;
  g_free (look->default_key_id);
  g_clear_pointer (&look->description, json_object_unref);
  for (int i = 0; i < KS_N_SECRETS; i++)
    g_clear_pointer (&look->secrets[i], json_object_unref);
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    g_clear_pointer (&look->identity_keys[i], json_object_unref);
  g_clear_pointer (&look->device, json_object_unref);
  g_clear_pointer (&look->devices, json_object_unref);
  ks_backup_version_free (look->version);
  for (int i = 0; i < KS_N_LOOK_PARTS; i++)
    g_clear_error (&look->failures[i]);
  g_free (look);
}

const GError *
ks_server_look_failure (const KsServerLook *look)
{
  for (int i = 0; i < KS_N_LOOK_PARTS; i++)
    if (look->failures[i] != NULL)
      return look->failures[i];
  return NULL;
}

static void
set_object (JsonObject **place, JsonObject *parent, const char *name)
{
  JsonObject *child;

  g_clear_pointer (place, json_object_unref);
  if (ks_json_get_object (parent, name, &child))
    *place = json_object_ref (child);
}

void
ks_server_look_take_query (KsServerLook *look,
                           const KsKeysQuery *query,
                           const char *user_id,
                           const char *device_id)
{
  set_object (&look->identity_keys[KS_SECRET_MASTER], query->master_keys, user_id);
  set_object (&look->identity_keys[KS_SECRET_SELF_SIGNING], query->self_signing_keys, user_id);
  set_object (&look->identity_keys[KS_SECRET_USER_SIGNING], query->user_signing_keys, user_id);
  ks_identity_read (&look->identity, look->identity_keys, user_id);
  set_object (&look->devices, query->device_keys, user_id);
  set_object (&look->device, look->devices, device_id);
  if (look->devices == NULL)
    look->devices = json_object_new ();
}

/* Looks.
 *
 *   1. default   which key secret storage is encrypted to
 *   2. key       its description; left out if there is none
 *   3. secret    the account data of each of the four (a request each)
 *   4. identity  the cross-signing keys and the sessions' device keys
 *   5. backup    the current version
 *
 * Where parts are looked at each by itself, a request that fails leaves its part unknown, and the
 * next one is made all the same. */

/* What a request that fails is the end of. */
typedef enum
{
  ALL,   /* the look */
  SENSE, /* its part, where the server has answered, and not with a problem of its own */
  PARTS, /* its part, where another one could be better off */
} Wanted;

/* Milliseconds that one request may make all that comes after it wait. */
#define PATIENCE 20000

typedef struct
{
  KsHttp *http; /* owned: one that does not wait long */
  Wanted wanted;
  char *user_id;      /* owned */
  char *device_id;    /* owned */
  KsServerLook *look; /* owned */
  KsSecretName at;    /* the secret that is asked for */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_server_look_free (op->look);
  g_free (op->device_id);
  g_free (op->user_id);
  g_object_unref (op->http);
  g_free (op);
}

/* Whether only the part at hand is worse off for @failure. */
static gboolean
is_of_one_part (Op *op, const GError *failure)
{
  if (op->wanted != PARTS)
    return op->wanted == SENSE && ks_matrix_error_is_lasting (failure);
  return failure->domain == KS_MATRIX_ERROR && failure->code != KS_MATRIX_ERROR_NETWORK
         && failure->code != KS_MATRIX_ERROR_TLS && failure->code != KS_MATRIX_ERROR_INSECURE
         && failure->code != KS_MATRIX_ERROR_RATE_LIMITED && failure->code != KS_MATRIX_ERROR_UNAUTHORIZED;
}

/* The end of a request for @part that failed. Takes @failure. */
static KsStepVerdict
note_failure (Op *op, KsLookPart part, GError *failure, GError **error)
{
  const GError *first = ks_server_look_failure (op->look);

  if (!is_of_one_part (op, failure))
    {
      /* A part's failure may have been what closed the host to all requests. */
      if (first != NULL && g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED))
        {
          g_error_free (failure);
          failure = g_error_copy (first);
        }
      g_propagate_error (error, failure);
      return KS_STEP_FAIL;
    }
  g_message ("a part of the account is not known (%d): %s", (int) part, failure->message);
  op->look->failures[part] = failure;
  return KS_STEP_NEXT;
}

static void
get_default (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_api_account_data_get_async (op->http, op->user_id, KS_DEFAULT_KEY_TYPE, cancellable, ready, run);
}

static KsStepVerdict
got_default (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (JsonObject) content = NULL;
  GError *failure = NULL;

  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &content, &failure)
      && note_failure (op, KS_LOOK_DEFAULT_KEY, failure, error) == KS_STEP_FAIL)
    return KS_STEP_FAIL;
  op->look->default_key_id = g_strdup (ks_secret_storage_default_key (content));
  return op->look->default_key_id != NULL ? KS_STEP_NEXT : KS_STEP_SKIP; /* "key" */
}

static void
get_key (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autofree char *type = ks_secret_storage_key_type (op->look->default_key_id);

  ks_api_account_data_get_async (op->http, op->user_id, type, cancellable, ready, run);
}

static KsStepVerdict
got_key (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  GError *failure = NULL;

  if (ks_api_account_data_get_finish (KS_HTTP (http), result, &op->look->description, &failure))
    return KS_STEP_NEXT;
  return note_failure (op, KS_LOOK_DESCRIPTION, failure, error);
}

static void
get_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_api_account_data_get_async (op->http, op->user_id, ks_secret_name_to_string (op->at), cancellable, ready,
                                 run);
}

static KsStepVerdict
got_secret (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  GError *failure = NULL;

  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &op->look->secrets[op->at], &failure)
      && note_failure (op, KS_LOOK_SECRETS + op->at, failure, error) == KS_STEP_FAIL)
    return KS_STEP_FAIL;
  return ++op->at < KS_N_SECRETS ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static void
get_identity (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const char *user_ids[] = { op->user_id, NULL };

  ks_api_keys_query_async (op->http, user_ids, cancellable, ready, run);
}

static KsStepVerdict
got_identity (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  GError *failure = NULL;
  g_autoptr (KsKeysQuery) query = ks_api_keys_query_finish (KS_HTTP (http), result, &failure);

  if (query == NULL)
    return note_failure (op, KS_LOOK_IDENTITY, failure, error);
  ks_server_look_take_query (op->look, query, op->user_id, op->device_id);
  return KS_STEP_NEXT;
}

static void
get_backup (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_backup_get_version_async (((Op *) data)->http, NULL, cancellable, ready, run);
}

static KsStepVerdict
got_backup (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  GError *failure = NULL;

  if (ks_api_backup_get_version_finish (KS_HTTP (http), result, &op->look->version, &failure))
    return KS_STEP_NEXT;
  return note_failure (op, KS_LOOK_BACKUP, failure, error);
}

static const KsStep steps[] = {
  { .name = "default", .begin = get_default, .end = got_default },
  { .name = "key", .begin = get_key, .end = got_key },
  { .name = "secret", .begin = get_secret, .end = got_secret },
  { .name = "identity", .begin = get_identity, .end = got_identity },
  { .name = "backup", .begin = get_backup, .end = got_backup },
  { 0 },
};

static void
run_look (KsHttp *http,
          const char *user_id,
          const char *device_id,
          Wanted wanted,
          GCancellable *cancellable,
          GAsyncReadyCallback callback,
          gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = ks_http_new_hasty (http, PATIENCE);
  op->wanted = wanted;
  op->user_id = g_strdup (user_id);
  op->device_id = g_strdup (device_id);
  op->look = g_new0 (KsServerLook, 1);
  op->look->devices = json_object_new ();
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

void
ks_server_look_async (KsHttp *http,
                      const char *user_id,
                      const char *device_id,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  run_look (http, user_id, device_id, ALL, cancellable, callback, user_data);
}

KsServerLook *
ks_server_look_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->look) : NULL;
}

void
ks_server_look_sense_async (KsHttp *http,
                            const char *user_id,
                            const char *device_id,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  run_look (http, user_id, device_id, SENSE, cancellable, callback, user_data);
}

KsServerLook *
ks_server_look_sense_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return ks_server_look_parts_finish (http, result, error);
}

void
ks_server_look_parts_async (KsHttp *http,
                            const char *user_id,
                            const char *device_id,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  run_look (http, user_id, device_id, PARTS, cancellable, callback, user_data);
}

static gboolean
is_all_unknown (const KsServerLook *look)
{
  guint known = KS_N_LOOK_PARTS;

  for (int i = 0; i < KS_N_LOOK_PARTS; i++)
    known -= look->failures[i] != NULL;
  /* The description is not asked for where the default key is not known. */
  return known == 0 || (known == 1 && look->failures[KS_LOOK_DEFAULT_KEY] != NULL);
}

KsServerLook *
ks_server_look_parts_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  if (!is_all_unknown (op->look))
    return g_steal_pointer (&op->look);
  g_propagate_error (error, g_error_copy (ks_server_look_failure (op->look)));
  return NULL;
}
