/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-session-stream.h"

#include <gio/gio.h>
#include <malloc.h>
#include <string.h>

#include "matrix/ks-matrix-error.h"

#define NEEDED "\"algorithm\":\"alg\",\"room_id\":\"!r\",\"session_id\":\"sid\",\"session_key\":\"key\""
#define REQUIRED NEEDED ",\"sender_key\":\"snd\""
#define SESSION "{" REQUIRED "}"

typedef struct
{
  GString *trace; /* owned; NULL: only count */
  guint good;
  guint bad;
  guint stop_after; /* 0: never */
} Sink;

static gboolean
on_session (const KsSession *session, const char *problem, gpointer data, GError **error)
{
  Sink *sink = data;

  sink->good += problem == NULL;
  sink->bad += problem != NULL;
  g_assert_nonnull (session->room_id);
  g_assert_nonnull (session->session_id);
  if (problem == NULL)
    g_assert_cmpuint (strlen (session->session_key), ==, session->session_key_length);
  if (sink->trace != NULL && problem != NULL)
    g_string_append_printf (sink->trace, "%s|%s: %s;", session->room_id, session->session_id, problem);
  else if (sink->trace != NULL)
    g_string_append_printf (sink->trace, "%s|%s %s %s %s %s %s %d;", session->room_id, session->session_id,
                            session->algorithm, session->sender_key != NULL ? session->sender_key : "-",
                            session->session_key,
                            session->claimed_ed25519 != NULL ? session->claimed_ed25519 : "-",
                            session->forwarding_chain != NULL ? session->forwarding_chain : "-",
                            session->shared_history);
  if (sink->stop_after == 0 || sink->good + sink->bad < sink->stop_after)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "enough");
  return FALSE;
}

static gboolean
read_all (Sink *sink, const char *text, gsize step, GError **error)
{
  g_autoptr (KsSessionStream) stream = ks_session_stream_new (on_session, sink);
  gsize size = strlen (text);

  for (gsize i = 0; i < size; i += step)
    if (!ks_session_stream_feed (stream, text + i, MIN (step, size - i), error))
      return FALSE;
  return ks_session_stream_end (stream, error);
}

typedef struct
{
  const char *name;
  const char *text;
  const char *trace; /* NULL: all of it is refused */
} Case;

static const Case cases[] = {
  { "nothing-in-it", "[]", "" },
  { "white-space-around", " \n[ " SESSION " ]\n", "!r|sid alg snd key - - 0;" },
  { "two-sessions", "[" SESSION "," SESSION "]", "!r|sid alg snd key - - 0;!r|sid alg snd key - - 0;" },
  { "all-members",
    "[{\"forwarding_curve25519_key_chain\":[\"a\",\"b\\\"\"],\"sender_claimed_keys\":{\"x\":{},\"ed25519\":"
    "\"ed\"}," REQUIRED ",\"m.shared_history\":true}]",
    "!r|sid alg snd key ed [\"a\",\"b\\\"\"] 1;" },
  { "older-name-of-shared-history", "[{" REQUIRED ",\"org.matrix.msc3061.shared_history\":true}]",
    "!r|sid alg snd key - - 1;" },
  { "empty-chain-and-claims",
    "[{" REQUIRED ",\"forwarding_curve25519_key_chain\":[],\"sender_claimed_keys\":{}}]",
    "!r|sid alg snd key - - 0;" },
  { "unknown-members", "[{\"first\":[{\"room_id\":5}],\"z\":{\"session_key\":{}},\"n\":1.5," REQUIRED "}]",
    "!r|sid alg snd key - - 0;" },
  /* What a session can do without may be anything. */
  { "odd-optional-members",
    "[{" REQUIRED ",\"sender_claimed_keys\":null,\"forwarding_curve25519_key_chain\":\"x\","
    "\"m.shared_history\":1}]",
    "!r|sid alg snd key - - 0;" },
  { "chain-of-something-else", "[{" REQUIRED ",\"forwarding_curve25519_key_chain\":[{},\"a\"]}]",
    "!r|sid alg snd key - - 0;" },
  { "chain-that-ends-in-something-else",
    "[{" REQUIRED ",\"forwarding_curve25519_key_chain\":[\"a\",\"b\",1,\"c\"]}," SESSION "]",
    "!r|sid alg snd key - [\"a\",\"b\"] 0;!r|sid alg snd key - - 0;" },
  { "sender-key-absent", "[{" NEEDED "}," SESSION "]", "!r|sid alg - key - - 0;!r|sid alg snd key - - 0;" },
  { "sender-key-null", "[{" NEEDED ",\"sender_key\":null}]", "!r|sid alg - key - - 0;" },
  { "sender-key-an-object", "[{" NEEDED ",\"sender_key\":{\"sender_key\":\"x\"}}]",
    "!r|sid alg - key - - 0;" },
  { "sender-key-empty", "[{" NEEDED ",\"sender_key\":\"\"}]", "!r|sid alg - key - - 0;" },
  { "sender-key-among-the-claimed", "[{" NEEDED ",\"sender_claimed_keys\":{\"sender_key\":\"x\"}}]",
    "!r|sid alg - key - - 0;" },
  { "session-not-an-object", "[1,\"x\",null,true,[{\"room_id\":\"!x\"}]," SESSION "]",
    "|: the session is not an object;|: the session is not an object;|: the session is not an object;"
    "|: the session is not an object;|: the session is not an object;!r|sid alg snd key - - 0;" },
  { "session-empty", "[{}," SESSION "]", "|: a member is absent;!r|sid alg snd key - - 0;" },
  { "session-without-key",
    "[{\"algorithm\":\"alg\",\"room_id\":\"!r\",\"session_id\":\"sid\",\"sender_key\":\"snd\"}]",
    "!r|sid: a member is absent;" },
  { "session-key-an-object", "[{\"session_key\":{},\"room_id\":\"!r\",\"session_id\":\"sid\"}," SESSION "]",
    "!r|sid: a member has a wrong type;!r|sid alg snd key - - 0;" },
  { "room-a-number", "[{\"room_id\":5,\"session_id\":\"sid\"}]", "|sid: a member has a wrong type;" },
  { "room-empty", "[{\"room_id\":\"\",\"session_id\":\"sid\"}]", "|sid: a member is empty or too long;" },

  /* Whatever one session is, the others are what they are. */
  { "byte-order-mark", "\xef\xbb\xbf [" SESSION "]", "!r|sid alg snd key - - 0;" },
  { "member-twice", "[{\"room_id\":\"a\",\"room_id\":\"b\"}," SESSION "]",
    "a|: the session cannot be read;!r|sid alg snd key - - 0;" },
  { "nul", "[" SESSION ",{\"room_id\":\"a\\u0000\"}," SESSION "]",
    "!r|sid alg snd key - - 0;|: the session cannot be read;!r|sid alg snd key - - 0;" },
  { "half-a-surrogate", "[{" REQUIRED ",\"x\":\"\\ud800\"}," SESSION "]",
    "|: the session cannot be read;!r|sid alg snd key - - 0;" },
  { "not-utf-8", "[{\"room_id\":\"\xff\"}," SESSION "]",
    "|: the session cannot be read;!r|sid alg snd key - - 0;" },
  { "no-json", "[{\"a\" 1}," SESSION ",tru," SESSION "]",
    "|: the session cannot be read;!r|sid alg snd key - - 0;|: the session is not an object;"
    "!r|sid alg snd key - - 0;" },
  { "signs-in-strings", "[{\"x\":\"]}\\\"\\\\\",\"room_id\":7}," SESSION "]",
    "|: a member has a wrong type;!r|sid alg snd key - - 0;" },
  { "numbers-out-of-range", "[{\"x\":9007199254740993,\"y\":1e400," REQUIRED "}]",
    "!r|sid alg snd key - - 0;" },
  { "number-out-of-range-for-a-room", "[{\"room_id\":9007199254740993}," SESSION "]",
    "|: a member has a wrong type;!r|sid alg snd key - - 0;" },

  { "object", "{\"room_id\":\"!r\"}", NULL },
  { "string",
    "\""
    "x"
    "\"",
    NULL },
  { "number", "5", NULL },
  { "cut-short", "[" SESSION, NULL },
  { "two-lists", "[][]", NULL },
  { "nothing-at-all", "", NULL },
  { "leading-comma", "[," SESSION "]", NULL },
  { "no-comma", "[" SESSION SESSION "]", NULL },
  { "no-element", "[" SESSION ",," SESSION "]", NULL },
  { "half-a-byte-order-mark", "\xef\xbb[]", NULL },
  { "byte-order-mark-twice", "\xef\xbb\xbf\xef\xbb\xbf[]", NULL },
  { "trailing-comma", "[" SESSION ",]", NULL },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  static const gsize steps[] = { 1, 2, 3, 7, 64, 100000 };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      Sink sink = { .trace = g_string_new (NULL) };
      g_autoptr (GError) error = NULL;
      gboolean ok = read_all (&sink, c->text, steps[i], &error);

      if (c->trace != NULL)
        {
          g_assert_no_error (error);
          g_assert_true (ok);
          g_assert_cmpstr (sink.trace->str, ==, c->trace);
        }
      else
        {
          g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
          g_assert_false (ok);
        }
      g_string_free (sink.trace, TRUE);
    }
}

static void
test_long_strings_spoil_one_session (void)
{
  g_autofree char *long_string = g_strnfill (1000, 'x');
  g_autofree char *longer = g_strnfill (KS_SESSION_MAX_SIZE * 3, 'x');
  g_autofree char *text =
      g_strdup_printf ("[{\"room_id\":\"%s\"},{\"session_key\":\"%s\"},{\"unknown\":\"%s\"," REQUIRED
                       "},{\"sender_key\":\"%s\"}," SESSION "]",
                       long_string, long_string, longer, longer);
  Sink sink = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (read_all (&sink, text, 977, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (sink.bad, ==, 4);
  g_assert_cmpuint (sink.good, ==, 1);
}

/* @text is one session of two. */
static void
assert_one_is_spoilt (const char *text)
{
  g_autofree char *whole = g_strdup_printf ("[%s," SESSION "]", text);
  g_autofree char *open = g_strdup_printf ("[" SESSION ",%s", text);
  Sink sink = { 0 };
  Sink cut = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (read_all (&sink, whole, 4096, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (sink.bad, ==, 1);
  g_assert_cmpuint (sink.good, ==, 1);
  g_assert_false (read_all (&cut, open, 4096, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
}

static void
test_nested_too_deeply (void)
{
  static const guint depths[] = { 70, 100000 };

  for (gsize i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      g_autofree char *open = g_strnfill (depths[i], '[');
      g_autofree char *close = g_strnfill (depths[i], ']');
      g_autofree char *text = g_strdup_printf ("{" REQUIRED ",\"x\":%s%s}", open, close);

      assert_one_is_spoilt (text);
    }
}

static void
test_names_without_end_spoil_one_session (void)
{
  static const guint numbers[] = { 3000, 20000, 200000 };

  for (gsize n = 0; n < G_N_ELEMENTS (numbers); n++)
    {
      g_autoptr (GString) text = g_string_new ("{" REQUIRED);

      for (guint i = 0; i < numbers[n]; i++)
        g_string_append_printf (text, ",\"a-name-of-nothing-%u\":1", i);
      g_string_append_c (text, '}');
      assert_one_is_spoilt (text->str);
    }
}

static void
test_stops_when_told (void)
{
  Sink sink = { .stop_after = 1 };
  g_autoptr (GError) error = NULL;

  g_assert_false (read_all (&sink, "[" SESSION "," SESSION "]", 1000, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpuint (sink.good, ==, 1);
}

/* Nothing is kept of a session that has been told of. */
static void
test_memory_is_flat (void)
{
  Sink sink = { 0 };
  g_autoptr (KsSessionStream) stream = ks_session_stream_new (on_session, &sink);
  size_t before = 0;

  g_assert_true (ks_session_stream_feed (stream, "[" SESSION, strlen ("[" SESSION), NULL));
  for (guint i = 0; i < 200000; i++)
    {
      g_assert_true (ks_session_stream_feed (stream, "," SESSION, strlen ("," SESSION), NULL));
      if (i == 1000)
        before = mallinfo2 ().uordblks;
    }
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before + 65536);
  g_assert_true (ks_session_stream_feed (stream, "]", 1, NULL));
  g_assert_true (ks_session_stream_end (stream, NULL));
  g_assert_cmpuint (sink.good, ==, 200001);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/session-stream/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/session-stream/long-strings-spoil-one-session", test_long_strings_spoil_one_session);
  g_test_add_func ("/session-stream/nested-too-deeply", test_nested_too_deeply);
  g_test_add_func ("/session-stream/names-without-end", test_names_without_end_spoil_one_session);
  g_test_add_func ("/session-stream/stops-when-told", test_stops_when_told);
  g_test_add_func ("/session-stream/memory-is-flat", test_memory_is_flat);
  return g_test_run ();
}
