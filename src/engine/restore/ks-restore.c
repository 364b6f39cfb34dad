/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/restore/ks-restore.h"

#include "engine/keys/ks-better-key.h"
#include "engine/restore/ks-entry-opener.h"
#include "matrix/ks-api-backup.h"

/* A line of workers, each as fast as the slowest:
 *
 *   fetch   entries arrive on the main context, and are copied into batches
 *   open    threads decrypt and check a batch each
 *   store   the database's thread writes many keys in one transaction
 *
 * While too much is between the first and the last, the gate is closed and the server waits.
 * The line ends when the fetch has ended and nothing is on its way any more. After a failure
 * to store, or where the caller gave up, what is on its way is dropped. */

/* The keys of one transaction: fewer cost more for syncing, more hold the writer up. */
#define KEYS_PER_PUT 1000

/* Keys on their way, by which the gate is closed, and opened again: some 5 MB. One that says
 * more of itself than keys do counts for several, or a server could have us hold 64 KiB for
 * each. */
#define CLOSE_ABOVE 6000
#define OPEN_BELOW 3000
#define BYTES_PER_KEY 1024

typedef struct
{
  GTask *task; /* owned */
  KsKeyStore *keys;
  char *version;       /* owned */
  gboolean is_current; /* keys that come from it need not go up */
  KsRestoreFunc on_progress;
  gpointer progress_data;
  KsKeyReport *report;       /* owned; NULL once it was given away */
  GCancellable *fetching;    /* owned: stops the fetch */
  KsGate *gate;              /* owned */
  KsEntryOpener *opener;     /* owned */
  KsEntryBatch *filling;     /* owned; NULL: no entry has come since the last push */
  GPtrArray *opened;         /* owned: keys that wait for being stored */
  guint opened_weight;       /* what they count for */
  GPtrArray *storing;        /* owned: keys on the database's thread; NULL: none */
  guint storing_weight;      /* what they count for */
  KsBetterKeyCounts *merged; /* owned by that put */
  gboolean fetched;
  gboolean broken;
  GError *error;    /* owned: the first; NULL: none */
  gulong on_cancel; /* handler of the caller's cancellable */
} Restore;

static void
restore_free (gpointer data)
{
  Restore *restore = data;

  ks_entry_opener_free (restore->opener);
  ks_entry_batch_free (restore->filling);
  ks_gate_unref (restore->gate);
  g_object_unref (restore->keys);
  g_free (restore->version);
  ks_key_report_free (restore->report);
  g_object_unref (restore->fetching);
  g_ptr_array_unref (restore->opened);
  g_clear_error (&restore->error);
  g_free (restore);
}

static void
tell (Restore *restore)
{
  if (restore->on_progress != NULL)
    restore->on_progress (restore->report, restore->progress_data);
}

static void
fail (Restore *restore, GError *error)
{
  if (restore->error == NULL)
    restore->error = error;
  else
    g_error_free (error);
}

static guint
weight (const KsStoredRoomKey *key)
{
  return 1 + (guint) (ks_stored_room_key_get_size (key) / BYTES_PER_KEY);
}

static guint
on_the_way (Restore *restore)
{
  return ks_entry_opener_get_pending (restore->opener) * KS_ENTRY_BATCH_SIZE + restore->opened_weight
         + restore->storing_weight;
}

static void
end (Restore *restore)
{
  g_autoptr (GTask) task = restore->task;

  g_cancellable_disconnect (g_task_get_cancellable (task), restore->on_cancel);
  g_clear_pointer (&restore->opener, ks_entry_opener_free);
  if (restore->error != NULL)
    g_task_return_error (task, g_steal_pointer (&restore->error));
  else
    g_task_return_boolean (task, TRUE);
}

/* --- store --- */

static void go_on (Restore *restore);

static void
on_stored (GObject *store, GAsyncResult *result, gpointer data)
{
  Restore *restore = data;
  g_autoptr (GPtrArray) keys = g_steal_pointer (&restore->storing);
  KsBetterKeyCounts *merged = g_steal_pointer (&restore->merged);
  GError *error = NULL;
  KsKeyStorePut put;

  restore->storing_weight = 0;
  if (ks_key_store_put_finish (KS_KEY_STORE (store), result, &put, &error))
    {
      ks_better_key_counts_report (merged, &put, keys, restore->report);
      tell (restore);
    }
  else
    {
      restore->broken = TRUE;
      g_cancellable_cancel (restore->fetching);
      fail (restore, error);
    }
  ks_better_key_counts_free (merged);
  go_on (restore);
}

static void
store (Restore *restore)
{
  restore->storing = g_steal_pointer (&restore->opened);
  restore->storing_weight = restore->opened_weight;
  restore->opened_weight = 0;
  restore->opened = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  restore->merged = ks_better_key_counts_new ();
  /* Not cancellable: what has come so far is kept. */
  ks_key_store_put_async (restore->keys, restore->storing, ks_better_key_merge, restore->merged, NULL, NULL,
                          on_stored, restore);
}

/* Does what is next, now that something has ended. */
static void
go_on (Restore *restore)
{
  gboolean opening = ks_entry_opener_get_pending (restore->opener) > 0;

  if (restore->broken)
    {
      g_ptr_array_set_size (restore->opened, 0);
      restore->opened_weight = 0;
    }
  if (restore->storing == NULL
      && (restore->opened_weight >= KEYS_PER_PUT
          || (restore->fetched && !opening && restore->opened->len > 0)))
    store (restore);
  if (!ks_gate_is_open (restore->gate) && on_the_way (restore) < OPEN_BELOW)
    ks_gate_open (restore->gate);
  if (restore->fetched && !opening && restore->storing == NULL)
    end (restore);
}

/* --- open --- */

static void
on_opened (KsOpenedEntries *opened, gpointer data)
{
  Restore *restore = data;

  for (guint i = 0; i < opened->failures->len; i++)
    {
      const KsKeyFailure *failure = opened->failures->pdata[i];

      ks_key_report_add_failure (restore->report, failure->room_id, failure->session_id, failure->reason);
    }
  for (guint i = 0; i < opened->keys->len; i++)
    {
      KsStoredRoomKey *key = opened->keys->pdata[i];

      key->backed_up_version = restore->is_current ? g_strdup (restore->version) : NULL;
      restore->opened_weight += weight (key);
    }
  g_ptr_array_extend_and_steal (restore->opened, g_steal_pointer (&opened->keys));
  opened->keys = g_ptr_array_new ();
  go_on (restore);
}

static void
push (Restore *restore)
{
  ks_entry_opener_push (restore->opener, g_steal_pointer (&restore->filling));
  if (on_the_way (restore) > CLOSE_ABOVE)
    ks_gate_close (restore->gate);
}

/* --- fetch --- */

static gboolean
on_entry (const KsBackupEntry *entry, const char *problem, gpointer data, GError **error)
{
  Restore *restore = data;

  restore->report->total++;
  if (problem != NULL)
    {
      ks_key_report_add_failure (restore->report, entry->room_id, entry->session_id, KS_KEY_MALFORMED);
      return TRUE;
    }
  if (restore->filling == NULL)
    restore->filling = ks_entry_batch_new ();
  if (ks_entry_batch_add (restore->filling, entry))
    push (restore);
  return TRUE;
}

static void
on_fetched (GObject *http, GAsyncResult *result, gpointer data)
{
  Restore *restore = data;
  GError *error = NULL;

  restore->fetched = TRUE;
  if (!ks_api_backup_get_keys_finish (KS_HTTP (http), result, &error))
    fail (restore, error);
  if (restore->filling != NULL)
    push (restore);
  go_on (restore);
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (((Restore *) data)->fetching);
}

/* The callers fill in what they want besides. */
static Restore *
restore_new (GTask *task, KsKeyStore *keys, const char *version, KsSecret *backup_key)
{
  Restore *restore = g_new0 (Restore, 1);

  restore->task = task;
  restore->keys = g_object_ref (keys);
  restore->version = g_strdup (version);
  restore->report = ks_key_report_new ();
  restore->fetching = g_cancellable_new ();
  restore->gate = ks_gate_new ();
  restore->opened = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  restore->opener = ks_entry_opener_new (backup_key, on_opened, restore);
  /* One that was cancelled when everything had come is a whole one. */
  g_task_set_check_cancellable (restore->task, FALSE);
  g_task_set_task_data (restore->task, restore, restore_free);
  g_assert (restore->opener != NULL);
  return restore;
}

static void
run (Restore *restore, const char *room_id)
{
  GCancellable *cancellable = g_task_get_cancellable (restore->task);

  if (cancellable != NULL)
    restore->on_cancel = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), restore, NULL);
  ks_api_backup_get_keys_async (KS_HTTP (g_task_get_source_object (restore->task)), restore->version, room_id,
                                restore->gate, on_entry, restore, restore->fetching, on_fetched, restore);
}

void
ks_restore_async (KsHttp *http,
                  KsKeyStore *keys,
                  const char *version,
                  const char *room_id,
                  KsSecret *backup_key,
                  KsRestoreFunc on_progress,
                  gpointer progress_data,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  GTask *task = g_task_new (http, cancellable, callback, user_data);
  Restore *restore = restore_new (task, keys, version, backup_key);

  g_task_set_name (task, G_STRFUNC);
  restore->is_current = TRUE;
  restore->on_progress = on_progress;
  restore->progress_data = progress_data;
  run (restore, room_id);
}

void
ks_restore_older_async (KsHttp *http,
                        KsKeyStore *keys,
                        const char *version,
                        KsSecret *backup_key,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (http, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  run (restore_new (task, keys, version, backup_key), NULL);
}

gboolean
ks_restore_finish (KsHttp *http, GAsyncResult *result, KsKeyReport **report, GError **error)
{
  Restore *restore = g_task_get_task_data (G_TASK (result));

  if (report != NULL)
    *report = g_steal_pointer (&restore->report);
  return g_task_propagate_boolean (G_TASK (result), error);
}
