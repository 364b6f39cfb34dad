/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-room-private.h"

#include "engine/identity/ks-shown-name.h"

struct _KsRoom
{
  GObject parent;

  char *room_id; /* owned */
  char *name;    /* owned; never NULL */
  KsRoomNameKind name_kind;
  guint n_others;
  KsRoomEncryption encryption;
  gboolean known;
  guint n_seen;
  guint n_readable;
  gboolean seen_all;
  gint64 last_time;
};

G_DEFINE_FINAL_TYPE (KsRoom, ks_room, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (KsRoomNameKind,
                    ks_room_name_kind,
                    G_DEFINE_ENUM_VALUE (KS_ROOM_NAME_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (KS_ROOM_NAME_GIVEN, "given"),
                    G_DEFINE_ENUM_VALUE (KS_ROOM_NAME_ALIAS, "alias"),
                    G_DEFINE_ENUM_VALUE (KS_ROOM_NAME_PEOPLE, "people"),
                    G_DEFINE_ENUM_VALUE (KS_ROOM_NAME_EMPTY, "empty"))

G_DEFINE_ENUM_TYPE (KsRoomEncryption,
                    ks_room_encryption,
                    G_DEFINE_ENUM_VALUE (KS_ROOM_ENCRYPTION_NOT_ASKED, "not-asked"),
                    G_DEFINE_ENUM_VALUE (KS_ROOM_ENCRYPTION_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (KS_ROOM_ENCRYPTION_OFF, "off"),
                    G_DEFINE_ENUM_VALUE (KS_ROOM_ENCRYPTION_ON, "on"))

enum
{
  PROP_ROOM_ID = 1,
  PROP_NAME,
  PROP_NAME_KIND,
  PROP_N_OTHERS,
  PROP_ENCRYPTION,
  PROP_KNOWN,
  PROP_N_SEEN,
  PROP_N_READABLE,
  PROP_SEEN_ALL,
  PROP_LAST_TIME,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

const char *
ks_room_get_room_id (KsRoom *self)
{
  g_return_val_if_fail (KS_IS_ROOM (self), NULL);

  return self->room_id;
}

const char *
ks_room_get_name (KsRoom *self)
{
  g_return_val_if_fail (KS_IS_ROOM (self), NULL);

  return self->name;
}

KsRoomNameKind
ks_room_get_name_kind (KsRoom *self)
{
  g_return_val_if_fail (KS_IS_ROOM (self), KS_ROOM_NAME_UNKNOWN);

  return self->name_kind;
}

guint
ks_room_get_n_others (KsRoom *self)
{
  g_return_val_if_fail (KS_IS_ROOM (self), 0);

  return self->n_others;
}

KsRoomEncryption
ks_room_get_encryption (KsRoom *self)
{
  g_return_val_if_fail (KS_IS_ROOM (self), KS_ROOM_ENCRYPTION_NOT_ASKED);

  return self->encryption;
}

gboolean
ks_room_get_encrypted (KsRoom *self)
{
  return ks_room_get_encryption (self) == KS_ROOM_ENCRYPTION_ON;
}

gboolean
ks_room_get_known (KsRoom *self)
{
  g_return_val_if_fail (KS_IS_ROOM (self), FALSE);

  return self->known;
}

guint
ks_room_get_n_seen (KsRoom *self)
{
  g_return_val_if_fail (KS_IS_ROOM (self), 0);

  return self->n_seen;
}

guint
ks_room_get_n_readable (KsRoom *self)
{
  g_return_val_if_fail (KS_IS_ROOM (self), 0);

  return self->n_readable;
}

gboolean
ks_room_get_seen_all (KsRoom *self)
{
  g_return_val_if_fail (KS_IS_ROOM (self), FALSE);

  return self->seen_all;
}

gint64
ks_room_get_last_time (KsRoom *self)
{
  g_return_val_if_fail (KS_IS_ROOM (self), 0);

  return self->last_time;
}

static void
notify (KsRoom *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
take_name (KsRoom *self, KsRoomName *name)
{
  if (name->text == NULL)
    name->text = ks_shown_name (self->room_id);
  if (!g_str_equal (self->name, name->text))
    {
      g_free (self->name);
      self->name = g_steal_pointer (&name->text);
      notify (self, PROP_NAME);
    }
  if (self->name_kind != name->kind || self->n_others != name->n_others)
    {
      self->name_kind = name->kind;
      self->n_others = name->n_others;
      notify (self, PROP_NAME_KIND);
      notify (self, PROP_N_OTHERS);
    }
}

void
ks_room_take_facts (KsRoom *self, KsRoomName *name, KsRoomEncryption encryption)
{
  gboolean known = name->kind != KS_ROOM_NAME_UNKNOWN && encryption != KS_ROOM_ENCRYPTION_UNKNOWN;

  g_object_freeze_notify (G_OBJECT (self));
  if (name->kind != KS_ROOM_NAME_UNKNOWN)
    take_name (self, name);
  /* What was encrypted once is so for good. */
  if (self->encryption != encryption && self->encryption != KS_ROOM_ENCRYPTION_ON)
    {
      self->encryption = encryption;
      notify (self, PROP_ENCRYPTION);
    }
  if (known && !self->known)
    {
      self->known = TRUE;
      notify (self, PROP_KNOWN);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

void
ks_room_note_messages (KsRoom *self, guint n_seen, guint n_readable, gboolean seen_all, gint64 last_time)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (self->n_seen != n_seen)
    {
      self->n_seen = n_seen;
      notify (self, PROP_N_SEEN);
    }
  if (self->n_readable != n_readable)
    {
      self->n_readable = n_readable;
      notify (self, PROP_N_READABLE);
    }
  if (self->seen_all != seen_all)
    {
      self->seen_all = seen_all;
      notify (self, PROP_SEEN_ALL);
    }
  if (self->last_time < last_time)
    {
      self->last_time = last_time;
      notify (self, PROP_LAST_TIME);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static void
ks_room_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KsRoom *self = KS_ROOM (object);

  switch (id)
    {
    case PROP_ROOM_ID:
      g_value_set_string (value, self->room_id);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_NAME_KIND:
      g_value_set_enum (value, (int) self->name_kind);
      break;
    case PROP_N_OTHERS:
      g_value_set_uint (value, self->n_others);
      break;
    case PROP_ENCRYPTION:
      g_value_set_enum (value, (int) self->encryption);
      break;
    case PROP_KNOWN:
      g_value_set_boolean (value, self->known);
      break;
    case PROP_N_SEEN:
      g_value_set_uint (value, self->n_seen);
      break;
    case PROP_N_READABLE:
      g_value_set_uint (value, self->n_readable);
      break;
    case PROP_SEEN_ALL:
      g_value_set_boolean (value, self->seen_all);
      break;
    case PROP_LAST_TIME:
      g_value_set_int64 (value, self->last_time);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_room_finalize (GObject *object)
{
  KsRoom *self = KS_ROOM (object);

  g_free (self->room_id);
  g_free (self->name);
  G_OBJECT_CLASS (ks_room_parent_class)->finalize (object);
}

#define FLAGS (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)

static void
ks_room_class_init (KsRoomClass *class)
{
  G_OBJECT_CLASS (class)->get_property = ks_room_get_property;
  G_OBJECT_CLASS (class)->finalize = ks_room_finalize;

  properties[PROP_ROOM_ID] = g_param_spec_string ("room-id", NULL, NULL, NULL, FLAGS);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, FLAGS);
  properties[PROP_NAME_KIND] =
      g_param_spec_enum ("name-kind", NULL, NULL, KS_TYPE_ROOM_NAME_KIND, KS_ROOM_NAME_UNKNOWN, FLAGS);
  properties[PROP_N_OTHERS] = g_param_spec_uint ("n-others", NULL, NULL, 0, G_MAXUINT, 0, FLAGS);
  properties[PROP_ENCRYPTION] = g_param_spec_enum ("encryption", NULL, NULL, KS_TYPE_ROOM_ENCRYPTION,
                                                   KS_ROOM_ENCRYPTION_NOT_ASKED, FLAGS);
  properties[PROP_KNOWN] = g_param_spec_boolean ("known", NULL, NULL, FALSE, FLAGS);
  properties[PROP_N_SEEN] = g_param_spec_uint ("n-seen", NULL, NULL, 0, G_MAXUINT, 0, FLAGS);
  properties[PROP_N_READABLE] = g_param_spec_uint ("n-readable", NULL, NULL, 0, G_MAXUINT, 0, FLAGS);
  properties[PROP_SEEN_ALL] = g_param_spec_boolean ("seen-all", NULL, NULL, FALSE, FLAGS);
  properties[PROP_LAST_TIME] = g_param_spec_int64 ("last-time", NULL, NULL, 0, G_MAXINT64, 0, FLAGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPERTIES, properties);
}

static void
ks_room_init (KsRoom *self)
{
}

KsRoom *
ks_room_new (const char *room_id)
{
  KsRoom *self = g_object_new (KS_TYPE_ROOM, NULL);

  self->room_id = g_strdup (room_id);
  self->name = ks_shown_name (room_id); /* its first character is a "!" */
  return self;
}
