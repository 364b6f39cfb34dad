/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One message of a timeline, read-only. It changes in place, with notify, when a key
 * arrives, when an older page tells more of it, or when it turns out to be a copy.
 *
 * Every text is hostile: bodies are what somebody sent, formatted ones unsanitised HTML.
 */
#pragma once

#include "engine/history/ks-attachment.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  KS_TIMELINE_TEXT,       /* see body and formatted-body */
  KS_TIMELINE_EMOTE,      /* "/me": the same, about the sender */
  KS_TIMELINE_NOTICE,     /* the same, by a bot */
  KS_TIMELINE_ATTACHMENT, /* an image, a video, sound or a file: see attachment; body is its caption */
  KS_TIMELINE_OTHER,      /* readable, of a kind that Keepsake does not show: see type; body may be NULL */
  KS_TIMELINE_REDACTED,   /* it was deleted by somebody who may; nothing is left */
  KS_TIMELINE_UNREADABLE, /* see reason */
} KsTimelineKind;

#define KS_TYPE_TIMELINE_KIND (ks_timeline_kind_get_type ())
GType ks_timeline_kind_get_type (void);

/* Why a message cannot be read, or is not shown although it could be decrypted. */
typedef enum
{
  KS_UNREADABLE_NOT, /* it can */

  /* There is no key for it here: */
  KS_UNREADABLE_NO_KEY,        /* and why is not known: restoring may bring it */
  KS_UNREADABLE_NOT_IN_BACKUP, /* and the backup, restored in this run, does not have it */
  KS_UNREADABLE_BACKUP_BAD,    /* the backup has it, but that entry is damaged or not ours */
  KS_UNREADABLE_WITHHELD,      /* its sender said that this session does not get it */
  KS_UNREADABLE_KEY_LATER,     /* the key that is here begins with a later message */
  KS_UNREADABLE_KEY_DAMAGED,   /* the key that was here does not open any more: restoring may bring it back */

  /* Something is wrong with the message: */
  KS_UNREADABLE_MALFORMED,     /* it is not what an encrypted message is */
  KS_UNREADABLE_OTHER_KIND,    /* encrypted in a way that Keepsake does not know */
  KS_UNREADABLE_NOT_AUTHENTIC, /* it was changed on the way, or is of another session than it says */

  /* Refused; something is wrong with the server, or with somebody in the room: */
  KS_UNREADABLE_REPLAYED,     /* the same message is there under another event ID or time */
  KS_UNREADABLE_WRONG_ROOM,   /* it, or its key, is of another room */
  KS_UNREADABLE_WRONG_SENDER, /* its key belongs to another session than the message says, or to
                               * one whose messages have come under several people's names */
} KsUnreadable;

#define KS_TYPE_UNREADABLE (ks_unreadable_get_type ())
GType ks_unreadable_get_type (void);

/* What is known of who wrote a message. Whose session it was is the server's word always. */
typedef enum
{
  KS_AUTHENTICITY_NONE,           /* not decrypted: the server's word, like all that is not encrypted */
  KS_AUTHENTICITY_NOT_GUARANTEED, /* its key came from the backup, a file or another session, none of
                                     which prove where they have it from */
  KS_AUTHENTICITY_SESSION,        /* its key came from the session that wrote it */
} KsAuthenticity;

#define KS_TYPE_AUTHENTICITY (ks_authenticity_get_type ())
GType ks_authenticity_get_type (void);

#define KS_TYPE_TIMELINE_ITEM (ks_timeline_item_get_type ())
G_DECLARE_FINAL_TYPE (KsTimelineItem, ks_timeline_item, KS, TIMELINE_ITEM, GObject)

/* Read-only properties of the same names ("event-id", "sender", "time", "kind", "type",
 * "body", …), with notify for those that can change. Strings are borrowed until then. */

const char *ks_timeline_item_get_event_id (KsTimelineItem *self);
const char *ks_timeline_item_get_sender (KsTimelineItem *self); /* a user ID, by the server's word */
gint64 ks_timeline_item_get_time (KsTimelineItem *self);        /* milliseconds since 1970, likewise */
KsTimelineKind ks_timeline_item_get_kind (KsTimelineItem *self);
KsUnreadable ks_timeline_item_get_reason (KsTimelineItem *self);
KsAuthenticity ks_timeline_item_get_authenticity (KsTimelineItem *self);

/* Whether it came encrypted. */
gboolean ks_timeline_item_get_encrypted (KsTimelineItem *self);

/* The type of the event, of the decrypted one where it could be: "m.room.message". */
const char *ks_timeline_item_get_event_type (KsTimelineItem *self); /* property "type" */
const char *ks_timeline_item_get_msgtype (KsTimelineItem *self);    /* "m.text"; NULL: it has none */

/* The text, of the last edit if there is one, without a reply's quotation. NULL: there is
 * none. */
const char *ks_timeline_item_get_body (KsTimelineItem *self);

/* The same as HTML of "org.matrix.custom.html"; to be sanitised before it is shown. NULL:
 * there is none. */
const char *ks_timeline_item_get_formatted_body (KsTimelineItem *self);

/* Whether body is that of an edit. */
gboolean ks_timeline_item_get_edited (KsTimelineItem *self);

/* Whether there is an edit, by the server's word, that cannot be read: body may be out of date. */
gboolean ks_timeline_item_get_edit_missing (KsTimelineItem *self);

/* The event that it answers; NULL: none. See ks_timeline_find(). */
const char *ks_timeline_item_get_reply_to (KsTimelineItem *self);

/* Borrowed; NULL: it is none. */
KsAttachment *ks_timeline_item_get_attachment (KsTimelineItem *self);

/* Of KS_UNREADABLE_WITHHELD: the code ("m.unverified"); NULL: none. */
const char *ks_timeline_item_get_withheld_code (KsTimelineItem *self);

/* Session ID of the key; NULL: it came unencrypted, or names none. */
const char *ks_timeline_item_get_session_id (KsTimelineItem *self);

G_END_DECLS
