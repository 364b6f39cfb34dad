/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-json.h"

#include <sodium.h>
#include <stdarg.h>
#include <string.h>

static void
set_member (JsonObject *object, const char *key, int type, va_list *values)
{
  const char *text;
  gpointer container;

  switch (type)
    {
    case 's':
    case 'z':
      text = va_arg (*values, const char *);
      if (text != NULL)
        json_object_set_string_member (object, key, text);
      else if (type == 'z')
        json_object_set_null_member (object, key);
      break;
    case 'i':
      json_object_set_int_member (object, key, va_arg (*values, gint64));
      break;
    case 'b':
      json_object_set_boolean_member (object, key, va_arg (*values, gboolean));
      break;
    case 'o':
      container = va_arg (*values, gpointer);
      if (container != NULL)
        json_object_set_object_member (object, key, container);
      break;
    case 'a':
      container = va_arg (*values, gpointer);
      if (container != NULL)
        json_object_set_array_member (object, key, container);
      break;
    case 't':
      json_object_set_member (object, key, hs_json_parse (va_arg (*values, const char *)));
      break;
    default:
      g_assert_not_reached ();
    }
}

JsonObject *
hs_object (const char *key, ...)
{
  JsonObject *object = json_object_new ();
  va_list values;

  va_start (values, key);
  while (key != NULL)
    {
      int type = va_arg (values, int);

      set_member (object, key, type, &values);
      key = va_arg (values, const char *);
    }
  va_end (values);
  return object;
}

static JsonNode *
member (JsonObject *object, const char *key, JsonNodeType type)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, key) : NULL;

  return node != NULL && JSON_NODE_TYPE (node) == type ? node : NULL;
}

const char *
hs_object_string (JsonObject *object, const char *key)
{
  JsonNode *node = member (object, key, JSON_NODE_VALUE);

  return node != NULL ? json_node_get_string (node) : NULL;
}

JsonObject *
hs_object_object (JsonObject *object, const char *key)
{
  JsonNode *node = member (object, key, JSON_NODE_OBJECT);

  return node != NULL ? json_node_get_object (node) : NULL;
}

JsonArray *
hs_object_array (JsonObject *object, const char *key)
{
  JsonNode *node = member (object, key, JSON_NODE_ARRAY);

  return node != NULL ? json_node_get_array (node) : NULL;
}

gint64
hs_object_int (JsonObject *object, const char *key, gint64 otherwise)
{
  JsonNode *node = member (object, key, JSON_NODE_VALUE);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node)
                                                                         : otherwise;
}

JsonNode *
hs_json_parse (const char *text)
{
  JsonNode *node = json_from_string (text, NULL);

  return node != NULL ? node : json_node_new (JSON_NODE_NULL);
}

JsonObject *
hs_json_parse_object (const char *text)
{
  g_autoptr (JsonNode) node = hs_json_parse (text);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_dup_object (node) : json_object_new ();
}

/* json-glib writes one control character as it is, which is no JSON. */
char *
hs_json_node_text (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);
  g_auto (GStrv) parts = g_strsplit (text, "\x1f", -1);

  return g_strjoinv ("\\u001f", parts);
}

char *
hs_json_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, object);
  return hs_json_node_text (node);
}

static void
append_canonical_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (out, "\\%c", *p);
      else if (strchr ("\b\f\n\r\t", *p) != NULL)
        g_string_append_printf (out, "\\%c", "bfnrt"[strchr ("\b\f\n\r\t", *p) - "\b\f\n\r\t"]);
      else if ((guchar) *p < 0x20)
        g_string_append_printf (out, "\\u%04x", (guint) *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

static void append_canonical (GString *out, JsonNode *node);

/* Order of UTF-8 bytes is order of code points. */
static void
append_canonical_object (GString *out, JsonObject *object, gboolean signable)
{
  g_autoptr (GList) keys = g_list_sort (json_object_get_members (object), (GCompareFunc) strcmp);
  gboolean first = TRUE;

  g_string_append_c (out, '{');
  for (GList *l = keys; l != NULL; l = l->next)
    {
      if (signable && (g_str_equal (l->data, "signatures") || g_str_equal (l->data, "unsigned")))
        continue;
      if (!first)
        g_string_append_c (out, ',');
      first = FALSE;
      append_canonical_string (out, l->data);
      g_string_append_c (out, ':');
      append_canonical (out, json_object_get_member (object, l->data));
    }
  g_string_append_c (out, '}');
}

static void
append_canonical (GString *out, JsonNode *node)
{
  g_autofree char *text = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      append_canonical_object (out, json_node_get_object (node), FALSE);
      return;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      g_string_append_c (out, '[');
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          if (i > 0)
            g_string_append_c (out, ',');
          append_canonical (out, json_array_get_element (array, i));
        }
      g_string_append_c (out, ']');
      return;
    }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      append_canonical_string (out, json_node_get_string (node));
      return;
    }
  text = hs_json_node_text (node);
  g_string_append (out, text);
}

char *
hs_json_canonical (JsonObject *object)
{
  GString *out = g_string_new (NULL);

  append_canonical_object (out, object, TRUE);
  return g_string_free (out, FALSE);
}

gboolean
hs_key_decode (const char *base64, guint8 key[32])
{
  size_t size;
  const char *end;

  return base64 != NULL
         && sodium_base642bin (key, 32, base64, strlen (base64), NULL, &size, &end,
                               sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
                == 0
         && size == 32 && *end == '\0';
}

gboolean
hs_json_is_signed (JsonObject *object, const char *user, const char *key_id, const char *public_key)
{
  const char *text =
      hs_object_string (hs_object_object (hs_object_object (object, "signatures"), user), key_id);
  g_autofree char *canonical = NULL;
  guint8 signature[crypto_sign_BYTES];
  guint8 key[crypto_sign_PUBLICKEYBYTES];
  size_t size;

  if (text == NULL || !hs_key_decode (public_key, key)
      || sodium_base642bin (signature, sizeof signature, text, strlen (text), NULL, &size, NULL,
                            sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
             != 0
      || size != sizeof signature)
    return FALSE;
  canonical = hs_json_canonical (object);
  return crypto_sign_verify_detached (signature, (const guchar *) canonical, strlen (canonical), key) == 0;
}

char *
hs_random_text (const char *alphabet, guint length)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < length; i++)
    g_string_append_c (text, alphabet[randombytes_uniform ((guint32) strlen (alphabet))]);
  return g_string_free (text, FALSE);
}
