/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Some entries of a key backup, copied out of the answer that is being read, in one piece
 * of memory, so that a thread can open them while the next ones arrive. One thread at a
 * time.
 */
#pragma once

#include "matrix/ks-json-stream.h"

G_BEGIN_DECLS

/* Enough that handing them over costs nothing beside opening them: 33 µs each. */
#define KS_ENTRY_BATCH_SIZE 64

/* An entry has some 900 characters, and may have 64 KiB: a batch of such is short. */
#define KS_ENTRY_BATCH_BYTES (KS_ENTRY_BATCH_SIZE * 1024)

typedef struct KsEntryBatch KsEntryBatch;

KsEntryBatch *ks_entry_batch_new (void) G_GNUC_WARN_UNUSED_RESULT;
void ks_entry_batch_free (KsEntryBatch *batch); /* NULL is allowed */

/* Copies what @entry points to; there must be room. TRUE: it was the last one. */
gboolean ks_entry_batch_add (KsEntryBatch *batch, const KsBackupEntry *entry);

guint ks_entry_batch_get_size (const KsEntryBatch *batch);

/* The entry at @index; its strings are borrowed from @batch until the next one is added. */
KsBackupEntry ks_entry_batch_get (const KsEntryBatch *batch, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsEntryBatch, ks_entry_batch_free)

G_END_DECLS
