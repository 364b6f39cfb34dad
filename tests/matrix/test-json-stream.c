/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json-stream.h"

#include <gio/gio.h>
#include <malloc.h>
#include <string.h>

#include "matrix/ks-matrix-error.h"

#define ENTRY                                                                               \
  "{\"first_message_index\":3,\"forwarded_count\":0,\"is_verified\":true,\"session_data\":" \
  "{\"ephemeral\":\"eph\",\"ciphertext\":\"cip\",\"mac\":\"mac\"}}"

typedef struct
{
  GString *trace; /* owned; NULL: only count */
  guint good;
  guint bad;
  guint stop_after; /* 0: never */
} Sink;

static gboolean
on_entry (const KsBackupEntry *entry, const char *problem, gpointer data, GError **error)
{
  Sink *sink = data;

  if (problem != NULL)
    sink->bad++;
  else
    {
      sink->good++;
      g_assert_cmpuint (strlen (entry->ciphertext), ==, entry->ciphertext_length);
      g_assert_cmpuint (strlen (entry->ephemeral), ==, entry->ephemeral_length);
      g_assert_cmpuint (strlen (entry->mac), ==, entry->mac_length);
    }
  if (sink->trace != NULL && problem != NULL)
    g_string_append_printf (sink->trace, "%s|%s: %s;", entry->room_id, entry->session_id, problem);
  else if (sink->trace != NULL)
    g_string_append_printf (sink->trace, "%s|%s %d %d %d %s %s %s;", entry->room_id, entry->session_id,
                            (int) entry->first_message_index, (int) entry->forwarded_count,
                            entry->is_verified, entry->ephemeral, entry->ciphertext, entry->mac);
  if (sink->stop_after == 0 || sink->good + sink->bad < sink->stop_after)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "enough");
  return FALSE;
}

static gboolean
read_all (Sink *sink, const char *room_id, const char *text, gsize step, GError **error)
{
  g_autoptr (KsJsonStream) stream = ks_json_stream_new (room_id, on_entry, sink);
  gsize size = strlen (text);

  for (gsize i = 0; i < size; i += step)
    if (!ks_json_stream_feed (stream, text + i, MIN (step, size - i), error))
      return FALSE;
  return ks_json_stream_end (stream, error);
}

typedef struct
{
  const char *name;
  const char *room_id;
  const char *text;
  const char *trace; /* NULL: the whole answer is refused */
} Case;

static const Case cases[] = {
  { "nothing-in-it", NULL, "{\"rooms\":{}}", "" },
  { "room-without-sessions", NULL, "{\"rooms\":{\"!a\":{}}}", "" },
  { "two-rooms", NULL,
    "{\"x\":[{}],\"rooms\":{\"!a\":{\"sessions\":{\"s1\":" ENTRY ",\"s2\":" ENTRY
    "}},\"!b\":{\"y\":{},\"sessions\":"
    "{\"s1\":" ENTRY "}}}}",
    "!a|s1 3 0 1 eph cip mac;!a|s2 3 0 1 eph cip mac;!b|s1 3 0 1 eph cip mac;" },
  { "one-room", "!r", "{\"sessions\":{\"s\":" ENTRY "}}", "!r|s 3 0 1 eph cip mac;" },
  { "one-room-nothing-in-it", "!r", "{\"sessions\":{}}", "" },
  { "members-in-any-order", "!r",
    "{\"sessions\":{\"s\":{\"session_data\":{\"mac\":\"m\",\"z\":[1.5],\"ciphertext\":\"c\",\"ephemeral\":"
    "\"e\"},"
    "\"extra\":{\"mac\":5,\"session_data\":{}},\"is_verified\":false,\"forwarded_count\":2,"
    "\"first_message_index\":1}}}",
    "!r|s 1 2 0 e c m;" },
  { "names-with-escapes", "!r", "{\"sessions\":{\"\\u0073\\/1\":" ENTRY "}}", "!r|s/1 3 0 1 eph cip mac;" },

  { "entry-not-an-object", "!r",
    "{\"sessions\":{\"a\":[],\"b\":1,\"c\":null,\"d\":\"x\",\"e\":true,\"f\":" ENTRY "}}",
    "!r|a: the entry is not an object;!r|b: the entry is not an object;!r|c: the entry is not an object;"
    "!r|d: the entry is not an object;!r|e: the entry is not an object;!r|f 3 0 1 eph cip mac;" },
  { "entry-empty", "!r", "{\"sessions\":{\"a\":{},\"b\":" ENTRY "}}",
    "!r|a: a member is absent;!r|b 3 0 1 eph cip mac;" },
  { "entry-without-mac", "!r",
    "{\"sessions\":{\"a\":{\"first_message_index\":0,\"forwarded_count\":0,\"is_verified\":true,\"session_"
    "data\":"
    "{\"ephemeral\":\"eph\",\"ciphertext\":\"cip\"}}}}",
    "!r|a: a member is absent;" },
  { "entry-index-negative", "!r",
    "{\"sessions\":{\"a\":{\"first_message_index\":-1,\"forwarded_count\":0,\"is_verified\":true,\"session_"
    "data\":"
    "{\"ephemeral\":\"eph\",\"ciphertext\":\"cip\",\"mac\":\"m\"}}}}",
    "!r|a: a number is negative;" },
  { "entry-index-float", "!r",
    "{\"sessions\":{\"a\":{\"first_message_index\":1.5,\"forwarded_count\":0,\"is_verified\":true,\"session_"
    "data\":"
    "{\"ephemeral\":\"eph\",\"ciphertext\":\"cip\",\"mac\":\"m\"}}}}",
    "!r|a: a member has a wrong type;" },
  { "entry-index-string", "!r",
    "{\"sessions\":{\"a\":{\"first_message_index\":\"1\",\"forwarded_count\":0,\"is_verified\":true}}}",
    "!r|a: a member has a wrong type;" },
  { "entry-verified-number", "!r", "{\"sessions\":{\"a\":{\"is_verified\":1}}}",
    "!r|a: a member has a wrong type;" },
  { "entry-verified-object", "!r", "{\"sessions\":{\"a\":{\"is_verified\":{}}}}",
    "!r|a: a member has a wrong type;" },
  { "entry-data-array", "!r", "{\"sessions\":{\"a\":{\"session_data\":[]}}}",
    "!r|a: session_data is not an object;" },
  { "entry-data-string", "!r", "{\"sessions\":{\"a\":{\"session_data\":\"\"}}}",
    "!r|a: session_data is not an object;" },
  { "entry-cipher-number", "!r", "{\"sessions\":{\"a\":{\"session_data\":{\"ciphertext\":1}}}}",
    "!r|a: a member has a wrong type;" },
  { "entry-cipher-object", "!r", "{\"sessions\":{\"a\":{\"session_data\":{\"ciphertext\":{\"mac\":\"m\"}}}}}",
    "!r|a: a member has a wrong type;" },
  { "session-id-empty", "!r", "{\"sessions\":{\"\":" ENTRY "}}",
    "!r|: the session ID is empty or too long;" },

  { "not-an-object", NULL, "[]", NULL },
  { "no-rooms", NULL, "{}", NULL },
  { "rooms-null", NULL, "{\"rooms\":null}", NULL },
  { "rooms-array", NULL, "{\"rooms\":[]}", NULL },
  { "room-array", NULL, "{\"rooms\":{\"!a\":[]}}", NULL },
  { "room-null", NULL, "{\"rooms\":{\"!a\":null}}", NULL },
  { "sessions-array", NULL, "{\"rooms\":{\"!a\":{\"sessions\":[]}}}", NULL },
  { "sessions-number", "!r", "{\"sessions\":1}", NULL },
  { "room-answer-for-all", NULL, "{\"sessions\":{}}", NULL },
  { "answer-for-all-for-room", "!r", "{\"rooms\":{}}", NULL },
  { "session-twice", "!r", "{\"sessions\":{\"s\":" ENTRY ",\"s\":" ENTRY "}}", NULL },
  { "room-twice", NULL, "{\"rooms\":{\"!a\":{},\"!a\":{}}}", NULL },
  { "member-twice", "!r", "{\"sessions\":{\"s\":{\"is_verified\":true,\"is_verified\":true}}}", NULL },
  { "cut", NULL, "{\"rooms\":{\"!a\":{\"sessions\":{\"s\":" ENTRY, NULL },
  { "error-body", NULL, "{\"errcode\":\"M_UNKNOWN\",\"error\":\"x\"}", NULL },
  { "too-deep", "!r",
    "{\"sessions\":{\"s\":{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]",
    NULL },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;

  for (gsize step = 1; step <= strlen (c->text); step += 1 + step / 8)
    {
      Sink sink = { .trace = g_string_new (NULL) };
      g_autoptr (GError) error = NULL;
      gboolean fine = read_all (&sink, c->room_id, c->text, step, &error);

      if (c->trace != NULL)
        {
          g_assert_no_error (error);
          g_assert_true (fine);
          g_assert_cmpstr (sink.trace->str, ==, c->trace);
        }
      else
        {
          g_assert_false (fine);
          g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
        }
      g_string_free (sink.trace, TRUE);
    }
}

/* A large entry is a bad entry; the ones around it are read. */
static void
test_large_entry (void)
{
  g_autofree char *large = g_strnfill (3 * KS_BACKUP_ENTRY_MAX_SIZE, 'A');
  g_autofree char *text =
      g_strdup_printf ("{\"sessions\":{\"a\":" ENTRY
                       ",\"b\":{\"first_message_index\":0,\"forwarded_count\":0,\"is_verified\":true,"
                       "\"session_data\":{\"ephemeral\":\"e\",\"ciphertext\":\"%s\",\"mac\":\"m\"}},"
                       "\"c\":" ENTRY "}}",
                       large);
  Sink sink = { .trace = g_string_new (NULL) };
  g_autoptr (GError) error = NULL;

  g_assert_true (read_all (&sink, "!r", text, 65536, &error));
  g_assert_cmpstr (sink.trace->str, ==,
                   "!r|a 3 0 1 eph cip mac;!r|b: the entry is too large;!r|c 3 0 1 eph cip mac;");
  g_string_free (sink.trace, TRUE);
}

static void
test_long_ids (void)
{
  g_autofree char *longest = g_strnfill (255, 'x');
  g_autofree char *longer = g_strnfill (256, 'x');
  g_autofree char *text = g_strdup_printf ("{\"rooms\":{\"%s\":{\"sessions\":{\"%s\":" ENTRY ",\"%s\":" ENTRY
                                           "}},\"%s\":{\"sessions\":"
                                           "{\"s\":" ENTRY "}}}}",
                                           longest, longest, longer, longer);
  Sink sink = { 0 };

  g_assert_true (read_all (&sink, NULL, text, 100, NULL));
  g_assert_cmpuint (sink.good, ==, 1);
  g_assert_cmpuint (sink.bad, ==, 2);
}

static void
test_stopped_by_the_reader (void)
{
  Sink sink = { .stop_after = 1 };
  g_autoptr (GError) error = NULL;

  g_assert_false (read_all (&sink, "!r", "{\"sessions\":{\"a\":" ENTRY ",\"b\":" ENTRY "}}", 1000, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (sink.good, ==, 1);
}

static gsize
in_use (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

/* 50,000 entries take no more memory than a few, but for 16 bytes a name. */
static void
test_flat_memory (void)
{
  Sink sink = { 0 };
  g_autoptr (KsJsonStream) stream = ks_json_stream_new (NULL, on_entry, &sink);
  gsize before = in_use ();
  gsize most = 0;

  g_assert_true (ks_json_stream_feed (stream, "{\"rooms\":{", 10, NULL));
  for (int room = 0; room < 10; room++)
    {
      g_autofree char *open = g_strdup_printf ("%s\"!%d\":{\"sessions\":{", room > 0 ? "," : "", room);

      g_assert_true (ks_json_stream_feed (stream, open, strlen (open), NULL));
      for (int i = 0; i < 5000; i++)
        {
          g_autofree char *entry = g_strdup_printf ("%s\"session-number-%d\":" ENTRY, i > 0 ? "," : "", i);

          g_assert_true (ks_json_stream_feed (stream, entry, strlen (entry), NULL));
          most = MAX (most, in_use ());
        }
      g_assert_true (ks_json_stream_feed (stream, "}}", 2, NULL));
    }
  g_assert_true (ks_json_stream_feed (stream, "}}", 2, NULL));
  g_assert_true (ks_json_stream_end (stream, NULL));
  g_assert_cmpuint (sink.good, ==, 50000);
  if (before > 0) /* sanitizers have an allocator of their own */
    g_assert_cmpuint (most - before, <, 400 * 1024);
}

/* What is no entry and has no end is given up before it fills the memory. */
static void
test_endless_garbage (gconstpointer data)
{
  static const char *const starts[] = { "{", "{\"rooms\":{\"!a\":{",
                                        "{\"rooms\":{\"!a\":{\"sessions\":{\"s\":{" };
  Sink sink = { 0 };
  g_autoptr (KsJsonStream) stream = ks_json_stream_new (NULL, on_entry, &sink);
  g_autoptr (GError) error = NULL;
  const char *start = starts[GPOINTER_TO_INT (data)];

  g_assert_true (ks_json_stream_feed (stream, start, strlen (start), NULL));
  for (int i = 0; i < 1000000; i++)
    {
      g_autofree char *member = g_strdup_printf ("%s\"name-%d\":\"value\"", i > 0 ? "," : "", i);

      if (!ks_json_stream_feed (stream, member, strlen (member), &error))
        break;
    }
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/json-stream/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/json-stream/large-entry", test_large_entry);
  g_test_add_func ("/json-stream/long-ids", test_long_ids);
  g_test_add_func ("/json-stream/stopped-by-the-reader", test_stopped_by_the_reader);
  g_test_add_func ("/json-stream/flat-memory", test_flat_memory);
  g_test_add_data_func ("/json-stream/endless-garbage-in-root", GINT_TO_POINTER (0), test_endless_garbage);
  g_test_add_data_func ("/json-stream/endless-garbage-in-room", GINT_TO_POINTER (1), test_endless_garbage);
  g_test_add_data_func ("/json-stream/endless-garbage-in-entry", GINT_TO_POINTER (2), test_endless_garbage);
  return g_test_run ();
}
