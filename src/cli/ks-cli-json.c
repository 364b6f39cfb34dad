/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli/ks-cli-json.h"

#include <string.h>

gboolean
ks_cli_is_plain (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  if (type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
    return FALSE;
  return c == ' ' || g_unichar_isgraph (c);
}

static void
append_escaped (GString *text, gunichar c)
{
  if (c < 0x10000)
    {
      g_string_append_printf (text, "\\u%04x", c);
      return;
    }
  c -= 0x10000;
  g_string_append_printf (text, "\\u%04x\\u%04x", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

static void
append_string (GString *text, const char *string)
{
  static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* RFC 8259, 7: a character and its letter */
  g_autofree char *valid = g_utf8_make_valid (string, -1);

  g_string_append_c (text, '"');
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      gsize i = 0;

      while (i < sizeof letters - 1 && (guint8) letters[i] != c)
        i += 2;
      if (i < sizeof letters - 1)
        g_string_append_printf (text, "\\%c", letters[i + 1]);
      else if (ks_cli_is_plain (c))
        g_string_append_unichar (text, c);
      else
        append_escaped (text, c);
    }
  g_string_append_c (text, '"');
}

static void append_node (GString *text, JsonNode *node);

static void
append_object (GString *text, JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (object);

  g_string_append_c (text, '{');
  for (GList *name = names; name != NULL; name = name->next)
    {
      append_string (text, name->data);
      g_string_append_c (text, ':');
      append_node (text, json_object_get_member (object, name->data));
      if (name->next != NULL)
        g_string_append_c (text, ',');
    }
  g_string_append_c (text, '}');
}

static void
append_array (GString *text, JsonArray *array)
{
  g_string_append_c (text, '[');
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      append_node (text, json_array_get_element (array, i));
    }
  g_string_append_c (text, ']');
}

/* A verb's answer is made of these types and no others. */
static void
append_node (GString *text, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    append_object (text, json_node_get_object (node));
  else if (JSON_NODE_HOLDS_ARRAY (node))
    append_array (text, json_node_get_array (node));
  else if (JSON_NODE_HOLDS_NULL (node))
    g_string_append (text, "null");
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    append_string (text, json_node_get_string (node));
  else if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    g_string_append (text, json_node_get_boolean (node) ? "true" : "false");
  else
    g_string_append_printf (text, "%" G_GINT64_FORMAT, json_node_get_int (node));
}

char *
ks_cli_json_text (JsonNode *root)
{
  GString *text = g_string_new (NULL);

  append_node (text, root);
  return g_string_free (text, FALSE);
}
