/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-html-markup.h"

#include "ui/history/ks-markup-writer.h"

#include <string.h>

#define MAX_ADDRESS 2000

typedef enum
{
  STYLE, /* keeps its look */
  LINK,
  PICTURE,
  BREAK, /* br */
  BLOCK, /* stands on lines of its own */
  PARAGRAPH,
  HEADING,
  PRE,
  LIST,
  NUMBERED,
  ITEM,
  HIDDEN, /* with all that is in it */
} Kind;

typedef struct
{
  const char *name;
  Kind kind;
  const char *tag; /* of Pango; NULL: none */
} Element;

static const Element elements[] = {
  { "a", LINK, "a" },           { "b", STYLE, "b" },      { "blockquote", PARAGRAPH, NULL },
  { "br", BREAK, NULL },        { "code", STYLE, "tt" },  { "del", STYLE, "s" },
  { "div", BLOCK, NULL },       { "em", STYLE, "i" },     { "h1", HEADING, "b" },
  { "h2", HEADING, "b" },       { "h3", HEADING, "b" },   { "h4", HEADING, "b" },
  { "h5", HEADING, "b" },       { "h6", HEADING, "b" },   { "hr", BLOCK, NULL },
  { "i", STYLE, "i" },          { "img", PICTURE, NULL }, { "li", ITEM, NULL },
  { "mx-reply", HIDDEN, NULL }, { "ol", NUMBERED, NULL }, { "p", PARAGRAPH, NULL },
  { "pre", PRE, "tt" },         { "s", STYLE, "s" },      { "script", HIDDEN, NULL },
  { "strike", STYLE, "s" },     { "strong", STYLE, "b" }, { "style", HIDDEN, NULL },
  { "table", BLOCK, NULL },     { "tr", BLOCK, NULL },    { "u", STYLE, "u" },
  { "ul", LIST, NULL },
};

#define MAX_LISTS 8

typedef struct
{
  KsMarkupWriter writer;
  const char *at;
  const char *end;
  gboolean tags;          /* "<" may begin one */
  guint pre;              /* how many are open */
  guint lists[MAX_LISTS]; /* of each that is open: the number of the next item; 0: no numbers */
  guint n_lists;
} Reader;

static const Element *
find_element (const char *name, gsize length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (elements); i++)
    if (strlen (elements[i].name) == length && g_ascii_strncasecmp (elements[i].name, name, length) == 0)
      return &elements[i];
  return NULL;
}

/* Entities. */

static const struct
{
  const char *name;
  gunichar c;
} entities[] = {
  { "amp", '&' },      { "lt", '<' },        { "gt", '>' },       { "quot", '"' },     { "apos", '\'' },
  { "nbsp", 0xa0 },    { "hellip", 0x2026 }, { "ndash", 0x2013 }, { "mdash", 0x2014 }, { "copy", 0xa9 },
  { "laquo", 0xab },   { "raquo", 0xbb },    { "lsquo", 0x2018 }, { "rsquo", 0x2019 }, { "ldquo", 0x201c },
  { "rdquo", 0x201d }, { "bull", 0x2022 },   { "euro", 0x20ac },
};

#define LONGEST_ENTITY 12

static gunichar
number_entity (const char *digits, gsize length)
{
  gboolean hex = length > 0 && (digits[0] == 'x' || digits[0] == 'X');
  gunichar c = 0;

  if (hex)
    digits++, length--;
  if (length == 0 || length > 7)
    return 0;
  for (gsize i = 0; i < length; i++)
    {
      int digit = hex ? g_ascii_xdigit_value (digits[i]) : g_ascii_digit_value (digits[i]);

      if (digit < 0)
        return 0;
      c = c * (hex ? 16 : 10) + (gunichar) digit;
    }
  return c > 0 && c <= 0x10ffff && g_unichar_validate (c) ? c : 0;
}

/* The character at @at, which is "&" if it begins nothing that is known. */
static gunichar
read_char (const char **at, const char *end)
{
  const char *from = *at + 1;
  gsize most = MIN ((gsize) (end - from), LONGEST_ENTITY);
  const char *stop = **at == '&' ? memchr (from, ';', most) : NULL;
  gunichar c = g_utf8_get_char (*at);
  gunichar named = 0;

  *at = g_utf8_next_char (*at);
  if (stop == NULL || stop == from)
    return c;
  if (*from == '#')
    named = number_entity (from + 1, (gsize) (stop - from) - 1);
  for (gsize i = 0; i < G_N_ELEMENTS (entities) && named == 0; i++)
    if (strlen (entities[i].name) == (gsize) (stop - from)
        && strncmp (entities[i].name, from, (gsize) (stop - from)) == 0)
      named = entities[i].c;
  if (named == 0)
    return c;
  *at = stop + 1;
  return named;
}

/* Tags. */

/* Past the ">" that ends the tag which begins at @at; NULL: there is none. */
static const char *
end_of_tag (const char *at, const char *end)
{
  char quote = '\0';

  for (; at < end; at++)
    if (quote != '\0')
      quote = *at == quote ? '\0' : quote;
    else if (*at == '>')
      return at + 1;
    else if ((*at == '"' || *at == '\'') && at[-1] == '=')
      quote = *at;
  return NULL;
}

static gboolean
is_space (char c)
{
  return g_ascii_isspace (c) || c == '/';
}

/* The attribute @name among those from @at to @end; the caller frees it. NULL: none. */
static char *
read_attribute (const char *at, const char *end, const char *name)
{
  while (at < end)
    {
      const char *key, *value, *stop;
      gsize key_length;

      while (at < end && is_space (*at))
        at++;
      for (key = at; at < end && !is_space (*at) && *at != '='; at++)
        ;
      key_length = (gsize) (at - key);
      if (at == end || *at != '=')
        {
          /* A stray character must not be looked at for ever. */
          at += key_length == 0 ? 1 : 0;
          continue;
        }
      value = ++at;
      if (at < end && (*at == '"' || *at == '\''))
        {
          stop = memchr (at + 1, *at, (gsize) (end - at) - 1);
          value = at + 1;
          stop = stop != NULL ? stop : end;
          at = MIN (stop + 1, end);
        }
      else
        {
          while (at < end && !g_ascii_isspace (*at))
            at++;
          stop = at;
        }
      if (key_length == strlen (name) && g_ascii_strncasecmp (key, name, key_length) == 0)
        {
          g_autoptr (GString) text = g_string_new (NULL);

          while (value < stop)
            g_string_append_unichar (text, read_char (&value, stop));
          return g_strdup (text->str);
        }
    }
  return NULL;
}

gboolean
ks_html_may_open (const char *address)
{
  g_autoptr (GUri) uri = NULL;

  if (strlen (address) > MAX_ADDRESS)
    return FALSE;
  for (const char *c = address; *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isgraph (g_utf8_get_char (c)))
      return FALSE;
  uri = g_uri_parse (address, G_URI_FLAGS_PARSE_RELAXED, NULL);
  if (uri == NULL)
    return FALSE;
  /* A mail program may take a file to attach from there. */
  if (g_str_equal (g_uri_get_scheme (uri), "mailto"))
    return strchr (address, '?') == NULL && strchr (g_uri_get_path (uri), '@') != NULL;
  return (g_str_equal (g_uri_get_scheme (uri), "https") || g_str_equal (g_uri_get_scheme (uri), "http"))
         && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0';
}

static void
open_link (Reader *self, const char *attributes, const char *end)
{
  g_autofree char *address = read_attribute (attributes, end, "href");

  /* One inside another is none of both. */
  ks_markup_writer_close (&self->writer, "a");
  if (address != NULL && ks_html_may_open (g_strstrip (address)))
    ks_markup_writer_open (&self->writer, "a", address);
}

static gboolean
show_picture (Reader *self, const char *attributes, const char *end)
{
  g_autofree char *text = read_attribute (attributes, end, "alt");

  return text == NULL || ks_markup_writer_text (&self->writer, text);
}

static gboolean
begin_item (Reader *self)
{
  guint *number = self->n_lists > 0 ? &self->lists[self->n_lists - 1] : NULL;
  g_autofree char *mark = NULL;

  ks_markup_writer_break (&self->writer, 1, FALSE);
  if (number == NULL || *number == 0)
    return ks_markup_writer_text (&self->writer, "• ");
  mark = g_strdup_printf ("%u. ", (*number)++);
  return ks_markup_writer_text (&self->writer, mark);
}

/* Past the end of what is not shown: a text without it ends here. */
static void
skip (Reader *self, const Element *element)
{
  gsize length = strlen (element->name);

  for (const char *at = self->at; (at = memchr (at, '<', (gsize) (self->end - at))) != NULL; at++)
    if (self->end - at > (gssize) length + 2 && at[1] == '/'
        && g_ascii_strncasecmp (at + 2, element->name, length) == 0 && !g_ascii_isalnum (at[2 + length]))
      {
        at = memchr (at, '>', (gsize) (self->end - at));
        self->at = at != NULL ? at + 1 : self->end;
        return;
      }
  self->at = self->end;
}

static void
begin_list (Reader *self, guint first)
{
  ks_markup_writer_break (&self->writer, 1, FALSE);
  if (self->n_lists < MAX_LISTS)
    self->lists[self->n_lists++] = first;
}

/* FALSE: no more fits. */
static gboolean
begin_element (Reader *self, const Element *element, const char *attributes, const char *end)
{
  switch (element->kind)
    {
    case LINK:
      open_link (self, attributes, end);
      return TRUE;
    case PICTURE:
      return show_picture (self, attributes, end);
    case ITEM:
      return begin_item (self);
    case BREAK:
      ks_markup_writer_break (&self->writer, 1, TRUE);
      return TRUE;
    case LIST:
      begin_list (self, 0);
      return TRUE;
    case NUMBERED:
      begin_list (self, 1);
      return TRUE;
    case HIDDEN:
      skip (self, element);
      return TRUE;
    case PRE:
      self->pre++;
      break;
    case BLOCK:
    case PARAGRAPH:
    case HEADING:
    case STYLE:
    default:
      break;
    }
  if (element->kind != STYLE)
    ks_markup_writer_break (&self->writer, element->kind == BLOCK ? 1 : 2, FALSE);
  if (element->tag != NULL)
    ks_markup_writer_open (&self->writer, element->tag, NULL);
  return TRUE;
}

static void
end_element (Reader *self, const Element *element)
{
  if (element->tag != NULL)
    ks_markup_writer_close (&self->writer, element->tag);
  if ((element->kind == LIST || element->kind == NUMBERED) && self->n_lists > 0)
    self->n_lists--;
  if (element->kind == PRE && self->pre > 0)
    self->pre--;
  if (element->kind == PARAGRAPH || element->kind == HEADING || element->kind == PRE)
    ks_markup_writer_break (&self->writer, 2, FALSE);
  else if (element->kind == BLOCK || element->kind == LIST || element->kind == NUMBERED
           || element->kind == ITEM)
    ks_markup_writer_break (&self->writer, 1, FALSE);
}

/* At a "<". @is_tag tells whether it was a tag, which then is behind; FALSE: no more fits. After
 * one that does not end nothing is taken for one: nothing that looks like one ends either, and to
 * find that out each time would take for ever. */
static gboolean
read_tag (Reader *self, gboolean *is_tag)
{
  gboolean closes = self->at + 1 < self->end && self->at[1] == '/';
  const char *name = self->at + (closes ? 2 : 1);
  const char *name_end = name;
  const char *end;
  const Element *element;

  *is_tag = FALSE;
  if (g_str_has_prefix (self->at, "<!--"))
    {
      end = strstr (self->at + 4, "-->");
      *is_tag = self->tags = end != NULL;
      self->at = end != NULL ? end + 3 : self->at;
      return TRUE;
    }
  if (name >= self->end || !g_ascii_isalpha (*name))
    return TRUE;
  while (name_end < self->end && (g_ascii_isalnum (*name_end) || *name_end == '-'))
    name_end++;
  end = end_of_tag (name_end, self->end);
  *is_tag = self->tags = end != NULL;
  if (end == NULL)
    return TRUE;
  self->at = end;
  element = find_element (name, (gsize) (name_end - name));
  if (element == NULL)
    return TRUE;
  if (!closes)
    return begin_element (self, element, name_end, end - 1);
  end_element (self, element);
  return TRUE;
}

static gboolean
write_char (Reader *self)
{
  gboolean white = g_ascii_isspace (*self->at);
  gunichar c = read_char (&self->at, self->end);

  if (self->pre > 0 || !white)
    return ks_markup_writer_char (&self->writer, c);
  /* As a browser has it: all white space between two words is one space. */
  if (self->writer.breaks == 0 && self->writer.begun)
    self->writer.spaces = MAX (self->writer.spaces, 1);
  return TRUE;
}

char *
ks_html_markup (const char *html, guint max_chars, guint max_lines, gboolean *cut)
{
  Reader reader = { .at = html, .end = html + strlen (html), .tags = TRUE };
  gboolean goes_on = g_utf8_validate (html, -1, NULL);

  ks_markup_writer_init (&reader.writer, max_chars, max_lines);
  while (goes_on && reader.at < reader.end)
    {
      gboolean is_tag = FALSE;

      if (reader.tags && *reader.at == '<')
        goes_on = read_tag (&reader, &is_tag);
      if (!is_tag && goes_on)
        goes_on = write_char (&reader);
    }
  return ks_markup_writer_end (&reader.writer, cut);
}

char *
ks_text_markup (const char *text, guint max_chars, guint max_lines, gboolean *cut)
{
  KsMarkupWriter writer;

  ks_markup_writer_init (&writer, max_chars, max_lines);
  if (g_utf8_validate (text, -1, NULL))
    ks_markup_writer_text (&writer, text);
  return ks_markup_writer_end (&writer, cut);
}
