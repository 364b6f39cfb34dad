/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json.h"

#include <math.h>
#include <string.h>

#include "matrix/ks-matrix-error.h"

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object = ks_json_parse_object (text, strlen (text), &error);

  g_assert_no_error (error);
  return object;
}

static const char everything[] =
    "{\"s\":\"text\",\"i\":-7,\"f\":1.5,\"b\":true,\"n\":null,\"o\":{\"x\":1},\"a\":[\"y\",{},3]}";

static void
test_getters_take_the_right_type (void)
{
  g_autoptr (JsonObject) object = parse (everything);
  const char *string;
  gint64 integer;
  gboolean boolean;
  JsonObject *inner;
  JsonArray *array;

  g_assert_true (ks_json_get_string (object, "s", &string));
  g_assert_cmpstr (string, ==, "text");
  g_assert_true (ks_json_get_integer (object, "i", &integer));
  g_assert_cmpint (integer, ==, -7);
  g_assert_true (ks_json_get_boolean (object, "b", &boolean));
  g_assert_true (boolean);
  g_assert_true (ks_json_get_object (object, "o", &inner));
  g_assert_true (ks_json_get_integer (inner, "x", &integer));
  g_assert_true (ks_json_get_array (object, "a", &array));
  g_assert_true (ks_json_element_string (array, 0, &string));
  g_assert_cmpstr (string, ==, "y");
  g_assert_true (ks_json_element_object (array, 1, &inner));
  g_assert_cmpint (ks_json_get_type (object, "f"), ==, KS_JSON_REAL);
}

/* Every getter against every member: only its own type is taken. */
static void
test_getters_survive_wrong_types (void)
{
  static const char *const names[] = { "s", "i", "f", "b", "n", "o", "a", "absent" };
  g_autoptr (JsonObject) object = parse (everything);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *name = names[i];
      gboolean absent = strcmp (name, "n") == 0 || strcmp (name, "absent") == 0;
      const char *string = "left over";
      gint64 integer = 1;
      gboolean boolean = TRUE;
      JsonObject *inner = object;
      JsonArray *array = (JsonArray *) object;

      g_assert_cmpint (ks_json_get_string (object, name, &string), ==, strcmp (name, "s") == 0);
      g_assert_cmpint (string != NULL, ==, strcmp (name, "s") == 0);
      g_assert_cmpint (ks_json_get_integer (object, name, &integer), ==, strcmp (name, "i") == 0);
      g_assert_cmpint (integer != 0, ==, strcmp (name, "i") == 0);
      g_assert_cmpint (ks_json_get_boolean (object, name, &boolean), ==, strcmp (name, "b") == 0);
      g_assert_cmpint (boolean, ==, strcmp (name, "b") == 0);
      g_assert_cmpint (ks_json_get_object (object, name, &inner), ==, strcmp (name, "o") == 0);
      g_assert_cmpint (inner != NULL, ==, strcmp (name, "o") == 0);
      g_assert_cmpint (ks_json_get_array (object, name, &array), ==, strcmp (name, "a") == 0);
      g_assert_cmpint (array != NULL, ==, strcmp (name, "a") == 0);

      g_assert_cmpint (ks_json_optional_string (object, name, &string), ==,
                       absent || strcmp (name, "s") == 0);
      g_assert_cmpint (ks_json_optional_integer (object, name, &integer), ==,
                       absent || strcmp (name, "i") == 0);
      g_assert_cmpint (ks_json_optional_boolean (object, name, &boolean), ==,
                       absent || strcmp (name, "b") == 0);
      g_assert_cmpint (ks_json_optional_object (object, name, &inner), ==, absent || strcmp (name, "o") == 0);
      g_assert_cmpint (ks_json_optional_array (object, name, &array), ==, absent || strcmp (name, "a") == 0);
      g_assert_cmpint (ks_json_get_type (object, name) == KS_JSON_ABSENT, ==, absent);
    }
}

static void
test_getters_survive_nothing (void)
{
  g_autoptr (JsonArray) array = json_array_new ();
  const char *string;
  JsonObject *inner;

  g_assert_false (ks_json_get_string (NULL, "s", &string));
  g_assert_true (ks_json_optional_string (NULL, "s", &string));
  g_assert_cmpint (ks_json_get_type (NULL, "s"), ==, KS_JSON_ABSENT);
  g_assert_false (ks_json_element_string (NULL, 0, &string));
  g_assert_false (ks_json_element_string (array, 0, &string));
  g_assert_false (ks_json_element_object (array, G_MAXUINT, &inner));
  json_array_add_int_element (array, 1);
  g_assert_false (ks_json_element_string (array, 0, &string));
  g_assert_false (ks_json_element_object (array, 0, &inner));
}

static void
test_root_must_be_an_object (void)
{
  static const char *const texts[] = { "[]", "1", "\"x\"", "null", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ks_json_parse_object (texts[i], strlen (texts[i]), &error));
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

static void
test_half_a_tree_is_freed (void)
{
  static const char text[] = "{\"a\":[{\"b\":\"c\"},{\"d\":[1,2,{\"e\":";
  g_autoptr (GError) error = NULL;

  g_assert_null (ks_json_parse_object (text, strlen (text), &error)); /* the sanitizer looks on */
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

static void
test_secrets_stay_out_of_the_tree (void)
{
  static const char text[] =
      "{\"access_token\":\"tok\\u0065n\",\"x\":{\"access_token\":\"inner\"},\"refresh_token\":5}";
  static const char *const names[] = { "access_token", "refresh_token", "absent", NULL };
  KsSecret *secrets[3];
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object =
      ks_json_parse_object_with_secrets (text, strlen (text), names, secrets, &error);
  JsonObject *inner;
  const char *string;

  g_assert_no_error (error);
  g_assert_cmpmem (ks_secret_bytes (secrets[0]), ks_secret_size (secrets[0]), "token", 5);
  g_assert_null (secrets[1]);
  g_assert_null (secrets[2]);
  g_assert_false (json_object_has_member (object, "access_token"));
  g_assert_true (json_object_has_member (object, "refresh_token"));
  g_assert_true (ks_json_get_object (object, "x", &inner));
  g_assert_true (ks_json_get_string (inner, "access_token", &string));
  ks_secret_unref (secrets[0]);
}

static void
test_secrets_of_a_bad_text_are_dropped (void)
{
  static const char text[] = "{\"access_token\":\"token\",";
  static const char *const names[] = { "access_token", NULL };
  KsSecret *secrets[1];
  g_autoptr (GError) error = NULL;

  g_assert_null (ks_json_parse_object_with_secrets (text, strlen (text), names, secrets, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_null (secrets[0]);
}

static void
test_build (void)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonObject) shared = json_object_new ();
  g_autofree char *text = NULL;

  ks_json_set_strings (ks_json_add_object (object, "identifier"), "type", "m.id.user", "user", "alice", NULL);
  ks_json_set_object (object, "empty", shared);
  ks_json_set_object (object, "left_out", NULL);
  text = ks_json_to_text (object, NULL, NULL);
  g_assert_cmpstr (text, ==, "{\"empty\":{},\"identifier\":{\"type\":\"m.id.user\",\"user\":\"alice\"}}");
}

static void
test_copy_is_deep (void)
{
  g_autoptr (JsonObject) object = parse ("{\"o\":{\"a\":[{\"x\":1}]},\"f\":0.5}");
  g_autoptr (JsonObject) copy = ks_json_copy_object (object);
  g_autofree char *before = ks_json_to_text (copy, NULL, NULL);
  g_autofree char *after = NULL;
  JsonObject *inner;
  JsonArray *array;

  g_assert_cmpstr (before, ==, "{\"f\":0.5,\"o\":{\"a\":[{\"x\":1}]}}");
  ks_json_get_object (object, "o", &inner);
  ks_json_get_array (inner, "a", &array);
  ks_json_element_object (array, 0, &inner);
  json_object_set_int_member (inner, "x", 2);
  after = ks_json_to_text (copy, NULL, NULL);
  g_assert_cmpstr (after, ==, before);
}

/* --- writing --- */

/* The text of a file in tests/data/matrix. */
static char *
read_data (const char *name, gsize *size)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "matrix", name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, size, &error);
  g_assert_no_error (error);
  return text;
}

static void
test_canonical_example (gconstpointer number)
{
  g_autofree char *source = g_strdup_printf ("canonical-json/%d.json", GPOINTER_TO_INT (number));
  g_autofree char *target = g_strdup_printf ("canonical-json/%d.expected", GPOINTER_TO_INT (number));
  gsize size;
  g_autofree char *text = read_data (source, &size);
  g_autofree char *expected = read_data (target, NULL);
  g_autoptr (JsonObject) object = ks_json_parse_object (text, size, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *canonical = ks_json_to_canonical (object, &size, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (canonical, ==, expected);
  g_assert_cmpuint (size, ==, strlen (expected));
}

static void
test_canonical_sorts_by_code_point (void)
{
  /* U+FFFD comes before U+1F600, though its UTF-16 code unit is the larger one. */
  g_autoptr (JsonObject) object = parse ("{\"\\ud83d\\ude00\":1,\"\\ufffd\":2,\"Z\":3,\"a\":4,\"\":5}");
  g_autofree char *text = ks_json_to_canonical (object, NULL, NULL);

  g_assert_cmpstr (text, ==, "{\"\":5,\"Z\":3,\"a\":4,\"\xef\xbf\xbd\":2,\"\xf0\x9f\x98\x80\":1}");
}

static void
test_canonical_escapes (void)
{
  g_autoptr (JsonObject) object =
      parse ("{\"a\":\"\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\\\/\\u007f\\u2028\"}");
  g_autofree char *text = ks_json_to_canonical (object, NULL, NULL);

  g_assert_cmpstr (text, ==, "{\"a\":\"\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\/\x7f\xe2\x80\xa8\"}");
}

static void
test_canonical_refuses_floats (void)
{
  static const char *const texts[] = { "{\"a\":1.5}", "{\"a\":[1.0]}", "{\"a\":{\"b\":1e-7}}",
                                       "{\"a\":1e16}" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonObject) object = parse (texts[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (ks_json_to_canonical (object, NULL, &error));
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

static void
test_canonical_refuses_what_we_might_build (void)
{
  g_autoptr (JsonObject) large = json_object_new ();
  g_autoptr (JsonObject) latin = json_object_new ();
  g_autoptr (JsonObject) deep = json_object_new ();
  JsonObject *inner = deep;
  g_autoptr (GError) error = NULL;

  json_object_set_int_member (large, "a", KS_JSON_MAX_INTEGER + 1);
  g_assert_null (ks_json_to_canonical (large, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_clear_error (&error);

  json_object_set_string_member (latin, "a", "caf\xe9");
  g_assert_null (ks_json_to_canonical (latin, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_clear_error (&error);

  for (int i = 0; i < 64; i++)
    inner = ks_json_add_object (inner, "a");
  g_assert_null (ks_json_to_canonical (deep, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

static void
test_signable (void)
{
  g_autoptr (JsonObject) object =
      parse ("{\"unsigned\":{\"x\":1},\"b\":{\"signatures\":1,\"unsigned\":2},\"signatures\":{},\"a\":1}");
  g_autofree char *text = ks_json_to_signable (object, NULL, NULL);
  g_autoptr (JsonObject) only = parse ("{\"signatures\":{\"a\":1.5}}");
  g_autofree char *nothing = ks_json_to_signable (only, NULL, NULL);

  g_assert_cmpstr (text, ==, "{\"a\":1,\"b\":{\"signatures\":1,\"unsigned\":2}}");
  g_assert_cmpstr (nothing, ==, "{}");
  g_assert_true (json_object_has_member (object, "signatures"));
}

static void
test_text_keeps_floats (void)
{
  g_autoptr (JsonObject) object = parse ("{\"a\":1.5,\"b\":1.0,\"c\":1e300,\"d\":0.1,\"e\":1e16}");
  g_autofree char *text = ks_json_to_text (object, NULL, NULL);
  g_autoptr (JsonObject) again = parse (text);
  g_autoptr (JsonObject) infinite = json_object_new ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (ks_json_get_type (again, "b"), ==, KS_JSON_REAL);
  g_assert_cmpfloat (json_object_get_double_member (again, "d"), ==, 0.1);
  g_assert_cmpfloat (json_object_get_double_member (again, "c"), ==, 1e300);
  g_assert_cmpfloat (json_object_get_double_member (again, "e"), ==, 1e16);

  json_object_set_double_member (infinite, "a", INFINITY);
  g_assert_null (ks_json_to_text (infinite, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

static void
test_secret_text (void)
{
  g_autoptr (JsonObject) object = parse ("{\"z\":1,\"auth\":{\"type\":\"p\"}}");
  g_autoptr (KsSecret) secret = ks_secret_new_copy ("p\"\\\n\xc3\xa9", 6);
  g_autoptr (KsSecret) latin = ks_secret_new_copy ("caf\xe9", 4);
  g_autoptr (KsSecret) text = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *auth;
  static const char expected[] = "{\"auth\":{\"password\":\"p\\\"\\\\\\n\xc3\xa9\",\"type\":\"p\"},\"z\":1}";

  ks_json_get_object (object, "auth", &auth);
  text = ks_json_to_secret_text (object, auth, "password", secret, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (ks_secret_bytes (text), ks_secret_size (text), expected, strlen (expected));
  g_assert_false (json_object_has_member (auth, "password"));

  g_assert_null (ks_json_to_secret_text (object, auth, "password", latin, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

/* Anything, as deep as @depth. */
static JsonNode *
random_node (GRand *rand, int depth)
{
  JsonObject *object;
  JsonArray *array;
  JsonNode *node;
  char text[16];
  int n = g_rand_int_range (rand, 0, 5);

  switch (g_rand_int_range (rand, 0, depth > 0 ? 6 : 4))
    {
    case 0:
      return json_node_init_int (json_node_alloc (),
                                 g_rand_int (rand) * (gint64) g_rand_int_range (rand, -2000000, 2000000));
    case 1:
      return json_node_init_boolean (json_node_alloc (), g_rand_boolean (rand));
    case 2:
      return json_node_init_null (json_node_alloc ());
    case 3:
      for (int i = 0; i < n; i++)
        text[i] = (char) g_rand_int_range (rand, 1, 128);
      text[n] = '\0';
      return json_node_init_string (json_node_alloc (), text);
    case 4:
      array = json_array_new ();
      for (int i = 0; i < n; i++)
        json_array_add_element (array, random_node (rand, depth - 1));
      node = json_node_new (JSON_NODE_ARRAY);
      json_node_take_array (node, array);
      return node;
    default:
      object = json_object_new ();
      for (int i = 0; i < n; i++)
        {
          g_snprintf (text, sizeof text, "%c%d", g_rand_int_range (rand, 1, 128), i);
          json_object_set_member (object, text, random_node (rand, depth - 1));
        }
      node = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (node, object);
      return node;
    }
}

static void
test_canonical_round_trip (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20240501);

  for (int i = 0; i < 10000; i++)
    {
      g_autoptr (JsonObject) object = json_object_new ();
      g_autoptr (JsonObject) again = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *first = NULL;
      g_autofree char *second = NULL;
      gsize size;

      json_object_set_member (object, "x", random_node (rand, 5));
      first = ks_json_to_canonical (object, &size, &error);
      g_assert_no_error (error);
      again = ks_json_parse_object (first, size, &error);
      g_assert_no_error (error);
      second = ks_json_to_canonical (again, NULL, &error);
      g_assert_cmpstr (first, ==, second);
    }
}

/* Text that is written by hand is read as what it was. */
static void
test_append_string (void)
{
  const char *const strings[] = { "", "plain", "\"\\/\b\f\n\r\t\x01\x1f\x7f", "é 漢字 \xf0\x9f\x94\x91",
                                  "</script>" };

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      g_autoptr (GString) text = g_string_new ("{\"s\":");
      g_autoptr (JsonObject) object = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (ks_json_append_string (text, strings[i]));
      g_string_append_c (text, '}');
      object = ks_json_parse_object (text->str, text->len, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (json_object_get_string_member (object, "s"), ==, strings[i]);
    }
  {
    g_autoptr (GString) text = g_string_new ("x");

    g_assert_false (ks_json_append_string (text, "\xff"));
    g_assert_cmpstr (text->str, ==, "x");
  }
}

/* What a server says is not lost for a number, and is not passed on with another one in its place. */
static void
test_answer_with_odd_numbers (void)
{
  static const char *const numbers[] = { "9007199254740992", "-9007199254740992", "1e400",
                                         "123456789012345678901" };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"a\":{\"n\":%s},\"b\":7}", numbers[i]);
      g_autoptr (JsonObject) answer = ks_json_parse_answer (text, strlen (text), NULL, NULL);
      JsonObject *child;
      gint64 integer;

      g_assert_null (ks_json_parse_object (text, strlen (text), NULL));
      g_assert_true (ks_json_get_integer (answer, "b", &integer));
      g_assert_cmpint (integer, ==, 7);
      g_assert_true (ks_json_get_object (answer, "a", &child));
      g_assert_cmpint (ks_json_get_type (child, "n"), ==, KS_JSON_REAL);
      g_assert_false (ks_json_get_integer (child, "n", &integer));
      g_assert_false (ks_json_optional_integer (child, "n", &integer));
      g_assert_null (ks_json_to_text (answer, NULL, NULL));
      g_assert_null (ks_json_to_signable (answer, NULL, NULL));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/getters-take-the-right-type", test_getters_take_the_right_type);
  g_test_add_func ("/json/getters-survive-wrong-types", test_getters_survive_wrong_types);
  g_test_add_func ("/json/getters-survive-nothing", test_getters_survive_nothing);
  g_test_add_func ("/json/root-must-be-an-object", test_root_must_be_an_object);
  g_test_add_func ("/json/half-a-tree-is-freed", test_half_a_tree_is_freed);
  g_test_add_func ("/json/secrets-stay-out-of-the-tree", test_secrets_stay_out_of_the_tree);
  g_test_add_func ("/json/secrets-of-a-bad-text-are-dropped", test_secrets_of_a_bad_text_are_dropped);
  g_test_add_func ("/json/build", test_build);
  g_test_add_func ("/json/copy-is-deep", test_copy_is_deep);
  for (int i = 1; i <= 10; i++)
    {
      g_autofree char *path = g_strdup_printf ("/json/canonical/matrix-spec-example-%d", i);

      g_test_add_data_func (path, GINT_TO_POINTER (i), test_canonical_example);
    }
  g_test_add_func ("/json/canonical/sorts-by-code-point", test_canonical_sorts_by_code_point);
  g_test_add_func ("/json/canonical/escapes", test_canonical_escapes);
  g_test_add_func ("/json/canonical/refuses-floats", test_canonical_refuses_floats);
  g_test_add_func ("/json/canonical/refuses-what-we-might-build", test_canonical_refuses_what_we_might_build);
  g_test_add_func ("/json/canonical/round-trip", test_canonical_round_trip);
  g_test_add_func ("/json/signable", test_signable);
  g_test_add_func ("/json/text-keeps-floats", test_text_keeps_floats);
  g_test_add_func ("/json/secret-text", test_secret_text);
  g_test_add_func ("/json/append-string", test_append_string);
  g_test_add_func ("/json/answer-with-odd-numbers", test_answer_with_odd_numbers);
  return g_test_run ();
}
