/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json-find.h"

#include <string.h>

static const char *
skip_space (const char *at, const char *end)
{
  while (at < end && g_ascii_isspace (*at))
    at++;
  return at;
}

static gboolean
is_of_token (char c)
{
  return g_ascii_isgraph (c) && c != '"' && c != '\\';
}

/* The string after the colon at @at; NULL: what stands there is none. */
static KsSecret *
take_string (const char *at, const char *end)
{
  const char *begin;

  at = skip_space (at, end);
  if (at == end || *at != ':')
    return NULL;
  at = skip_space (at + 1, end);
  if (at == end || *at != '"')
    return NULL;
  begin = ++at;
  while (at < end && is_of_token (*at))
    at++;
  return at < end && *at == '"' && at > begin ? ks_secret_new_copy (begin, (size_t) (at - begin)) : NULL;
}

KsSecret *
ks_json_find_token (const void *bytes, gsize size, const char *name)
{
  g_autofree char *quoted = g_strconcat ("\"", name, "\"", NULL);
  gsize length = strlen (quoted);
  const char *at = bytes;
  const char *end;

  if (size == 0)
    return NULL;
  end = at + size;
  while ((at = memmem (at, (gsize) (end - at), quoted, length)) != NULL)
    {
      KsSecret *token = take_string (at + length, end);

      if (token != NULL)
        return token;
      at += length;
    }
  return NULL;
}
