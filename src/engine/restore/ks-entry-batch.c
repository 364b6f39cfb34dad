/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/restore/ks-entry-batch.h"

#include <string.h>

/* The strings of an entry; places count from the start of the memory, which moves as it
 * grows. */
typedef struct
{
  KsBackupEntry entry; /* its pointers are not used */
  gsize room_id;
  gsize session_id;
  gsize ephemeral;
  gsize ciphertext;
  gsize mac;
} Place;

struct KsEntryBatch
{
  GString *text; /* owned */
  guint size;
  Place places[KS_ENTRY_BATCH_SIZE];
};

KsEntryBatch *
ks_entry_batch_new (void)
{
  KsEntryBatch *batch = g_new0 (KsEntryBatch, 1);

  batch->text = g_string_sized_new (KS_ENTRY_BATCH_BYTES);
  return batch;
}

void
ks_entry_batch_free (KsEntryBatch *batch)
{
  if (batch == NULL)
    return;
  g_string_free (batch->text, TRUE);
  g_free (batch);
}

/* With the zero that ends it. */
static gsize
put (KsEntryBatch *batch, const char *text, gsize length)
{
  gsize place = batch->text->len;

  g_string_append_len (batch->text, text, (gssize) length);
  g_string_append_c (batch->text, '\0');
  return place;
}

gboolean
ks_entry_batch_add (KsEntryBatch *batch, const KsBackupEntry *entry)
{
  Place *place = &batch->places[batch->size];

  g_assert (batch->size < KS_ENTRY_BATCH_SIZE);
  place->entry = *entry;
  place->room_id = put (batch, entry->room_id, strlen (entry->room_id));
  place->session_id = put (batch, entry->session_id, strlen (entry->session_id));
  place->ephemeral = put (batch, entry->ephemeral, entry->ephemeral_length);
  place->ciphertext = put (batch, entry->ciphertext, entry->ciphertext_length);
  place->mac = put (batch, entry->mac, entry->mac_length);
  batch->size++;
  return batch->size == KS_ENTRY_BATCH_SIZE || batch->text->len >= KS_ENTRY_BATCH_BYTES;
}

guint
ks_entry_batch_get_size (const KsEntryBatch *batch)
{
  return batch->size;
}

KsBackupEntry
ks_entry_batch_get (const KsEntryBatch *batch, guint index)
{
  const Place *place = &batch->places[index];
  KsBackupEntry entry = place->entry;

  entry.room_id = batch->text->str + place->room_id;
  entry.session_id = batch->text->str + place->session_id;
  entry.ephemeral = batch->text->str + place->ephemeral;
  entry.ciphertext = batch->text->str + place->ciphertext;
  entry.mac = batch->text->str + place->mac;
  return entry;
}
