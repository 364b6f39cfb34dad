/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names that were made to fall into one place of a hash table. Times are compared with those of
 * as many other names, not with a clock: what takes the square of their number takes hundreds
 * of times as long.
 */

#include "matrix/ks-json.h"

#include <string.h>
#include <time.h>

#include "matrix/line-server.h"

/* Of this process, in microseconds: others may be busy too. */
static gint64
cpu_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * G_TIME_SPAN_SECOND + time.tv_nsec / 1000;
}

/* The colliding ones may take this many times as long as the others. */
#define AT_MOST 20

typedef char *(*MakeName) (guint n);

/* "Ez" and "FY" have the same hash in g_str_hash(), and so have all strings of these two. */
static char *
alike (guint n)
{
  char *name = g_malloc0 (2 * 18 + 1);

  for (guint i = 0; i < 18; i++)
    memcpy (name + 2 * i, (n >> i) & 1 ? "FY" : "Ez", 2);
  return name;
}

static char *
different (guint n)
{
  return g_strdup_printf ("%036u", n * 7919);
}

/* {"first":0,"second":0,…} */
static GString *
object_of (MakeName make, guint n)
{
  GString *text = g_string_new ("{");

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = make (i);

      g_string_append_printf (text, "%s\"%s\":0", i > 0 ? "," : "", name);
    }
  g_string_append_c (text, '}');
  return text;
}

/* {"a":[object,object,…]} */
static GString *
objects_of (MakeName make, guint n, guint n_objects)
{
  g_autoptr (GString) object = object_of (make, n);
  GString *text = g_string_new ("{\"a\":[");

  for (guint i = 0; i < n_objects; i++)
    {
      g_string_append (text, i > 0 ? "," : "");
      g_string_append_len (text, object->str, (gssize) object->len);
    }
  g_string_append (text, "]}");
  return text;
}

/* The names themselves are what they are said to be. */
static void
test_names_are_alike (void)
{
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *one = alike (i);
      g_autofree char *next = alike (i + 1);

      g_assert_cmpstr (one, !=, next);
      g_assert_cmpuint (g_str_hash (one), ==, g_str_hash (next));
    }
}

static gint64
time_of_check (MakeName make)
{
  g_autoptr (GString) text = object_of (make, 20000);
  gint64 before = cpu_time ();

  g_assert_true (ks_json_check (text->str, text->len, NULL));
  return cpu_time () - before;
}

/* The search for names that are there twice. */
static void
test_check (void)
{
  gint64 honest = time_of_check (different);

  g_assert_cmpint (time_of_check (alike), <, honest * AT_MOST);
}

static gint64
time_of_parsing (MakeName make)
{
  g_autoptr (GString) text = objects_of (make, 4000, 20);
  g_autoptr (JsonObject) object = NULL;
  gint64 before = cpu_time ();

  object = ks_json_parse_object (text->str, text->len, NULL);
  return cpu_time () - before;
}

static void
test_parse (void)
{
  gint64 honest = time_of_parsing (different);

  g_assert_cmpint (time_of_parsing (alike), <, honest * AT_MOST);
}

static void
test_limits (void)
{
  static const struct
  {
    MakeName make;
    guint n;
    gboolean accepted;
  } cases[] = {
    { different, KS_JSON_MAX_MEMBERS, TRUE },
    { different, KS_JSON_MAX_MEMBERS + 1, FALSE },
    { different, 200000, FALSE },
    { alike, KS_JSON_MAX_ALIKE, TRUE },
    { alike, 4 * KS_JSON_MAX_ALIKE, FALSE },
    { alike, 200000, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) text = object_of (cases[i].make, cases[i].n);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = ks_json_parse_object (text->str, text->len, &error);

      g_assert_cmpint (object != NULL, ==, cases[i].accepted);
      if (object == NULL)
        g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
      else
        g_assert_cmpuint (json_object_get_size (object), ==, cases[i].n);
    }
}

/* Each object has names of its own, however many there are on one level. */
static void
test_limits_count_for_each_object (void)
{
  g_autoptr (GString) many = objects_of (different, KS_JSON_MAX_MEMBERS - 1, 3);
  g_autoptr (GString) alikes = objects_of (alike, KS_JSON_MAX_ALIKE + 20, 50);
  g_autoptr (JsonObject) first = ks_json_parse_object (many->str, many->len, NULL);
  g_autoptr (JsonObject) second = ks_json_parse_object (alikes->str, alikes->len, NULL);

  g_assert_nonnull (first);
  g_assert_nonnull (second);
}

/* Writing looks no name up. */
static gint64
time_of_writing (MakeName make)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *text = NULL;
  gint64 before;

  for (guint i = 0; i < 4000; i++)
    {
      g_autofree char *name = make (i);

      json_object_set_int_member (object, name, 0);
    }
  before = cpu_time ();
  text = ks_json_to_canonical (object, NULL, NULL);
  g_assert_nonnull (text);
  return cpu_time () - before;
}

static void
test_write (void)
{
  gint64 honest = time_of_writing (different);

  g_assert_cmpint (time_of_writing (alike), <, honest * AT_MOST);
}

/* --- a large answer, and its reader's patience --- */

/* Cancels when the answer is about to be parsed. */
typedef struct
{
  GCancellable *cancellable; /* owned; NULL: only looks at the clock */
  gint64 began;
} AtParse;

static GLogWriterOutput
on_log (GLogLevelFlags level, const GLogField *fields, gsize n, gpointer data)
{
  AtParse *at = data;

  for (gsize i = 0; i < n; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && fields[i].length < 0
        && g_str_equal ((const char *) fields[i].value, "step parse"))
      {
        at->began = cpu_time ();
        if (at->cancellable != NULL)
          g_cancellable_cancel (at->cancellable);
      }
  return G_LOG_WRITER_HANDLED;
}

static AtParse at_parse;

static gint64
time_of_answer (const char *body, gboolean cancel)
{
  g_autoptr (LineServer) server = line_server_new ();
  g_autoptr (KsHttp) http = line_server_client (server);
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/x", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (JsonObject) answer = NULL;
  g_autoptr (GError) error = NULL;

  at_parse = (AtParse){ .cancellable = cancel ? cancellable : NULL };
  ks_request_set_limit (request, KS_REQUEST_LIMIT_ROOM);
  line_server_say_json (server, 200, body);
  answer = send_now (http, request, cancellable, &error);
  if (cancel)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    g_assert_no_error (error);
  g_assert_cmpint (at_parse.began, >, 0);
  return cpu_time () - at_parse.began;
}

/* It ends in the middle, and not when all was read. */
static void
test_cancelled_while_it_is_parsed (void)
{
  g_autoptr (GString) text = objects_of (different, 50, 4000);
  gint64 whole = time_of_answer (text->str, FALSE);

  g_assert_cmpint (time_of_answer (text->str, TRUE), <, whole / 2);
}

/* What stands before and after a long number, and whether one may stand there. */
typedef struct
{
  const char *before;
  const char *after;
  gboolean accepted;
} LongNumber;

static const LongNumber long_numbers[] = {
  { "{\"a\":[", ",1],\"b\":7}", TRUE },
  { "{\"a\":[1,", "],\"b\":7}", TRUE },
  { "{\"a\":[[", "e5],1],\"b\":7}", TRUE },
  { "{\"a\":[2,1],\"b\":7}", "", FALSE },
  { "{", ":1}", FALSE },
  { "{\"a\":[2,1],\"b\":7", "", FALSE },
  { "{\"a\":[1", "x],\"b\":7}", FALSE },
  { "", "", FALSE },
};

/* One number is one number, however long; and where none may stand it does not get into the tree. */
static void
test_long_numbers (void)
{
  g_autofree char *digits = g_strnfill (100000, '1');

  for (gsize i = 0; i < G_N_ELEMENTS (long_numbers); i++)
    {
      const LongNumber *number = &long_numbers[i];
      g_autofree char *text = g_strconcat (number->before, digits, number->after, NULL);
      g_autoptr (JsonObject) answer = ks_json_parse_answer (text, strlen (text), NULL, NULL);

      g_assert_cmpint (answer != NULL, ==, number->accepted);
      g_assert_null (ks_json_parse_object (text, strlen (text), NULL));
      if (answer == NULL)
        continue;
      g_assert_cmpint (json_object_get_int_member (answer, "b"), ==, 7);
      g_assert_cmpuint (json_array_get_length (json_object_get_array_member (answer, "a")), ==, 2);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (on_log, &at_parse, NULL);
  g_test_add_func ("/json-flood/names-are-alike", test_names_are_alike);
  g_test_add_func ("/json-flood/check", test_check);
  g_test_add_func ("/json-flood/parse", test_parse);
  g_test_add_func ("/json-flood/limits", test_limits);
  g_test_add_func ("/json-flood/limits-count-for-each-object", test_limits_count_for_each_object);
  g_test_add_func ("/json-flood/write", test_write);
  g_test_add_func ("/json-flood/long-numbers", test_long_numbers);
  g_test_add_func ("/json-flood/cancelled-while-it-is-parsed", test_cancelled_while_it_is_parsed);
  return g_test_run ();
}
