/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-default-key.h"

#include "base/ks-steps.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-api-account-data.h"
#include "matrix/ks-http-answer.h"

/* Names the key.
 *
 *   1. ask   which one it is. A look at everything takes a while, and whoever named theirs
 *            since would be overwritten
 *   2. name  ours; left out if it is named already, or if something else is
 */

typedef struct
{
  KsHttp *http;     /* owned */
  char *user_id;    /* owned */
  char *key_id;     /* owned */
  char *instead_of; /* owned; NULL: nothing */
  char *found;      /* owned; NULL: none */
  gboolean swallowed;
} NameKey;

static void
name_key_free (gpointer data)
{
  NameKey *op = data;

  g_object_unref (op->http);
  g_free (op->user_id);
  g_free (op->key_id);
  g_free (op->instead_of);
  g_free (op->found);
  g_free (op);
}

static void
ask (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  NameKey *op = data;

  ks_api_account_data_get_async (op->http, op->user_id, KS_DEFAULT_KEY_TYPE, cancellable, ready, run);
}

static KsStepVerdict
asked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  NameKey *op = data;
  g_autoptr (JsonObject) content = NULL;

  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &content, error))
    return KS_STEP_FAIL;
  op->found = g_strdup (ks_secret_storage_default_key (content));
  return g_strcmp0 (op->found, op->instead_of) == 0 ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
name (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  NameKey *op = data;
  g_autoptr (JsonObject) content = json_object_new ();

  json_object_set_string_member (content, "key", op->key_id);
  ks_api_account_data_put_once_async (op->http, op->user_id, KS_DEFAULT_KEY_TYPE, content, cancellable, ready,
                                      run);
}

static KsStepVerdict
named (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  NameKey *op = data;
  g_autoptr (GError) failure = NULL;

  if (!ks_api_account_data_put_finish (KS_HTTP (http), result, &failure))
    {
      op->swallowed = ks_http_is_transient (failure);
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  g_free (op->found);
  op->found = g_strdup (op->key_id);
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "ask", .begin = ask, .end = asked },
  { .name = "name", .begin = name, .end = named },
  { 0 },
};

void
ks_default_key_name_async (KsHttp *http,
                           const char *user_id,
                           const char *key_id,
                           const char *instead_of,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  NameKey *op = g_new0 (NameKey, 1);

  op->http = g_object_ref (http);
  op->user_id = g_strdup (user_id);
  op->key_id = g_strdup (key_id);
  op->instead_of = g_strdup (instead_of);
  ks_steps_start (steps, op, name_key_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_default_key_name_finish (
    KsHttp *http, GAsyncResult *result, char **found, gboolean *swallowed, GError **error)
{
  NameKey *op = g_task_get_task_data (G_TASK (result));

  *found = g_steal_pointer (&op->found);
  *swallowed = op->swallowed;
  return g_task_propagate_boolean (G_TASK (result), error);
}
