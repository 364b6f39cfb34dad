/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-sign-in.h"

#include "homeserver/hs-fixture.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-store-error.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#define PASSWORD "a password for tests"

typedef struct
{
  HsFixture *server;  /* owned */
  char *directory;    /* owned */
  char *key_file;     /* owned */
  KsProfile *profile; /* owned */
  char *observer;     /* owned: the token of another session of the same user */
} Fixture;

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static void
open_profile (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_object (&f->profile);
  f->profile = ks_profile_new (f->directory, f->key_file);
  ks_profile_open_async (f->profile, KS_PROFILE_OPEN_QUIETLY, NULL, on_done, &result);
  ks_profile_open_finish (f->profile, wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpint (ks_profile_get_state (f->profile), ==, KS_PROFILE_READY);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *top = g_dir_make_tmp ("keepsake-sign-in.XXXXXX", NULL);

  f->server = hs_fixture_new (NULL);
  hs_fixture_start_proxy (f->server);
  f->observer = hs_fixture_register (f->server, "alice", PASSWORD, NULL);
  f->directory = g_build_filename (top, "profile", NULL);
  f->key_file = g_build_filename (top, "key", NULL);
  open_profile (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *top = g_path_get_dirname (f->directory);
  const char *argv[] = { "rm", "-r", top, NULL };

  g_clear_object (&f->profile);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  hs_fixture_free (f->server);
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (f->directory);
  g_free (f->key_file);
  g_free (f->observer);
}

/* How many sessions of Keepsake's the server lists. */
static guint
count_sessions (Fixture *f)
{
  g_autofree char *devices =
      hs_fixture_request (f->server, "GET", "/_matrix/client/v3/devices", f->observer, NULL, NULL);
  guint count = 0;

  for (const char *at = devices; (at = strstr (at, "Keepsake in a test")) != NULL; at++)
    count++;
  return count;
}

static gboolean
sign_in_as (Fixture *f, const char *user, const char *password, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) found_result = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (KsHomeserver) homeserver = NULL;
  g_autoptr (KsSecret) secret = ks_secret_new_copy (password, strlen (password));

  ks_find_homeserver_async (hs_fixture_url (f->server), cancellable, on_done, &found_result);
  homeserver = ks_find_homeserver_finish (wait_for (&found_result), error);
  if (homeserver == NULL)
    return FALSE;
  ks_sign_in_async (f->profile, homeserver, user, secret, "Keepsake in a test", cancellable, on_done,
                    &result);
  return ks_sign_in_finish (f->profile, wait_for (&result), error);
}

static gboolean
sign_in (Fixture *f, const char *password, GCancellable *cancellable, GError **error)
{
  return sign_in_as (f, "alice", password, cancellable, error);
}

static gboolean
sign_out (Fixture *f, GError **error)
{
  g_autoptr (KsAccount) account = g_object_ref (ks_profile_get_account (f->profile));
  g_autoptr (GAsyncResult) result = NULL;

  ks_account_sign_out_async (account, NULL, on_done, &result);
  return ks_account_sign_out_finish (account, wait_for (&result), error);
}

static void
test_in_and_out (Fixture *f, gconstpointer data)
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
  g_assert_cmpuint (count_sessions (f), ==, 1);

  sign_out (f, &error);
  g_assert_no_error (error);
  g_assert_null (ks_profile_get_account (f->profile));
  g_assert_cmpuint (count_sessions (f), ==, 0);
}

static void
test_kept_over_a_restart (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *device = NULL;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  device = g_strdup (ks_account_get_device_id (ks_profile_get_account (f->profile)));

  open_profile (f);
  g_assert_cmpstr (ks_account_get_device_id (ks_profile_get_account (f->profile)), ==, device);
  sign_out (f, &error);
  g_assert_no_error (error);
  open_profile (f);
  g_assert_null (ks_profile_get_account (f->profile));
}

/* The server hands out a session of somebody else than the one who was named. */
static void
test_session_of_another_user_is_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->server, "{\"method\":\"POST\",\"path\":\"/login$\",\"action\":\"answer\",\"body\":"
                              "\"{\\\"user_id\\\":\\\"@mallory:localhost\\\",\\\"device_id\\\":\\\"M\\\","
                              "\\\"access_token\\\":\\\"syt_m\\\"}\"}");
  g_assert_false (sign_in_as (f, "@alice:localhost", PASSWORD, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_null (ks_profile_get_account (f->profile));
  g_assert_cmpuint (hs_fixture_count (f->server, "POST .*/logout$"), ==, 1);
  open_profile (f);
  g_assert_null (ks_profile_get_account (f->profile));
}

/* Case is the server's to judge. */
static void
test_whole_user_id_in_any_case (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->server, "{\"method\":\"POST\",\"path\":\"/login$\",\"action\":\"answer\",\"body\":"
                              "\"{\\\"user_id\\\":\\\"@alice:localhost\\\",\\\"device_id\\\":\\\"M\\\","
                              "\\\"access_token\\\":\\\"syt_m\\\"}\"}");
  sign_in_as (f, "@Alice:localhost", PASSWORD, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ks_account_get_user_id (ks_profile_get_account (f->profile)), ==, "@alice:localhost");
}

/* The account that was asked for when opening was not there; another signs in. */
static void
test_sign_in_beside_a_chosen_account (Fixture *f, gconstpointer data)
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

  ks_account_refresh_async (account, NULL, on_done, &result);
  ks_account_refresh_finish (account, wait_for (&result), &error);
  g_assert_no_error (error);
}

/* Names that nobody could read are as good as none. */
static void
test_names_without_a_letter (Fixture *f, gconstpointer data)
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
test_names_are_made_presentable (Fixture *f, gconstpointer data)
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
test_wrong_password (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (sign_in (f, "something else", NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_FORBIDDEN);
  g_assert_null (ks_profile_get_account (f->profile));
}

/* Each request of signing in fails in each way: nothing is left but what it was. */
static void
test_each_request_fails_each_way (Fixture *f, gconstpointer data)
{
  const char *paths[] = { "/login", "/login" };
  const char *methods[] = { "GET", "POST" };
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
        g_assert_cmpuint (count_sessions (f), ==, 0);
      }
}

/* The answer to the one request that makes a session never arrives: it is not sent
 * again, and signing in later works. */
static void
test_lost_answer_is_not_asked_for_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->server,
                   "{\"method\":\"POST\",\"path\":\"/login$\",\"at\":\"response\",\"action\":\"cut\"}");
  g_assert_false (sign_in (f, PASSWORD, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_cmpuint (count_sessions (f), ==, 1);
  g_assert_null (ks_profile_get_account (f->profile));

  g_clear_error (&error);
  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
}

/* A session that cannot be written down is ended again. */
static void
test_session_that_cannot_be_kept_is_ended (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (f->directory, "keepsake.db", NULL);
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, "ALTER TABLE accounts RENAME TO out_of_the_way", NULL, NULL, NULL),
                   ==, SQLITE_OK);
  sqlite3_close (database);

  g_assert_false (sign_in (f, PASSWORD, NULL, &error));
  g_assert_cmpuint (error->domain, ==, KS_STORE_ERROR);
  g_assert_null (ks_profile_get_account (f->profile));
  g_assert_cmpuint (count_sessions (f), ==, 0);
}

static void
test_sign_out_needs_the_server (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  hs_fixture_rule (f->server, "{\"method\":\"POST\",\"path\":\"/logout$\",\"action\":\"cut\"}");
  g_assert_false (sign_out (f, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_nonnull (ks_profile_get_account (f->profile));

  /* And if only its answer was lost, the next try finds the session ended. */
  g_clear_error (&error);
  hs_fixture_rule (f->server,
                   "{\"method\":\"POST\",\"path\":\"/logout$\",\"at\":\"response\",\"action\":\"cut\"}");
  g_assert_false (sign_out (f, &error));
  g_assert_cmpuint (count_sessions (f), ==, 0);
  g_clear_error (&error);
  sign_out (f, &error);
  g_assert_no_error (error);
  g_assert_null (ks_profile_get_account (f->profile));
}

static gboolean
forget (Fixture *f, GCancellable *cancellable, GError **error)
{
  g_autoptr (KsAccount) account = g_object_ref (ks_profile_get_account (f->profile));
  g_autoptr (GAsyncResult) result = NULL;

  ks_account_forget_async (account, cancellable, on_done, &result);
  return ks_account_forget_finish (account, wait_for (&result), error);
}

static void
test_forgetting_asks_no_server (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (forget (f, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (ks_profile_get_account (f->profile));
  g_assert_cmpuint (hs_fixture_count (f->server, "/logout$"), ==, 0);
  g_assert_cmpuint (count_sessions (f), ==, 1);
  open_profile (f);
  g_assert_null (ks_profile_get_account (f->profile));
}

/* What cannot be removed is still there, and said to be. */
static void
test_forgetting_fails_whole (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *path = g_build_filename (f->directory, "keepsake.db", NULL);
  sqlite3 *database = NULL;

  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_false (forget (f, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_nonnull (ks_profile_get_account (f->profile));
  g_clear_error (&error);

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, "ALTER TABLE accounts RENAME TO out_of_the_way", NULL, NULL, NULL),
                   ==, SQLITE_OK);
  g_assert_false (forget (f, NULL, &error));
  g_assert_cmpuint (error->domain, ==, KS_STORE_ERROR);
  g_assert_nonnull (ks_profile_get_account (f->profile));
  g_clear_error (&error);

  g_assert_cmpint (sqlite3_exec (database, "ALTER TABLE out_of_the_way RENAME TO accounts", NULL, NULL, NULL),
                   ==, SQLITE_OK);
  sqlite3_close (database);
  g_assert_true (forget (f, NULL, &error));
  g_assert_null (ks_profile_get_account (f->profile));
}

static void
test_cancelled_before_anything (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (sign_in (f, PASSWORD, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (count_sessions (f), ==, 0);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/sign-in/in-and-out", test_in_and_out);
  add ("/sign-in/kept-over-a-restart", test_kept_over_a_restart);
  add ("/sign-in/session-of-another-user-is-refused", test_session_of_another_user_is_refused);
  add ("/sign-in/whole-user-id-in-any-case", test_whole_user_id_in_any_case);
  add ("/sign-in/beside-a-chosen-account", test_sign_in_beside_a_chosen_account);
  add ("/sign-in/names-without-a-letter", test_names_without_a_letter);
  add ("/sign-in/names-are-made-presentable", test_names_are_made_presentable);
  add ("/sign-in/wrong-password", test_wrong_password);
  add ("/sign-in/each-request-fails-each-way", test_each_request_fails_each_way);
  add ("/sign-in/lost-answer-is-not-asked-for-again", test_lost_answer_is_not_asked_for_again);
  add ("/sign-in/session-that-cannot-be-kept-is-ended", test_session_that_cannot_be_kept_is_ended);
  add ("/sign-in/sign-out-needs-the-server", test_sign_out_needs_the_server);
  add ("/sign-in/forgetting-asks-no-server", test_forgetting_asks_no_server);
  add ("/sign-in/forgetting-fails-whole", test_forgetting_fails_whole);
  add ("/sign-in/cancelled-before-anything", test_cancelled_before_anything);
  return g_test_run ();
}
