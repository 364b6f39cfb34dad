/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-rooms-private.h"

#include "base/ks-steps.h"
#include "crypto/ks-keyed-hash.h"
#include "engine/history/ks-room-facts.h"
#include "engine/history/ks-timeline-private.h"
#include "matrix/ks-api-rooms.h"

/* Rooms that are asked about at the same time. */
#define AT_ONCE 4

struct _KsRooms
{
  GObject parent;

  KsHistory *history; /* owned */
  GPtrArray *rooms;   /* owned: KsRoom elements */
};

static void ks_rooms_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (KsRooms,
                               ks_rooms,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ks_rooms_list_model_init))

KsHistory *
ks_history_ref (KsHistory *history)
{
  g_atomic_ref_count_inc (&history->references);
  return history;
}

void
ks_history_unref (KsHistory *history)
{
  if (history == NULL || !g_atomic_ref_count_dec (&history->references))
    return;
  ks_withheld_free (history->withheld);
  g_object_unref (history->recovery);
  g_object_unref (history->database);
  g_object_unref (history->http);
  ks_account_record_free (history->account);
  g_free (history);
}

KsRoom *
ks_rooms_find (KsRooms *self, const char *room_id)
{
  g_return_val_if_fail (KS_IS_ROOMS (self), NULL);

  for (guint i = 0; i < self->rooms->len; i++)
    if (g_str_equal (ks_room_get_room_id (self->rooms->pdata[i]), room_id))
      return self->rooms->pdata[i];
  return NULL;
}

KsTimeline *
ks_rooms_open (KsRooms *self, KsRoom *room)
{
  g_return_val_if_fail (KS_IS_ROOMS (self), NULL);

  return ks_timeline_new (self->history, room);
}

KsTimeline *
ks_rooms_open_id (KsRooms *self, const char *room_id)
{
  g_autoptr (KsRoom) alone = NULL;
  KsRoom *room = ks_rooms_find (self, room_id);

  g_return_val_if_fail (KS_IS_ROOMS (self), NULL);

  if (room == NULL)
    room = alone = ks_room_new (room_id);
  return ks_rooms_open (self, room);
}

/* --- what there is to know of each --- */

/* Some rooms at the same time; each that ends makes place for the next. */
typedef struct
{
  GTask *task;      /* owned */
  GPtrArray *rooms; /* owned: KsRoom elements */
  guint next;
  guint running;
  GError *error; /* owned: the first that concerns all; NULL: none */
} Asking;

static void ask_next (Asking *asking);

static void
on_asked (GObject *http, GAsyncResult *result, gpointer data)
{
  Asking *asking = data;
  g_autoptr (GError) error = NULL;

  asking->running--;
  if (!ks_room_facts_ask_finish (KS_HTTP (http), result, &error) && asking->error == NULL)
    asking->error = g_steal_pointer (&error);
  ask_next (asking);
}

static void
ask_next (Asking *asking)
{
  KsRooms *self = g_task_get_source_object (asking->task);
  KsHistory *history = self->history;

  while (asking->error == NULL && asking->running < AT_ONCE && asking->next < asking->rooms->len)
    {
      asking->running++;
      ks_room_facts_ask_async (history->http, history->account->user_id, asking->rooms->pdata[asking->next++],
                               g_task_get_cancellable (asking->task), on_asked, asking);
    }
  if (asking->running > 0)
    return;
  if (asking->error != NULL)
    g_task_return_error (asking->task, asking->error);
  else
    g_task_return_boolean (asking->task, TRUE);
  g_object_unref (asking->task);
  g_ptr_array_unref (asking->rooms);
  g_free (asking);
}

/* --- loading --- */

/* Loads.
 *
 *   1. list   which rooms there are
 *   2. facts  of each; rooms are in the list by then */

static void
list (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_rooms_get_joined_async (((KsRooms *) data)->history->http, cancellable, ready, run);
}

static KsStepVerdict
listed (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  KsRooms *self = data;
  g_autoptr (GPtrArray) ids = ks_api_rooms_get_joined_finish (KS_HTTP (http), result, error);
  g_autoptr (GHashTable) known = NULL;
  GPtrArray *rooms;
  guint before = self->rooms->len;

  if (ids == NULL)
    return KS_STEP_FAIL;
  known = g_hash_table_new (ks_keyed_str_hash, g_str_equal);
  for (guint i = 0; i < self->rooms->len; i++)
    g_hash_table_insert (known, (gpointer) ks_room_get_room_id (self->rooms->pdata[i]),
                         self->rooms->pdata[i]);
  rooms = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < ids->len; i++)
    {
      KsRoom *room = g_hash_table_lookup (known, ids->pdata[i]);

      g_ptr_array_add (rooms, room != NULL ? g_object_ref (room) : ks_room_new (ids->pdata[i]));
    }
  g_ptr_array_unref (self->rooms);
  self->rooms = rooms;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, before, rooms->len);
  return KS_STEP_NEXT;
}

static void
ask_all (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsRooms *self = data;
  Asking *asking = g_new0 (Asking, 1);

  asking->task = g_task_new (self, cancellable, ready, run);
  g_task_set_name (asking->task, G_STRFUNC);
  asking->rooms = g_ptr_array_copy (self->rooms, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);
  g_ptr_array_set_free_func (asking->rooms, g_object_unref);
  ask_next (asking);
}

static KsStepVerdict
all_asked (gpointer data, GObject *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep load_steps[] = {
  { .name = "list", .begin = list, .end = listed },
  { .name = "facts", .begin = ask_all, .end = all_asked },
  { 0 },
};

void
ks_rooms_load_async (KsRooms *self,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  ks_steps_start (load_steps, g_object_ref (self), g_object_unref, self, G_STRFUNC, cancellable, callback,
                  user_data);
}

gboolean
ks_rooms_load_finish (KsRooms *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- survey --- */

/* Surveys: one row, for one room after the other. */

typedef struct
{
  KsRooms *rooms;      /* owned */
  GPtrArray *unseen;   /* owned: KsRoom elements */
  KsTimeline *looking; /* owned: at the first of them; NULL: at none */
} Survey;

static void
survey_free (gpointer data)
{
  Survey *survey = data;

  g_clear_object (&survey->looking);
  g_ptr_array_unref (survey->unseen);
  g_object_unref (survey->rooms);
  g_free (survey);
}

static KsStepVerdict
choose (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Survey *survey = data;
  GPtrArray *rooms = survey->rooms->rooms;

  for (guint i = 0; i < rooms->len; i++)
    if ((ks_room_get_encrypted (rooms->pdata[i])
         || ks_room_get_encryption (rooms->pdata[i]) == KS_ROOM_ENCRYPTION_UNKNOWN)
        && (ks_room_get_n_seen (rooms->pdata[i]) == 0
            || ks_room_get_n_readable (rooms->pdata[i]) < ks_room_get_n_seen (rooms->pdata[i])))
      g_ptr_array_add (survey->unseen, g_object_ref (rooms->pdata[i]));
  return survey->unseen->len > 0 ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Survey *survey = data;

  survey->looking = ks_rooms_open (survey->rooms, survey->unseen->pdata[0]);
  ks_timeline_load_older_async (survey->looking, 0, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer data, GObject *timeline, GAsyncResult *result, GError **error)
{
  Survey *survey = data;
  g_autoptr (GError) failure = NULL;

  if (!ks_timeline_load_older_finish (KS_TIMELINE (timeline), result, &failure)
      && ks_room_facts_error_concerns_all (failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  g_clear_object (&survey->looking);
  g_ptr_array_remove_index (survey->unseen, 0);
  return survey->unseen->len > 0 ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static const KsStep survey_steps[] = {
  { .name = "choose", .end = choose },
  { .name = "look", .begin = look, .end = looked },
  { 0 },
};

void
ks_rooms_survey_async (KsRooms *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  Survey *survey = g_new0 (Survey, 1);

  survey->rooms = g_object_ref (self);
  survey->unseen = g_ptr_array_new_with_free_func (g_object_unref);
  ks_steps_start (survey_steps, survey, survey_free, self, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_rooms_survey_finish (KsRooms *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- GListModel, GObject --- */

static GType
get_item_type (GListModel *model)
{
  return KS_TYPE_ROOM;
}

static guint
get_n_items (GListModel *model)
{
  return KS_ROOMS (model)->rooms->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *rooms = KS_ROOMS (model)->rooms;

  return position < rooms->len ? g_object_ref (rooms->pdata[position]) : NULL;
}

static void
ks_rooms_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
ks_rooms_finalize (GObject *object)
{
  KsRooms *self = KS_ROOMS (object);

  g_ptr_array_unref (self->rooms);
  ks_history_unref (self->history);
  G_OBJECT_CLASS (ks_rooms_parent_class)->finalize (object);
}

static void
ks_rooms_class_init (KsRoomsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = ks_rooms_finalize;
}

static void
ks_rooms_init (KsRooms *self)
{
  self->rooms = g_ptr_array_new_with_free_func (g_object_unref);
}

KsRooms *
ks_rooms_new (KsHttp *http, KsDatabase *database, const KsAccountRecord *account, KsRecovery *recovery)
{
  KsRooms *self = g_object_new (KS_TYPE_ROOMS, NULL);
  KsHistory *history = g_new0 (KsHistory, 1);

  g_atomic_ref_count_init (&history->references);
  history->http = g_object_ref (http);
  history->database = g_object_ref (database);
  history->account = ks_account_record_copy (account);
  history->recovery = g_object_ref (recovery);
  history->withheld = ks_withheld_new (database, account);
  self->history = history;
  return self;
}
