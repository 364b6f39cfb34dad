/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json-cut.h"

#include <string.h>

#include "matrix/ks-json.h"

#define MARK "{\"" KS_JSON_CUT_MARK "\":true"

static const char *const kept[] = { "id", "time", NULL };

/* NULL: nothing was cut. */
static char *
cut (const char *text)
{
  g_autoptr (GByteArray) out = ks_json_cut (text, strlen (text), "list", kept, NULL);

  return out != NULL ? g_strndup ((const char *) out->data, out->len) : NULL;
}

static char *
nested (guint depth)
{
  g_autofree char *open = g_strnfill (depth, '[');
  g_autofree char *close = g_strnfill (depth, ']');

  return g_strconcat (open, close, NULL);
}

static char *
crowded (guint members)
{
  GString *text = g_string_new ("{\"m\":1");

  for (guint i = 1; i < members; i++)
    g_string_append_printf (text, ",\"m%u\":1", i);
  return g_string_free (g_string_append_c (text, '}'), FALSE);
}

/* @value is in the middle of three elements: it goes, and what was kept of it stays in its place. */
static void
assert_cut (const char *value)
{
  g_autofree char *before = g_strdup_printf ("{ \"other\" : [1, {\"list\":[]}], \"list\" : [ {\"id\":\"a\"} ,"
                                             "{\"x\":%s,\"id\":\"b\\\"]\",\"time\":7,\"more\":\"]\"}, "
                                             "{\"id\":\"c\"}] ,\"end\":\"e\"}",
                                             value);
  g_autofree char *after = cut (before);

  g_assert_null (ks_json_parse_answer (before, strlen (before), NULL, NULL));
  g_assert_cmpstr (after, ==,
                   "{ \"other\" : [1, {\"list\":[]}], \"list\" : [ {\"id\":\"a\"} ," MARK
                   ",\"id\":\"b\\\"]\",\"time\":7}, {\"id\":\"c\"}] ,\"end\":\"e\"}");
}

static void
test_only_what_breaks_a_limit_is_cut (void)
{
  g_autofree char *deep = nested (KS_JSON_MAX_DEPTH - 2);
  g_autofree char *deeper = nested (10000);
  g_autofree char *wide = crowded (KS_JSON_MAX_MEMBERS + 1);
  const char *const values[] = {
    deep,        deeper,     wide,  "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "{\"a\":1,\"a\":1}",
    "1,\"x\":2", "\"\xff\"", "tru", "\"\x01\"",    "01"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    assert_cut (values[i]);
}

static void
test_what_is_within_the_limits_stays (void)
{
  g_autofree char *deep = nested (KS_JSON_MAX_DEPTH - 3);
  g_autofree char *wide = crowded (KS_JSON_MAX_MEMBERS);
  const char *const values[] = { deep, wide, "1e400", "9007199254740993", "\"\\ud83d\\ude00\"", "null" };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"list\":[{\"x\":%s}]}", values[i]);
      g_autoptr (JsonObject) answer = ks_json_parse_answer (text, strlen (text), NULL, NULL);

      g_assert_nonnull (answer);
      g_assert_null (cut (text));
    }
}

/* What is kept can be read, is there once, and is nothing that is nested. */
static void
test_what_is_kept_can_be_read (void)
{
  static const struct
  {
    const char *element;
    const char *rest;
  } cases[] = {
    { "{\"id\":\"a\",\"id\":\"b\"}", ",\"id\":\"a\"" },
    { "{\"id\":\"\\u0000\",\"time\":5}", "" },
    { "{\"id\":{\"a\":\"\\ud800\"},\"time\":5}", ",\"time\":5" },
    { "{\"time\":5.5e3,\"id\":\"\",\"x\":\"\\u0000\"}", ",\"time\":5.5e3,\"id\":\"\"" },
    { "[\"\\u0000\"]", "" },
    { "\"\\u0000\"", "" },
    { "5x", "" },
    { "{\"id\":\"a\" \"x\":1}", ",\"id\":\"a\"" },
    { "{\"id\"}", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"list\":[%s]}", cases[i].element);
      g_autofree char *rest = g_strdup_printf ("{\"list\":[" MARK "%s}]}", cases[i].rest);
      g_autofree char *after = cut (text);
      g_autoptr (JsonObject) answer = NULL;

      g_assert_cmpstr (after, ==, rest);
      answer = ks_json_parse_answer (after, strlen (after), NULL, NULL);
      g_assert_nonnull (answer);
    }
}

/* Then the answer stays as bad as it is. */
static void
test_what_surrounds_the_list_is_not_mended (void)
{
  static const char *const texts[] = {
    "",
    "[",
    "{",
    "{\"list\"",
    "{\"list\":",
    "{\"list\":[",
    "{\"list\":[\"",
    "{\"list\":[\"\\",
    "{\"list\":[{\"a\":\"\\u0000\"}",
    "{\"list\":{\"a\":\"\\u0000\"}}",
    "{\"other\":[\"\\u0000\"]}",
    "{\"list\":[],\"a\":\"\\u0000\"}",
    "[[\"\\u0000\"]]",
    "{\"list\":[,\"\\u0000\"]}",
    "{list:[\"\\u0000\"]}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_null (cut (texts[i]));
}

static void
test_too_many_are_not_looked_at (void)
{
  for (guint more = 0; more < 2; more++)
    {
      g_autoptr (GString) text = g_string_new ("{\"list\":[\"\\u0000\"");
      g_autofree char *after = NULL;

      for (guint i = 1; i < KS_JSON_CUT_MAX_ELEMENTS + more; i++)
        g_string_append (text, ",1");
      g_string_append (text, "]}");
      after = cut (text->str);
      g_assert_true ((after == NULL) == (more > 0));
    }
}

static void
test_cancelled (void)
{
  static const char text[] = "{\"list\":[\"\\u0000\"]}";
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_null (ks_json_cut (text, strlen (text), "list", kept, cancellable));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-cut/only-what-breaks-a-limit", test_only_what_breaks_a_limit_is_cut);
  g_test_add_func ("/json-cut/within-the-limits", test_what_is_within_the_limits_stays);
  g_test_add_func ("/json-cut/kept", test_what_is_kept_can_be_read);
  g_test_add_func ("/json-cut/surroundings", test_what_surrounds_the_list_is_not_mended);
  g_test_add_func ("/json-cut/too-many", test_too_many_are_not_looked_at);
  g_test_add_func ("/json-cut/cancelled", test_cancelled);
  return g_test_run ();
}
