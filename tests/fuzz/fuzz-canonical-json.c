/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any object that is read can be written, read again, and then is the same; its
 * canonical form is a fixed point. The only reason to have none is a number that
 * is not an integer.
 */

#include "fuzz/fuzz-target.h"
#include "matrix/ks-json.h"

#include <string.h>

static gboolean
holds_real (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      JsonNode *member;

      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, NULL, &member))
        if (holds_real (member))
          return TRUE;
      return FALSE;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (holds_real (json_array_get_element (array, i)))
          return TRUE;
      return FALSE;
    }
  return json_node_get_value_type (node) == G_TYPE_DOUBLE;
}

static gboolean
object_holds_real (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  return holds_real (node);
}

/* @write makes the same of what it has written. */
static void
check_fixed_point (JsonObject *object, char *(*write) (JsonObject *, gsize *, GError **) )
{
  gsize size;
  g_autofree char *first = write (object, &size, NULL);
  g_autofree char *second = NULL;
  g_autoptr (JsonObject) again = NULL;

  g_assert_nonnull (first);
  g_assert_cmpuint (strlen (first), ==, size);
  again = ks_json_parse_object (first, size, NULL);
  g_assert_nonnull (again);
  second = write (again, NULL, NULL);
  g_assert_cmpstr (first, ==, second);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (JsonObject) object = ks_json_parse_object (data, size, NULL);
  g_autoptr (JsonObject) copy = NULL;
  g_autofree char *canonical = NULL;
  g_autofree char *signable = NULL;
  g_autofree char *copied = NULL;
  gsize length;

  if (object == NULL)
    return 0;
  check_fixed_point (object, ks_json_to_text);

  canonical = ks_json_to_canonical (object, &length, NULL);
  g_assert_cmpint (canonical == NULL, ==, object_holds_real (object));
  if (canonical == NULL)
    return 0;
  check_fixed_point (object, ks_json_to_canonical);
  check_fixed_point (object, ks_json_to_signable);

  signable = ks_json_to_signable (object, &length, NULL);
  g_assert_cmpint (strcmp (signable, canonical) == 0, ==,
                   !json_object_has_member (object, "signatures")
                       && !json_object_has_member (object, "unsigned"));
  copy = ks_json_copy_object (object);
  copied = ks_json_to_canonical (copy, NULL, NULL);
  g_assert_cmpstr (copied, ==, canonical);
  return 0;
}
