/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-list-split.h"

#include <string.h>

#include "crypto/ks-secret.h"
#include "matrix/ks-matrix-error.h"

typedef enum
{
  BEFORE,  /* the list */
  FIRST,   /* an element, or the list's end */
  NEXT,    /* an element */
  INSIDE,  /* one, outside of its strings */
  STRING,  /* one of them */
  ESCAPED, /* behind a backslash in it */
  BEHIND,  /* an element: a comma, or the list's end */
  AFTER,   /* the list */
} Place;

struct KsListSplit
{
  KsElementFunc on_element;
  gpointer user_data;
  Place place;
  guint mark;    /* bytes of a byte order mark so far */
  gsize depth;   /* of open objects and arrays in the element */
  gboolean bare; /* it is neither an object, an array nor a string */
  char *text;    /* owned: the element so far; of a size that never grows, for secrets */
  gsize size;
  gsize max_size; /* of text */
};

KsListSplit *
ks_list_split_new (gsize max_size, KsElementFunc on_element, gpointer user_data)
{
  KsListSplit *self = g_new0 (KsListSplit, 1);

  self->on_element = on_element;
  self->user_data = user_data;
  self->text = g_malloc (max_size);
  self->max_size = max_size;
  return self;
}

void
ks_list_split_free (KsListSplit *split)
{
  if (split == NULL)
    return;
  ks_wipe (split->text, split->max_size);
  g_free (split->text);
  g_free (split);
}

static gboolean
refuse (GError **error, const char *reason)
{
  g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 0, NULL, 0, FALSE,
                                                 "bad list: %s", reason));
  return FALSE;
}

static gboolean
is_space (char byte)
{
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Counts on where it does not fit any more. */
static void
keep (KsListSplit *self, char byte)
{
  if (self->size < self->max_size)
    self->text[self->size] = byte;
  if (self->size <= self->max_size)
    self->size++;
}

static gboolean
end_element (KsListSplit *self, GError **error)
{
  gboolean fits = self->size <= self->max_size;
  gboolean go_on = self->on_element (fits ? self->text : NULL, fits ? self->size : 0, self->user_data, error);

  ks_wipe (self->text, MIN (self->size, self->max_size));
  self->size = 0;
  self->place = BEHIND;
  return go_on;
}

static gboolean
begin_list (KsListSplit *self, char byte, GError **error)
{
  static const char mark[] = "\xef\xbb\xbf";

  if (self->mark < 3 && byte == mark[self->mark])
    {
      self->mark++;
      return TRUE;
    }
  if (self->mark > 0 && self->mark < 3)
    return refuse (error, "half a byte order mark");
  self->mark = 3;
  if (is_space (byte))
    return TRUE;
  self->place = FIRST;
  return byte == '[' || refuse (error, "not a list");
}

static gboolean
begin_element (KsListSplit *self, char byte, GError **error)
{
  if (is_space (byte))
    return TRUE;
  if (byte == ']' && self->place == FIRST)
    {
      self->place = AFTER;
      return TRUE;
    }
  if (memchr (",:]}", byte, 4) != NULL)
    return refuse (error, "an element is missing");
  self->depth = byte == '{' || byte == '[' ? 1 : 0;
  self->bare = self->depth == 0 && byte != '"';
  self->place = byte == '"' ? STRING : INSIDE;
  keep (self, byte);
  return TRUE;
}

static gboolean
look_behind (KsListSplit *self, char byte, GError **error)
{
  if (is_space (byte))
    return TRUE;
  self->place = byte == ',' ? NEXT : AFTER;
  return byte == ',' || byte == ']' || refuse (error, "no comma between two elements");
}

static gboolean
look_inside (KsListSplit *self, char byte, GError **error)
{
  if (self->bare && (byte == ',' || byte == ']' || is_space (byte)))
    return end_element (self, error) && look_behind (self, byte, error);
  keep (self, byte);
  if (self->bare)
    return TRUE;
  if (byte == '"')
    self->place = STRING;
  else if (byte == '{' || byte == '[')
    self->depth++;
  else if ((byte == '}' || byte == ']') && --self->depth == 0)
    return end_element (self, error);
  return TRUE;
}

static gboolean
look_in_string (KsListSplit *self, char byte, GError **error)
{
  keep (self, byte);
  if (self->place == ESCAPED)
    self->place = STRING;
  else if (byte == '\\')
    self->place = ESCAPED;
  else if (byte == '"')
    {
      self->place = INSIDE;
      return self->depth > 0 || end_element (self, error);
    }
  return TRUE;
}

static gboolean
look (KsListSplit *self, char byte, GError **error)
{
  switch (self->place)
    {
    case BEFORE:
      return begin_list (self, byte, error);
    case FIRST:
    case NEXT:
      return begin_element (self, byte, error);
    case INSIDE:
      return look_inside (self, byte, error);
    case STRING:
    case ESCAPED:
      return look_in_string (self, byte, error);
    case BEHIND:
      return look_behind (self, byte, error);
    case AFTER:
    default:
      return is_space (byte) || refuse (error, "more than one value");
    }
}

gboolean
ks_list_split_feed (KsListSplit *split, const void *bytes, gsize size, GError **error)
{
  const char *at = bytes;

  for (gsize i = 0; i < size; i++)
    if (!look (split, at[i], error))
      return FALSE;
  return TRUE;
}

gboolean
ks_list_split_end (KsListSplit *split, GError **error)
{
  return split->place == AFTER || refuse (error, "it ends too early");
}
