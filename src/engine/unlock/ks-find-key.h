/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which of an account's locks does what the person gave fit? Tries, in a thread, whatever
 * it may have been: the key as it is, with a mistake in it, a phrase in several spellings.
 */
#pragma once

#include "engine/unlock/ks-key-entry.h"
#include "engine/unlock/ks-key-lock.h"
#include "engine/unlock/ks-unlock-result.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* @locks: KsKeyLock elements in the order in which they are to be tried. Takes @entry
 * over. Cancelling returns at once; the thread ends with the phrase that it is at, and
 * what it finds then is wiped.
 *
 * KS_RECOVERY_ERROR, none of them saying anything about the server: _NOT_A_KEY and
 * _ROOM_KEY_FILE, without a try; _WRONG_KEY, _BROKEN_KEY, _WRONG_PHRASE; _NO_PHRASE: no
 * key of the account comes from a phrase; _UNSUPPORTED: one does in a way that is not
 * known here; _HARD_PHRASE: the server wants more rounds, or other sizes, than anybody
 * should. */
void ks_find_key_async (KsKeyEntry *entry,
                        GPtrArray *locks,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
KsFoundKey *ks_find_key_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
