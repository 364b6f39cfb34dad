/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-message.h"

#include "engine/history/ks-attachment-private.h"
#include "matrix/ks-api-rooms.h"
#include "matrix/ks-json.h"

#include <string.h>

#define RELATION "m.relates_to"

void
ks_message_free (KsMessage *message)
{
  if (message == NULL)
    return;
  g_free (message->type);
  g_free (message->msgtype);
  g_free (message->body);
  g_free (message->formatted_body);
  g_free (message->reply_to);
  g_free (message->replaces);
  ks_message_free (message->replacement);
  ks_attachment_unref (message->attachment);
  g_free (message);
}

static gsize
length (const char *text)
{
  return text != NULL ? strlen (text) : 0;
}

gsize
ks_message_get_size (const KsMessage *message)
{
  if (message == NULL)
    return 0;
  return sizeof *message + length (message->body) + length (message->formatted_body)
         + length (message->reply_to) + length (message->replaces)
         + ks_message_get_size (message->replacement);
}

static gboolean
read_event_id (JsonObject *object, const char **event_id)
{
  return ks_json_get_string (object, "event_id", event_id) && (*event_id)[0] == '$'
         && strlen (*event_id) <= KS_ROOMS_ID_MAX_SIZE;
}

static const char *
get_replaced (JsonObject *content)
{
  JsonObject *relation;
  const char *kind, *event_id;

  if (ks_json_get_object (content, RELATION, &relation) && ks_json_get_string (relation, "rel_type", &kind)
      && g_str_equal (kind, "m.replace") && read_event_id (relation, &event_id))
    return event_id;
  return NULL;
}

static const char *
get_answered (JsonObject *content)
{
  JsonObject *relation, *reply;
  const char *event_id;

  if (ks_json_get_object (content, RELATION, &relation)
      && ks_json_get_object (relation, "m.in_reply_to", &reply) && read_event_id (reply, &event_id))
    return event_id;
  return NULL;
}

void
ks_relation_read (KsRelation *relation, JsonObject *content)
{
  const char *replaced = get_replaced (content);

  relation->replaces = g_strdup (replaced);
  relation->reply_to = replaced == NULL ? g_strdup (get_answered (content)) : NULL;
}

void
ks_relation_clear (KsRelation *relation)
{
  g_clear_pointer (&relation->replaces, g_free);
  g_clear_pointer (&relation->reply_to, g_free);
}

/* Client-Server API, "Rich replies", as clients wrote them until version 1.13: the message
 * that is answered comes first, each line behind "> ", with its sender in angle brackets. */
static const char *
without_quotation (const char *body)
{
  const char *at = body;

  if (!g_str_has_prefix (body, "> <") && !g_str_has_prefix (body, "> * <"))
    return body;
  while (g_str_has_prefix (at, "> ") || g_str_has_prefix (at, ">\n"))
    {
      const char *end = strchr (at, '\n');

      if (end == NULL)
        return "";
      at = end + 1;
    }
  return at[0] == '\n' ? at + 1 : at;
}

static const char *
without_formatted_quotation (const char *html)
{
  const char *end;

  if (!g_str_has_prefix (html, "<mx-reply>"))
    return html;
  end = strstr (html, "</mx-reply>");
  return end != NULL ? end + strlen ("</mx-reply>") : html;
}

/* Whether all of it is of a size that an event can have. */
static gboolean
is_small (JsonObject *content)
{
  const char *text;

  return (!ks_json_get_string (content, "body", &text) || strlen (text) <= KS_MESSAGE_MAX_TEXT)
         && (!ks_json_get_string (content, "formatted_body", &text) || strlen (text) <= KS_MESSAGE_MAX_TEXT)
         && (!ks_json_get_string (content, "msgtype", &text) || strlen (text) <= KS_ROOMS_ID_MAX_SIZE);
}

/* All but the relations. @reply: it quotes what it answers. */
static KsMessage *
read_texts (const char *type, JsonObject *content, gboolean reply)
{
  KsMessage *message = g_new0 (KsMessage, 1);
  const char *msgtype, *body, *format, *html, *filename;
  const char *kind;

  message->type = g_strdup (type);
  ks_json_get_string (content, "msgtype", &msgtype);
  message->msgtype = g_strdup (msgtype);
  if (ks_json_get_string (content, "body", &body))
    message->body = g_strdup (reply ? without_quotation (body) : body);
  if (ks_json_get_string (content, "format", &format) && g_str_equal (format, "org.matrix.custom.html")
      && ks_json_get_string (content, "formatted_body", &html))
    message->formatted_body = g_strdup (reply ? without_formatted_quotation (html) : html);
  kind = g_str_equal (type, "m.sticker") ? type : msgtype;
  if (kind != NULL && (g_str_equal (type, "m.sticker") || g_str_equal (type, "m.room.message")))
    message->attachment = ks_attachment_read (content, kind);
  /* What is no caption is the name of the file. */
  if (message->attachment != NULL && !g_str_equal (kind, "m.sticker")
      && (!ks_json_get_string (content, "filename", &filename) || g_strcmp0 (filename, body) == 0))
    {
      g_clear_pointer (&message->body, g_free);
      g_clear_pointer (&message->formatted_body, g_free);
    }
  return message;
}

KsMessage *
ks_message_read (const char *type, JsonObject *content, const KsRelation *wire)
{
  g_auto (KsRelation) own = { 0 };
  const KsRelation *related = &own;
  g_autoptr (KsMessage) message = NULL;
  JsonObject *new_content;

  if (!is_small (content))
    return NULL;
  /* What the sender has encrypted comes before what the server says. */
  if (wire != NULL && ks_json_get_type (content, RELATION) == KS_JSON_ABSENT)
    related = wire;
  else
    ks_relation_read (&own, content);
  message = read_texts (type, content, related->reply_to != NULL);
  message->reply_to = g_strdup (related->reply_to);
  message->replaces = g_strdup (related->replaces);
  if (message->replaces != NULL && ks_json_get_object (content, "m.new_content", &new_content))
    {
      if (!is_small (new_content))
        return NULL;
      message->replacement = read_texts (type, new_content, FALSE);
    }
  return g_steal_pointer (&message);
}
