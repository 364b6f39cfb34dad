/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/identity/ks-publish-identity.h"

#include "base/ks-steps.h"
#include "crypto/ks-encoding.h"
#include "engine/identity/ks-device-keys.h"
#include "engine/identity/ks-signed-json.h"
#include "engine/ks-recovery-error.h"
#include "engine/ks-server-look.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

/* Publishes the identity.
 *
 *   1. look     what is published: another identity ends it. This comes right before
 *               every upload, so that no challenge is answered on an old look
 *   2. upload   the keys that are missing; left out if none is
 *   3. check    that the session's keys, as published, are what this session has made
 *   4. sign     them with the self-signing key, the master key with this session
 *   5. verify   that the server gives all of it back
 *
 * Stopped after 2, the identity is there without a signed session; the next call signs. */

typedef struct
{
  KsHttp *http; /* owned */
  char *user_id;
  char *device_id;
  KsSecret *seeds[KS_N_CROSS_SIGNING_KEYS]; /* owned */
  uint8_t keys[KS_N_CROSS_SIGNING_KEYS][KS_SIGNING_PUBLIC_KEY_SIZE];
  JsonObject *objects[KS_N_CROSS_SIGNING_KEYS]; /* owned: what is to be published */
  KsOlmAccount *olm;                            /* borrowed */
  KsUiaAnswer *answer;                          /* owned; NULL: none */
  KsUia *challenge;                             /* owned */
  KsServerLook *seen;                           /* owned: only what a key query tells */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      ks_secret_unref (op->seeds[i]);
      g_clear_pointer (&op->objects[i], json_object_unref);
    }
  ks_server_look_free (op->seen);
  ks_uia_unref (op->challenge);
  ks_uia_answer_unref (op->answer);
  g_free (op->device_id);
  g_free (op->user_id);
  g_object_unref (op->http);
  g_free (op);
}

static gboolean
make_objects (Op *op, GError **error)
{
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      op->objects[i] =
          ks_cross_signing_make ((KsSecretName) i, op->user_id, op->seeds[i],
                                 i == KS_SECRET_MASTER ? NULL : op->seeds[KS_SECRET_MASTER], error);
      if (op->objects[i] == NULL || !ks_signing_public_key (op->seeds[i], op->keys[i]))
        return FALSE;
    }
  return TRUE;
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const char *user_ids[] = { op->user_id, NULL };

  ks_api_keys_query_async (op->http, user_ids, cancellable, ready, run);
}

static gboolean
take_look (Op *op, GObject *http, GAsyncResult *result, GError **error)
{
  g_autoptr (KsKeysQuery) query = ks_api_keys_query_finish (KS_HTTP (http), result, error);

  ks_server_look_free (op->seen);
  op->seen = g_new0 (KsServerLook, 1);
  if (query == NULL)
    return FALSE;
  ks_server_look_take_query (op->seen, query, op->user_id, op->device_id);
  return TRUE;
}

/* Is @name published, and is it ours? FALSE with @foreign: there is another. */
static gboolean
is_published (Op *op, int name, gboolean *foreign)
{
  if (op->seen->identity_keys[name] == NULL)
    return FALSE;
  if (op->seen->identity.published[name]
      && ks_bytes_equal (op->seen->identity.keys[name], op->keys[name], sizeof op->keys[name]))
    return TRUE;
  *foreign = TRUE;
  return FALSE;
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  gboolean foreign = FALSE;
  gboolean all = TRUE;

  if (!take_look (op, http, result, error) || !make_objects (op, error))
    return KS_STEP_FAIL;
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    /* A server takes a key only once: what is there already is not sent again. */
    if (is_published (op, i, &foreign))
      g_clear_pointer (&op->objects[i], json_object_unref);
    else
      all = FALSE;
  if (foreign)
    {
      g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT,
                   "the account has another identity by now");
      return KS_STEP_FAIL;
    }
  return all ? KS_STEP_SKIP : KS_STEP_NEXT;
}

static void
upload (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_api_keys_upload_signing_async (op->http, op->objects[KS_SECRET_MASTER],
                                    op->objects[KS_SECRET_SELF_SIGNING], op->objects[KS_SECRET_USER_SIGNING],
                                    op->answer, cancellable, ready, run);
}

static KsStepVerdict
uploaded (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  if (ks_api_keys_upload_signing_finish (KS_HTTP (http), result, &op->challenge, &failure))
    return KS_STEP_NEXT;
  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_AUTH_NEEDED) && op->challenge != NULL)
    {
      gboolean wrong = op->answer != NULL && ks_uia_was_rejected (op->challenge);

      g_set_error (error, KS_RECOVERY_ERROR,
                   wrong ? KS_RECOVERY_ERROR_AUTH_WRONG : KS_RECOVERY_ERROR_AUTH_NEEDED,
                   "the server wants to know that it is the account's owner");
      return KS_STEP_FAIL;
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

/* The keys to be signed: the session's as the server publishes them, since that is what
 * others compare; and the master key, made anew, since the look may hold no such. */
static JsonObject *
make_signatures (Op *op, GError **error)
{
  g_autoptr (JsonObject) all = json_object_new ();
  g_autoptr (JsonObject) device = ks_json_copy_object (op->seen->device);
  g_autoptr (JsonObject) master =
      ks_cross_signing_make (KS_SECRET_MASTER, op->user_id, op->seeds[KS_SECRET_MASTER], NULL, error);
  g_autofree char *self_signing =
      ks_base64_encode (op->keys[KS_SECRET_SELF_SIGNING], KS_SIGNING_PUBLIC_KEY_SIZE, KS_BASE64_UNPADDED);
  g_autofree char *master_key =
      ks_base64_encode (op->keys[KS_SECRET_MASTER], KS_SIGNING_PUBLIC_KEY_SIZE, KS_BASE64_UNPADDED);
  JsonObject *of_user;

  json_object_remove_member (device, "unsigned");
  json_object_remove_member (device, "signatures");
  if (master == NULL
      || !ks_signed_json_sign (device, op->user_id, self_signing, op->seeds[KS_SECRET_SELF_SIGNING], error)
      || !ks_device_keys_sign (op->olm, master, op->user_id, op->device_id, error))
    return NULL;
  of_user = ks_json_add_object (all, op->user_id);
  ks_json_set_object (of_user, op->device_id, device);
  ks_json_set_object (of_user, master_key, master);
  return g_steal_pointer (&all);
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

static void
sign (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (JsonObject) signatures = make_signatures (op, NULL);

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

static KsStepVerdict
verified (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autofree char *self_signing = NULL;
  gboolean foreign = FALSE;

  if (!take_look (op, http, result, error))
    return KS_STEP_FAIL;
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    if (!is_published (op, i, &foreign))
      {
        g_set_error (error, KS_RECOVERY_ERROR,
                     foreign ? KS_RECOVERY_ERROR_CONFLICT : KS_RECOVERY_ERROR_CORRUPT,
                     "the server does not give back the identity that it took");
        return KS_STEP_FAIL;
      }
  self_signing =
      ks_base64_encode (op->keys[KS_SECRET_SELF_SIGNING], KS_SIGNING_PUBLIC_KEY_SIZE, KS_BASE64_UNPADDED);
  if (ks_device_keys_are_ours (op->seen->device, op->olm, op->user_id, op->device_id)
      && ks_signed_json_verify (op->seen->device, op->user_id, self_signing,
                                op->keys[KS_SECRET_SELF_SIGNING]))
    return KS_STEP_NEXT;
  g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT,
               "the server does not give back the signature that it took");
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { "look", look, looked, FALSE },        { "upload", upload, uploaded, FALSE },
  { "check", NULL, check_device, FALSE }, { "sign", sign, was_signed, FALSE },
  { "verify", look, verified, FALSE },    { NULL, NULL, NULL, FALSE },
};

void
ks_publish_identity_async (KsHttp *http,
                           const KsIdentitySecrets *secrets,
                           KsUiaAnswer *answer,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (http, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->user_id = g_strdup (secrets->user_id);
  op->device_id = g_strdup (secrets->device_id);
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    op->seeds[i] = ks_secret_ref (secrets->seeds[i]);
  op->olm = secrets->olm;
  op->answer = answer != NULL ? ks_uia_answer_ref (answer) : NULL;
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  ks_steps_run (task, steps);
}

gboolean
ks_publish_identity_finish (KsHttp *http, GAsyncResult *result, KsUia **challenge, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  *challenge = g_steal_pointer (&op->challenge);
  return g_task_propagate_boolean (G_TASK (result), error);
}
