/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-older-version.h"

#include "base/ks-steps.h"
#include "matrix/ks-matrix-error.h"

typedef struct
{
  KsHttp *http; /* owned */
  KsOlderVersionCheck check;
  gpointer data;          /* borrowed */
  char *known;            /* owned: the version that is asked for first; NULL: none */
  guint64 at;             /* the version that is asked for then; 0: there is none */
  guint left;             /* how many more may be */
  gboolean cut;           /* there may be more than these */
  gboolean odd;           /* an answer made no sense */
  gboolean gone;          /* the server has said so of the one that was known */
  KsBackupVersion *found; /* owned; NULL: none yet */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_backup_version_free (op->found);
  g_free (op->known);
  g_object_unref (op->http);
  g_free (op);
}

/* The end of asking for one; @otherwise: where it is not the one. */
static KsStepVerdict
judge (Op *op, GObject *http, GAsyncResult *result, KsStepVerdict otherwise, GError **error)
{
  g_autoptr (KsBackupVersion) version = NULL;
  g_autoptr (GError) failure = NULL;

  if (ks_api_backup_get_version_finish (KS_HTTP (http), result, &version, &failure))
    {
      if (!op->check (version, op->data))
        return otherwise;
      op->found = g_steal_pointer (&version);
      return KS_STEP_DONE;
    }
  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND)
      || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER))
    {
      op->odd = op->odd || failure->code == KS_MATRIX_ERROR_BAD_ANSWER;
      op->gone = op->gone || (op->known != NULL && failure->code == KS_MATRIX_ERROR_NOT_FOUND);
      return otherwise;
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static gboolean
has_known (gpointer op)
{
  return ((Op *) op)->known != NULL;
}

static void
get_known (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_api_backup_get_version_async (op->http, op->known, cancellable, ready, run);
}

static KsStepVerdict
got_known (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  KsStepVerdict verdict = judge (data, http, result, KS_STEP_NEXT, error);

  g_clear_pointer (&((Op *) data)->known, g_free);
  return verdict;
}

static gboolean
is_counted (gpointer op)
{
  return ((Op *) op)->at > 0;
}

static void
get_next (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autofree char *version = g_strdup_printf ("%" G_GUINT64_FORMAT, op->at);

  ks_api_backup_get_version_async (op->http, version, cancellable, ready, run);
}

static KsStepVerdict
got_next (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->at--;
  op->left--;
  op->cut = op->at > 0;
  return judge (op, http, result, op->at > 0 && op->left > 0 ? KS_STEP_AGAIN : KS_STEP_DONE, error);
}

static const KsStep steps[] = {
  { .name = "known", .when = has_known, .begin = get_known, .end = got_known },
  { .name = "next", .when = is_counted, .begin = get_next, .end = got_next },
  { 0 },
};

void
ks_older_version_find_async (KsHttp *http,
                             const KsBackupVersion *current,
                             const char *known,
                             KsOlderVersionCheck check,
                             gpointer data,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->check = check;
  op->data = data;
  op->known = g_strcmp0 (known, current->version) != 0 ? g_strdup (known) : NULL;
  op->left = KS_OLDER_VERSIONS_MAX;
  if (g_ascii_string_to_unsigned (current->version, 10, 1, G_MAXINT64, &op->at, NULL))
    op->at--;
  else
    op->cut = TRUE;
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_older_version_find_finish (
    KsHttp *http, GAsyncResult *result, KsBackupVersion **version, gboolean *cut, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  *version = NULL;
  *cut = op->found == NULL && !op->gone && (op->cut || op->odd);
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *version = g_steal_pointer (&op->found);
  return TRUE;
}
