/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-room-keys.h"

#include "crypto/ks-keyed-hash.h"
#include "engine/recovery/ks-recovery.h"

/* So long nothing is shown, in milliseconds. */
#define PATIENCE 1500

struct _KsRoomKeys
{
  GObject parent;

  KsAccount *account;        /* owned; NULL: nobody is signed in */
  GHashTable *fetched;       /* owned: IDs of the rooms whose keys were fetched in this run */
  KsTimeline *timeline;      /* owned: whose keys are on their way; NULL: none are */
  GCancellable *cancellable; /* owned: likewise */
  guint patience;            /* and are waited for; else 0 */
  GError *failure;           /* owned */
};

G_DEFINE_FINAL_TYPE (KsRoomKeys, ks_room_keys, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

gboolean
ks_room_keys_get_running (KsRoomKeys *self)
{
  return self->timeline != NULL;
}

gboolean
ks_room_keys_get_hurried (KsRoomKeys *self)
{
  return self->patience != 0;
}

const GError *
ks_room_keys_get_failure (KsRoomKeys *self)
{
  return self->failure;
}

static gboolean
can_fetch (KsRoomKeys *self)
{
  return self->account != NULL && ks_recovery_is_backup_open (ks_account_get_recovery (self->account));
}

static gboolean
on_patience_over (gpointer data)
{
  KsRoomKeys *self = data;

  self->patience = 0;
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

/* They are not on their way any more. */
static void
end (KsRoomKeys *self)
{
  g_clear_handle_id (&self->patience, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->timeline);
}

static void
on_fetched (GObject *timeline, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsRoomKeys) self = data;
  g_autoptr (GError) error = NULL;

  ks_timeline_fetch_keys_finish (KS_TIMELINE (timeline), result, &error);
  if ((gpointer) self->timeline != timeline || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  end (self);
  if (error == NULL)
    g_hash_table_add (self->fetched, g_strdup (ks_timeline_get_room_id (KS_TIMELINE (timeline))));
  else
    g_message ("no keys of the room came: %s", error->message);
  self->failure = g_steal_pointer (&error);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
ks_room_keys_fetch (KsRoomKeys *self, KsTimeline *timeline)
{
  if (self->timeline != NULL)
    return;
  g_clear_error (&self->failure);
  if (!can_fetch (self) || g_hash_table_contains (self->fetched, ks_timeline_get_room_id (timeline)))
    return;
  self->timeline = g_object_ref (timeline);
  self->cancellable = g_cancellable_new ();
  self->patience = g_timeout_add (PATIENCE, on_patience_over, self);
  ks_timeline_fetch_keys_async (timeline, self->cancellable, on_fetched, g_object_ref (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

void
ks_room_keys_stop (KsRoomKeys *self)
{
  g_cancellable_cancel (self->cancellable);
  end (self);
  g_clear_error (&self->failure);
}

void
ks_room_keys_forget (KsRoomKeys *self, const char *room_id)
{
  g_hash_table_remove (self->fetched, room_id);
}

void
ks_room_keys_set_account (KsRoomKeys *self, KsAccount *account)
{
  ks_room_keys_stop (self);
  g_hash_table_remove_all (self->fetched);
  g_set_object (&self->account, account);
}

static void
ks_room_keys_dispose (GObject *object)
{
  ks_room_keys_set_account (KS_ROOM_KEYS (object), NULL);
  G_OBJECT_CLASS (ks_room_keys_parent_class)->dispose (object);
}

static void
ks_room_keys_finalize (GObject *object)
{
  g_hash_table_unref (KS_ROOM_KEYS (object)->fetched);
  G_OBJECT_CLASS (ks_room_keys_parent_class)->finalize (object);
}

static void
ks_room_keys_class_init (KsRoomKeysClass *class)
{
  G_OBJECT_CLASS (class)->dispose = ks_room_keys_dispose;
  G_OBJECT_CLASS (class)->finalize = ks_room_keys_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", KS_TYPE_ROOM_KEYS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ks_room_keys_init (KsRoomKeys *self)
{
  self->fetched = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, NULL);
}

KsRoomKeys *
ks_room_keys_new (void)
{
  return g_object_new (KS_TYPE_ROOM_KEYS, NULL);
}
