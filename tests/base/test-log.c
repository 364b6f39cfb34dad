/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/ks-log.h"

typedef struct
{
  const char *name;
  const char *message;
  const char *expected;
} Case;

static const Case cases[] = {
  { "plain", "step publish", "step publish" },
  { "bearer", "Authorization: Bearer abc.def-1", "Authorization: Bearer [redacted]" },
  { "query", "GET /x?access_token=abc&from=1", "GET /x?access_token=[redacted]&from=1" },
  { "login-token", "/login?loginToken=abc", "/login?loginToken=[redacted]" },
  { "password", "{\"password\":\"hunter2 is short\",\"a\":1}", "{\"password\":\"[redacted]\",\"a\":1}" },
  { "synapse-token", "token syt_YWxpY2U_abcdefgh_0aB1", "token [redacted]" },
  { "key-in-groups", "key EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d.", "key [redacted]." },
  { "key-in-one", "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d", "[redacted]" },
  { "key-over-lines", "EsTc LW2K PGiF wKEA\n3As5 g5c4 BXwk qeeJ\nZJV8 Q9fu gUMN UE4d", "[redacted]" },
  { "base64-32-bytes", "got aPl/0ZIu7Pa4K7iQ0k0GUphOeh1wO56Ge3669/65W28=!", "got [redacted]!" },
  { "base64-unpadded", "got aPl/0ZIu7Pa4K7iQ0k0GUphOeh1wO56Ge3669/65W28!", "got [redacted]!" },
  { "two", "Bearer abc and Bearer def", "Bearer [redacted] and Bearer [redacted]" },
  { "ids-stay", "@alice:example.org JLAFKJWSCS !room:example.org $event", NULL },
  { "not-utf-8", "Bearer \xff\xfe end", "Bearer [redacted] end" },
};

static void
test_redact (gconstpointer data)
{
  const Case *c = data;
  g_autofree char *redacted = ks_log_redact (c->message);

  g_assert_cmpstr (redacted, ==, c->expected != NULL ? c->expected : c->message);
}

/* What a process really writes, with everything on, holds no canary. */
static void
test_writer (void)
{
  if (g_test_subprocess ())
    {
      ks_log_init (TRUE);
      g_debug ("sending Bearer canary-1");
      g_message ("key EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d");
      g_warning ("loaded aPl/0ZIu7Pa4K7iQ0k0GUphOeh1wO56Ge3669/65W28");
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_stderr ("*sending Bearer ?redacted?*");
  g_test_trap_assert_stderr ("*key ?redacted?*");
  g_test_trap_assert_stderr_unmatched ("*canary-1*");
  g_test_trap_assert_stderr_unmatched ("*EsTc*");
  g_test_trap_assert_stderr_unmatched ("*aPl/0ZIu*");
  g_test_trap_assert_stdout ("");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/log/redact/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_redact);
    }
  g_test_add_func ("/log/writer-leaks-nothing", test_writer);
  return g_test_run ();
}
