/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of a timeline: a GListModel of KsTimelineRow over a KsTimeline. Unreadable
 * messages next to each other and of one reason are one row; days, and runs of messages of
 * one person, have a beginning.
 */
#pragma once

#include "ui/history/ks-timeline-row.h"

G_BEGIN_DECLS

/* Of how many of the messages that were decrypted somebody proves who sent them. */
typedef enum
{
  KS_TIMELINE_PROOF_OF_ALL, /* also where there is none */
  KS_TIMELINE_PROOF_OF_SOME,
  KS_TIMELINE_PROOF_OF_NONE,
} KsTimelineProof;

#define KS_TYPE_TIMELINE_ROWS (ks_timeline_rows_get_type ())
G_DECLARE_FINAL_TYPE (KsTimelineRows, ks_timeline_rows, KS, TIMELINE_ROWS, GObject)

KsTimelineRows *ks_timeline_rows_new (KsTimeline *timeline) G_GNUC_WARN_UNUSED_RESULT;

/* With the signal "proof-changed". */
KsTimelineProof ks_timeline_rows_get_proof (KsTimelineRows *self);

G_END_DECLS
