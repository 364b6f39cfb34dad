/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which of two room keys for one session is kept. The better one reaches further back and
 * grows into the other; what is known of a key's origin is never given up for it. What
 * claims to be a session that is here, and is not, never takes its place.
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
  GPtrArray *conflict; /* owned: session IDs (text) that were offered and made up */
} KsBetterKeyCounts;

KsBetterKeyCounts *ks_better_key_counts_new (void) G_GNUC_WARN_UNUSED_RESULT;
void ks_better_key_counts_free (gpointer counts);

/* A KsRoomKeyMergeFunc; @data is a KsBetterKeyCounts. */
gboolean ks_better_key_merge (const KsStoredRoomKey *here, KsStoredRoomKey *offered, gpointer data);

/* Adds to @report what became of @keys, of which the store answered @put. The report's total is
 * not touched. */
void ks_better_key_counts_report (const KsBetterKeyCounts *counts,
                                  const KsKeyStorePut *put,
                                  GPtrArray *keys,
                                  KsKeyReport *report);

G_END_DECLS
