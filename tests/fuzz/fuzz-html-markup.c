/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as the HTML or the plain text of a message: what comes out is markup that Pango
 * takes whatever came in, no longer than was asked for, and its links lead where links may.
 *
 * The first byte says how many characters may be shown, the second one how many lines.
 */

#include "fuzz/fuzz-target.h"
#include "ui/history/ks-html-markup.h"

#include <pango/pango.h>
#include <string.h>

/* Links are GtkLabel's, which takes them out before Pango sees the rest. */
static void
on_element (GMarkupParseContext *context,
            const char *name,
            const char **names,
            const char **values,
            gpointer data,
            GError **error)
{
  if (!g_str_equal (name, "a"))
    {
      g_assert_null (names[0]);
      g_string_append_printf (data, "<%s>", name);
      return;
    }
  g_assert_cmpstr (names[0], ==, "href");
  g_assert_null (names[1]);
  g_assert_true (ks_html_may_open (values[0]));
}

static void
on_end (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  if (!g_str_equal (name, "a"))
    g_string_append_printf (data, "</%s>", name);
}

static void
on_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  g_autofree char *escaped = g_markup_escape_text (text, (gssize) length);

  g_string_append (data, escaped);
}

/* For the caller to free. */
static char *
without_links (const char *markup)
{
  const GMarkupParser parser = { .start_element = on_element, .end_element = on_end, .text = on_text };
  GString *out = g_string_new (NULL);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, out, NULL);
  g_autofree char *whole = g_strdup_printf ("<markup>%s</markup>", markup);
  g_autoptr (GError) error = NULL;

  g_markup_parse_context_parse (context, whole, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
  return g_string_free (out, FALSE);
}

static void
check (const char *markup, guint max_chars, guint max_lines)
{
  g_autofree char *plain = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  guint lines = 1;

  if (markup == NULL)
    return;
  g_assert_true (g_utf8_validate (markup, -1, NULL));
  plain = without_links (markup);
  g_assert_true (pango_parse_markup (plain, -1, 0, NULL, &text, NULL, &error));
  g_assert_no_error (error);
  for (const char *c = text; *c != '\0'; c++)
    lines += *c == '\n';
  g_assert_cmpuint (lines, <=, MAX (max_lines, 1));
  g_assert_cmpint (g_utf8_strlen (text, -1), >, 0);
  /* Line ends are counted as lines. */
  g_assert_cmpint (g_utf8_strlen (text, -1), <=, max_chars + lines - 1);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint max_chars, max_lines;
  g_autofree char *text = NULL;
  g_autofree char *from_html = NULL;
  g_autofree char *from_text = NULL;

  if (size < 2)
    return 0;
  max_chars = data[0] == 255 ? 65536 : data[0];
  max_lines = data[1] == 255 ? 8000 : data[1];
  text = g_strndup ((const char *) data + 2, size - 2);
  from_html = ks_html_markup (text, max_chars, max_lines, NULL);
  check (from_html, max_chars, max_lines);
  from_text = ks_text_markup (text, max_chars, max_lines, NULL);
  check (from_text, max_chars, max_lines);
  return 0;
}
