/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-message-text.h"

#include "engine/identity/ks-shown-name.h"
#include "ui/history/ks-html-markup.h"
#include "ui/ks-number-text.h"

#include <glib/gi18n.h>

/* What a row shows at first: more would push all else away, and cost a frame to lay out. */
#define MAX_CHARS 3000
#define MAX_LINES 50

/* As much as an event can hold, and as GTK can lay out. */
#define WHOLE_CHARS 65536
#define WHOLE_LINES 8000

/* An HTML that shows nothing has a plain half that may. */
static char *
body_markup (KsTimelineItem *item, gboolean whole, gboolean *cut)
{
  const char *html = ks_timeline_item_get_formatted_body (item);
  const char *text = ks_timeline_item_get_body (item);
  guint chars = whole ? WHOLE_CHARS : MAX_CHARS;
  guint lines = whole ? WHOLE_LINES : MAX_LINES;
  char *markup = html != NULL ? ks_html_markup (html, chars, lines, cut) : NULL;

  if (markup == NULL && text != NULL)
    markup = ks_text_markup (text, chars, lines, cut);
  return markup;
}

/* Takes @markup. */
static char *
add_marks (KsTimelineItem *item, const char *name, char *markup)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *body = markup;

  if (ks_timeline_item_get_kind (item) == KS_TIMELINE_EMOTE)
    {
      g_autofree char *who = g_markup_escape_text (name, -1);

      /* As it is written everywhere: "* Bob waves". */
      g_string_append_printf (text, "* <b>%s</b> ", who);
    }
  g_string_append (text, body);
  if (ks_timeline_item_get_edited (item) || ks_timeline_item_get_edit_missing (item))
    {
      const char *mark =
          ks_timeline_item_get_edit_missing (item) ? _ ("(edited; the edit can't be read)") : _ ("(edited)");
      g_autofree char *edited = g_markup_escape_text (mark, -1);

      g_string_append_printf (text, " <span size=\"smaller\" alpha=\"60%%\">%s</span>", edited);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
ks_message_text (KsTimelineItem *item, const char *name, gboolean whole, gboolean *cut)
{
  char *markup;

  *cut = FALSE;
  if (ks_timeline_item_get_kind (item) == KS_TIMELINE_REDACTED)
    {
      g_autofree char *deleted = g_markup_escape_text (_ ("Message deleted"), -1);

      return g_strdup_printf ("<i>%s</i>", deleted);
    }
  markup = body_markup (item, whole, cut);
  return markup != NULL ? add_marks (item, name, markup) : NULL;
}

static void
on_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  g_string_append_len (data, text, (gssize) length);
}

/* Not pango_parse_markup(), which knows no links. */
static char *
without_tags (const char *markup)
{
  const GMarkupParser parser = { .text = on_text };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, text, NULL);
  g_autofree char *whole = g_strdup_printf ("<markup>%s</markup>", markup);

  g_markup_parse_context_parse (context, whole, -1, NULL);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
ks_message_text_plain (KsTimelineItem *item)
{
  KsTimelineKind kind = ks_timeline_item_get_kind (item);
  KsAttachment *attachment = ks_timeline_item_get_attachment (item);
  g_autofree char *markup = NULL;

  if (kind == KS_TIMELINE_UNREADABLE || kind == KS_TIMELINE_REDACTED)
    return NULL;
  markup = body_markup (item, TRUE, NULL);
  if (markup != NULL)
    return without_tags (markup);
  return attachment != NULL ? g_strdup (ks_attachment_get_name (attachment)) : NULL;
}

char *
ks_message_text_other (KsTimelineItem *item, guint n)
{
  g_autofree char *number = ks_number_text (n);
  g_autofree char *type = ks_shown_name (ks_timeline_item_get_event_type (item));

  if (n == 1 && type != NULL)
    /* Translators: %s is a technical name such as "m.sticker". */
    return g_strdup_printf (_ ("Keepsake doesn't show this: %s"), type);
  return g_strdup_printf (g_dngettext (NULL, "%s event that Keepsake doesn't show",
                                       "%s events that Keepsake doesn't show", n),
                          number);
}

/* The beginning of what is shown of it; NULL: nothing is. */
static char *
first_line (KsTimelineItem *item)
{
  g_autofree char *markup = body_markup (item, FALSE, NULL);
  g_autofree char *text = markup != NULL ? without_tags (markup) : NULL;

  return ks_shown_name (text);
}

char *
ks_message_text_line (KsTimelineItem *item)
{
  KsAttachment *attachment = ks_timeline_item_get_attachment (item);
  char *line;

  switch (ks_timeline_item_get_kind (item))
    {
    case KS_TIMELINE_REDACTED:
      return g_strdup (_ ("Message deleted"));
    case KS_TIMELINE_UNREADABLE:
      return g_strdup (_ ("A message that can't be read"));
    case KS_TIMELINE_ATTACHMENT:
      if (attachment != NULL)
        return g_strdup (ks_attachment_get_name (attachment));
      break;
    case KS_TIMELINE_TEXT:
    case KS_TIMELINE_EMOTE:
    case KS_TIMELINE_NOTICE:
    case KS_TIMELINE_OTHER:
    default:
      break;
    }
  line = first_line (item);
  return line != NULL ? line : ks_message_text_other (item, 1);
}
