/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What goes into a timeline and out of it: where an item belongs, what replaces it, whether
 * it was there before.
 */

#include "engine/history/ks-timeline-private.h"
#include "engine/recovery/ks-recovery-restore.h"

/* --- counts --- */

static void
count (KsTimeline *self, KsTimelineItem *item)
{
  KsTimelineKind kind = ks_timeline_item_get_kind (item);

  item->size = ks_timeline_item_get_memory (item);
  self->bytes += item->size;
  if (item->target != NULL)
    self->n_edits++;
  else if (kind == KS_TIMELINE_UNREADABLE)
    self->n_unreadable++;
  else if (kind != KS_TIMELINE_REDACTED)
    self->n_readable++;
}

static void
uncount (KsTimeline *self, KsTimelineItem *item)
{
  KsTimelineKind kind = ks_timeline_item_get_kind (item);

  self->bytes -= item->size;
  if (item->target != NULL)
    self->n_edits--;
  else if (kind == KS_TIMELINE_UNREADABLE)
    self->n_unreadable--;
  else if (kind != KS_TIMELINE_REDACTED)
    self->n_readable--;
}

/* --- the list --- */

guint
ks_timeline_find_place (KsTimeline *self, KsTimelineItem *item)
{
  guint low = 0;
  guint high = self->items->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (((KsTimelineItem *) self->items->pdata[middle])->order < item->order)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
put_in (KsTimeline *self, KsTimelineItem *item)
{
  guint place = ks_timeline_find_place (self, item);

  g_ptr_array_insert (self->items, (gint) place, g_object_ref (item));
  g_list_model_items_changed (G_LIST_MODEL (self), self->items->len - 1 - place, 0, 1);
}

static void
take_out (KsTimeline *self, KsTimelineItem *item)
{
  guint place = ks_timeline_find_place (self, item);

  g_ptr_array_remove_index (self->items, place);
  g_list_model_items_changed (G_LIST_MODEL (self), self->items->len - place, 1, 0);
}

/* --- edits --- */

/* Client-Server API, "Validity of replacement events". */
static gboolean
may_replace (KsTimelineItem *edit, KsTimelineItem *item)
{
  return g_str_equal (edit->sender, item->sender) && (edit->encrypted || !item->encrypted)
         && (edit->message == NULL || g_str_equal (edit->message->type, item->message->type));
}

/* Of two that may, the later one counts. */
static gboolean
is_later (KsTimelineItem *edit, KsTimelineItem *other)
{
  if (edit->time != other->time)
    return edit->time > other->time;
  return g_strcmp0 (edit->event_id, other->event_id) > 0;
}

static void
apply_edits (KsTimeline *self, KsTimelineItem *item)
{
  GPtrArray *edits = g_hash_table_lookup (self->edits, item->event_id);
  KsTimelineItem *best = NULL;
  KsTimelineItem *unread = NULL;

  if (item->target != NULL || item->message == NULL)
    return;
  for (guint i = 0; edits != NULL && i < edits->len; i++)
    {
      KsTimelineItem *edit = edits->pdata[i];
      KsTimelineItem **latest = edit->message != NULL ? &best : &unread;

      if (may_replace (edit, item) && (*latest == NULL || is_later (edit, *latest)))
        *latest = edit;
    }
  ks_timeline_item_set_edit (item, best, unread != NULL && (best == NULL || is_later (unread, best)));
}

static void
apply_to_target (KsTimeline *self, const char *event_id)
{
  KsTimelineItem *item = g_hash_table_lookup (self->by_id, event_id);

  if (item != NULL)
    apply_edits (self, item);
}

static void
keep_edit (KsTimeline *self, KsTimelineItem *item)
{
  GPtrArray *edits = g_hash_table_lookup (self->edits, item->target);

  if (edits == NULL)
    {
      edits = g_ptr_array_new_with_free_func (g_object_unref);
      g_hash_table_insert (self->edits, g_strdup (item->target), edits);
    }
  g_ptr_array_add (edits, g_object_ref (item));
}

static void
drop_edit (KsTimeline *self, KsTimelineItem *item)
{
  GPtrArray *edits = g_hash_table_lookup (self->edits, item->target);

  g_ptr_array_remove_fast (edits, item);
  if (edits->len == 0)
    g_hash_table_remove (self->edits, item->target);
}

/* --- judging --- */

/* What is no message of its own: signs under others, and what clients say to each other. */
static gboolean
is_message (KsTimelineItem *item)
{
  static const char *const prefixes[] = { "m.reaction",      "m.room.redaction",
                                          "m.call.",         "m.key.verification.",
                                          "m.poll.response", "org.matrix.msc3381.poll.response",
                                          "m.room_key",      "io.element.call." };

  for (gsize i = 0; item->message != NULL && i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (item->message->type, prefixes[i]))
      return FALSE;
  return TRUE;
}

static void
refuse (KsTimeline *self, KsTimelineItem *item, KsUnreadable reason)
{
  uncount (self, item);
  ks_timeline_item_refuse (item, reason);
  count (self, item);
  if (item->target != NULL)
    apply_to_target (self, item->target);
}

/* What was read of the session before is no better than @item: a message that was played
 * twice, or as two people's. Which of them is the lie, nobody can tell. */
static void
refuse_others (KsTimeline *self, KsTimelineItem *item, KsReplayVerdict verdict, KsUnreadable reason)
{
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      KsTimelineItem *other = value;

      if (other != item && other->message != NULL && g_strcmp0 (other->session_id, item->session_id) == 0
          && (verdict == KS_REPLAY_OTHER_SENDER || other->index == item->index))
        g_ptr_array_add (others, g_object_ref (other));
    }
  for (guint i = 0; i < others->len; i++)
    refuse (self, others->pdata[i], reason);
}

/* Why there is no key, as far as that is known here: what is said of this very session comes
 * before what is said of all that its sender has. */
static KsUnreadable
explain (KsTimeline *self, KsTimelineItem *item, const char **code)
{
  const char *room_id = ks_timeline_get_room_id (self);
  KsWithheld *withheld = self->history->withheld;
  KsMissingKey missing;

  *code = ks_withheld_get_code (withheld, room_id, item->sender, item->session_id);
  if (*code != NULL)
    return KS_UNREADABLE_WITHHELD;
  missing = ks_recovery_explain_missing_key (self->history->recovery, room_id, item->session_id);
  if (missing == KS_MISSING_KEY_UNUSABLE)
    return KS_UNREADABLE_BACKUP_BAD;
  if (item->sealed != NULL && ks_withheld_is_cut_off (withheld, item->sender, item->sealed->sender_key))
    {
      *code = "m.no_olm";
      return KS_UNREADABLE_WITHHELD;
    }
  return missing == KS_MISSING_KEY_NOT_IN_BACKUP ? KS_UNREADABLE_NOT_IN_BACKUP : KS_UNREADABLE_NO_KEY;
}

static void
judge (KsTimeline *self, KsTimelineItem *item, KsOpenedMessage *opened)
{
  KsUnreadable reason = opened->reason;
  const char *code = NULL;
  KsReplayVerdict verdict;

  if (reason == KS_UNREADABLE_NO_KEY)
    reason = explain (self, item, &code);
  ks_timeline_item_take_opened (item, opened, reason, code);
  if (item->message == NULL)
    return;
  verdict = ks_replay_guard_note (self->guard, item->session_id, item->index, item->event_id, item->sender,
                                  item->time);
  if (verdict == KS_REPLAY_NONE)
    return;
  reason = verdict == KS_REPLAY_PLAYED_TWICE ? KS_UNREADABLE_REPLAYED : KS_UNREADABLE_WRONG_SENDER;
  refuse_others (self, item, verdict, reason);
  ks_timeline_item_refuse (item, reason);
}

/* --- in and out --- */

static void
drop (KsTimeline *self, KsTimelineItem *item)
{
  uncount (self, item);
  if (item->target != NULL)
    drop_edit (self, item);
  g_hash_table_remove (self->by_id, item->event_id);
}

/* Edits of messages that never come are held for as long as there is room for them. */
static void
drop_waiting_edits (KsTimeline *self)
{
  GHashTableIter iter;
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  gpointer item;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    {
      const char *target = ((KsTimelineItem *) item)->target;

      if (target != NULL && g_hash_table_lookup (self->by_id, target) == NULL)
        g_ptr_array_add (waiting, g_object_ref (item));
    }
  for (guint i = 0; i < waiting->len; i++)
    drop (self, waiting->pdata[i]);
}

/* Drops the newest of the list, and its edits. */
static void
drop_newest (KsTimeline *self)
{
  g_autoptr (KsTimelineItem) item = g_object_ref (self->items->pdata[0]);
  GPtrArray *edits = g_hash_table_lookup (self->edits, item->event_id);

  while (edits != NULL)
    {
      g_autoptr (KsTimelineItem) edit = g_object_ref (edits->pdata[0]);

      drop (self, edit);
      edits = g_hash_table_lookup (self->edits, item->event_id);
    }
  drop (self, item);
  g_ptr_array_remove_index (self->items, 0);
}

/* Lets the newest go until the window has its size again; never the last @keep of them. */
static void
slide (KsTimeline *self, guint keep)
{
  guint n = 0;

  if (self->n_edits > KS_TIMELINE_MAX_ITEMS || self->bytes > KS_TIMELINE_MAX_BYTES)
    drop_waiting_edits (self);
  while (self->items->len > keep
         && (self->items->len > KS_TIMELINE_MAX_ITEMS || self->bytes > KS_TIMELINE_MAX_BYTES))
    {
      drop_newest (self);
      n++;
    }
  if (n == 0)
    return;
  g_list_model_items_changed (G_LIST_MODEL (self), self->items->len, n, 0);
  ks_timeline_set_has_newer (self, TRUE);
}

/* Puts a new one where it belongs. */
static void
admit (KsTimeline *self, KsTimelineItem *item, KsOpenedMessage *opened)
{
  if (g_hash_table_contains (self->by_id, item->event_id))
    return;
  g_hash_table_insert (self->by_id, item->event_id, g_object_ref (item));
  if (opened != NULL)
    judge (self, item, opened);
  item->target = g_strdup (ks_timeline_item_get_replaced (item));
  if (!is_message (item))
    {
      g_hash_table_remove (self->by_id, item->event_id);
      return;
    }
  if (item->target != NULL)
    keep_edit (self, item);
  else
    g_ptr_array_add (self->items, g_object_ref (item));
  count (self, item);
}

guint
ks_timeline_add (KsTimeline *self, GPtrArray *items, GPtrArray *opened)
{
  guint before = self->items->len;
  guint added;

  for (guint i = 0; i < items->len; i++)
    admit (self, items->pdata[i], opened->pdata[i]);
  for (guint i = 0; i < items->len; i++)
    {
      KsTimelineItem *item = items->pdata[i];

      apply_to_target (self, item->target != NULL ? item->target : item->event_id);
    }
  added = self->items->len - before;
  if (added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, added);
  slide (self, added);
  ks_timeline_tell_counts (self);
  return added;
}

/* From the list to the edits, or back: what the server sees and what the sender has
 * encrypted are two. */
static void
move (KsTimeline *self, KsTimelineItem *item, const char *target)
{
  if (item->target != NULL)
    drop_edit (self, item);
  else
    take_out (self, item);
  g_free (item->target);
  item->target = g_strdup (target);
  if (target != NULL)
    keep_edit (self, item);
  else
    put_in (self, item);
}

void
ks_timeline_take_opened (KsTimeline *self, KsTimelineItem *item, KsOpenedMessage *opened)
{
  g_autofree char *before = NULL;
  const char *target;

  if (g_hash_table_lookup (self->by_id, item->event_id) != item || item->sealed == NULL)
    return;
  uncount (self, item);
  judge (self, item, opened);
  target = ks_timeline_item_get_replaced (item);
  if (item->message != NULL && g_strcmp0 (item->target, target) != 0)
    {
      before = g_strdup (item->target);
      move (self, item, target);
    }
  count (self, item);
  if (is_message (item))
    apply_to_target (self, item->target != NULL ? item->target : item->event_id);
  else
    {
      if (item->target == NULL)
        take_out (self, item);
      drop (self, item);
    }
  /* What the server has said to be its edit, and is none, is not missed there any more. */
  if (before != NULL)
    apply_to_target (self, before);
}
