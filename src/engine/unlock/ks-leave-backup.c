/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-leave-backup.h"

#include "base/ks-steps.h"
#include "engine/restore/ks-bring-back.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-name.h"
#include "store/ks-store-error.h"

/* Leaves.
 *
 *   1. here        the key that is; it ends here if there is none, or the same
 *   2. bring back  what it opens: of an older version
 */

typedef struct
{
  KsHttp *http;                   /* owned */
  KsSecretStore *secret_store;    /* owned */
  KsKeyStore *keys;               /* owned */
  const KsBackupVersion *current; /* borrowed */
  char *known;                    /* owned; NULL: none */
  KsSecret *key;                  /* owned */
  KsSecret *here;                 /* owned; NULL before it was read */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_free (op->known);
  ks_secret_unref (op->here);
  ks_secret_unref (op->key);
  g_object_unref (op->keys);
  g_object_unref (op->secret_store);
  g_object_unref (op->http);
  g_free (op);
}

static void
get_here (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_secret_store_get_async (((Op *) data)->secret_store, ks_secret_name_to_string (KS_SECRET_BACKUP),
                             cancellable, ready, run);
}

static KsStepVerdict
got_here (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  op->here = ks_secret_store_get_finish (KS_SECRET_STORE (store), result, &failure);
  if (op->here != NULL)
    return ks_secret_equal (op->here, op->key) ? KS_STEP_DONE : KS_STEP_NEXT;
  if (g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND)
      || g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
    return KS_STEP_DONE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
bring_back (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_bring_back_async (op->http, op->keys, op->current, op->known, op->here, cancellable, ready, run);
}

static KsStepVerdict
brought_back (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  gboolean cut;

  if (!ks_bring_back_finish (KS_HTTP (http), result, NULL, &cut, error))
    return KS_STEP_FAIL;
  if (!cut)
    return KS_STEP_NEXT;
  g_set_error_literal (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNSUPPORTED,
                       "there may be a backup that the key here opens, and it is not found");
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "here", .begin = get_here, .end = got_here },
  { .name = "bring back", .begin = bring_back, .end = brought_back },
  { 0 },
};

void
ks_leave_backup_async (const KsBackupToLeave *leave,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (leave->http);
  op->secret_store = g_object_ref (leave->secret_store);
  op->keys = g_object_ref (leave->keys);
  op->current = leave->current;
  op->known = g_strdup (leave->known);
  op->key = ks_secret_new_copy (ks_secret_bytes (leave->key), ks_secret_size (leave->key));
  ks_steps_start (steps, op, op_free, NULL, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_leave_backup_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
