/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/identity/ks-shown-name.h"

/* In characters: as many as Synapse lets a person choose. */
#define MAX_NAME 256

/* Parts of words in Persian and of pictures of several people. */
#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER 0x200d

char *
ks_shown_name (const char *name)
{
  g_autoptr (GString) line = g_string_new (NULL);
  glong length = 0;

  for (const char *c = name; c != NULL && *c != '\0' && length < MAX_NAME; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (g_unichar_isgraph (character) || character == ZERO_WIDTH_NON_JOINER
          || character == ZERO_WIDTH_JOINER)
        g_string_append_unichar (line, character);
      else if ((g_unichar_isspace (character) || g_unichar_iscntrl (character)) && line->len > 0
               && line->str[line->len - 1] != ' ')
        g_string_append_c (line, ' ');
      else
        continue;
      length++;
    }
  g_strchomp (line->str);
  for (const char *c = line->str; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_isgraph (g_utf8_get_char (c)))
      return g_strdup (line->str);
  return NULL;
}
