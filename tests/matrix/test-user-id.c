/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-user-id.h"

typedef struct
{
  const char *text;
  gboolean valid;
} Case;

static const Case users[] = {
  { "@alice:example.org", TRUE },
  { "@alice:example.org:8448", TRUE },
  { "@a:[2001:db8::1]:80", TRUE },
  { "@a:127.0.0.1", TRUE },
  { "@Al ice:example.org", FALSE },
  { "@\xc3\xa9t\xc3\xa9:example.org", TRUE },
  { "@a/b+c=:example.org", TRUE },
  { "alice:example.org", FALSE },
  { "@:example.org", FALSE },
  { "@alice", FALSE },
  { "@alice:", FALSE },
  { "@alice:exa mple.org", FALSE },
  { "@alice:example.org/x", FALSE },
  { "@al\nice:example.org", FALSE },
  { "@\xff:example.org", FALSE },
  { "", FALSE },
};

static const Case names[] = {
  { "example.org", TRUE },
  { "example.org:1", TRUE },
  { "EXAMPLE", TRUE },
  { "1.2.3.4:65535", TRUE },
  { "[::1]", TRUE },
  { "[::1]:8008", TRUE },
  { "", FALSE },
  { ":80", FALSE },
  { "example.org:", FALSE },
  { "example.org:0", FALSE },
  { "example.org:65536", FALSE },
  { "example.org:8a", FALSE },
  { "example.org:123456", FALSE },
  { "[::1", FALSE },
  { "[::1]x", FALSE },
  { "[1.2.3.4]", FALSE },
  { "[]", FALSE },
  { "a_b", FALSE },
  { "a@b", FALSE },
  { "::1", FALSE },
};

static void
test_users (void)
{
  g_autofree char *local = g_strnfill (250, 'a');
  g_autofree char *longest = g_strconcat ("@", local, ":b.c", NULL);
  g_autofree char *longer = g_strconcat ("@", local, ":b.cd", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (users); i++)
    g_assert_cmpint (ks_user_id_is_valid (users[i].text), ==, users[i].valid);
  g_assert_true (ks_user_id_is_valid (longest));
  g_assert_false (ks_user_id_is_valid (longer));
  g_assert_cmpstr (ks_user_id_get_server_name ("@a:b.c:80"), ==, "b.c:80");
}

static void
test_names (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpint (ks_server_name_is_valid (names[i].text), ==, names[i].valid);
}

static void
test_split (void)
{
  g_autofree char *plain = ks_server_name_get_host ("example.org");
  g_autofree char *with_port = ks_server_name_get_host ("example.org:8448");
  g_autofree char *six = ks_server_name_get_host ("[::1]:8008");

  g_assert_cmpstr (plain, ==, "example.org");
  g_assert_cmpuint (ks_server_name_get_port ("example.org"), ==, 0);
  g_assert_cmpstr (with_port, ==, "example.org");
  g_assert_cmpuint (ks_server_name_get_port ("example.org:8448"), ==, 8448);
  g_assert_cmpstr (six, ==, "::1");
  g_assert_cmpuint (ks_server_name_get_port ("[::1]:8008"), ==, 8008);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/user-id/users", test_users);
  g_test_add_func ("/user-id/server-names", test_names);
  g_test_add_func ("/user-id/split", test_split);
  return g_test_run ();
}
