/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-timeline-private.h"

#include "crypto/ks-keyed-hash.h"
#include "engine/history/ks-save-attachment.h"
#include "matrix/ks-api-rooms.h"

#include <string.h>

G_STATIC_ASSERT (KS_TIMELINE_MAX_PLACE <= KS_ROOMS_MAX_END);

static void ks_timeline_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (KsTimeline,
                               ks_timeline,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ks_timeline_list_model_init))

enum
{
  PROP_LOADING = 1,
  PROP_AT_START,
  PROP_HAS_NEWER,
  PROP_N_READABLE,
  PROP_N_UNREADABLE,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

const char *
ks_timeline_get_room_id (KsTimeline *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE (self), NULL);

  return ks_room_get_room_id (self->room);
}

gboolean
ks_timeline_get_loading (KsTimeline *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE (self), FALSE);

  return self->loading;
}

gboolean
ks_timeline_get_at_start (KsTimeline *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE (self), FALSE);

  return self->at_start;
}

gboolean
ks_timeline_get_has_newer (KsTimeline *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE (self), FALSE);

  return self->has_newer;
}

guint
ks_timeline_get_n_readable (KsTimeline *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE (self), 0);

  return self->n_readable;
}

guint
ks_timeline_get_n_unreadable (KsTimeline *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE (self), 0);

  return self->n_unreadable;
}

static void
set_flag (KsTimeline *self, gboolean *flag, gboolean value, guint property)
{
  if (*flag == value)
    return;
  *flag = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
ks_timeline_set_loading (KsTimeline *self, gboolean loading)
{
  set_flag (self, &self->loading, loading, PROP_LOADING);
}

void
ks_timeline_set_has_newer (KsTimeline *self, gboolean has_newer)
{
  set_flag (self, &self->has_newer, has_newer, PROP_HAS_NEWER);
}

static void
tell_room (KsTimeline *self)
{
  const KsTimelineItem *newest = self->items->len > 0 ? self->items->pdata[0] : NULL;

  ks_room_note_messages (self->room, self->n_readable + self->n_unreadable, self->n_readable,
                         self->at_start && !self->has_newer, newest != NULL ? newest->time : 0);
}

void
ks_timeline_tell_counts (KsTimeline *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_READABLE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_UNREADABLE]);
  tell_room (self);
}

void
ks_timeline_set_at_start (KsTimeline *self, gboolean at_start)
{
  set_flag (self, &self->at_start, at_start, PROP_AT_START);
  tell_room (self);
}

KsTimelineItem *
ks_timeline_find (KsTimeline *self, const char *event_id, guint *position)
{
  KsTimelineItem *item;

  g_return_val_if_fail (KS_IS_TIMELINE (self), NULL);

  item = g_hash_table_lookup (self->by_id, event_id);
  if (item == NULL || item->target != NULL)
    return NULL;
  if (position != NULL)
    *position = self->items->len - 1 - ks_timeline_find_place (self, item);
  return item;
}

void
ks_timeline_reset (KsTimeline *self)
{
  guint n = self->items->len;

  g_return_if_fail (KS_IS_TIMELINE (self));
  g_return_if_fail (!self->loading);

  g_ptr_array_set_size (self->items, 0);
  g_hash_table_remove_all (self->by_id);
  g_hash_table_remove_all (self->edits);
  g_hash_table_remove_all (self->tokens);
  g_clear_pointer (&self->end, g_free);
  self->bytes = 0;
  self->n_edits = self->n_readable = self->n_unreadable = 0;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
  set_flag (self, &self->at_start, FALSE, PROP_AT_START);
  set_flag (self, &self->has_newer, FALSE, PROP_HAS_NEWER);
  ks_timeline_tell_counts (self);
}

const char *
ks_timeline_get_place (KsTimeline *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE (self), NULL);

  return self->end;
}

void
ks_timeline_set_place (KsTimeline *self, const char *place)
{
  g_return_if_fail (KS_IS_TIMELINE (self));
  g_return_if_fail (!self->loading && self->items->len == 0);
  g_return_if_fail (place[0] != '\0' && strlen (place) <= KS_TIMELINE_MAX_PLACE);

  g_free (self->end);
  self->end = g_strdup (place);
  ks_timeline_set_has_newer (self, TRUE);
}

/* --- attachments --- */

static void
on_saved (GObject *http, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (ks_save_attachment_finish (KS_HTTP (http), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ks_timeline_save_attachment_async (KsTimeline *self,
                                   KsAttachment *attachment,
                                   const char *path,
                                   gboolean replace,
                                   KsAttachmentFunc on_progress,
                                   gpointer progress_data,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  /* One that was cancelled when it was saved is saved. */
  g_task_set_check_cancellable (task, FALSE);
  ks_save_attachment_async (self->history->http, attachment, path, replace, on_progress, progress_data,
                            cancellable, on_saved, task);
}

gboolean
ks_timeline_save_attachment_finish (KsTimeline *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- GListModel --- */

static GType
get_item_type (GListModel *model)
{
  return KS_TYPE_TIMELINE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return KS_TIMELINE (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *items = KS_TIMELINE (model)->items;

  return position < items->len ? g_object_ref (items->pdata[items->len - 1 - position]) : NULL;
}

static void
ks_timeline_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* --- GObject --- */

static void
ks_timeline_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KsTimeline *self = KS_TIMELINE (object);

  switch (id)
    {
    case PROP_LOADING:
      g_value_set_boolean (value, self->loading);
      break;
    case PROP_AT_START:
      g_value_set_boolean (value, self->at_start);
      break;
    case PROP_HAS_NEWER:
      g_value_set_boolean (value, self->has_newer);
      break;
    case PROP_N_READABLE:
      g_value_set_uint (value, self->n_readable);
      break;
    case PROP_N_UNREADABLE:
      g_value_set_uint (value, self->n_unreadable);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_timeline_finalize (GObject *object)
{
  KsTimeline *self = KS_TIMELINE (object);

  g_clear_signal_handler (&self->on_keys_changed, self->history->recovery);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->edits, g_hash_table_unref);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->tokens, g_hash_table_unref);
  ks_replay_guard_free (self->guard);
  g_free (self->end);
  g_clear_object (&self->room);
  ks_history_unref (self->history);
  G_OBJECT_CLASS (ks_timeline_parent_class)->finalize (object);
}

#define FLAGS (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)

static void
ks_timeline_class_init (KsTimelineClass *class)
{
  G_OBJECT_CLASS (class)->get_property = ks_timeline_get_property;
  G_OBJECT_CLASS (class)->finalize = ks_timeline_finalize;

  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, FLAGS);
  properties[PROP_AT_START] = g_param_spec_boolean ("at-start", NULL, NULL, FALSE, FLAGS);
  properties[PROP_HAS_NEWER] = g_param_spec_boolean ("has-newer", NULL, NULL, FALSE, FLAGS);
  properties[PROP_N_READABLE] = g_param_spec_uint ("n-readable", NULL, NULL, 0, G_MAXUINT, 0, FLAGS);
  properties[PROP_N_UNREADABLE] = g_param_spec_uint ("n-unreadable", NULL, NULL, 0, G_MAXUINT, 0, FLAGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPERTIES, properties);
}

static void
ks_timeline_init (KsTimeline *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, NULL, g_object_unref);
  self->edits =
      g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->tokens = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, NULL);
  self->guard = ks_replay_guard_new ();
}

KsTimeline *
ks_timeline_new (KsHistory *history, KsRoom *room)
{
  KsTimeline *self = g_object_new (KS_TYPE_TIMELINE, NULL);

  self->history = ks_history_ref (history);
  self->room = g_object_ref (room);
  self->on_keys_changed = g_signal_connect_swapped (history->recovery, "keys-changed",
                                                    G_CALLBACK (ks_timeline_look_for_keys), self);
  return self;
}
