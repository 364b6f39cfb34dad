/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-markup-writer.h"

/* Empty lines beyond that only push away what others wrote. */
#define MAX_BREAKS 3

/* Spaces are bounded as all characters are; this many fit into one line that is looked at. */
#define MAX_SPACES 400

/* More than any message needs; they take room even where there is no text in them. */
#define MAX_TAGS 2000

void
ks_markup_writer_init (KsMarkupWriter *self, guint max_chars, guint max_lines)
{
  *self = (KsMarkupWriter){ .out = g_string_new (NULL),
                            .tags_left = MAX_TAGS,
                            .chars_left = max_chars,
                            .lines_left = MAX (max_lines, 1) };
}

void
ks_markup_writer_break (KsMarkupWriter *self, guint lines, gboolean more)
{
  self->breaks = MIN (more ? self->breaks + lines : MAX (self->breaks, lines), MAX_BREAKS);
  self->spaces = 0;
}

static gboolean
refuse (KsMarkupWriter *self)
{
  self->cut = TRUE;
  return FALSE;
}

/* What was held back until there is something behind it. */
static gboolean
write_white_space (KsMarkupWriter *self)
{
  if (self->begun)
    for (; self->breaks > 0; self->breaks--)
      {
        if (self->lines_left <= 1)
          return refuse (self);
        self->lines_left--;
        g_string_append_c (self->out, '\n');
      }
  self->breaks = 0;
  for (; self->spaces > 0; self->spaces--)
    g_string_append_c (self->out, ' ');
  return TRUE;
}

static void
escape (GString *out, gunichar c)
{
  switch (c)
    {
    case '&':
      g_string_append (out, "&amp;");
      break;
    case '<':
      g_string_append (out, "&lt;");
      break;
    case '>':
      g_string_append (out, "&gt;");
      break;
    case '"':
      g_string_append (out, "&quot;");
      break;
    case '\'':
      g_string_append (out, "&apos;");
      break;
    default:
      g_string_append_unichar (out, c);
    }
}

/* LRO and RLO turn the letters around of whatever comes after them in the line, also of what is
 * not their sender's. No language is written with them. */
static gboolean
is_override (gunichar c)
{
  return c == 0x202d || c == 0x202e;
}

gboolean
ks_markup_writer_char (KsMarkupWriter *self, gunichar c)
{
  if (c == '\n' || c == 0x2028 || c == 0x2029)
    {
      ks_markup_writer_break (self, 1, TRUE);
      return TRUE;
    }
  if (c == ' ' || c == '\t')
    {
      self->spaces = MIN (self->spaces + (c == '\t' ? 4 : 1), MAX_SPACES);
      return TRUE;
    }
  if (c == 0 || g_unichar_iscntrl (c) || !g_unichar_validate (c) || is_override (c))
    return TRUE;
  if (self->chars_left <= self->spaces)
    return refuse (self);
  self->chars_left -= self->spaces + 1;
  if (!write_white_space (self))
    return FALSE;
  self->begun = TRUE;
  escape (self->out, c);
  return TRUE;
}

gboolean
ks_markup_writer_text (KsMarkupWriter *self, const char *text)
{
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (!ks_markup_writer_char (self, g_utf8_get_char (c)))
      return FALSE;
  return TRUE;
}

void
ks_markup_writer_open (KsMarkupWriter *self, const char *tag, const char *href)
{
  if (self->depth == KS_MARKUP_MAX_DEPTH || self->tags_left == 0)
    return;
  self->tags_left--;
  /* The space before an underlined word is not underlined. */
  if (self->begun && self->breaks == 0 && self->chars_left > self->spaces)
    {
      self->chars_left -= self->spaces;
      write_white_space (self);
    }
  self->open[self->depth++] = tag;
  if (href == NULL)
    {
      g_string_append_printf (self->out, "<%s>", tag);
      return;
    }
  g_string_append_printf (self->out, "<%s href=\"", tag);
  for (const char *c = href; *c != '\0'; c = g_utf8_next_char (c))
    escape (self->out, g_utf8_get_char (c));
  g_string_append (self->out, "\">");
}

static void
close_innermost (KsMarkupWriter *self)
{
  g_string_append_printf (self->out, "</%s>", self->open[--self->depth]);
}

void
ks_markup_writer_close (KsMarkupWriter *self, const char *tag)
{
  guint i = self->depth;

  while (i > 0 && !g_str_equal (self->open[i - 1], tag))
    i--;
  if (i == 0)
    return;
  while (self->depth >= i)
    close_innermost (self);
}

/* Whether there is text between the tags. */
static gboolean
says_something (const char *markup)
{
  gboolean in_tag = FALSE;

  for (const char *c = markup; *c != '\0'; c++)
    if (*c == '<')
      in_tag = TRUE;
    else if (*c == '>')
      in_tag = FALSE;
    else if (!in_tag)
      return TRUE;
  return FALSE;
}

char *
ks_markup_writer_end (KsMarkupWriter *self, gboolean *cut)
{
  char *markup;

  while (self->depth > 0)
    close_innermost (self);
  if (cut != NULL)
    *cut = self->cut;
  markup = g_string_free (g_steal_pointer (&self->out), FALSE);
  if (!says_something (markup))
    g_clear_pointer (&markup, g_free);
  return markup;
}
