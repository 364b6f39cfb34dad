/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json.h"

#include <math.h>
#include <string.h>

#include "matrix/ks-matrix-error.h"

/* Everything is written twice: first to count the bytes, then into memory of
 * exactly that size. So no copy of a secret is left behind by growing memory. */
typedef struct
{
  char *out; /* borrowed; NULL while counting */
  gsize size;
  gboolean canonical;
  const char *failed; /* why it cannot be written; static */

  JsonObject *unsigned_root; /* borrowed: without its signatures; may be NULL */
  JsonObject *holder;        /* borrowed: where the secret belongs; may be NULL */
  const char *secret_name;   /* borrowed */
  const KsSecret *secret;    /* borrowed */
} Writer;

static void
put (Writer *writer, const char *bytes, gsize size)
{
  if (writer->out != NULL)
    memcpy (writer->out + writer->size, bytes, size);
  writer->size += size;
}

static void
put_escaped (Writer *writer, char byte)
{
  static const char plain[] = "\"\\\b\t\n\f\r";
  static const char letters[] = "\"\\btnfr";
  static const char hex[] = "0123456789abcdef";
  const char *found = strchr (plain, byte);
  guint8 code = (guint8) byte;

  if (found != NULL)
    {
      put (writer, "\\", 1);
      put (writer, &letters[found - plain], 1);
      return;
    }
  put (writer, "\\u00", 4);
  put (writer, &hex[code >> 4], 1);
  put (writer, &hex[code & 15], 1);
}

static void
put_string (Writer *writer, const char *string, gsize size)
{
  gsize from = 0;

  if (!g_utf8_validate_len (string, size, NULL))
    {
      writer->failed = "a string is not UTF-8";
      return;
    }
  put (writer, "\"", 1);
  for (gsize i = 0; i < size; i++)
    if ((guint8) string[i] < 0x20 || string[i] == '"' || string[i] == '\\')
      {
        put (writer, string + from, i - from);
        put_escaped (writer, string[i]);
        from = i + 1;
      }
  put (writer, string + from, size - from);
  put (writer, "\"", 1);
}

static void
put_integer (Writer *writer, gint64 integer)
{
  char text[32];

  if (integer > KS_JSON_MAX_INTEGER || integer < -KS_JSON_MAX_INTEGER)
    writer->failed = "an integer is out of range";
  put (writer, text, (gsize) g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, integer));
}

static void
put_real (Writer *writer, double real)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (writer->canonical || !isfinite (real))
    {
      writer->failed = "a number is not an integer";
      return;
    }
  g_ascii_dtostr (text, sizeof text, real);
  put (writer, text, strlen (text));
  /* So that it is read as what it was. */
  if (strpbrk (text, ".e") == NULL)
    put (writer, ".0", 2);
}

static void put_object (Writer *writer, JsonObject *object, guint depth);

static void
put_node (Writer *writer, JsonNode *node, guint depth)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      put_object (writer, json_node_get_object (node), depth);
      return;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      if (depth >= KS_JSON_MAX_DEPTH)
        {
          writer->failed = "nested too deeply";
          return;
        }
      put (writer, "[", 1);
      for (guint i = 0; i < json_array_get_length (array) && writer->failed == NULL; i++)
        {
          if (i > 0)
            put (writer, ",", 1);
          put_node (writer, json_array_get_element (array, i), depth + 1);
        }
      put (writer, "]", 1);
      return;
    }

  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      put_string (writer, json_node_get_string (node), strlen (json_node_get_string (node)));
      return;
    case G_TYPE_INT64:
      put_integer (writer, json_node_get_int (node));
      return;
    case G_TYPE_DOUBLE:
      put_real (writer, json_node_get_double (node));
      return;
    case G_TYPE_BOOLEAN:
      put (writer, json_node_get_boolean (node) ? "true" : "false", json_node_get_boolean (node) ? 4 : 5);
      return;
    default:
      put (writer, "null", 4);
      return;
    }
}

/* A member, so that none is looked up by its name. */
typedef struct
{
  const char *name; /* borrowed */
  JsonNode *value;  /* borrowed; NULL: the secret */
} Member;

static int
compare_members (gconstpointer a, gconstpointer b)
{
  /* Bytes of UTF-8 sort as code points do. */
  return strcmp (((const Member *) a)->name, ((const Member *) b)->name);
}

static gboolean
left_out (Writer *writer, JsonObject *object, const char *name)
{
  if (object == writer->unsigned_root)
    return strcmp (name, "signatures") == 0 || strcmp (name, "unsigned") == 0;
  return FALSE;
}

/* Those that are to be written, sorted. */
static GArray *
list_members (Writer *writer, JsonObject *object)
{
  GArray *members = g_array_sized_new (FALSE, FALSE, sizeof (Member), json_object_get_size (object) + 1);
  JsonObjectIter iter;
  Member member;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member.name, &member.value))
    if (!left_out (writer, object, member.name))
      g_array_append_val (members, member);
  if (object == writer->holder)
    {
      member = (Member){ .name = writer->secret_name };
      g_array_append_val (members, member);
    }
  g_array_sort (members, compare_members);
  return members;
}

static void
put_object (Writer *writer, JsonObject *object, guint depth)
{
  g_autoptr (GArray) members = NULL;

  if (depth >= KS_JSON_MAX_DEPTH)
    {
      writer->failed = "nested too deeply";
      return;
    }
  members = list_members (writer, object);
  put (writer, "{", 1);
  for (guint i = 0; i < members->len && writer->failed == NULL; i++)
    {
      const Member *member = &g_array_index (members, Member, i);

      if (i > 0)
        put (writer, ",", 1);
      put_string (writer, member->name, strlen (member->name));
      put (writer, ":", 1);
      if (member->value == NULL)
        put_string (writer, (const char *) ks_secret_bytes (writer->secret), ks_secret_size (writer->secret));
      else
        put_node (writer, member->value, depth + 1);
    }
  put (writer, "}", 1);
}

static gboolean
count (Writer *writer, JsonObject *object, GError **error)
{
  put_object (writer, object, 0);
  if (writer->failed == NULL)
    return TRUE;
  g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 0, NULL, 0, FALSE,
                                                 "this cannot be written as JSON: %s", writer->failed));
  return FALSE;
}

static char *
write_text (Writer *writer, JsonObject *object, gsize *size, GError **error)
{
  g_autofree char *text = NULL;

  if (!count (writer, object, error))
    return NULL;
  text = g_malloc (writer->size + 1);
  text[writer->size] = '\0';
  if (size != NULL)
    *size = writer->size;
  writer->out = text;
  writer->size = 0;
  put_object (writer, object, 0);
  return g_steal_pointer (&text);
}

char *
ks_json_to_canonical (JsonObject *object, gsize *size, GError **error)
{
  Writer writer = { .canonical = TRUE };

  return write_text (&writer, object, size, error);
}

char *
ks_json_to_signable (JsonObject *object, gsize *size, GError **error)
{
  Writer writer = { .canonical = TRUE, .unsigned_root = object };

  return write_text (&writer, object, size, error);
}

char *
ks_json_to_text (JsonObject *object, gsize *size, GError **error)
{
  Writer writer = { 0 };

  return write_text (&writer, object, size, error);
}

gboolean
ks_json_append_string (GString *text, const char *string)
{
  Writer writer = { 0 };
  gsize before = text->len;

  put_string (&writer, string, strlen (string));
  if (writer.failed != NULL)
    return FALSE;
  g_string_set_size (text, before + writer.size);
  writer.out = text->str + before;
  writer.size = 0;
  put_string (&writer, string, strlen (string));
  return TRUE;
}

KsSecret *
ks_json_to_secret_text (
    JsonObject *object, JsonObject *holder, const char *name, const KsSecret *value, GError **error)
{
  Writer writer = { .holder = holder, .secret_name = name, .secret = value };
  KsSecret *text;

  g_return_val_if_fail (!json_object_has_member (holder, name), NULL);

  if (!count (&writer, object, error))
    return NULL;
  text = ks_secret_new (writer.size);
  writer.out = (char *) ks_secret_writable (text);
  writer.size = 0;
  put_object (&writer, object, 0);
  return text;
}
