/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/identity/ks-publish-device.h"

#include "base/ks-steps.h"
#include "engine/identity/ks-device-keys.h"
#include "matrix/ks-api-keys.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-store-error.h"

/* Publishes the session.
 *
 *   1. load      the Olm account; if it is published, that is all
 *   2. make      one with its keys, if there is none, and store it before anything of it
 *                leaves this machine
 *   3. device    the server gets the device keys and the fallback key
 *   4. one-time  and the one-time keys, unless it has some: then they arrived the last
 *                time, and one that was used since must not be offered again
 *   5. note      that all is published
 *
 * Stopped anywhere after 2, the next call sends the same keys again. So it does after the server
 * has refused the one-time keys: without them the session is there all the same, and can be
 * signed. */

typedef struct
{
  KsHttp *http;      /* owned */
  KsOlmStore *store; /* owned */
  char *user_id;     /* owned */
  char *device_id;   /* owned */
  KsOlmAccount *olm; /* owned; NULL before it is loaded or made */
  GError *refused;   /* owned: why the server did not take the one-time keys; NULL: it did */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_clear_error (&op->refused);
  ks_olm_account_free (op->olm);
  g_free (op->device_id);
  g_free (op->user_id);
  g_object_unref (op->store);
  g_object_unref (op->http);
  g_free (op);
}

static void
load (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_olm_store_load_async (((Op *) data)->store, cancellable, ready, run);
}

static KsStepVerdict
loaded (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;
  gboolean published;
  g_autoptr (KsSecret) pickle = ks_olm_store_load_finish (KS_OLM_STORE (store), result, &published, &failure);

  if (g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    return KS_STEP_NEXT;
  if (pickle == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  if (ks_olm_account_unpickle (pickle, &op->olm) != KS_OLM_ACCOUNT_OK)
    {
      g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED, "this session's Olm account is damaged");
      return KS_STEP_FAIL;
    }
  return published ? KS_STEP_DONE : KS_STEP_SKIP; /* "make" */
}

static void
make (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (KsSecret) pickle = NULL;

  op->olm = ks_olm_account_new ();
  /* Half of what the account keeps: see ks_olm_account_max_one_time_keys(). */
  if (!ks_olm_account_generate_one_time_keys (op->olm, ks_olm_account_max_one_time_keys (op->olm) / 2))
    g_assert_not_reached ();
  ks_olm_account_generate_fallback_key (op->olm);
  pickle = ks_olm_account_pickle (op->olm);
  ks_olm_store_save_async (op->store, pickle, FALSE, cancellable, ready, run);
}

static KsStepVerdict
saved (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  return ks_olm_store_save_finish (KS_OLM_STORE (store), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

/* Makes what is to be sent; FALSE ends the step with @error. */
static gboolean
make_device (Op *op, JsonObject **device, JsonObject **fallback, GError **error)
{
  *device = ks_device_keys_make (op->olm, op->user_id, op->device_id, error);
  return *device != NULL
         && ks_device_keys_make_fallback (op->olm, op->user_id, op->device_id, fallback, error);
}

static void
upload_device (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (JsonObject) device = NULL;
  g_autoptr (JsonObject) fallback = NULL;

  if (!make_device (op, &device, &fallback, NULL))
    g_assert_not_reached (); /* the account is whole: it was checked when it was made or loaded */
  ks_api_keys_upload_async (op->http, device, NULL, fallback, cancellable, ready, run);
}

static KsStepVerdict
device_uploaded (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  gint64 count;

  if (!ks_api_keys_upload_finish (KS_HTTP (http), result, &count, error))
    return KS_STEP_FAIL;
  return count == 0 ? KS_STEP_NEXT : KS_STEP_SKIP; /* "one-time" */
}

static void
upload_one_time (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (JsonObject) keys = NULL;

  if (!ks_device_keys_make_one_time (op->olm, op->user_id, op->device_id, &keys, NULL))
    g_assert_not_reached ();
  ks_api_keys_upload_async (op->http, NULL, keys, NULL, cancellable, ready, run);
}

static KsStepVerdict
one_time_uploaded (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;
  gint64 count;

  if (ks_api_keys_upload_finish (KS_HTTP (http), result, &count, &failure))
    return KS_STEP_NEXT;
  /* "One time key … already exists", and the like: nothing that trying again would mend. */
  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_REFUSED)
      || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER))
    {
      g_message ("the server does not take one-time keys: %s", failure->message);
      op->refused = g_steal_pointer (&failure);
      return KS_STEP_DONE;
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
note (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (KsSecret) pickle = NULL;

  ks_olm_account_mark_published (op->olm);
  pickle = ks_olm_account_pickle (op->olm);
  ks_olm_store_save_async (op->store, pickle, TRUE, cancellable, ready, run);
}

static const KsStep steps[] = {
  { .name = "load", .begin = load, .end = loaded },
  { .name = "make", .begin = make, .end = saved },
  { .name = "device", .begin = upload_device, .end = device_uploaded },
  { .name = "one-time", .begin = upload_one_time, .end = one_time_uploaded },
  { .name = "note", .begin = note, .end = saved },
  { 0 },
};

void
ks_publish_device_async (KsHttp *http,
                         KsOlmStore *store,
                         const char *user_id,
                         const char *device_id,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->store = g_object_ref (store);
  op->user_id = g_strdup (user_id);
  op->device_id = g_strdup (device_id);
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

KsOlmAccount *
ks_publish_device_finish (KsHttp *http, GAsyncResult *result, GError **refused, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  if (refused != NULL)
    *refused = g_steal_pointer (&op->refused);
  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->olm) : NULL;
}
