/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/identity/ks-publish-identity.h"

#include "base/ks-steps.h"
#include "engine/identity/ks-device-keys.h"
#include "engine/identity/ks-server-look.h"
#include "engine/identity/ks-sign-session.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

/* Publishes the identity.
 *
 *   1. look     what is published: another identity ends it. This comes right before
 *               every upload, so that no challenge is answered on an old look
 *   2. upload   the keys that are missing, the master key with this session's signature in it:
 *               a server may throw a signature away that comes later, and answer 200 (tuwunel
 *               did). Left out if none is missing
 *   3. session  is signed, once all of the identity is there, and all signatures are looked for
 *
 * Stopped after 2, the identity is there without a signed session; the next call signs. */

typedef struct
{
  KsHttp *http; /* owned */
  char *user_id;
  char *device_id;
  KsSecret *seeds[KS_N_CROSS_SIGNING_KEYS]; /* owned; NULL: left as it is */
  gboolean mend;
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
      if (op->seeds[i] == NULL)
        continue;
      op->objects[i] =
          ks_cross_signing_make ((KsSecretName) i, op->user_id, op->seeds[i],
                                 i == KS_SECRET_MASTER ? NULL : op->seeds[KS_SECRET_MASTER], error);
      if (op->objects[i] == NULL || !ks_signing_public_key (op->seeds[i], op->keys[i]))
        return FALSE;
    }
  return op->objects[KS_SECRET_MASTER] == NULL
         || ks_device_keys_sign (op->olm, op->objects[KS_SECRET_MASTER], op->user_id, op->device_id, error);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  const char *user_ids[] = { op->user_id, NULL };

  ks_api_keys_query_async (op->http, user_ids, cancellable, ready, run);
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
  *foreign = !op->mend || op->seen->identity.published[name];
  return FALSE;
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (KsKeysQuery) query = ks_api_keys_query_finish (KS_HTTP (http), result, error);
  gboolean foreign = FALSE;
  gboolean all = TRUE;

  if (query == NULL || !make_objects (op, error))
    return KS_STEP_FAIL;
  op->seen = g_new0 (KsServerLook, 1);
  ks_server_look_take_query (op->seen, query, op->user_id, op->device_id);
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      gboolean other = FALSE;

      if (op->seeds[i] == NULL)
        continue;
      /* A server takes a key only once: what is there already is not sent again. */
      if (is_published (op, i, &other))
        g_clear_pointer (&op->objects[i], json_object_unref);
      else
        all = FALSE;
      foreign = foreign || other;
    }
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

static KsStepVerdict
can_sign (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  return ((Op *) data)->seeds[KS_SECRET_SELF_SIGNING] != NULL ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
sign_session (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  KsSessionToSign session = { .user_id = op->user_id,
                              .device_id = op->device_id,
                              .self_signing = op->seeds[KS_SECRET_SELF_SIGNING],
                              .olm = op->olm };

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      session.identity.published[i] = op->seeds[i] != NULL;
      memcpy (session.identity.keys[i], op->keys[i], sizeof op->keys[i]);
    }
  ks_sign_session_async (op->http, &session, cancellable, ready, run);
}

static KsStepVerdict
was_signed (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  gboolean master_signed;

  if (!ks_sign_session_finish (KS_HTTP (http), result, &master_signed, error))
    return KS_STEP_FAIL;
  /* A repair cannot make a server take what it once threw away. */
  if (master_signed || op->mend)
    return KS_STEP_NEXT;
  g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT,
               "the server does not give back this session's signature of the identity");
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "upload", .begin = upload, .end = uploaded },
  { .name = "can sign", .end = can_sign },
  { .name = "session", .begin = sign_session, .end = was_signed },
  { 0 },
};

void
ks_publish_identity_async (KsHttp *http,
                           const KsIdentitySecrets *secrets,
                           KsUiaAnswer *answer,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->user_id = g_strdup (secrets->user_id);
  op->device_id = g_strdup (secrets->device_id);
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    op->seeds[i] = secrets->seeds[i] != NULL ? ks_secret_ref (secrets->seeds[i]) : NULL;
  op->mend = secrets->mend;
  op->olm = secrets->olm;
  op->answer = answer != NULL ? ks_uia_answer_ref (answer) : NULL;
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_publish_identity_finish (KsHttp *http, GAsyncResult *result, KsUia **challenge, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  *challenge = g_steal_pointer (&op->challenge);
  return g_task_propagate_boolean (G_TASK (result), error);
}
