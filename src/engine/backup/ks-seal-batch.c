/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-seal-batch.h"

#include "engine/backup/ks-backup-entry.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-json.h"

#include <string.h>

/* Below this many keys a thread of its own is not worth its start. */
#define KEYS_PER_THREAD 64
#define MAX_THREADS 8

typedef struct
{
  GPtrArray *keys; /* owned */
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  GString **entries;  /* owned: in the order of keys; NULL elements: damaged */
  GPtrArray *good;    /* owned; elements borrowed from keys */
  GPtrArray *damaged; /* owned; likewise */
} Batch;

static void
batch_free (gpointer data)
{
  Batch *batch = data;

  for (guint i = 0; i < batch->keys->len; i++)
    if (batch->entries[i] != NULL)
      g_string_free (batch->entries[i], TRUE);
  g_free (batch->entries);
  g_clear_pointer (&batch->good, g_ptr_array_unref);
  g_clear_pointer (&batch->damaged, g_ptr_array_unref);
  g_ptr_array_unref (batch->keys);
  g_free (batch);
}

/* One thread's share. Fails only if the public key is bad, which others notice too. */
typedef struct
{
  Batch *batch; /* borrowed */
  guint from;
  guint to;
  gboolean failed;
} Share;

static gpointer
seal_share (gpointer data)
{
  Share *share = data;
  g_autoptr (KsBackupEncryptor) encryptor = ks_backup_encryptor_new (share->batch->public_key);

  share->failed = encryptor == NULL;
  for (guint i = share->from; encryptor != NULL && i < share->to; i++)
    {
      GString *entry = g_string_sized_new (1024);

      if (ks_backup_entry_append (entry, encryptor, g_ptr_array_index (share->batch->keys, i)))
        share->batch->entries[i] = entry;
      else
        g_string_free (entry, TRUE);
    }
  return NULL;
}

static gboolean
seal_all (Batch *batch)
{
  guint n = CLAMP (batch->keys->len / KEYS_PER_THREAD, 1, MIN (g_get_num_processors (), MAX_THREADS));
  Share shares[MAX_THREADS];
  GThread *threads[MAX_THREADS];
  gboolean ok = TRUE;

  for (guint i = 0; i < n; i++)
    {
      shares[i] =
          (Share){ .batch = batch, .from = batch->keys->len * i / n, .to = batch->keys->len * (i + 1) / n };
      threads[i] = i + 1 < n ? g_thread_new ("seal", seal_share, &shares[i]) : NULL;
    }
  seal_share (&shares[n - 1]);
  for (guint i = 0; i < n; i++)
    {
      if (threads[i] != NULL)
        g_thread_join (threads[i]);
      ok = ok && !shares[i].failed;
    }
  return ok;
}

static int
compare_rooms (gconstpointer a, gconstpointer b, gpointer data)
{
  GPtrArray *keys = data;
  const KsStoredRoomKey *key_a = g_ptr_array_index (keys, *(const guint *) a);
  const KsStoredRoomKey *key_b = g_ptr_array_index (keys, *(const guint *) b);

  return strcmp (key_a->room_id, key_b->room_id);
}

/* {"rooms":{room:{"sessions":{…}}}}: each room once. */
static GBytes *
join (Batch *batch)
{
  g_autofree guint *order = g_new (guint, batch->keys->len);
  GString *json = g_string_new ("{\"rooms\":{");
  const char *room = NULL;

  for (guint i = 0; i < batch->keys->len; i++)
    order[i] = i;
  g_qsort_with_data (order, (int) batch->keys->len, sizeof *order, compare_rooms, batch->keys);
  for (guint i = 0; i < batch->keys->len; i++)
    {
      KsStoredRoomKey *key = g_ptr_array_index (batch->keys, order[i]);
      GString *entry = batch->entries[order[i]];
      gboolean other = room == NULL || strcmp (room, key->room_id) != 0;
      gsize before = json->len;

      if (entry == NULL)
        {
          g_ptr_array_add (batch->damaged, key);
          continue;
        }
      if (other)
        {
          g_string_append (json, room == NULL ? "" : "}},");
          if (!ks_json_append_string (json, key->room_id))
            {
              g_string_truncate (json, before);
              g_ptr_array_add (batch->damaged, key);
              continue;
            }
          g_string_append (json, ":{\"sessions\":{");
          room = key->room_id;
        }
      else
        g_string_append_c (json, ',');
      g_string_append_len (json, entry->str, (gssize) entry->len);
      g_ptr_array_add (batch->good, key);
      g_string_free (g_steal_pointer (&batch->entries[order[i]]), TRUE);
    }
  g_string_append (json, room == NULL ? "}}" : "}}}}");
  return g_string_free_to_bytes (json);
}

static void
seal (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Batch *batch = data;

  if (seal_all (batch))
    g_task_return_pointer (task, join (batch), (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_new_error (task, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_UNTRUSTED,
                             "the backup's public key is none");
}

void
ks_seal_batch_async (GPtrArray *keys,
                     const uint8_t public_key[KS_BACKUP_KEY_SIZE],
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Batch *batch = g_new0 (Batch, 1);

  batch->keys = g_ptr_array_ref (keys);
  memcpy (batch->public_key, public_key, sizeof batch->public_key);
  batch->entries = g_new0 (GString *, keys->len);
  batch->good = g_ptr_array_new ();
  batch->damaged = g_ptr_array_new ();
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, batch, batch_free);
  g_task_run_in_thread (task, seal);
}

GBytes *
ks_seal_batch_finish (GAsyncResult *result, GPtrArray **good, GPtrArray **damaged, GError **error)
{
  Batch *batch = g_task_get_task_data (G_TASK (result));

  *good = g_ptr_array_ref (batch->good);
  *damaged = g_ptr_array_ref (batch->damaged);
  return g_task_propagate_pointer (G_TASK (result), error);
}
