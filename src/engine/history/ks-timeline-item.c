/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-timeline-item-private.h"

#include <string.h>

G_DEFINE_FINAL_TYPE (KsTimelineItem, ks_timeline_item, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (KsTimelineKind,
                    ks_timeline_kind,
                    G_DEFINE_ENUM_VALUE (KS_TIMELINE_TEXT, "text"),
                    G_DEFINE_ENUM_VALUE (KS_TIMELINE_EMOTE, "emote"),
                    G_DEFINE_ENUM_VALUE (KS_TIMELINE_NOTICE, "notice"),
                    G_DEFINE_ENUM_VALUE (KS_TIMELINE_ATTACHMENT, "attachment"),
                    G_DEFINE_ENUM_VALUE (KS_TIMELINE_OTHER, "other"),
                    G_DEFINE_ENUM_VALUE (KS_TIMELINE_REDACTED, "redacted"),
                    G_DEFINE_ENUM_VALUE (KS_TIMELINE_UNREADABLE, "unreadable"))

G_DEFINE_ENUM_TYPE (KsUnreadable,
                    ks_unreadable,
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_NOT, "not"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_NO_KEY, "no-key"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_NOT_IN_BACKUP, "not-in-backup"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_BACKUP_BAD, "backup-bad"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_WITHHELD, "withheld"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_KEY_LATER, "key-later"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_KEY_DAMAGED, "key-damaged"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_MALFORMED, "malformed"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_OTHER_KIND, "other-kind"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_NOT_AUTHENTIC, "not-authentic"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_REPLAYED, "replayed"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_WRONG_ROOM, "wrong-room"),
                    G_DEFINE_ENUM_VALUE (KS_UNREADABLE_WRONG_SENDER, "wrong-sender"))

G_DEFINE_ENUM_TYPE (KsAuthenticity,
                    ks_authenticity,
                    G_DEFINE_ENUM_VALUE (KS_AUTHENTICITY_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (KS_AUTHENTICITY_NOT_GUARANTEED, "not-guaranteed"),
                    G_DEFINE_ENUM_VALUE (KS_AUTHENTICITY_SESSION, "session"))

enum
{
  PROP_EVENT_ID = 1,
  PROP_SENDER,
  PROP_TIME,
  PROP_ENCRYPTED,
  PROP_SESSION_ID,
  PROP_KIND, /* from here on they change */
  PROP_REASON,
  PROP_AUTHENTICITY,
  PROP_TYPE,
  PROP_MSGTYPE,
  PROP_BODY,
  PROP_FORMATTED_BODY,
  PROP_EDITED,
  PROP_EDIT_MISSING,
  PROP_REPLY_TO,
  PROP_ATTACHMENT,
  PROP_WITHHELD_CODE,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

/* One way in which it changes changes most of it. */
static void
tell_change (KsTimelineItem *self)
{
  for (guint i = PROP_KIND; i < N_PROPERTIES; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

/* What is shown; NULL: nothing. */
static const KsMessage *
shown (KsTimelineItem *self)
{
  if (self->message != NULL && self->edit != NULL)
    return self->edit->message->replacement;
  return self->message;
}

/* Client-Server API, "Redactions": of a message nothing is left, or, in newer rooms, what it
 * related to. That tells a redacted one also where the server's note is missing: nobody writes
 * such messages. */
static gboolean
is_emptied (JsonObject *content)
{
  guint n = json_object_get_size (content);

  return n == 0 || (n == 1 && json_object_has_member (content, "m.relates_to"));
}

KsTimelineItem *
ks_timeline_item_new (KsRoomEvent *event, guint64 order)
{
  KsTimelineItem *self = g_object_new (KS_TYPE_TIMELINE_ITEM, NULL);

  self->event_id = g_steal_pointer (&event->event_id);
  self->sender = g_steal_pointer (&event->sender);
  self->type = g_steal_pointer (&event->type);
  self->time = event->time;
  self->order = order;
  self->encrypted = g_str_equal (self->type, "m.room.encrypted");
  self->redacted = event->redacted || (!event->unreadable && is_emptied (event->content));
  if (self->redacted)
    return self;
  if (event->unreadable)
    {
      self->reason = KS_UNREADABLE_MALFORMED;
      return self;
    }
  if (self->encrypted)
    {
      self->sealed = ks_sealed_message_new (event->content, &self->reason);
      self->session_id = self->sealed != NULL ? g_strdup (self->sealed->session_id) : NULL;
      return self;
    }
  self->message = ks_message_read (self->type, event->content, NULL);
  self->reason = self->message != NULL ? KS_UNREADABLE_NOT : KS_UNREADABLE_MALFORMED;
  return self;
}

void
ks_timeline_item_take_opened (KsTimelineItem *self,
                              KsOpenedMessage *opened,
                              KsUnreadable reason,
                              const char *code)
{
  if (opened->message == NULL && self->reason == reason && g_strcmp0 (self->withheld_code, code) == 0)
    return;
  self->reason = reason;
  g_free (self->withheld_code);
  self->withheld_code = g_strdup (code);
  if (opened->message != NULL)
    {
      self->message = g_steal_pointer (&opened->message);
      self->index = opened->index;
      self->authenticity = opened->authenticity;
      g_clear_pointer (&self->sealed, ks_sealed_message_unref);
    }
  tell_change (self);
}

void
ks_timeline_item_refuse (KsTimelineItem *self, KsUnreadable reason)
{
  self->reason = reason;
  self->authenticity = KS_AUTHENTICITY_NONE;
  g_clear_object (&self->edit);
  self->edit_missing = FALSE;
  g_clear_pointer (&self->message, ks_message_free);
  g_clear_pointer (&self->sealed, ks_sealed_message_unref);
  tell_change (self);
}

void
ks_timeline_item_set_edit (KsTimelineItem *self, KsTimelineItem *edit, gboolean missing)
{
  gboolean other = self->edit_missing != missing;

  self->edit_missing = missing;
  if (g_set_object (&self->edit, edit) || other)
    tell_change (self);
}

const char *
ks_timeline_item_get_replaced (KsTimelineItem *self)
{
  /* An edit that does not say what by is a message that the server calls an edit. */
  if (self->message != NULL)
    return self->message->replacement != NULL ? self->message->replaces : NULL;
  return self->sealed != NULL ? self->sealed->wire.replaces : NULL;
}

gsize
ks_timeline_item_get_memory (KsTimelineItem *self)
{
  return sizeof *self + strlen (self->event_id) + strlen (self->sender) + strlen (self->type)
         + ks_message_get_size (self->message)
         + (self->sealed != NULL ? ks_sealed_message_get_size (self->sealed) : 0);
}

const char *
ks_timeline_item_get_event_id (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), NULL);

  return self->event_id;
}

const char *
ks_timeline_item_get_sender (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), NULL);

  return self->sender;
}

gint64
ks_timeline_item_get_time (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), 0);

  return self->time;
}

static KsTimelineKind
kind_of_text (const char *msgtype)
{
  if (g_strcmp0 (msgtype, "m.text") == 0)
    return KS_TIMELINE_TEXT;
  if (g_strcmp0 (msgtype, "m.emote") == 0)
    return KS_TIMELINE_EMOTE;
  return g_strcmp0 (msgtype, "m.notice") == 0 ? KS_TIMELINE_NOTICE : KS_TIMELINE_OTHER;
}

KsTimelineKind
ks_timeline_item_get_kind (KsTimelineItem *self)
{
  const KsMessage *message;

  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), KS_TIMELINE_UNREADABLE);

  message = shown (self);
  if (self->redacted)
    return KS_TIMELINE_REDACTED;
  if (message == NULL)
    return KS_TIMELINE_UNREADABLE;
  if (message->attachment != NULL)
    return KS_TIMELINE_ATTACHMENT;
  return g_str_equal (message->type, "m.room.message") ? kind_of_text (message->msgtype) : KS_TIMELINE_OTHER;
}

KsUnreadable
ks_timeline_item_get_reason (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), KS_UNREADABLE_NO_KEY);

  return self->reason;
}

KsAuthenticity
ks_timeline_item_get_authenticity (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), KS_AUTHENTICITY_NONE);

  /* The words are those of the edit, whose key can be of another origin. */
  return self->message != NULL && self->edit != NULL ? MIN (self->authenticity, self->edit->authenticity)
                                                     : self->authenticity;
}

gboolean
ks_timeline_item_get_encrypted (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), FALSE);

  return self->encrypted;
}

const char *
ks_timeline_item_get_event_type (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), NULL);

  return self->message != NULL ? self->message->type : self->type;
}

const char *
ks_timeline_item_get_msgtype (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), NULL);

  return shown (self) != NULL ? shown (self)->msgtype : NULL;
}

const char *
ks_timeline_item_get_body (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), NULL);

  return shown (self) != NULL ? shown (self)->body : NULL;
}

const char *
ks_timeline_item_get_formatted_body (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), NULL);

  return shown (self) != NULL ? shown (self)->formatted_body : NULL;
}

gboolean
ks_timeline_item_get_edited (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), FALSE);

  return self->edit != NULL;
}

gboolean
ks_timeline_item_get_edit_missing (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), FALSE);

  return self->edit_missing;
}

const char *
ks_timeline_item_get_reply_to (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), NULL);

  return self->message != NULL ? self->message->reply_to : NULL;
}

KsAttachment *
ks_timeline_item_get_attachment (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), NULL);

  return shown (self) != NULL ? shown (self)->attachment : NULL;
}

const char *
ks_timeline_item_get_withheld_code (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), NULL);

  return self->withheld_code;
}

const char *
ks_timeline_item_get_session_id (KsTimelineItem *self)
{
  g_return_val_if_fail (KS_IS_TIMELINE_ITEM (self), NULL);

  return self->session_id;
}

static void
ks_timeline_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KsTimelineItem *self = KS_TIMELINE_ITEM (object);

  switch (id)
    {
    case PROP_EVENT_ID:
      g_value_set_string (value, self->event_id);
      break;
    case PROP_SENDER:
      g_value_set_string (value, self->sender);
      break;
    case PROP_TIME:
      g_value_set_int64 (value, self->time);
      break;
    case PROP_ENCRYPTED:
      g_value_set_boolean (value, self->encrypted);
      break;
    case PROP_SESSION_ID:
      g_value_set_string (value, self->session_id);
      break;
    case PROP_KIND:
      g_value_set_enum (value, (int) ks_timeline_item_get_kind (self));
      break;
    case PROP_REASON:
      g_value_set_enum (value, (int) self->reason);
      break;
    case PROP_AUTHENTICITY:
      g_value_set_enum (value, (int) ks_timeline_item_get_authenticity (self));
      break;
    case PROP_TYPE:
      g_value_set_string (value, ks_timeline_item_get_event_type (self));
      break;
    case PROP_MSGTYPE:
      g_value_set_string (value, ks_timeline_item_get_msgtype (self));
      break;
    case PROP_BODY:
      g_value_set_string (value, ks_timeline_item_get_body (self));
      break;
    case PROP_FORMATTED_BODY:
      g_value_set_string (value, ks_timeline_item_get_formatted_body (self));
      break;
    case PROP_EDITED:
      g_value_set_boolean (value, self->edit != NULL);
      break;
    case PROP_EDIT_MISSING:
      g_value_set_boolean (value, self->edit_missing);
      break;
    case PROP_REPLY_TO:
      g_value_set_string (value, ks_timeline_item_get_reply_to (self));
      break;
    case PROP_ATTACHMENT:
      g_value_set_boxed (value, ks_timeline_item_get_attachment (self));
      break;
    case PROP_WITHHELD_CODE:
      g_value_set_string (value, self->withheld_code);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_timeline_item_finalize (GObject *object)
{
  KsTimelineItem *self = KS_TIMELINE_ITEM (object);

  g_free (self->event_id);
  g_free (self->sender);
  g_free (self->type);
  g_free (self->session_id);
  g_free (self->target);
  g_free (self->withheld_code);
  ks_sealed_message_unref (self->sealed);
  ks_message_free (self->message);
  g_clear_object (&self->edit);
  G_OBJECT_CLASS (ks_timeline_item_parent_class)->finalize (object);
}

#define FLAGS (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)

static void
install_string (guint id, const char *name)
{
  properties[id] = g_param_spec_string (name, NULL, NULL, NULL, FLAGS);
}

static void
ks_timeline_item_class_init (KsTimelineItemClass *class)
{
  G_OBJECT_CLASS (class)->get_property = ks_timeline_item_get_property;
  G_OBJECT_CLASS (class)->finalize = ks_timeline_item_finalize;

  install_string (PROP_EVENT_ID, "event-id");
  install_string (PROP_SENDER, "sender");
  properties[PROP_TIME] = g_param_spec_int64 ("time", NULL, NULL, 0, G_MAXINT64, 0, FLAGS);
  properties[PROP_ENCRYPTED] = g_param_spec_boolean ("encrypted", NULL, NULL, FALSE, FLAGS);
  install_string (PROP_SESSION_ID, "session-id");
  properties[PROP_KIND] =
      g_param_spec_enum ("kind", NULL, NULL, KS_TYPE_TIMELINE_KIND, KS_TIMELINE_UNREADABLE, FLAGS);
  properties[PROP_REASON] =
      g_param_spec_enum ("reason", NULL, NULL, KS_TYPE_UNREADABLE, KS_UNREADABLE_NOT, FLAGS);
  properties[PROP_AUTHENTICITY] =
      g_param_spec_enum ("authenticity", NULL, NULL, KS_TYPE_AUTHENTICITY, KS_AUTHENTICITY_NONE, FLAGS);
  install_string (PROP_TYPE, "type");
  install_string (PROP_MSGTYPE, "msgtype");
  install_string (PROP_BODY, "body");
  install_string (PROP_FORMATTED_BODY, "formatted-body");
  properties[PROP_EDITED] = g_param_spec_boolean ("edited", NULL, NULL, FALSE, FLAGS);
  properties[PROP_EDIT_MISSING] = g_param_spec_boolean ("edit-missing", NULL, NULL, FALSE, FLAGS);
  install_string (PROP_REPLY_TO, "reply-to");
  properties[PROP_ATTACHMENT] = g_param_spec_boxed ("attachment", NULL, NULL, KS_TYPE_ATTACHMENT, FLAGS);
  install_string (PROP_WITHHELD_CODE, "withheld-code");
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPERTIES, properties);
}

static void
ks_timeline_item_init (KsTimelineItem *self)
{
}
