/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/identity/ks-sign-session.h"

#include "base/ks-steps.h"
#include "crypto/ks-encoding.h"
#include "engine/identity/ks-device-keys.h"
#include "engine/identity/ks-server-look.h"
#include "engine/identity/ks-signed-json.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

/* Signs the session.
 *
 *   1. look     the identity must be the one that is known
 *   2. check    that the session's keys, as published, are what this session has made
 *   3. sign     them with the self-signing key, the master key with this session
 *   4. verify   that the server gives it back: the session's signature must be there, and
 *               whether the master key's is, is told
 *
 * Stopped after 3, the session is signed already. */

typedef struct
{
  KsHttp *http;           /* owned */
  char *user_id;          /* owned */
  char *device_id;        /* owned */
  KsSecret *self_signing; /* owned */
  char *self_signing_key; /* owned: its public half, base64 */
  KsIdentity identity;
  KsOlmAccount *olm;      /* borrowed */
  KsServerLook *seen;     /* owned: only what a key query tells */
  gboolean master_signed; /* by this session, as the server tells it */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_server_look_free (op->seen);
  g_free (op->self_signing_key);
  ks_secret_unref (op->self_signing);
  g_free (op->device_id);
  g_free (op->user_id);
  g_object_unref (op->http);
  g_free (op);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const char *user_ids[] = { op->user_id, NULL };

  ks_api_keys_query_async (op->http, user_ids, cancellable, ready, run);
}

/* Takes a look. FALSE: it failed, or the identity is not the one that is known. */
static gboolean
take_look (Op *op, GObject *http, GAsyncResult *result, GError **error)
{
  g_autoptr (KsKeysQuery) query = ks_api_keys_query_finish (KS_HTTP (http), result, error);

  ks_server_look_free (op->seen);
  op->seen = g_new0 (KsServerLook, 1);
  if (query == NULL)
    return FALSE;
  ks_server_look_take_query (op->seen, query, op->user_id, op->device_id);
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      gboolean absent = op->seen->identity_keys[i] == NULL;

      if (!op->identity.published[i]
          || (op->seen->identity.published[i]
              && ks_bytes_equal (op->seen->identity.keys[i], op->identity.keys[i],
                                 sizeof op->identity.keys[i])))
        continue;
      g_set_error (error, KS_RECOVERY_ERROR, absent ? KS_RECOVERY_ERROR_CORRUPT : KS_RECOVERY_ERROR_CONFLICT,
                   "the server does not give back the identity that it took");
      return FALSE;
    }
  return TRUE;
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return take_look (data, http, result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static KsStepVerdict
check_device (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (ks_device_keys_are_ours (op->seen->device, op->olm, op->user_id, op->device_id))
    return KS_STEP_NEXT;
  g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT,
               "the server does not publish this session's keys as they are");
  return KS_STEP_FAIL;
}

/* The keys to be signed: the session's as the server publishes them, since that is what
 * others compare, and which were just checked; the master key made anew, so that nothing
 * that a server has put beside it is signed. */
static JsonObject *
make_signatures (Op *op)
{
  g_autoptr (JsonObject) all = json_object_new ();
  g_autoptr (JsonObject) device = ks_json_copy_object (op->seen->device);
  g_autoptr (JsonObject) master = NULL;
  g_autofree char *master_key = NULL;
  const uint8_t *master_half = op->identity.keys[KS_SECRET_MASTER];
  JsonObject *of_user = ks_json_add_object (all, op->user_id);

  json_object_remove_member (device, "unsigned");
  json_object_remove_member (device, "signatures");
  if (!ks_signed_json_sign (device, op->user_id, op->self_signing_key, op->self_signing, NULL))
    return NULL;
  ks_json_set_object (of_user, op->device_id, device);
  if (!op->identity.published[KS_SECRET_MASTER])
    return g_steal_pointer (&all);
  master = ks_cross_signing_describe (KS_SECRET_MASTER, op->user_id, master_half);
  master_key = ks_base64_encode (master_half, KS_SIGNING_PUBLIC_KEY_SIZE, KS_BASE64_UNPADDED);
  if (!ks_device_keys_sign (op->olm, master, op->user_id, op->device_id, NULL))
    return NULL;
  ks_json_set_object (of_user, master_key, master);
  return g_steal_pointer (&all);
}

static void
sign (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (JsonObject) signatures = make_signatures (op);

  g_assert (signatures != NULL); /* made of parts that were written as JSON before */
  ks_api_keys_upload_signatures_async (op->http, signatures, cancellable, ready, run);
}

static KsStepVerdict
was_signed (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (ks_api_keys_upload_signatures_finish (KS_HTTP (http), result, NULL, &failure))
    return KS_STEP_NEXT;
  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_REFUSED))
    g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_REFUSED, "a signature was not taken: %s",
                 failure->message);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static gboolean
is_master_signed (Op *op)
{
  uint8_t key[KS_SIGNING_PUBLIC_KEY_SIZE];
  const char *text = ks_olm_account_ed25519 (op->olm);

  return ks_base64_decode_exact (text, strlen (text), key, sizeof key) == KS_DECODE_OK
         && ks_signed_json_verify (op->seen->identity_keys[KS_SECRET_MASTER], op->user_id, op->device_id,
                                   key);
}

static KsStepVerdict
verified (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!take_look (op, http, result, error))
    return KS_STEP_FAIL;
  op->master_signed = is_master_signed (op);
  if (ks_device_keys_are_ours (op->seen->device, op->olm, op->user_id, op->device_id)
      && ks_signed_json_verify (op->seen->device, op->user_id, op->self_signing_key,
                                op->identity.keys[KS_SECRET_SELF_SIGNING]))
    return KS_STEP_NEXT;
  g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT,
               "the server does not give back the signature that it took");
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "check", .end = check_device },
  { .name = "sign", .begin = sign, .end = was_signed },
  { .name = "verify", .begin = look, .end = verified },
  { 0 },
};

void
ks_sign_session_async (KsHttp *http,
                       const KsSessionToSign *session,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  g_assert (session->identity.published[KS_SECRET_SELF_SIGNING]);
  op->http = g_object_ref (http);
  op->user_id = g_strdup (session->user_id);
  op->device_id = g_strdup (session->device_id);
  op->self_signing = ks_secret_ref (session->self_signing);
  op->identity = session->identity;
  op->self_signing_key = ks_base64_encode (op->identity.keys[KS_SECRET_SELF_SIGNING],
                                           KS_SIGNING_PUBLIC_KEY_SIZE, KS_BASE64_UNPADDED);
  op->olm = session->olm;
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_sign_session_finish (KsHttp *http, GAsyncResult *result, gboolean *master_signed, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  if (master_signed != NULL)
    *master_signed = op->master_signed;
  return g_task_propagate_boolean (G_TASK (result), error);
}
