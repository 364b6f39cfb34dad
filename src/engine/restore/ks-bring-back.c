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
  char *found;                    /* owned: the version that is brought back; NULL: none yet */
  KsKeyReport *report;            /* owned; NULL: none was found */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_key_report_free (op->report);
  g_free (op->found);
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
      return KS_STEP_SKIP; /* "older" */
    }
  return ks_backup_auth_fits (op->current, op->key) ? KS_STEP_DONE : KS_STEP_NEXT;
}

static gboolean
fits (const KsBackupVersion *version, gpointer data)
{
  return version->count != 0 && ks_backup_auth_fits (version, ((Op *) data)->key);
}

static void
find_older (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_older_version_find_async (op->http, op->current, fits, op, cancellable, ready, run);
}

static KsStepVerdict
older_found (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;

  if (!ks_older_version_find_finish (KS_HTTP (http), result, &op->found, error))
    return KS_STEP_FAIL;
  return op->found != NULL ? KS_STEP_NEXT : KS_STEP_DONE;
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
  return ks_restore_finish (KS_HTTP (http), result, &((Op *) data)->report, error) ? KS_STEP_NEXT
                                                                                   : KS_STEP_FAIL;
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
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_bring_back_finish (KsHttp *http, GAsyncResult *result, KsKeyReport **report, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (report != NULL)
    *report = g_steal_pointer (&op->report);
  return TRUE;
}
