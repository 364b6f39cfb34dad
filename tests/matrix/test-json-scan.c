/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json-scan.h"

#include <string.h>

#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

typedef struct
{
  const char *name;
  const char *text;
  gssize size; /* 0: to the terminating zero */
} Case;

static const Case good[] = {
  { "empty-object", "{}", 0 },
  { "empty-array", "[]", 0 },
  { "scalar-root", "true", 0 },
  { "number-root", "12", 0 },
  { "white-space", " \t\r\n{ \"a\" : [ 1 , 2 ] }\n ", 0 },
  { "same-name-on-two-levels", "{\"a\":{\"a\":1},\"b\":{\"a\":2}}", 0 },
  { "same-name-in-siblings", "[{\"a\":1},{\"a\":2}]", 0 },
  { "largest-integer", "[9007199254740991,-9007199254740991]", 0 },
  { "float", "[1.5,-0.25,1e-7,1e300]", 0 },
  { "minus-zero", "-0", 0 },
  { "escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", 0 },
  { "surrogate-pair", "\"\\ud83d\\ude00\"", 0 },
  { "two-surrogate-pairs", "\"\\uD83D\\uDE00\\uD83D\\uDE00\"", 0 },
  { "utf-8", "\"\xf0\x9f\x98\x80 \xe6\x97\xa5\"", 0 },
  { "delete-character", "\"\x7f\"", 0 },
  { "non-character", "\"\xef\xbf\xbf\"", 0 },
  { "empty-name", "{\"\":1}", 0 },
};

static const Case bad[] = {
  { "nothing", "", 0 },
  { "only-white-space", "  \n", 0 },
  { "html", "<!DOCTYPE html><html></html>", 0 },
  { "cut-in-object", "{\"a\":1", 0 },
  { "cut-in-string", "{\"a\":\"b", 0 },
  { "cut-in-literal", "tru", 0 },
  { "cut-in-escape", "\"\\u00", 0 },
  { "two-roots", "{} {}", 0 },
  { "garbage-after", "{}x", 0 },
  { "closed-twice", "{}}", 0 },
  { "wrong-bracket", "[}", 0 },
  { "trailing-comma", "[1,]", 0 },
  { "trailing-comma-in-object", "{\"a\":1,}", 0 },
  { "no-comma", "[1 2]", 0 },
  { "name-without-quotes", "{a:1}", 0 },
  { "single-quotes", "['a']", 0 },
  { "line-comment", "{} // x", 0 },
  { "block-comment", "/* x */ {}", 0 },
  { "duplicate", "{\"a\":1,\"a\":2}", 0 },
  { "duplicate-escaped", "{\"a\":1,\"\\u0061\":2}", 0 },
  { "duplicate-deep", "{\"x\":[{\"y\":{\"a\":1,\"b\":2,\"a\":3}}]}", 0 },
  { "duplicate-around-object", "{\"a\":{\"b\":1},\"a\":{\"b\":1}}", 0 },
  { "nul-escaped", "\"\\u0000\"", 0 },
  { "nul-escaped-in-name", "{\"a\\u0000b\":1}", 0 },
  { "nul-raw", "\"a\0b\"", 5 },
  { "nul-outside", "{}\0", 3 },
  { "control-raw", "\"\x01\"", 0 },
  { "newline-in-string", "\"a\nb\"", 0 },
  { "form-feed", "\f{}", 0 },
  { "vertical-tab", "{}\v", 0 },
  { "byte-order-mark", "\xef\xbb\xbf{}", 0 },
  { "utf-8-lone-continuation", "\"\x80\"", 0 },
  { "utf-8-overlong", "\"\xc0\xaf\"", 0 },
  { "utf-8-overlong-nul", "\"\xc0\x80\"", 0 },
  { "utf-8-surrogate", "\"\xed\xa0\x80\"", 0 },
  { "utf-8-too-large", "\"\xf4\x90\x80\x80\"", 0 },
  { "utf-8-cut", "\"\xe6\x97\"", 0 },
  { "latin-1", "\"caf\xe9\"", 0 },
  { "utf-8-in-name", "{\"\xff\":1}", 0 },
  { "high-surrogate-alone", "\"\\ud83d\"", 0 },
  { "high-surrogate-then-text", "\"\\ud83dx\"", 0 },
  { "high-surrogate-then-escape", "\"\\ud83d\\n\"", 0 },
  { "high-surrogate-then-letter", "\"\\ud83d\\u0041\"", 0 },
  { "high-surrogate-twice", "\"\\ud83d\\ud83d\\ude00\"", 0 },
  { "low-surrogate-alone", "\"\\ude00\"", 0 },
  { "unknown-escape", "\"\\x\"", 0 },
  { "bad-hex", "\"\\u00g0\"", 0 },
  { "integer-too-large", "9007199254740992", 0 },
  { "integer-too-small", "-9007199254740992", 0 },
  { "integer-beyond-64-bits", "[18446744073709551617]", 0 },
  { "infinite", "1e400", 0 },
  { "minus-infinite", "[-1e400]", 0 },
  { "leading-zero", "01", 0 },
  { "minus-alone", "-", 0 },
  { "plus", "+1", 0 },
  { "no-fraction", "1.", 0 },
  { "no-integer-part", ".5", 0 },
  { "no-exponent", "1e", 0 },
  { "hexadecimal", "0x10", 0 },
  { "nan", "NaN", 0 },
  { "infinity-name", "Infinity", 0 },
  { "utf-16", "{\0}\0", 4 },
};

static gsize
size_of (const Case *c)
{
  return c->size != 0 ? (gsize) c->size : strlen (c->text);
}

/* The verdict when the text arrives in pieces of @step bytes. */
static gboolean
accepted (const char *text, gsize size, gsize step)
{
  g_autoptr (KsJsonScanner) scanner = ks_json_scanner_new (NULL, NULL, 0);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < size; i += step)
    if (!ks_json_scanner_feed (scanner, text + i, MIN (step, size - i), &error))
      {
        g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
        return FALSE;
      }
  if (ks_json_scanner_end (scanner, &error))
    return TRUE;
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  return FALSE;
}

static void
test_good (gconstpointer data)
{
  const Case *c = data;

  for (gsize step = 1; step <= size_of (c); step++)
    g_assert_true (accepted (c->text, size_of (c), step));
}

static void
test_bad (gconstpointer data)
{
  const Case *c = data;

  g_assert_false (accepted (c->text, size_of (c), MAX (size_of (c), 1)));
  for (gsize step = 1; step <= size_of (c); step++)
    g_assert_false (accepted (c->text, size_of (c), step));
}

static char *
nested (guint depth, gsize *size)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, i % 2 ? "[" : "{\"a\":");
  g_string_append (text, "1");
  for (guint i = depth; i-- > 0;)
    g_string_append (text, i % 2 ? "]" : "}");
  *size = text->len;
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  gsize size;
  g_autofree char *deepest = nested (64, &size);
  gboolean fits = accepted (deepest, size, 7);
  g_autofree char *deeper = nested (65, &size);
  gboolean fits_not = accepted (deeper, size, 7);
  g_autofree char *absurd = nested (200000, &size);

  g_assert_true (fits);
  g_assert_false (fits_not);
  g_assert_false (accepted (absurd, size, size));
}

/* A digit for each byte, with no end: yajl alone would keep all of them. */
static void
test_endless_number (void)
{
  g_autoptr (KsJsonScanner) scanner = ks_json_scanner_new (NULL, NULL, 0);
  g_autoptr (GError) error = NULL;
  guint fed = 0;

  while (fed < 100000 && ks_json_scanner_feed (scanner, "1", 1, &error))
    fed++;
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_cmpuint (fed, <, 1000);
}

static gboolean
on_string (gpointer sink, const char *string, gsize length)
{
  GString *trace = sink;

  g_string_append_printf (trace, "%s/%zu;", string != NULL ? string : "lost", length);
  return TRUE;
}

/* Strings beyond the limit are reported as lost, wherever the pieces are cut, and
 * what comes after them is read as ever. */
static void
test_string_limit (void)
{
  static const char text[] =
      "[\"12345678\",\"123456789\",\"1234567\\ud83d\\ude00\\n\\\"x\",\"\xe6\x97\xa5\xe6\x97\xa5"
      "\xe6\x97\xa5\",\"ok\"]";
  const KsJsonSink sink = { .string = on_string };

  for (gsize step = 1; step < sizeof text; step++)
    {
      g_autoptr (GString) trace = g_string_new (NULL);
      g_autoptr (KsJsonScanner) scanner = ks_json_scanner_new (&sink, trace, 8);
      g_autoptr (GError) error = NULL;

      for (gsize i = 0; i < sizeof text - 1; i += step)
        {
          ks_json_scanner_feed (scanner, text + i, MIN (step, sizeof text - 1 - i), &error);
          g_assert_no_error (error);
        }
      ks_json_scanner_end (scanner, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (trace->str, ==, "12345678/8;lost/0;lost/0;lost/0;ok/2;");
    }
}

/* What is dropped of a string has to be well-formed all the same. */
static void
test_string_limit_is_no_hiding_place (void)
{
  static const char *const texts[] = { "\"123456\\u0000\"", "\"123456\\ud83d\"", "\"123456\\x\"",
                                       "\"123456\n\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (KsJsonScanner) scanner = ks_json_scanner_new (NULL, NULL, 4);
      g_autoptr (GError) error = NULL;

      g_assert_false (ks_json_scanner_feed (scanner, texts[i], strlen (texts[i]), &error));
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

/* More members than are compared one by one. */
static void
test_many_names (void)
{
  for (int twice = 0; twice < 2; twice++)
    {
      g_autoptr (GString) text = g_string_new ("{\"k0\":0");
      g_autoptr (KsJsonScanner) scanner = ks_json_scanner_new (NULL, NULL, 0);
      g_autoptr (GError) error = NULL;

      for (int i = 1; i < 5000; i++)
        g_string_append_printf (text, ",\"k%d\":%d", i, i);
      g_string_append (text, twice ? ",\"k2345\":1}" : "}");
      g_assert_cmpint (ks_json_scanner_feed (scanner, text->str, text->len, &error), ==, !twice);
      if (twice)
        g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
      else
        g_assert_true (ks_json_scanner_end (scanner, NULL));
    }
}

static gboolean
on_number (gpointer sink, gboolean is_integer, gint64 integer, double real)
{
  if (is_integer)
    g_string_append_printf (sink, "%" G_GINT64_FORMAT ";", integer);
  else
    g_string_append_printf (sink, "~%g;", real);
  return TRUE;
}

static void
test_numbers (void)
{
  static const char text[] = "[0,-0,-7,1e10,1E2,1.0,1e-1,9007199254740991,9e15,1e16]";
  const KsJsonSink sink = { .number = on_number };
  g_autoptr (GString) trace = g_string_new (NULL);
  g_autoptr (KsJsonScanner) scanner = ks_json_scanner_new (&sink, trace, 0);

  g_assert_true (ks_json_scanner_feed (scanner, text, strlen (text), NULL));
  g_assert_true (ks_json_scanner_end (scanner, NULL));
  g_assert_cmpstr (trace->str, ==,
                   "0;0;-7;10000000000;100;~1;~0.1;9007199254740991;9000000000000000;~1e+16;");
}

/* No error quotes what the server sent. */
static void
test_errors_quote_nothing (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = g_strconcat ("{\"canary\":\"canary\",\"canary\":", bad[i].text, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_false (ks_json_check (text, strlen (text), &error));
      g_assert_null (strstr (error->message, "canary"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = g_strconcat ("/json-scan/takes/", good[i].name, NULL);

      g_test_add_data_func (path, &good[i], test_good);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/json-scan/refuses/", bad[i].name, NULL);

      g_test_add_data_func (path, &bad[i], test_bad);
    }
  g_test_add_func ("/json-scan/depth", test_depth);
  g_test_add_func ("/json-scan/endless-number", test_endless_number);
  g_test_add_func ("/json-scan/string-limit", test_string_limit);
  g_test_add_func ("/json-scan/string-limit-is-no-hiding-place", test_string_limit_is_no_hiding_place);
  g_test_add_func ("/json-scan/many-names", test_many_names);
  g_test_add_func ("/json-scan/numbers", test_numbers);
  g_test_add_func ("/json-scan/errors-quote-nothing", test_errors_quote_nothing);
  return g_test_run ();
}
