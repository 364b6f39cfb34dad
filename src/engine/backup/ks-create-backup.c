/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-create-backup.h"

#include "base/ks-steps.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/identity/ks-device-keys.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-api-backup.h"

/* Makes the backup.
 *
 *   1. look    which version there is: ours is taken, one that is to be followed is left, and any
 *              other ends it
 *   2. create  one, signed by the master key and this session; left out if ours is there
 *   3. verify  that the server names it as the current one
 *
 * Stopped in 2, there may be a version; the next call takes it. */

typedef struct
{
  KsHttp *http;      /* owned */
  char *user_id;     /* owned */
  char *device_id;   /* owned */
  KsSecret *key;     /* owned */
  KsSecret *master;  /* owned */
  KsOlmAccount *olm; /* borrowed */
  char *instead_of;  /* owned; NULL: nothing */
  char *version;     /* owned: what is to be the current one; NULL before it is known */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_free (op->version);
  g_free (op->instead_of);
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

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (KsBackupVersion) version = NULL;

  if (!ks_api_backup_get_version_finish (KS_HTTP (http), result, &version, error))
    return KS_STEP_FAIL;
  if (version == NULL || g_strcmp0 (version->version, op->instead_of) == 0)
    return KS_STEP_NEXT;
  if (ks_backup_auth_trust (version, op->user_id, op->key, NULL) != KS_BACKUP_TRUST_KEY)
    {
      g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CONFLICT,
                   "the account has another backup by now");
      return KS_STEP_FAIL;
    }
  op->version = g_strdup (version->version);
  return KS_STEP_SKIP; /* "create" */
}

static void
create (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (JsonObject) auth_data = ks_backup_auth_make (op->user_id, op->key, op->master, NULL);

  g_assert (auth_data != NULL); /* made of keys whose sizes are known */
  if (!ks_device_keys_sign (op->olm, auth_data, op->user_id, op->device_id, NULL))
    g_message ("the new backup is not signed by this session");
  ks_api_backup_create_async (op->http, KS_BACKUP_ALGORITHM, auth_data, cancellable, ready, run);
}

static KsStepVerdict
created (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->version = ks_api_backup_create_finish (KS_HTTP (http), result, error);
  return op->version != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static KsStepVerdict
verified (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (KsBackupVersion) version = NULL;

  if (!ks_api_backup_get_version_finish (KS_HTTP (http), result, &version, error))
    return KS_STEP_FAIL;
  if (version != NULL && g_str_equal (version->version, op->version)
      && ks_backup_auth_trust (version, op->user_id, op->key, NULL) == KS_BACKUP_TRUST_KEY)
    return KS_STEP_NEXT;
  g_set_error (error, KS_RECOVERY_ERROR,
               version != NULL && !g_str_equal (version->version, op->version) ? KS_RECOVERY_ERROR_CONFLICT
                                                                               : KS_RECOVERY_ERROR_CORRUPT,
               "the backup that was made is not the current one");
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "create", .begin = create, .end = created },
  { .name = "verify", .begin = look, .end = verified },
  { 0 },
};

void
ks_create_backup_async (KsHttp *http,
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
  op->master = signers->master != NULL ? ks_secret_ref (signers->master) : NULL;
  op->instead_of = g_strdup (signers->instead_of);
  op->olm = signers->olm;
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

char *
ks_create_backup_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->version) : NULL;
}
