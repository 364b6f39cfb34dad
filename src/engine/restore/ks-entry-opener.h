/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens entries of a key backup on all cores. What comes out is checked as
 * ks-backup-entry.h says, and no more to be trusted than the server is. Main context only;
 * the threads are its own affair.
 */
#pragma once

#include "engine/restore/ks-entry-batch.h"
#include "engine/keys/ks-key-report.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* What came out of one batch. */
typedef struct
{
  GPtrArray *keys;     /* KsStoredRoomKey elements, in the order of the batch; may be taken out */
  GPtrArray *failures; /* KsKeyFailure elements: the others */
} KsOpenedEntries;

/* Called on the main context that the opener was made in, in no particular order. */
typedef void (*KsEntriesOpenedFunc) (KsOpenedEntries *opened, gpointer user_data);

typedef struct KsEntryOpener KsEntryOpener;

/* NULL: @backup_key is not of KS_BACKUP_KEY_SIZE bytes. */
KsEntryOpener *ks_entry_opener_new (KsSecret *backup_key, KsEntriesOpenedFunc on_opened, gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;

/* Waits for what the threads have begun, which takes milliseconds, and drops the rest. NULL
 * is allowed. */
void ks_entry_opener_free (KsEntryOpener *opener);

/* Takes @batch. */
void ks_entry_opener_push (KsEntryOpener *opener, KsEntryBatch *batch);

/* Batches that were pushed and have not come out yet. */
guint ks_entry_opener_get_pending (const KsEntryOpener *opener);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsEntryOpener, ks_entry_opener_free)

G_END_DECLS
