/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-vouch-for-backup.h"

#include "base/ks-steps.h"
#include "crypto/ks-encoding.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/identity/ks-device-keys.h"
#include "engine/identity/ks-signed-json.h"
#include "matrix/ks-json.h"

/* Vouches.
 *
 *   1. look  which version is the current one, and who has signed it
 *   2. sign  left out where there is nothing to do
 *
 * Stopped anywhere, it is signed or not. */

typedef struct
{
  KsHttp *http;             /* owned */
  char *user_id;            /* owned */
  char *device_id;          /* owned */
  KsSecret *key;            /* owned */
  KsSecret *master;         /* owned */
  KsOlmAccount *olm;        /* borrowed */
  KsBackupVersion *version; /* owned */
  JsonObject *auth_data;    /* owned: of the version, signed */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_clear_pointer (&op->auth_data, json_object_unref);
  ks_backup_version_free (op->version);
  ks_secret_unref (op->master);
  ks_secret_unref (op->key);
  g_free (op->device_id);
  g_free (op->user_id);
  g_object_unref (op->http);
  g_free (op);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_backup_get_version_async (((Op *) data)->http, NULL, cancellable, ready, run);
}

/* The public key, and who has signed it. */
static gboolean
has_nothing_else (JsonObject *auth_data)
{
  guint known = 0;

  known += json_object_has_member (auth_data, "public_key");
  known += json_object_has_member (auth_data, "signatures");
  known += json_object_has_member (auth_data, "unsigned");
  return json_object_get_size (auth_data) == known;
}

/* FALSE: it is not to be signed, or cannot be. What else a server has put there gets no
 * signature. */
static gboolean
add_signatures (Op *op)
{
  uint8_t master[KS_SIGNING_PUBLIC_KEY_SIZE];
  g_autofree char *name = NULL;

  if (op->version == NULL
      || ks_backup_auth_trust (op->version, op->user_id, op->key, NULL) != KS_BACKUP_TRUST_KEY
      || !ks_signing_public_key (op->master, master)
      || ks_backup_auth_trust (op->version, op->user_id, NULL, master) == KS_BACKUP_TRUST_SIGNATURE
      || !has_nothing_else (op->version->auth_data))
    return FALSE;
  name = ks_base64_encode (master, sizeof master, KS_BASE64_UNPADDED);
  op->auth_data = ks_json_copy_object (op->version->auth_data);
  return ks_signed_json_sign (op->auth_data, op->user_id, name, op->master, NULL)
         && ks_device_keys_sign (op->olm, op->auth_data, op->user_id, op->device_id, NULL);
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!ks_api_backup_get_version_finish (KS_HTTP (http), result, &op->version, error))
    return KS_STEP_FAIL;
  return add_signatures (op) ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
sign (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_api_backup_update_version_async (op->http, op->version->version, op->version->algorithm, op->auth_data,
                                      cancellable, ready, run);
}

static KsStepVerdict
was_signed (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_api_backup_update_version_finish (KS_HTTP (http), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "sign", .begin = sign, .end = was_signed },
  { 0 },
};

void
ks_vouch_for_backup_async (KsHttp *http,
                           const KsBackupSigners *signers,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->user_id = g_strdup (signers->user_id);
  op->device_id = g_strdup (signers->device_id);
  op->key = ks_secret_ref (signers->key);
  op->master = ks_secret_ref (signers->master);
  op->olm = signers->olm;
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_vouch_for_backup_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
