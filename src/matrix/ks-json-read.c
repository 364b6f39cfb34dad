/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json.h"

#include <math.h>
#include <string.h>

#include "matrix/ks-json-names.h"
#include "matrix/ks-matrix-error.h"

/* How much is read between two looks at the cancellable, in bytes. */
#define SLICE (64 * 1024)

/* An object of no more members is not looked at for names that are alike. */
#define SMALL 64

/* Builds json-glib's types from what the scanner reports. */
typedef struct
{
  JsonNode *root;                    /* owned */
  JsonNode *open[KS_JSON_MAX_DEPTH]; /* borrowed: inside root */
  char *names[KS_JSON_MAX_DEPTH];    /* owned: the name whose value comes next */
  guint depth;
  guint members[KS_JSON_MAX_DEPTH];       /* of each open object so far */
  guint alike[KS_JSON_MAX_DEPTH];         /* those whose name has the hash of another one */
  KsJsonNames *hashes[KS_JSON_MAX_DEPTH]; /* owned: of their names; made when first needed */
  KsJsonScanner *scanner;                 /* borrowed */
  const KsJsonSink *sink;                 /* what is told of the text */
  const char *const *secret_names;        /* borrowed; may be NULL */
  KsJsonSecretFunc on_secret;
  gpointer user_data;
} Tree;

/* Takes @node over and puts it where the next value belongs. */
static gboolean
add (Tree *tree, JsonNode *node)
{
  JsonNode *parent;

  if (tree->depth == 0)
    {
      tree->root = node;
      return TRUE;
    }
  parent = tree->open[tree->depth - 1];
  if (JSON_NODE_HOLDS_ARRAY (parent))
    {
      json_array_add_element (json_node_get_array (parent), node);
      return TRUE;
    }
  json_object_set_member (json_node_get_object (parent), tree->names[tree->depth - 1], node);
  return TRUE;
}

static gboolean
open_node (Tree *tree, JsonNode *node)
{
  add (tree, node);
  tree->members[tree->depth] = 0;
  tree->open[tree->depth++] = node;
  return TRUE;
}

static gboolean
close_node (gpointer sink)
{
  Tree *tree = sink;

  tree->depth--;
  g_clear_pointer (&tree->names[tree->depth], g_free);
  return TRUE;
}

static gboolean
start_object (gpointer sink)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, json_object_new ());
  return open_node (sink, node);
}

static gboolean
start_array (gpointer sink)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (node, json_array_new ());
  return open_node (sink, node);
}

static gboolean
refuse (Tree *tree, const char *reason)
{
  ks_json_scanner_fail (tree->scanner, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 0, NULL, 0, FALSE,
                                                            "bad JSON: %s", reason));
  return FALSE;
}

/* Whether json-glib's table can take one more name; see KS_JSON_MAX_MEMBERS. */
static gboolean
has_room (Tree *tree, const char *key)
{
  guint level = tree->depth - 1;
  KsJsonNames **hashes = &tree->hashes[level];
  guint32 hash;

  if (++tree->members[level] > KS_JSON_MAX_MEMBERS)
    return refuse (tree, "an object has too many members");
  if (tree->members[level] <= SMALL)
    return TRUE;
  if (*hashes == NULL)
    *hashes = ks_json_names_new ();
  if (tree->members[level] == SMALL + 1)
    {
      ks_json_names_reset (*hashes);
      tree->alike[level] = 0;
    }
  hash = g_str_hash (key);
  if (!ks_json_names_add (*hashes, (const char *) &hash, sizeof hash)
      && ++tree->alike[level] > KS_JSON_MAX_ALIKE)
    return refuse (tree, "the names of an object are too much alike");
  return TRUE;
}

static gboolean
take_key (gpointer sink, const char *key, gsize length)
{
  Tree *tree = sink;

  if (!has_room (tree, key))
    return FALSE;
  g_free (tree->names[tree->depth - 1]);
  tree->names[tree->depth - 1] = g_strndup (key, length);
  return TRUE;
}

static gboolean
take_string (gpointer sink, const char *string, gsize length)
{
  Tree *tree = sink;

  if (tree->secret_names != NULL && tree->depth == 1 && tree->names[0] != NULL)
    for (gsize i = 0; tree->secret_names[i] != NULL; i++)
      if (strcmp (tree->secret_names[i], tree->names[0]) == 0)
        {
          tree->on_secret (i, string, length, tree->user_data);
          return TRUE;
        }
  return add (tree, json_node_init_string (json_node_alloc (), string));
}

static gboolean
take_number (gpointer sink, gboolean is_integer, gint64 integer, double real)
{
  return add (sink, is_integer ? json_node_init_int (json_node_alloc (), integer)
                               : json_node_init_double (json_node_alloc (), real));
}

static gboolean
take_boolean (gpointer sink, gboolean value)
{
  return add (sink, json_node_init_boolean (json_node_alloc (), value));
}

static gboolean
take_null (gpointer sink)
{
  return add (sink, json_node_init_null (json_node_alloc ()));
}

static const KsJsonSink tree_sink = {
  .start_object = start_object,
  .end_object = close_node,
  .start_array = start_array,
  .end_array = close_node,
  .key = take_key,
  .string = take_string,
  .number = take_number,
  .boolean = take_boolean,
  .null = take_null,
};

/* The same, but that what is no use to anybody here may be any number. */
static const KsJsonSink lax_tree_sink = {
  .start_object = start_object,
  .end_object = close_node,
  .start_array = start_array,
  .end_array = close_node,
  .key = take_key,
  .string = take_string,
  .number = take_number,
  .odd_number = take_null,
  .boolean = take_boolean,
  .null = take_null,
};

/* A number that nobody here could use is there, and no more is known of it. It is none that could be
 * written or signed again: see put_real(). */
static gboolean
take_odd_number (gpointer sink)
{
  return add (sink, json_node_init_double (json_node_alloc (), NAN));
}

static const KsJsonSink answer_sink = {
  .start_object = start_object,
  .end_object = close_node,
  .start_array = start_array,
  .end_array = close_node,
  .key = take_key,
  .string = take_string,
  .number = take_number,
  .odd_number = take_odd_number,
  .boolean = take_boolean,
  .null = take_null,
};

gboolean
ks_json_check (const void *bytes, gsize size, GError **error)
{
  g_autoptr (KsJsonScanner) scanner = ks_json_scanner_new (NULL, NULL, 0);

  return ks_json_scanner_feed (scanner, bytes, size, error) && ks_json_scanner_end (scanner, error);
}

static gboolean
scan (Tree *tree, const guint8 *bytes, gsize size, GCancellable *cancellable, GError **error)
{
  g_autoptr (KsJsonScanner) scanner = ks_json_scanner_new (tree->sink, tree, 0);

  tree->scanner = scanner;
  for (gsize at = 0; at < size; at += SLICE)
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !ks_json_scanner_feed (scanner, bytes + at, MIN (SLICE, size - at), error))
      return FALSE;
  return ks_json_scanner_end (scanner, error);
}

static void
clear (Tree *tree)
{
  for (guint i = 0; i < KS_JSON_MAX_DEPTH; i++)
    {
      g_free (tree->names[i]);
      ks_json_names_free (tree->hashes[i]);
    }
  g_clear_pointer (&tree->root, json_node_unref);
}

static JsonObject *
parse (Tree *tree, const void *bytes, gsize size, GCancellable *cancellable, GError **error)
{
  JsonObject *object = NULL;
  gboolean fine = scan (tree, bytes, size, cancellable, error);

  if (fine && JSON_NODE_HOLDS_OBJECT (tree->root))
    object = json_node_dup_object (tree->root);
  else if (fine)
    g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 0, NULL, 0, FALSE,
                                                   "bad JSON: not an object"));
  clear (tree);
  return object;
}

gboolean
ks_json_is_fit (const void *bytes, gsize size, const char *more)
{
  Tree tree = { .sink = &answer_sink };
  g_autoptr (KsJsonScanner) scanner = ks_json_scanner_new (tree.sink, &tree, 0);
  const char *const begin = "{\"\":[";
  gboolean fit;

  tree.scanner = scanner;
  fit = ks_json_scanner_feed (scanner, begin, strlen (begin), NULL)
        && ks_json_scanner_feed (scanner, bytes, size, NULL)
        && ks_json_scanner_feed (scanner, more, strlen (more), NULL)
        && ks_json_scanner_feed (scanner, "]}", 2, NULL) && ks_json_scanner_end (scanner, NULL);
  clear (&tree);
  return fit;
}

JsonObject *
ks_json_parse_object_but (const void *bytes,
                          gsize size,
                          const char *const *names,
                          KsJsonSecretFunc on_secret,
                          gpointer user_data,
                          GError **error)
{
  Tree tree = { .sink = &tree_sink, .secret_names = names, .on_secret = on_secret, .user_data = user_data };

  return parse (&tree, bytes, size, NULL, error);
}

JsonObject *
ks_json_parse_answer (const void *bytes, gsize size, GCancellable *cancellable, GError **error)
{
  Tree tree = { .sink = &answer_sink };

  return parse (&tree, bytes, size, cancellable, error);
}

JsonObject *
ks_json_parse_object (const void *bytes, gsize size, GError **error)
{
  Tree tree = { .sink = &tree_sink };

  return parse (&tree, bytes, size, NULL, error);
}

static void
keep_secret (gsize index, const char *text, gsize length, gpointer data)
{
  KsSecret **secrets = data;

  secrets[index] = ks_secret_new_copy (text, length);
}

JsonObject *
ks_json_parse_object_with_secrets (
    const void *bytes, gsize size, const char *const *names, KsSecret **secrets, GError **error)
{
  Tree tree = {
    .sink = &lax_tree_sink, .secret_names = names, .on_secret = keep_secret, .user_data = secrets
  };
  JsonObject *object;

  for (gsize i = 0; names[i] != NULL; i++)
    secrets[i] = NULL;
  object = parse (&tree, bytes, size, NULL, error);
  for (gsize i = 0; object == NULL && names[i] != NULL; i++)
    g_clear_pointer (&secrets[i], ks_secret_unref);
  return object;
}
