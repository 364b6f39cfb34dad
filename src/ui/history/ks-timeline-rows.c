/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-timeline-rows.h"

#include "ui/history/ks-day.h"
#include "ui/history/ks-sender-names.h"

#include <glib/gi18n.h>

/* Later than that, the time is said again. In milliseconds. */
#define PAUSE (15 * 60 * 1000)

/* Of more people only so many are named. */
#define NAMED 3

struct _KsTimelineRows
{
  GObject parent;

  KsTimeline *timeline;   /* owned */
  GPtrArray *rows;        /* owned: of KsTimelineRow */
  GHashTable *by_last;    /* owned: KsTimelineItem to the row that ends with it, both borrowed from rows */
  KsSenderNames *senders; /* owned */
  KsTimelineProof proof;
  guint idle; /* something has changed in place; else 0 */
};

enum
{
  PROOF_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void ks_timeline_rows_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (KsTimelineRows,
                               ks_timeline_rows,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ks_timeline_rows_list_model_init))

KsTimelineProof
ks_timeline_rows_get_proof (KsTimelineRows *self)
{
  return self->proof;
}

/* What belongs together. */

/* The messages of the row that is being made, and what came before it. */
typedef struct
{
  KsTimelineItem *first; /* borrowed; NULL: none yet */
  KsTimelineItem *last;  /* borrowed */
  guint n;
  GPtrArray *people; /* owned: user IDs, borrowed, in their order, up to one more than NAMED */
  KsDay day;
  gint64 day_before;      /* when the day of the row before began; 0: there is none */
  KsTimelineItem *before; /* borrowed: the last message of the row before; NULL: there is none */
  gboolean before_several;
} Group;

/* Whether the two are told in one row. */
static gboolean
is_like (KsTimelineItem *a, KsTimelineItem *b)
{
  KsTimelineKind kind = ks_timeline_item_get_kind (a);

  if (kind != ks_timeline_item_get_kind (b))
    return FALSE;
  if (kind == KS_TIMELINE_OTHER)
    return ks_timeline_item_get_body (a) == NULL && ks_timeline_item_get_body (b) == NULL;
  return kind == KS_TIMELINE_UNREADABLE && ks_timeline_item_get_reason (a) == ks_timeline_item_get_reason (b)
         && g_strcmp0 (ks_timeline_item_get_withheld_code (a), ks_timeline_item_get_withheld_code (b)) == 0;
}

/* What the signs beside a name say holds for all that is below it. */
static gboolean
is_run (KsTimelineItem *a, KsTimelineItem *b)
{
  gint64 pause = ks_timeline_item_get_time (b) - ks_timeline_item_get_time (a);

  return g_str_equal (ks_timeline_item_get_sender (a), ks_timeline_item_get_sender (b)) && pause >= 0
         && pause <= PAUSE && ks_timeline_item_get_encrypted (a) == ks_timeline_item_get_encrypted (b)
         && ks_timeline_item_get_authenticity (a) == ks_timeline_item_get_authenticity (b);
}

static void
add_person (Group *group, const char *user_id)
{
  for (guint i = 0; i < group->people->len; i++)
    if (g_str_equal (g_ptr_array_index (group->people, i), user_id))
      return;
  if (group->people->len <= NAMED)
    g_ptr_array_add (group->people, (char *) user_id);
}

static char *
name_people (KsTimelineRows *self, const Group *group)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < MIN (group->people->len, NAMED); i++)
    g_string_append_printf (names, "%s%s", i == 0 ? "" : ", ",
                            ks_sender_names_get (self->senders, g_ptr_array_index (group->people, i)));
  if (group->people->len <= NAMED)
    return g_string_free (g_steal_pointer (&names), FALSE);
  /* Translators: %s is a list of names of people. */
  return g_strdup_printf (_ ("%s and others"), names->str);
}

/* Ends the row with what is in it. */
static void
end_group (KsTimelineRows *self, Group *group, GPtrArray *rows)
{
  KsTimelineRow *row;
  g_autofree char *names = NULL;
  KsTimelineRowLook look = { .first = group->first, .n = group->n };

  if (group->first == NULL)
    return;
  row = g_hash_table_lookup (self->by_last, group->last);
  row = row != NULL ? g_object_ref (row) : ks_timeline_row_new (self->timeline, self->senders, group->last);
  names = name_people (self, group);
  look.names = names;
  look.several = group->people->len > 1;
  look.begins_room = group->before == NULL && ks_timeline_get_at_start (self->timeline);
  look.begins_day = group->day.from != group->day_before || group->before == NULL;
  look.begins_run =
      look.begins_day || look.several || group->before_several || !is_run (group->before, group->first);
  look.unproven = self->proof == KS_TIMELINE_PROOF_OF_SOME
                  && ks_timeline_item_get_authenticity (group->first) == KS_AUTHENTICITY_NOT_GUARANTEED;
  ks_timeline_row_set_look (row, &look);
  g_ptr_array_add (rows, row);
  group->before = group->last;
  group->before_several = look.several;
  group->day_before = group->day.from;
  group->first = NULL;
}

static void
add_item (KsTimelineRows *self, Group *group, KsTimelineItem *item, GPtrArray *rows)
{
  gint64 time = ks_timeline_item_get_time (item);

  if (group->first == NULL || !is_like (group->last, item) || time < group->day.from || time >= group->day.to)
    {
      end_group (self, group, rows);
      ks_day_go_to (&group->day, time);
      group->first = item;
      group->n = 0;
      g_ptr_array_set_size (group->people, 0);
    }
  group->last = item;
  group->n++;
  add_person (group, ks_timeline_item_get_sender (item));
}

/* What has to be known of all before the first row is made: a name that comes late may turn out
 * to be that of two. */
static void
look_at_all (KsTimelineRows *self)
{
  GListModel *items = G_LIST_MODEL (self->timeline);
  guint n = g_list_model_get_n_items (items);
  gboolean proven = FALSE;
  gboolean unproven = FALSE;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (KsTimelineItem) item = g_list_model_get_item (items, i);
      KsAuthenticity authenticity = ks_timeline_item_get_authenticity (item);

      ks_sender_names_add (self->senders, ks_timeline_item_get_sender (item));
      proven = proven || authenticity == KS_AUTHENTICITY_SESSION;
      unproven = unproven || authenticity == KS_AUTHENTICITY_NOT_GUARANTEED;
    }
  self->proof = !unproven ? KS_TIMELINE_PROOF_OF_ALL
                : proven  ? KS_TIMELINE_PROOF_OF_SOME
                          : KS_TIMELINE_PROOF_OF_NONE;
}

static GPtrArray *
make_rows (KsTimelineRows *self)
{
  GListModel *items = G_LIST_MODEL (self->timeline);
  guint n = g_list_model_get_n_items (items);
  GPtrArray *rows = g_ptr_array_new_with_free_func (g_object_unref);
  Group group = { .people = g_ptr_array_new () };

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (KsTimelineItem) item = g_list_model_get_item (items, i);

      add_item (self, &group, item, rows);
    }
  end_group (self, &group, rows);
  g_ptr_array_unref (group.people);
  return rows;
}

/* Keeping up. */

/* Rows that are the same before and after stay, so that a list over them stays where it is. */
static void
update (KsTimelineRows *self)
{
  g_autoptr (GPtrArray) old = g_ptr_array_ref (self->rows);
  KsTimelineProof proof = self->proof;
  GPtrArray *rows;
  guint before = 0;
  guint after = 0;

  g_clear_handle_id (&self->idle, g_source_remove);
  look_at_all (self);
  rows = make_rows (self);
  g_ptr_array_unref (self->rows);
  self->rows = rows;
  g_hash_table_remove_all (self->by_last);
  for (guint i = 0; i < self->rows->len; i++)
    {
      KsTimelineRow *row = g_ptr_array_index (self->rows, i);

      g_hash_table_insert (self->by_last, ks_timeline_row_get_last (row), row);
    }
  while (before < old->len && before < self->rows->len
         && g_ptr_array_index (old, before) == g_ptr_array_index (self->rows, before))
    before++;
  while (before + after < old->len && before + after < self->rows->len
         && g_ptr_array_index (old, old->len - 1 - after)
                == g_ptr_array_index (self->rows, self->rows->len - 1 - after))
    after++;
  if (before + after < old->len || before + after < self->rows->len)
    g_list_model_items_changed (G_LIST_MODEL (self), before, old->len - before - after,
                                self->rows->len - before - after);
  for (guint i = 0; i < self->rows->len; i++)
    {
      KsTimelineRow *row = g_ptr_array_index (self->rows, i);

      if (ks_timeline_item_get_reply_to (ks_timeline_row_get_item (row)) != NULL)
        ks_timeline_row_look_again (row);
    }
  if (self->proof != proof)
    g_signal_emit (self, signals[PROOF_CHANGED], 0);
}

static gboolean
on_idle (gpointer data)
{
  KsTimelineRows *self = data;

  self->idle = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* A key that arrives changes many messages, one by one, and making the rows looks at them all. */
static void
on_changed_in_place (KsTimelineRows *self)
{
  if (self->idle == 0)
    self->idle = g_idle_add (on_idle, self);
}

/* A page comes at once; what turns out to be no message, or an edit, goes with the others. */
static void
on_items_changed (KsTimelineRows *self, guint position, guint removed, guint added)
{
  if (position == 0 && removed == 0)
    update (self);
  else
    on_changed_in_place (self);
}

static GType
get_item_type (GListModel *model)
{
  return KS_TYPE_TIMELINE_ROW;
}

static guint
get_n_items (GListModel *model)
{
  return KS_TIMELINE_ROWS (model)->rows->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  KsTimelineRows *self = KS_TIMELINE_ROWS (model);

  return position < self->rows->len ? g_object_ref (g_ptr_array_index (self->rows, position)) : NULL;
}

static void
ks_timeline_rows_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

static void
ks_timeline_rows_finalize (GObject *object)
{
  KsTimelineRows *self = KS_TIMELINE_ROWS (object);

  g_clear_handle_id (&self->idle, g_source_remove);
  g_hash_table_unref (self->by_last);
  g_ptr_array_unref (self->rows);
  ks_sender_names_unref (self->senders);
  g_clear_object (&self->timeline);
  G_OBJECT_CLASS (ks_timeline_rows_parent_class)->finalize (object);
}

static void
ks_timeline_rows_class_init (KsTimelineRowsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = ks_timeline_rows_finalize;
  signals[PROOF_CHANGED] = g_signal_new ("proof-changed", KS_TYPE_TIMELINE_ROWS, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
}

static void
ks_timeline_rows_init (KsTimelineRows *self)
{
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_last = g_hash_table_new (NULL, NULL);
  self->senders = ks_sender_names_new ();
}

KsTimelineRows *
ks_timeline_rows_new (KsTimeline *timeline)
{
  KsTimelineRows *self = g_object_new (KS_TYPE_TIMELINE_ROWS, NULL);

  self->timeline = g_object_ref (timeline);
  g_signal_connect_object (timeline, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (timeline, "notify::n-readable", G_CALLBACK (on_changed_in_place), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (timeline, "notify::n-unreadable", G_CALLBACK (on_changed_in_place), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (timeline, "notify::at-start", G_CALLBACK (on_changed_in_place), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return self;
}
