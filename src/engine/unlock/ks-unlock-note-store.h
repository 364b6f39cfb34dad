/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The note of the last unlock in the journal: one an account, sealed.
 */
#pragma once

#include "engine/unlock/ks-unlock-note.h"
#include "store/ks-journal.h"

G_BEGIN_DECLS

/* Puts @note in the place of the one before; it is on the disk when the callback runs without an
 * error. NULL wipes what is there. KS_STORE_ERROR. */
void ks_unlock_note_save_async (KsJournal *journal,
                                const KsUnlockNote *note,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ks_unlock_note_save_finish (KsJournal *journal, GAsyncResult *result, GError **error);

/* @note: NULL where there is none, or none that can be read. */
void ks_unlock_note_load_async (KsJournal *journal,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean
ks_unlock_note_load_finish (KsJournal *journal, GAsyncResult *result, KsUnlockNote **note, GError **error);

G_END_DECLS
