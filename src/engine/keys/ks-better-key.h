/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which of two room keys for one session is kept. The better one reaches further back and
 * grows into the other; what is known of a key's origin is never given up for it. What
 * claims to be a session that is here, and does not grow from or into it, never takes its
 * place, and is kept beside it.
 *
 * That is because a key by itself proves nothing. Its session's ID is the public key in it,
 * which every message names: whoever has seen one can put any ratchet beside it, and the
 * signature that m.room_key events carry is neither in backups nor in files. Keeping the first
 * comer alone would let a server that made one up shut the person's own out; going by the
 * index, by the newest or by the source would let the made-up one take the place of a real one.
 * What does prove a ratchet is a message, which the session's creator has signed with the MAC
 * in it: only the right one opens it. Reading tries both (history/ks-sealed-message.h), and puts
 * the one that it proved first, so that every backup version to come gets that one.
 *
 * Of the room that a key is said to be of the same is true, and a message is the proof again: see
 * ks_key_store_put_async() and ks_key_store_note_rooms_async().
 *
 * What this cannot mend: a backup version that has the other one keeps it, since nobody deletes
 * an entry of it, and the right one counts as being only here. And of three that contradict each
 * other one is left out.
 */
#pragma once

#include "engine/keys/ks-key-report.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* What became of the keys that were offered. */
typedef struct
{
  guint better;
  guint here;          /* what was here stayed, or took over the offered one's backup mark */
  GPtrArray *conflict; /* owned: session IDs (text) of which one of two is made up */
} KsBetterKeyCounts;

KsBetterKeyCounts *ks_better_key_counts_new (void) G_GNUC_WARN_UNUSED_RESULT;
void ks_better_key_counts_free (gpointer counts);

/* A KsRoomKeyMergeFunc; @data is a KsBetterKeyCounts, or NULL: nothing is counted. */
KsRoomKeyMerge ks_better_key_merge (const KsStoredRoomKey *here, KsStoredRoomKey *offered, gpointer data);

/* Adds to @report what became of @keys, of which the store answered @put. The report's total is
 * not touched. */
void ks_better_key_counts_report (const KsBetterKeyCounts *counts,
                                  const KsKeyStorePut *put,
                                  GPtrArray *keys,
                                  KsKeyReport *report);

G_END_DECLS
