/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/restore/ks-entry-opener.h"

#include "engine/backup/ks-backup-entry.h"

#define MAX_THREADS 8

struct KsEntryOpener
{
  GThreadPool *pool;       /* owned */
  GAsyncQueue *decryptors; /* owned: one for each thread that can run */
  GMainContext *context;   /* owned */
  KsEntriesOpenedFunc on_opened;
  gpointer user_data;
  guint pending;
  gboolean closed; /* nobody listens any more */
};

/* On its way from a thread to the main context. */
typedef struct
{
  KsEntryOpener *opener; /* a reference */
  KsOpenedEntries opened;
} Delivery;

static void
opener_clear (gpointer data)
{
  KsEntryOpener *opener = data;

  g_async_queue_unref (opener->decryptors);
  g_main_context_unref (opener->context);
}

static void
delivery_free (gpointer data)
{
  Delivery *delivery = data;

  g_ptr_array_unref (delivery->opened.keys);
  g_ptr_array_unref (delivery->opened.failures);
  g_atomic_rc_box_release_full (delivery->opener, opener_clear);
  g_free (delivery);
}

static gboolean
deliver (gpointer data)
{
  Delivery *delivery = data;

  if (!delivery->opener->closed)
    {
      delivery->opener->pending--;
      delivery->opener->on_opened (&delivery->opened, delivery->opener->user_data);
    }
  return G_SOURCE_REMOVE;
}

static KsKeyReason
reason_of (KsBackupEntryResult result)
{
  switch (result)
    {
    case KS_BACKUP_ENTRY_MALFORMED:
      return KS_KEY_MALFORMED;
    case KS_BACKUP_ENTRY_NO_KEY:
      return KS_KEY_NO_KEY;
    case KS_BACKUP_ENTRY_OTHER_KIND:
      return KS_KEY_OTHER_KIND;
    case KS_BACKUP_ENTRY_WRONG_ID:
      return KS_KEY_WRONG_ID;
    case KS_BACKUP_ENTRY_OK:
    case KS_BACKUP_ENTRY_NOT_OURS:
    default:
      return KS_KEY_NOT_OURS;
    }
}

static void
free_key (gpointer key)
{
  ks_stored_room_key_free (key);
}

/* On a thread of the pool. */
static void
open_batch (gpointer data, gpointer user_data)
{
  g_autoptr (KsEntryBatch) batch = data;
  KsEntryOpener *opener = user_data;
  KsBackupDecryptor *decryptor = g_async_queue_pop (opener->decryptors);
  g_autoptr (KsKeyReport) report = ks_key_report_new ();
  Delivery *delivery = g_new0 (Delivery, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  delivery->opener = g_atomic_rc_box_acquire (opener);
  delivery->opened.keys = g_ptr_array_new_full (KS_ENTRY_BATCH_SIZE, free_key);
  for (guint i = 0; i < ks_entry_batch_get_size (batch); i++)
    {
      KsBackupEntry entry = ks_entry_batch_get (batch, i);
      KsStoredRoomKey *key;
      KsBackupEntryResult result = ks_backup_entry_open (&entry, decryptor, &key);

      if (result == KS_BACKUP_ENTRY_OK)
        g_ptr_array_add (delivery->opened.keys, key);
      else
        ks_key_report_add_failure (report, entry.room_id, entry.session_id, reason_of (result));
    }
  delivery->opened.failures = g_ptr_array_ref (report->failures);
  g_async_queue_push (opener->decryptors, decryptor);

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver, delivery, delivery_free);
  g_source_attach (source, opener->context);
}

static void
free_batch (gpointer batch)
{
  ks_entry_batch_free (batch);
}

static void
free_decryptor (gpointer decryptor)
{
  ks_backup_decryptor_free (decryptor);
}

KsEntryOpener *
ks_entry_opener_new (KsSecret *backup_key, KsEntriesOpenedFunc on_opened, gpointer user_data)
{
  guint threads = CLAMP (g_get_num_processors (), 1, MAX_THREADS);
  g_autoptr (GAsyncQueue) decryptors = g_async_queue_new_full (free_decryptor);
  KsEntryOpener *opener;

  for (guint i = 0; i < threads; i++)
    {
      KsBackupDecryptor *decryptor = ks_backup_decryptor_new (backup_key);

      if (decryptor == NULL)
        return NULL;
      g_async_queue_push (decryptors, decryptor);
    }
  opener = g_atomic_rc_box_new0 (KsEntryOpener);
  opener->decryptors = g_steal_pointer (&decryptors);
  opener->context = g_main_context_ref_thread_default ();
  opener->on_opened = on_opened;
  opener->user_data = user_data;
  opener->pool = g_thread_pool_new_full (open_batch, opener, free_batch, (int) threads, FALSE, NULL);
  return opener;
}

void
ks_entry_opener_free (KsEntryOpener *opener)
{
  if (opener == NULL)
    return;
  opener->closed = TRUE;
  g_thread_pool_free (g_steal_pointer (&opener->pool), TRUE, TRUE);
  g_atomic_rc_box_release_full (opener, opener_clear);
}

void
ks_entry_opener_push (KsEntryOpener *opener, KsEntryBatch *batch)
{
  opener->pending++;
  g_thread_pool_push (opener->pool, batch, NULL);
}

guint
ks_entry_opener_get_pending (const KsEntryOpener *opener)
{
  return opener->pending;
}
