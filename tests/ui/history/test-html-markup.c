/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-html-markup.h"

#include <pango/pango.h>
#include <string.h>

/* What a label of GTK does with it: markup of its own around that of Pango. */
static void
on_element (GMarkupParseContext *context,
            const char *name,
            const char **names,
            const char **values,
            gpointer data,
            GError **error)
{
  static const char *const allowed[] = { "markup", "a", "b", "i", "u", "s", "tt", NULL };

  g_assert_true (g_strv_contains (allowed, name));
  if (!g_str_equal (name, "a"))
    {
      g_assert_null (names[0]);
      return;
    }
  g_assert_cmpstr (names[0], ==, "href");
  g_assert_null (names[1]);
  g_assert_true (ks_html_may_open (values[0]));
}

static void
check_safe (const char *markup)
{
  const GMarkupParser parser = { .start_element = on_element };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, NULL, NULL);
  g_autofree char *whole = g_strdup_printf ("<markup>%s</markup>", markup);
  g_autoptr (GError) error = NULL;

  g_markup_parse_context_parse (context, whole, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
}

static char *
convert (const char *html)
{
  char *markup = ks_html_markup (html, 10000, 500, NULL);

  if (markup != NULL)
    check_safe (markup);
  return markup;
}

typedef struct
{
  const char *html;
  const char *markup;
} Case;

static void
check_cases (const Case *cases, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *markup = convert (cases[i].html);

      g_test_message ("%s", cases[i].html);
      g_assert_cmpstr (markup, ==, cases[i].markup);
    }
}

static void
test_kept_tags_become_pangos (void)
{
  const Case cases[] = {
    { "plain", "plain" },
    { "<b>a</b><strong>b</strong>", "<b>a</b><b>b</b>" },
    { "<i>a</i><EM>b</em>", "<i>a</i><i>b</i>" },
    { "<u>a</u><del>b</del><s>c</s><code>d</code>", "<u>a</u><s>b</s><s>c</s><tt>d</tt>" },
    { "<b class=\"x>y\">a</b>", "<b>a</b>" },
    { "<h2>Title</h2>text", "<b>Title</b>\n\ntext" },
    { "<span data-mx-color=\"#ff0000\">red</span>", "red" },
    { "<img alt=\":cat:\" src=\"mxc://x/y\">", ":cat:" },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_blocks_become_lines (void)
{
  const Case cases[] = {
    { "a<br>b<br/>c", "a\nb\nc" },
    { "<p>a</p><p>b</p>", "a\n\nb" },
    { "<p><b>a</b></p>", "<b>a</b>" },
    { "<ul><li>a</li><li>b</li></ul>c", "• a\n• b\nc" },
    { "<ol><li>a</li><li>b</li></ol>", "1. a\n2. b" },
    { "<blockquote>a</blockquote>b", "a\n\nb" },
    { "  a \n b\t c  ", "a b c" },
    { "<pre><code>a\n  b</code></pre>", "<tt><tt>a\n  b</tt></tt>" },
    { "a<br><br><br><br><br><br>b", "a\n\n\nb" },
    { "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\nb" },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_wrong_nesting_is_put_right (void)
{
  const Case cases[] = {
    { "<b>a", "<b>a</b>" },
    { "<b><i>a</b>b</i>", "<b><i>a</i></b>b" },
    { "</b>a</i>", "a" },
    { "<b><b><b>a", "<b><b><b>a</b></b></b>" },
    { "<b>a<b", "<b>a&lt;b</b>" },
    { "a < b <b>c</b>", "a &lt; b <b>c</b>" },
    { "I </3 <b>you</b>", "I &lt;/3 <b>you</b>" },
    { "<", "&lt;" },
    { "<!-- a -->b", "b" },
    { "<!-- a", "&lt;!-- a" },
    { "", NULL },
    { "<b></b> <br>", NULL },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_hidden_parts_are_left_out (void)
{
  const Case cases[] = {
    { "<script>alert('x')</script>a", "a" },
    { "<style>b { }</style >a", "a" },
    { "<mx-reply><blockquote>old</blockquote></mx-reply>new", "new" },
    { "<mx-reply>old", NULL },
    { "<scripted>a</scripted>", "a" },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_entities_are_read_once (void)
{
  const Case cases[] = {
    { "&lt;b&gt;", "&lt;b&gt;" },
    { "&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;" },
    { "&#60;script&#x3e;", "&lt;script&gt;" },
    { "&#x1F9D7;&eacute;&amp", "\360\237\247\227&amp;eacute;&amp;amp" },
    { "a&#0;b&#xD800;c&#x110000;d&#99999999999;",
      "a&amp;#0;b&amp;#xD800;c&amp;#x110000;d&amp;#99999999999;" },
    { "a&#1;b&#x1b;c", "abc" },
    { "&;&#;&#x;", "&amp;;&amp;#;&amp;#x;" },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_only_harmless_links_are_links (void)
{
  const Case cases[] = {
    { "<a href=\"https://example.org/?a=1&amp;b='2'\">x</a>",
      "<a href=\"https://example.org/?a=1&amp;b=&apos;2&apos;\">x</a>" },
    { "<a href='http://example.org'>x</a>", "<a href=\"http://example.org\">x</a>" },
    { "<a target=_blank href=HTTPS://example.org/x>x</a>", "<a href=\"HTTPS://example.org/x\">x</a>" },
    { "<a href=\"https://matrix.to/#/@a:example.org\">x</a>",
      "<a href=\"https://matrix.to/#/@a:example.org\">x</a>" },
    { "<a href=\"mailto:a@example.org\">x</a>", "<a href=\"mailto:a@example.org\">x</a>" },
    { "<a href=\"mailto:a@example.org?attach=/etc/passwd\">x</a>", "x" },
    { "<a href=\"javascript:alert(1)\">x</a>", "x" },
    { "<a href=\"&#106;avascript:alert(1)\">x</a>", "x" },
    { "<a href=\"java\nscript:alert(1)\">x</a>", "x" },
    { "<a href=\"file:///etc/passwd\">x</a>", "x" },
    { "<a href=\"data:text/html,x\">x</a>", "x" },
    { "<a href=\"//example.org\">x</a>", "x" },
    { "<a href=\"https://\">x</a>", "x" },
    { "<a href=\"https://example.org/ \">x</a>", "<a href=\"https://example.org/\">x</a>" },
    { "<a href=\"https://example.org/a b\">x</a>", "x" },
    { "<a href=\"https://example.org/\342\200\256gpj\">x</a>", "x" },
    { "<a href=\"\">x</a><a>y</a>", "xy" },
    { "<a data-href=\"https://example.org\">x</a>", "x" },
    { "<a href=\"https://a.org\"><a href=\"https://b.org\">x</a></a>",
      "<a href=\"https://a.org\"></a><a href=\"https://b.org\">x</a>" },
    { "<a href=\"https://a.org\" onclick=\"x()\" title=\"&lt;b&gt;\">x", "<a href=\"https://a.org\">x</a>" },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_plain_text_stays_as_it_is (void)
{
  g_autofree char *text = ks_text_markup ("<b>1 < 2 & 3</b>\n  \"x\"\001\n\n\n\n\ny\n", 1000, 100, NULL);
  g_autofree char *nothing = ks_text_markup (" \n\t\002", 1000, 100, NULL);
  g_autofree char *broken = ks_text_markup ("a\377b", 1000, 100, NULL);
  g_autofree char *broken_html = ks_html_markup ("a\377b", 1000, 100, NULL);

  check_safe (text);
  g_assert_cmpstr (text, ==, "&lt;b&gt;1 &lt; 2 &amp; 3&lt;/b&gt;\n  &quot;x&quot;\n\n\ny");
  g_assert_null (nothing);
  g_assert_null (broken);
  g_assert_null (broken_html);
}

/* What comes behind, such as that it was edited, is not their sender's. */
static void
test_nothing_turns_letters_around (void)
{
  g_autofree char *text = ks_text_markup ("a\342\200\256b\342\200\255c", 100, 10, NULL);
  g_autofree char *html = convert ("<b>a&#x202e;</b>&#8237;b");
  g_autofree char *mark = ks_text_markup ("\330\247\342\200\217 (\342\201\246x\342\201\251)", 100, 10, NULL);

  g_assert_cmpstr (text, ==, "abc");
  g_assert_cmpstr (html, ==, "<b>a</b>b");
  /* Arabic needs some. */
  g_assert_cmpstr (mark, ==, "\330\247\342\200\217 (\342\201\246x\342\201\251)");
}

static void
test_there_is_an_end (void)
{
  gboolean cut = TRUE;
  g_autofree char *whole = ks_text_markup ("12345", 5, 1, &cut);
  g_autofree char *characters = NULL;
  g_autofree char *lines = NULL;
  g_autofree char *html = NULL;

  g_assert_cmpstr (whole, ==, "12345");
  g_assert_false (cut);
  characters = ks_text_markup ("123456", 5, 1, &cut);
  g_assert_cmpstr (characters, ==, "12345");
  g_assert_true (cut);
  lines = ks_text_markup ("a\nb\nc", 100, 2, &cut);
  g_assert_cmpstr (lines, ==, "a\nb");
  g_assert_true (cut);
  html = ks_html_markup ("<b>abc<i>def</i></b><img alt=\"ghi\">", 5, 9, &cut);
  g_assert_cmpstr (html, ==, "<b>abc<i>de</i></b>");
  g_assert_true (cut);
}

/* As long as an event can be, and of what makes a slow reader slow: it would be minutes. */
static void
test_long_input_takes_no_longer (void)
{
  const char *const parts[] = { "<",         "</",          "<a ",      "<!--",         "<b>",
                                "&",         "&#",          "<p>",      "<a b='",       "<a href=",
                                "<mx-reply", "<script><",   "</script", "<a href='x'>", "<ul>",
                                " \n",       "<img alt=\"", "=",        "<a '\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (GString) html = g_string_new ("a");
      g_autofree char *markup = NULL;
      gint64 begin = g_get_monotonic_time ();

      while (html->len < 1024 * 1024)
        g_string_append (html, parts[i]);
      markup = ks_html_markup (html->str, 2000, 60, NULL);
      g_assert_nonnull (markup);
      check_safe (markup);
      g_assert_cmpuint (strlen (markup), <, 30000);
      g_assert_cmpint (g_get_monotonic_time () - begin, <, 30 * G_USEC_PER_SEC);
    }
}

/* Deeper than anybody writes. */
static void
test_depth_is_bounded (void)
{
  g_autoptr (GString) html = g_string_new (NULL);
  g_autofree char *markup = NULL;

  for (int i = 0; i < 10000; i++)
    g_string_append (html, "<b><i><a href='https://a.org'><pre>");
  g_string_append (html, "x");
  markup = convert (html->str);
  g_assert_nonnull (strstr (markup, ">x<"));
  g_assert_cmpuint (strlen (markup), <, 200000);
}

/* Whatever comes, what leaves is markup with nothing in it but what is allowed. */
static void
test_no_input_gets_through (void)
{
  static const char *const parts[] = { "<",           ">",          "/",
                                       "a",           " href=",     "\"",
                                       "'",           "=",          "https://x.org",
                                       "javascript:", "b",          "&",
                                       "lt;",         "#60;",       "amp;",
                                       "<b>",         "</b>",       "<a href='https://x.org'>",
                                       "</a>",        "<!--",       "-->",
                                       "<pre>",       "\n",         "\303\251",
                                       "<script>",    "</script>",  "\001",
                                       "<li>",        "<mx-reply>", "</mx-reply>",
                                       "]]>",         "<![CDATA[" };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (int i = 0; i < 20000; i++)
    {
      g_autoptr (GString) html = g_string_new (NULL);
      g_autofree char *markup = NULL;

      for (int n = g_rand_int_range (random, 1, 20); n > 0; n--)
        g_string_append (html, parts[g_rand_int_range (random, 0, G_N_ELEMENTS (parts))]);
      markup = ks_html_markup (html->str, (guint) g_rand_int_range (random, 1, 40), 5, NULL);
      if (markup != NULL)
        check_safe (markup);
    }
}

/* Pango's own reader has no links; all else is for it. */
static void
test_pango_takes_it (void)
{
  g_autofree char *markup = convert ("<h1>x</h1><pre>&lt;</pre><del><u><i><b><code>\360\237\247\227");
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  pango_parse_markup (markup, -1, 0, NULL, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "x\n\n<\n\n\360\237\247\227");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/html-markup/kept-tags", test_kept_tags_become_pangos);
  g_test_add_func ("/html-markup/blocks", test_blocks_become_lines);
  g_test_add_func ("/html-markup/nesting", test_wrong_nesting_is_put_right);
  g_test_add_func ("/html-markup/hidden", test_hidden_parts_are_left_out);
  g_test_add_func ("/html-markup/entities", test_entities_are_read_once);
  g_test_add_func ("/html-markup/links", test_only_harmless_links_are_links);
  g_test_add_func ("/html-markup/plain-text", test_plain_text_stays_as_it_is);
  g_test_add_func ("/html-markup/direction", test_nothing_turns_letters_around);
  g_test_add_func ("/html-markup/there-is-an-end", test_there_is_an_end);
  g_test_add_func ("/html-markup/long-input", test_long_input_takes_no_longer);
  g_test_add_func ("/html-markup/depth", test_depth_is_bounded);
  g_test_add_func ("/html-markup/any-input", test_no_input_gets_through);
  g_test_add_func ("/html-markup/pango", test_pango_takes_it);
  return g_test_run ();
}
