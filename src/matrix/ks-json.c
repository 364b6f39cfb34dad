/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json.h"

static KsJsonType
node_type (JsonNode *node)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return KS_JSON_ABSENT;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return KS_JSON_OBJECT;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return KS_JSON_ARRAY;
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      return KS_JSON_STRING;
    case G_TYPE_INT64:
      return KS_JSON_INTEGER;
    case G_TYPE_DOUBLE:
      return KS_JSON_REAL;
    case G_TYPE_BOOLEAN:
      return KS_JSON_BOOLEAN;
    default:
      return KS_JSON_ABSENT;
    }
}

/* The member if it has that type. */
static JsonNode *
member (JsonObject *object, const char *name, KsJsonType type)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node_type (node) == type ? node : NULL;
}

KsJsonType
ks_json_get_type (JsonObject *object, const char *name)
{
  return node_type (object != NULL ? json_object_get_member (object, name) : NULL);
}

gboolean
ks_json_get_string (JsonObject *object, const char *name, const char **out)
{
  JsonNode *node = member (object, name, KS_JSON_STRING);

  *out = node != NULL ? json_node_get_string (node) : NULL;
  return node != NULL;
}

gboolean
ks_json_get_integer (JsonObject *object, const char *name, gint64 *out)
{
  JsonNode *node = member (object, name, KS_JSON_INTEGER);

  *out = node != NULL ? json_node_get_int (node) : 0;
  return node != NULL;
}

gboolean
ks_json_get_boolean (JsonObject *object, const char *name, gboolean *out)
{
  JsonNode *node = member (object, name, KS_JSON_BOOLEAN);

  *out = node != NULL && json_node_get_boolean (node);
  return node != NULL;
}

gboolean
ks_json_get_object (JsonObject *object, const char *name, JsonObject **out)
{
  JsonNode *node = member (object, name, KS_JSON_OBJECT);

  *out = node != NULL ? json_node_get_object (node) : NULL;
  return node != NULL;
}

gboolean
ks_json_get_array (JsonObject *object, const char *name, JsonArray **out)
{
  JsonNode *node = member (object, name, KS_JSON_ARRAY);

  *out = node != NULL ? json_node_get_array (node) : NULL;
  return node != NULL;
}

gboolean
ks_json_optional_string (JsonObject *object, const char *name, const char **out)
{
  return ks_json_get_string (object, name, out) || ks_json_get_type (object, name) == KS_JSON_ABSENT;
}

gboolean
ks_json_optional_integer (JsonObject *object, const char *name, gint64 *out)
{
  return ks_json_get_integer (object, name, out) || ks_json_get_type (object, name) == KS_JSON_ABSENT;
}

gboolean
ks_json_optional_boolean (JsonObject *object, const char *name, gboolean *out)
{
  return ks_json_get_boolean (object, name, out) || ks_json_get_type (object, name) == KS_JSON_ABSENT;
}

gboolean
ks_json_optional_object (JsonObject *object, const char *name, JsonObject **out)
{
  return ks_json_get_object (object, name, out) || ks_json_get_type (object, name) == KS_JSON_ABSENT;
}

gboolean
ks_json_optional_array (JsonObject *object, const char *name, JsonArray **out)
{
  return ks_json_get_array (object, name, out) || ks_json_get_type (object, name) == KS_JSON_ABSENT;
}

static JsonNode *
element (JsonArray *array, guint index, KsJsonType type)
{
  JsonNode *node =
      array != NULL && index < json_array_get_length (array) ? json_array_get_element (array, index) : NULL;

  return node_type (node) == type ? node : NULL;
}

gboolean
ks_json_element_string (JsonArray *array, guint index, const char **out)
{
  JsonNode *node = element (array, index, KS_JSON_STRING);

  *out = node != NULL ? json_node_get_string (node) : NULL;
  return node != NULL;
}

gboolean
ks_json_element_object (JsonArray *array, guint index, JsonObject **out)
{
  JsonNode *node = element (array, index, KS_JSON_OBJECT);

  *out = node != NULL ? json_node_get_object (node) : NULL;
  return node != NULL;
}

JsonObject *
ks_json_set_strings (JsonObject *object, const char *name, const char *value, ...)
{
  va_list args;

  va_start (args, value);
  while (name != NULL)
    {
      json_object_set_string_member (object, name, value);
      name = va_arg (args, const char *);
      value = name != NULL ? va_arg (args, const char *) : NULL;
    }
  va_end (args);
  return object;
}

JsonObject *
ks_json_add_object (JsonObject *parent, const char *name)
{
  JsonObject *child = json_object_new ();

  json_object_set_object_member (parent, name, child);
  return child;
}

void
ks_json_set_object (JsonObject *parent, const char *name, JsonObject *child)
{
  if (child != NULL)
    json_object_set_object_member (parent, name, json_object_ref (child));
}

static JsonNode *
copy_node (JsonNode *node)
{
  JsonArray *array;
  JsonNode *copy;

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      copy = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (copy, ks_json_copy_object (json_node_get_object (node)));
      return copy;
    }
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return json_node_copy (node);

  array = json_array_new ();
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    json_array_add_element (array, copy_node (json_array_get_element (json_node_get_array (node), i)));
  copy = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (copy, array);
  return copy;
}

JsonObject *
ks_json_copy_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (copy, name, copy_node (node));
  return copy;
}
