/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json-cut.h"

#include <string.h>

#include "matrix/ks-json.h"

/* The longest member that is kept, as written. */
#define MAX_KEPT 2048

/* Whereabouts in the text. It is not known to be JSON: nothing is believed but where strings and
 * brackets are, and no depth is too deep. */
typedef struct
{
  const char *at;
  const char *end;
} Cursor;

typedef struct
{
  const char *begin;
  gsize size;
} Span;

static void
skip_space (Cursor *cursor)
{
  while (cursor->at < cursor->end && strchr (" \t\r\n", *cursor->at) != NULL && *cursor->at != '\0')
    cursor->at++;
}

/* Takes @byte, which is to be next after white space. */
static gboolean
take (Cursor *cursor, char byte)
{
  skip_space (cursor);
  if (cursor->at == cursor->end || *cursor->at != byte)
    return FALSE;
  cursor->at++;
  return TRUE;
}

/* To behind the string that begins here. */
static gboolean
skip_string (Cursor *cursor)
{
  for (cursor->at++; cursor->at < cursor->end; cursor->at++)
    if (*cursor->at == '\\')
      cursor->at++;
    else if (*cursor->at == '"')
      {
        cursor->at++;
        return TRUE;
      }
  cursor->at = cursor->end;
  return FALSE;
}

/* To behind the object or array that begins here. */
static gboolean
skip_nested (Cursor *cursor)
{
  gsize depth = 0;

  while (cursor->at < cursor->end)
    {
      char byte = *cursor->at;

      if (byte == '"')
        {
          if (!skip_string (cursor))
            return FALSE;
          continue;
        }
      cursor->at++;
      if (byte == '{' || byte == '[')
        depth++;
      else if ((byte == '}' || byte == ']') && --depth == 0)
        return TRUE;
    }
  return FALSE;
}

/* The value that begins here; FALSE: there is none. */
static gboolean
take_value (Cursor *cursor, Span *value)
{
  gboolean whole = TRUE;

  skip_space (cursor);
  value->begin = cursor->at;
  if (cursor->at < cursor->end && *cursor->at == '"')
    whole = skip_string (cursor);
  else if (cursor->at < cursor->end && (*cursor->at == '{' || *cursor->at == '['))
    whole = skip_nested (cursor);
  else
    while (cursor->at < cursor->end && memchr (",]}: \t\r\n", *cursor->at, 9) == NULL)
      cursor->at++;
  value->size = (gsize) (cursor->at - value->begin);
  return whole && value->size > 0;
}

/* The next member's name, as written, up to its value; FALSE: there is none. */
static gboolean
take_name (Cursor *cursor, Span *name)
{
  skip_space (cursor);
  if (cursor->at == cursor->end || *cursor->at != '"')
    return FALSE;
  return take_value (cursor, name) && take (cursor, ':');
}

static gboolean
is_named (const Span *name, const char *text)
{
  gsize length = strlen (text);

  return name->size == length + 2 && memcmp (name->begin + 1, text, length) == 0;
}

/* What is kept of a member is kept once, and nothing that is nested. */
static gboolean
is_kept (const Span *name, const Span *value, const char *const *kept, guint *taken)
{
  for (guint i = 0; kept[i] != NULL; i++)
    if (is_named (name, kept[i]) && (*taken & 1U << i) == 0 && value->size <= MAX_KEPT
        && (value->begin[0] == '"' || value->begin[0] == '-' || g_ascii_isdigit (value->begin[0])))
      {
        *taken |= 1U << i;
        return TRUE;
      }
  return FALSE;
}

/* What stands in the place of @element. */
static void
put_rest (GByteArray *out, const Span *element, const char *const *kept)
{
  static const char mark[] = "{\"" KS_JSON_CUT_MARK "\":true";
  Cursor cursor = { element->begin, element->begin + element->size };
  g_autoptr (GString) text = g_string_new (mark);
  guint taken = 0;
  Span name, value;

  for (gboolean more = take (&cursor, '{'); more; more = take (&cursor, ','))
    {
      if (!take_name (&cursor, &name) || !take_value (&cursor, &value))
        break;
      if (!is_kept (&name, &value, kept, &taken))
        continue;
      g_string_append_c (text, ',');
      g_string_append_len (text, name.begin, (gssize) name.size);
      g_string_append_c (text, ':');
      g_string_append_len (text, value.begin, (gssize) value.size);
    }
  if (!ks_json_is_fit (text->str, text->len, "}"))
    g_string_assign (text, mark);
  g_string_append_c (text, '}');
  g_byte_array_append (out, (const guint8 *) text->str, (guint) text->len);
}

typedef struct
{
  GByteArray *out;    /* owned */
  const char *copied; /* up to where the text is in it */
  guint cut;
} Copy;

static void
copy_up_to (Copy *copy, const char *at)
{
  g_byte_array_append (copy->out, (const guint8 *) copy->copied, (guint) (at - copy->copied));
  copy->copied = at;
}

/* The list that begins here. FALSE: it is not to be cut. */
static gboolean
cut_list (Cursor *cursor, Copy *copy, const char *const *kept, GCancellable *cancellable)
{
  guint n = 0;
  Span element;

  take (cursor, '[');
  skip_space (cursor);
  if (take (cursor, ']'))
    return TRUE;
  do
    {
      if (++n > KS_JSON_CUT_MAX_ELEMENTS || g_cancellable_is_cancelled (cancellable)
          || !take_value (cursor, &element))
        return FALSE;
      if (ks_json_is_fit (element.begin, element.size, ""))
        continue;
      copy_up_to (copy, element.begin);
      put_rest (copy->out, &element, kept);
      copy->copied = element.begin + element.size;
      copy->cut++;
    }
  while (take (cursor, ','));
  return take (cursor, ']');
}

GByteArray *
ks_json_cut (
    const void *bytes, gsize size, const char *list, const char *const *kept, GCancellable *cancellable)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  Cursor cursor = { bytes, (const char *) bytes + size };
  Copy copy = { .out = out, .copied = bytes };
  Span name, value;

  for (gboolean more = take (&cursor, '{'); more; more = take (&cursor, ','))
    {
      if (!take_name (&cursor, &name))
        return NULL;
      skip_space (&cursor);
      if (is_named (&name, list) && cursor.at < cursor.end && *cursor.at == '[')
        {
          if (!cut_list (&cursor, &copy, kept, cancellable))
            return NULL;
        }
      else if (!take_value (&cursor, &value))
        return NULL;
    }
  if (copy.cut == 0)
    return NULL;
  copy_up_to (&copy, cursor.end);
  return g_steal_pointer (&out);
}
