/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/sign-in-fixture.h"

#include "matrix/ks-matrix-error.h"
#include "store/ks-store-error.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

static void
test_in_and_out (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsAccount *account;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  account = ks_profile_get_account (f->profile);
  g_assert_cmpstr (ks_account_get_user_id (account), ==, "@alice:localhost");
  g_assert_cmpstr (ks_account_get_homeserver (account), ==, hs_fixture_url (f->server));
  g_assert_cmpstr (ks_account_get_session_name (account), ==, "Keepsake in a test");
  {
    g_autoptr (KsSecret) password = ks_secret_new_copy (PASSWORD, strlen (PASSWORD));
    g_autoptr (KsSecret) other = ks_secret_new_copy (PASSWORD, strlen (PASSWORD) - 1);

    g_assert_true (ks_account_is_password (account, password));
    g_assert_false (ks_account_is_password (account, other));
  }
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 1);

  sign_in_out (f, &error);
  g_assert_no_error (error);
  g_assert_null (ks_profile_get_account (f->profile));
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 0);
}

static void
test_kept_over_a_restart (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *device = NULL;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  device = g_strdup (ks_account_get_device_id (ks_profile_get_account (f->profile)));

  sign_in_open_profile (f);
  g_assert_cmpstr (ks_account_get_device_id (ks_profile_get_account (f->profile)), ==, device);
  sign_in_out (f, &error);
  g_assert_no_error (error);
  sign_in_open_profile (f);
  g_assert_null (ks_profile_get_account (f->profile));
}

/* The account that was asked for when opening was not there; another signs in. */
static void
test_sign_in_beside_a_chosen_account (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  ks_profile_choose_account (f->profile, "@bob:localhost");
  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (ks_profile_get_account (f->profile));
}

static void
refresh (KsAccount *account)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_account_refresh_async (account, NULL, sign_in_done, &result);
  ks_account_refresh_finish (account, sign_in_wait (&result), &error);
  g_assert_no_error (error);
}

/* Names that nobody could read are as good as none. */
static void
test_names_without_a_letter (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsAccount *account;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  account = ks_profile_get_account (f->profile);
  hs_fixture_rule (f->server, "{\"path\":\"displayname$\",\"action\":\"answer\","
                              "\"body\":\"{\\\"displayname\\\":\\\" \\u2003\\u200b\\\"}\"}");
  hs_fixture_rule (f->server, "{\"path\":\"/devices/\",\"action\":\"answer\","
                              "\"body\":\"{\\\"device_id\\\":\\\"D\\\",\\\"display_name\\\":\\\"\\\"}\"}");
  refresh (account);
  g_assert_null (ks_account_get_display_name (account));
  g_assert_cmpstr (ks_account_get_session_name (account), ==, ks_account_get_device_id (account));
  refresh (account);
  g_assert_cmpstr (ks_account_get_session_name (account), ==, "Keepsake in a test");
}

/* One line of bounded length that turns no direction. */
static void
test_names_are_made_presentable (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endless = g_strnfill (100000, 'a');
  g_autofree char *rule =
      g_strdup_printf ("{\"path\":\"/devices/\",\"action\":\"answer\",\"body\":"
                       "\"{\\\"device_id\\\":\\\"D\\\",\\\"display_name\\\":\\\"%s\\\"}\"}",
                       endless);
  KsAccount *account;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  account = ks_profile_get_account (f->profile);
  hs_fixture_rule (f->server, "{\"path\":\"displayname$\",\"action\":\"answer\",\"body\":"
                              "\"{\\\"displayname\\\":"
                              "\\\"\\\\n\\\\u202eA\\\\u001bli\\\\n\\\\n\\\\tce\\\\u2066 \\\"}\"}");
  hs_fixture_rule (f->server, rule);
  refresh (account);
  g_assert_cmpstr (ks_account_get_display_name (account), ==, "A li ce");
  g_assert_cmpint (g_utf8_strlen (ks_account_get_session_name (account), -1), ==, 256);
}

static void
test_wrong_password (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (sign_in (f, "something else", NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_FORBIDDEN);
  g_assert_null (ks_profile_get_account (f->profile));
}

/* Each request of signing in fails in each way: nothing is left but what it was. */
static void
test_each_request_fails_each_way (SignInFixture *f, gconstpointer data)
{
  const char *paths[] = { "/login", "/login", "/whoami" };
  const char *methods[] = { "GET", "POST", "GET" };
  const char *ways[] = {
    "\"action\":\"answer\",\"status\":200,\"kind\":\"html\"",
    "\"action\":\"answer\",\"status\":404,\"body\":\"{}\"",
    "\"action\":\"answer\",\"status\":200,\"kind\":\"nested\"",
    "\"action\":\"answer\",\"status\":200,\"body\":\"[]\"",
    "\"action\":\"answer\",\"status\":200,\"body\":\"{\\\"user_id\\\":7}\"",
    "\"action\":\"answer\",\"status\":302,\"headers\":{\"Location\":\"/elsewhere\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (ways); j++)
      {
        g_autoptr (GError) error = NULL;
        g_autofree char *rule = g_strdup_printf ("{\"method\":\"%s\",\"path\":\"%s$\",\"times\":1,%s}",
                                                 methods[i], paths[i], ways[j]);

        hs_fixture_rule (f->server, rule);
        g_assert_false (sign_in (f, PASSWORD, NULL, &error));
        g_assert_cmpuint (error->domain, ==, KS_MATRIX_ERROR);
        g_assert_null (ks_profile_get_account (f->profile));
        g_assert_cmpuint (sign_in_count_sessions (f), ==, 0);
      }
}

static void
test_sign_out_needs_the_server (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  hs_fixture_rule (f->server, "{\"method\":\"POST\",\"path\":\"/logout$\",\"action\":\"cut\"}");
  g_assert_false (sign_in_out (f, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_nonnull (ks_profile_get_account (f->profile));

  /* And if only its answer was lost, the next try finds the session ended. */
  g_clear_error (&error);
  hs_fixture_rule (f->server,
                   "{\"method\":\"POST\",\"path\":\"/logout$\",\"at\":\"response\",\"action\":\"cut\"}");
  g_assert_false (sign_in_out (f, &error));
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 0);
  g_clear_error (&error);
  sign_in_out (f, &error);
  g_assert_no_error (error);
  g_assert_null (ks_profile_get_account (f->profile));
}

static void
test_forgetting_asks_no_server (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (sign_in_forget (f, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (ks_profile_get_account (f->profile));
  g_assert_cmpuint (hs_fixture_count (f->server, "/logout$"), ==, 0);
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 1);
  sign_in_open_profile (f);
  g_assert_null (ks_profile_get_account (f->profile));
}

/* What cannot be removed is still there, and said to be. */
static void
test_forgetting_fails_whole (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *path = g_build_filename (f->directory, "keepsake.db", NULL);
  sqlite3 *database = NULL;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_false (sign_in_forget (f, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (ks_profile_get_account (f->profile));
  g_clear_error (&error);

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, "ALTER TABLE accounts RENAME TO out_of_the_way", NULL, NULL, NULL),
                   ==, SQLITE_OK);
  g_assert_false (sign_in_forget (f, NULL, &error));
  g_assert_cmpuint (error->domain, ==, KS_STORE_ERROR);
  g_assert_nonnull (ks_profile_get_account (f->profile));
  g_clear_error (&error);

  g_assert_cmpint (sqlite3_exec (database, "ALTER TABLE out_of_the_way RENAME TO accounts", NULL, NULL, NULL),
                   ==, SQLITE_OK);
  sqlite3_close (database);
  g_assert_true (sign_in_forget (f, NULL, &error));
  g_assert_null (ks_profile_get_account (f->profile));
}

static void
add (const char *path, void (*test) (SignInFixture *, gconstpointer))
{
  g_test_add (path, SignInFixture, NULL, sign_in_set_up, test, sign_in_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/sign-in/in-and-out", test_in_and_out);
  add ("/sign-in/kept-over-a-restart", test_kept_over_a_restart);
  add ("/sign-in/beside-a-chosen-account", test_sign_in_beside_a_chosen_account);
  add ("/sign-in/names-without-a-letter", test_names_without_a_letter);
  add ("/sign-in/names-are-made-presentable", test_names_are_made_presentable);
  add ("/sign-in/wrong-password", test_wrong_password);
  add ("/sign-in/each-request-fails-each-way", test_each_request_fails_each_way);
  add ("/sign-in/sign-out-needs-the-server", test_sign_out_needs_the_server);
  add ("/sign-in/forgetting-asks-no-server", test_forgetting_asks_no_server);
  add ("/sign-in/forgetting-fails-whole", test_forgetting_fails_whole);
  return g_test_run ();
}
