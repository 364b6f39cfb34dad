/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A timeline as the files that it is made of share it: its list and what goes into it
 * (ks-timeline.c, ks-timeline-window.c), pages (ks-timeline-load.c), keys that come later
 * (ks-timeline-keys.c).
 */
#pragma once

#include "engine/history/ks-replay-guard.h"
#include "engine/history/ks-room-private.h"
#include "engine/history/ks-timeline-item-private.h"
#include "engine/history/ks-timeline.h"
#include "engine/live/ks-withheld.h"
#include "engine/recovery/ks-recovery.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* What a timeline needs of its account. */
typedef struct
{
  gatomicrefcount references;
  KsHttp *http;             /* owned */
  KsDatabase *database;     /* owned */
  KsAccountRecord *account; /* owned: without its token */
  KsRecovery *recovery;     /* owned */
  KsWithheld *withheld;     /* owned */
} KsHistory;

KsHistory *ks_history_ref (KsHistory *history);
void ks_history_unref (KsHistory *history); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsHistory, ks_history_unref)

struct _KsTimeline
{
  GObject parent;

  KsHistory *history;   /* owned */
  KsRoom *room;         /* owned */
  GPtrArray *items;     /* owned: those of the list, the newest first: the list the other way round */
  GHashTable *by_id;    /* event ID → item, owned: those of the list, and edits */
  GHashTable *edits;    /* event ID of what they replace → GPtrArray of items, owned */
  GHashTable *tokens;   /* owned: ends of pages that were there, as a set */
  KsReplayGuard *guard; /* owned */
  char *end;            /* owned: where older messages begin; NULL: the newest */
  guint64 next_order;
  gsize bytes; /* of all items */
  guint n_edits;
  guint n_readable;
  guint n_unreadable;
  gboolean loading;
  gboolean at_start;
  gboolean has_newer;
  gboolean looking; /* for keys */
  gboolean look_again;
  gulong on_keys_changed; /* handler of the recovery */
};

KsTimeline *ks_timeline_new (KsHistory *history, KsRoom *room) G_GNUC_WARN_UNUSED_RESULT;

void ks_timeline_set_loading (KsTimeline *self, gboolean loading);
void ks_timeline_set_at_start (KsTimeline *self, gboolean at_start);

void ks_timeline_set_has_newer (KsTimeline *self, gboolean has_newer);
void ks_timeline_tell_counts (KsTimeline *self);

/* Where in "items" one of the list is, or would be. */
guint ks_timeline_find_place (KsTimeline *self, KsTimelineItem *item);

/* Adds a page: KsTimelineItem elements, the newest first, all older than what is here, and
 * what became of them (KsOpenedMessage elements; NULL: nothing was to be opened). Takes none
 * twice. Returns how many of them went into the list. */
guint ks_timeline_add (KsTimeline *self, GPtrArray *items, GPtrArray *opened);

/* What was found out about an item, which may have left the timeline since. Tell the counts
 * after the last one. */
void ks_timeline_take_opened (KsTimeline *self, KsTimelineItem *item, KsOpenedMessage *opened);

G_END_DECLS
