/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-older-version.h"

#include "base/ks-steps.h"
#include "matrix/ks-matrix-error.h"

typedef struct
{
  KsHttp *http; /* owned */
  KsOlderVersionCheck check;
  gpointer data; /* borrowed */
  guint64 at;    /* the version that is asked for */
  guint left;    /* how many more may be */
  char *found;   /* owned; NULL: none yet */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_free (op->found);
  g_object_unref (op->http);
  g_free (op);
}

static void
get (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autofree char *version = g_strdup_printf ("%" G_GUINT64_FORMAT, op->at);

  ks_api_backup_get_version_async (op->http, version, cancellable, ready, run);
}

static KsStepVerdict
got (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (KsBackupVersion) version = NULL;
  g_autoptr (GError) failure = NULL;

  if (!ks_api_backup_get_version_finish (KS_HTTP (http), result, &version, &failure)
      && !g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND)
      && !g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  if (version != NULL && op->check (version, op->data))
    {
      op->found = g_strdup (version->version);
      return KS_STEP_DONE;
    }
  return --op->at > 0 && --op->left > 0 ? KS_STEP_AGAIN : KS_STEP_DONE;
}

static const KsStep steps[] = {
  { .name = "get", .begin = get, .end = got },
  { 0 },
};

void
ks_older_version_find_async (KsHttp *http,
                             const KsBackupVersion *current,
                             KsOlderVersionCheck check,
                             gpointer data,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (http, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->check = check;
  op->data = data;
  op->left = KS_OLDER_VERSIONS_MAX;
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  if (!g_ascii_string_to_unsigned (current->version, 10, 2, G_MAXINT64, &op->at, NULL))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  op->at--;
  ks_steps_run (g_steal_pointer (&task), steps);
}

gboolean
ks_older_version_find_finish (KsHttp *http, GAsyncResult *result, char **version, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  *version = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *version = g_steal_pointer (&op->found);
  return TRUE;
}
