/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the content of a message says, taken out of its JSON. No I/O, any thread. Whether an
 * edit may replace what it wants to is not decided here.
 */
#pragma once

#include "engine/history/ks-attachment.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Larger texts are in no event: the specification's limit for all of it. */
#define KS_MESSAGE_MAX_TEXT 65536

typedef struct KsMessage KsMessage;

struct KsMessage
{
  char *type;               /* owned */
  char *msgtype;            /* owned; NULL: none */
  char *body;               /* owned; NULL: none. Without a reply's quotation */
  char *formatted_body;     /* owned; NULL: none. HTML, unsanitised, without the quotation */
  char *reply_to;           /* owned: an event ID; NULL: it is no reply */
  char *replaces;           /* owned: an event ID; NULL: it is no edit */
  KsMessage *replacement;   /* owned: of an edit; NULL: it does not say what by */
  KsAttachment *attachment; /* owned; NULL: none */
};

/* What the content of an event says of another one: at most one of the two. */
typedef struct
{
  char *replaces; /* owned: an event ID; NULL: it is no edit */
  char *reply_to; /* owned: an event ID; NULL: it is no reply */
} KsRelation;

void ks_relation_read (KsRelation *relation, JsonObject *content);
void ks_relation_clear (KsRelation *relation);

/* Reads @content of an event of @type. @wire, of an encrypted event, is what the server sees of
 * its relations; NULL: it was not encrypted. NULL: too large. */
KsMessage *ks_message_read (const char *type, JsonObject *content, const KsRelation *wire)
    G_GNUC_WARN_UNUSED_RESULT;
void ks_message_free (KsMessage *message); /* NULL is allowed */

/* In memory, about. NULL is allowed: 0. */
gsize ks_message_get_size (const KsMessage *message);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KsRelation, ks_relation_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsMessage, ks_message_free)

G_END_DECLS
