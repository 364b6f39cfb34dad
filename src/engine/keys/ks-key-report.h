/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What became of the room keys that somebody handed over, a backup or a file: counts, and
 * the reasons of those that could not be used.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why a key could not be used. */
typedef enum
{
  KS_KEY_MALFORMED,  /* what was handed over has not the form of an entry */
  KS_KEY_NOT_OURS,   /* made for another backup key, or changed since */
  KS_KEY_NO_KEY,     /* opens to something that is no room key */
  KS_KEY_OTHER_KIND, /* of an algorithm that Keepsake does not know */
  KS_KEY_WRONG_ID,   /* the key of another session than it is said to be */
  KS_KEY_WRONG_ROOM, /* a message, or who sent the key that is here, says another room */
  KS_KEY_CONFLICT,   /* claims to be a session that is here, but is not: made up by somebody */
  KS_KEY_N_REASONS,
} KsKeyReason;

/* Of so many the room and session are kept; more are counted. */
#define KS_KEY_FAILURES_KEPT 1000

typedef struct
{
  char *room_id;    /* owned; hostile text */
  char *session_id; /* owned; hostile text */
  KsKeyReason reason;
} KsKeyFailure;

typedef struct
{
  guint64 total;  /* handed over so far */
  guint64 added;  /* not here before */
  guint64 better; /* reach further back than what was here */
  guint64 here;   /* were here already, as good or better */
  guint64 failed[KS_KEY_N_REASONS];
  GPtrArray *failures; /* owned: KsKeyFailure elements, the first ones */
} KsKeyReport;

KsKeyReport *ks_key_report_new (void) G_GNUC_WARN_UNUSED_RESULT;
void ks_key_report_free (KsKeyReport *report); /* NULL is allowed */

/* Counts and keeps a failure; total is not touched. */
void ks_key_report_add_failure (KsKeyReport *report,
                                const char *room_id,
                                const char *session_id,
                                KsKeyReason reason);

guint64 ks_key_report_get_failed (const KsKeyReport *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyReport, ks_key_report_free)

G_END_DECLS
