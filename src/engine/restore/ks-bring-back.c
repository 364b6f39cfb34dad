/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/restore/ks-bring-back.h"

#include "base/ks-steps.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/backup/ks-older-version.h"
#include "engine/restore/ks-restore.h"

/* Brings back.
 *
 *   1. current  whether it is the one
 *   2. older    which of the versions before it is; left out if it is
 *   3. restore  what was found
 *
 * Nothing on the server is changed. */

typedef struct
{
  KsHttp *http;                   /* owned */
  KsKeyStore *keys;               /* owned */
  KsSecret *key;                  /* owned */
  const KsBackupVersion *current; /* borrowed */
  char *known;                    /* owned; NULL: none */
  gboolean cut;                   /* not all versions were looked at, or not all keys came */
  gint64 count;                   /* room keys in the one that is found, as the server says */
  char *found;                    /* owned: the version that is brought back; NULL: none yet */
  KsKeyReport *report;            /* owned; NULL: none was found */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_key_report_free (op->report);
  g_free (op->found);
  g_free (op->known);
  ks_secret_unref (op->key);
  g_object_unref (op->keys);
  g_object_unref (op->http);
  g_free (op);
}

/* Whether its entries may open: its public half fits, or is spelled so that nobody can tell. */
static gboolean
may_open (const KsBackupVersion *version, const KsSecret *key)
{
  uint8_t half[KS_BACKUP_KEY_SIZE];

  return version->count != 0 && g_str_equal (version->algorithm, KS_BACKUP_ALGORITHM)
         && (ks_backup_auth_fits (version, key)
             || !(ks_backup_auth_read (version, half) || ks_backup_auth_read_twice (version, half)));
}

static KsStepVerdict
see_current (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (may_open (op->current, op->key))
    {
      op->found = g_strdup (op->current->version);
      op->count = op->current->count;
      return KS_STEP_SKIP; /* "older" */
    }
  return ks_backup_auth_fits (op->current, op->key) ? KS_STEP_DONE : KS_STEP_NEXT;
}

static gboolean
fits (const KsBackupVersion *version, gpointer data)
{
  return ks_backup_auth_fits (version, ((Op *) data)->key);
}

static void
find_older (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_older_version_find_async (op->http, op->current, op->known, fits, op, cancellable, ready, run);
}

static KsStepVerdict
older_found (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (KsBackupVersion) version = NULL;

  if (!ks_older_version_find_finish (KS_HTTP (http), result, &version, &op->cut, error))
    return KS_STEP_FAIL;
  if (version == NULL || version->count == 0)
    return KS_STEP_DONE;
  op->found = g_strdup (version->version);
  op->count = version->count;
  return KS_STEP_NEXT;
}

static void
restore (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_restore_older_async (op->http, op->keys, op->found, op->key, cancellable, ready, run);
}

static KsStepVerdict
restored (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!ks_restore_finish (KS_HTTP (http), result, &op->report, error))
    return KS_STEP_FAIL;
  op->cut = (gint64) op->report->total < op->count;
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "current", .end = see_current },
  { .name = "older", .begin = find_older, .end = older_found },
  { .name = "restore", .begin = restore, .end = restored },
  { 0 },
};

void
ks_bring_back_async (KsHttp *http,
                     KsKeyStore *keys,
                     const KsBackupVersion *current,
                     const char *known,
                     KsSecret *key,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->keys = g_object_ref (keys);
  op->key = ks_secret_ref (key);
  op->current = current;
  op->known = g_strdup (known);
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_bring_back_finish (KsHttp *http, GAsyncResult *result, KsKeyReport **report, gboolean *cut, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (report != NULL)
    *report = g_steal_pointer (&op->report);
  *cut = op->cut;
  return TRUE;
}
