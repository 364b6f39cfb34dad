/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A session that a server has made is kept or ended, whatever else it says or fails to do.
 */

#include "engine/sign-in-fixture.h"

#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-account-lock.h"
#include "store/ks-store-error.h"

#include <sqlite3.h>
#include <string.h>

/* The server hands out a session of somebody else than the one who was named. */
static void
test_session_of_another_user_is_refused (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  sign_in_answer (f, "POST", "/login", 200,
                  "{\"user_id\":\"@mallory:localhost\",\"device_id\":\"M\",\"access_token\":\"syt_m\"}");
  g_assert_false (sign_in_as (f, "@alice:localhost", PASSWORD, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
  g_assert_cmpstr (ks_matrix_error_get_errcode (error), ==, KS_SESSION_OWNER_OTHER);
  g_assert_null (ks_profile_get_account (f->profile));
  g_assert_cmpuint (hs_fixture_count (f->server, "POST .*/logout$"), ==, 1);
  sign_in_open_profile (f);
  g_assert_null (ks_profile_get_account (f->profile));
}

/* Case is the server's to judge, and what it goes by is what it says when it is asked. */
static void
test_user_is_the_one_that_the_server_names (SignInFixture *f, gconstpointer data)
{
  const char *const typed[] = { "@Alice:localhost", "@alice:localhost", "alice", "Alice" };

  for (gsize i = 0; i < G_N_ELEMENTS (typed); i++)
    {
      g_autoptr (GError) error = NULL;

      sign_in_answer (f, "POST", "/login", 200,
                      "{\"user_id\":\"@Alice:localhost\",\"device_id\":\"M\",\"access_token\":\"syt_m\"}");
      sign_in_answer (f, "GET", "/whoami", 200, "{\"user_id\":\"@alice:localhost\",\"device_id\":\"M\"}");
      sign_in_as (f, typed[i], PASSWORD, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (ks_account_get_user_id (ks_profile_get_account (f->profile)), ==, "@alice:localhost");
      g_assert_true (sign_in_forget (f, NULL, NULL));
    }
}

/* Keys that are published for "@Alice:…" are not "@alice:…"'s. */
static void
test_user_in_other_capitals_is_refused (SignInFixture *f, gconstpointer data)
{
  const char *const typed[] = { "@alice:localhost", "alice" };

  for (gsize i = 0; i < G_N_ELEMENTS (typed); i++)
    {
      g_autoptr (GError) error = NULL;

      sign_in_answer (f, "GET", "/whoami", 200, "{\"user_id\":\"@Alice:localhost\"}");
      g_assert_false (sign_in_as (f, typed[i], PASSWORD, NULL, &error));
      g_assert_cmpstr (ks_matrix_error_get_errcode (error), ==, KS_SESSION_OWNER_OTHER);
      g_assert_null (ks_profile_get_account (f->profile));
      g_assert_cmpuint (sign_in_count_sessions (f), ==, 0);
      g_assert_cmpuint (hs_fixture_count (f->server, "/keys/upload"), ==, 0);
    }
}

/* A session of Keepsake's that the server has made: its answer; to be unreferenced. */
static JsonObject *
make_session (SignInFixture *f)
{
  g_autofree char *text = hs_fixture_request (f->server, "POST", "/_matrix/client/v3/login", NULL,
                                              "{\"type\":\"m.login.password\",\"password\":\"" PASSWORD "\","
                                              "\"identifier\":{\"type\":\"m.id.user\",\"user\":\"alice\"},"
                                              "\"initial_device_display_name\":\"Keepsake in a test\"}",
                                              NULL);

  return ks_json_parse_object (text, strlen (text), NULL);
}

/* The server answers signing in with @session's token and @members. */
static void
answer_login (SignInFixture *f, JsonObject *session, const char *members)
{
  g_autofree char *body = g_strdup_printf ("{\"access_token\":\"%s\",%s}",
                                           json_object_get_string_member (session, "access_token"), members);

  sign_in_answer (f, "POST", "/login", 200, body);
}

/* What is of no use cannot fail it, and what is missing is asked for. */
static void
test_odd_answers_are_signed_in_to (SignInFixture *f, gconstpointer data)
{
  const char *const members[] = {
    "\"user_id\":null,\"device_id\":null,\"expires_in_ms\":null,\"well_known\":null",
    "\"expires_in_ms\":\"never\",\"well_known\":\"\",\"refresh_token\":{}",
    "\"expires_in_ms\":9223372036854775807",
    "\"user_id\":\"alice\",\"expires_in_ms\":-1",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr (JsonObject) session = make_session (f);
      g_autoptr (GError) error = NULL;
      KsAccount *account;

      answer_login (f, session, members[i]);
      sign_in (f, PASSWORD, NULL, &error);
      g_assert_no_error (error);
      account = ks_profile_get_account (f->profile);
      g_assert_cmpstr (ks_account_get_user_id (account), ==, "@alice:localhost");
      g_assert_cmpstr (ks_account_get_device_id (account), ==,
                       json_object_get_string_member (session, "device_id"));
      sign_in_out (f, &error);
      g_assert_no_error (error);
    }
}

/* What is no JSON is no answer; but the session that it is about is ended. */
static void
test_session_in_a_broken_answer_is_ended (SignInFixture *f, gconstpointer data)
{
  const char *const members[] = { "\"user_id\":\"@alice:localhost\",\"x\":01",
                                  "\"user_id\":\"@alice:localhost\",\"x\":1,\"x\":1" };

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr (JsonObject) session = make_session (f);
      g_autoptr (GError) error = NULL;

      answer_login (f, session, members[i]);
      g_assert_false (sign_in (f, PASSWORD, NULL, &error));
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
      g_assert_cmpuint (sign_in_count_sessions (f), ==, 0);
    }
}

/* Where the server cannot be asked, what it said before has to do; a session that does not work,
 * or is said to be another, is ended. */
static void
test_server_that_does_not_say_who_it_is (SignInFixture *f, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *body;
    gboolean kept;
  } ways[] = {
    { 404, "{\"errcode\":\"M_UNRECOGNIZED\"}", TRUE },
    { 401, "{\"errcode\":\"M_UNKNOWN_TOKEN\"}", FALSE },
    { 403, "{\"errcode\":\"M_FORBIDDEN\"}", FALSE },
    { 200, "{}", FALSE },
    { 200, "[]", FALSE },
    { 200, "{\"user_id\":\"@bob:localhost\"}", FALSE },
    { 200, "{\"user_id\":\"@alice:localhost\",\"device_id\":\"ANOTHER\"}", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (GError) error = NULL;

      sign_in_answer (f, "GET", "/whoami", ways[i].status, ways[i].body);
      g_assert_true (sign_in (f, PASSWORD, NULL, &error) == ways[i].kept);
      /* The password is not what was wrong. */
      g_assert_false (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_FORBIDDEN));
      g_assert_cmpuint (sign_in_count_sessions (f), ==, ways[i].kept ? 1 : 0);
      g_assert_true ((ks_profile_get_account (f->profile) != NULL) == ways[i].kept);
      if (ways[i].kept)
        sign_in_out (f, NULL);
    }
}

/* The answer to the one request that makes a session never arrives: it is not sent
 * again, and signing in later works. */
static void
test_lost_answer_is_not_asked_for_again (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->server,
                   "{\"method\":\"POST\",\"path\":\"/login$\",\"at\":\"response\",\"action\":\"cut\"}");
  g_assert_false (sign_in (f, PASSWORD, NULL, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 1);
  g_assert_null (ks_profile_get_account (f->profile));

  g_clear_error (&error);
  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
}

/* The session that the server made all the same is not left behind. */
static void
test_lost_session_is_taken_over (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->server,
                   "{\"method\":\"POST\",\"path\":\"/login$\",\"at\":\"response\",\"action\":\"cut\"}");
  g_assert_false (sign_in (f, PASSWORD, NULL, &error));
  g_clear_error (&error);
  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 1);
  /* But one that is known is not taken over by the next. */
  sign_in_out (f, &error);
  g_assert_no_error (error);
  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (sign_in_forget (f, NULL, NULL));
  sign_in (f, PASSWORD, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 2);
}

/* The person gives up when the password is on its way. The server's answer is waited for. */
static void
test_cancelled_on_the_way_ends_the_session (SignInFixture *f, gconstpointer data)
{
  const char *const paths[] = { "POST /login", "GET /account/whoami" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_auto (GStrv) parts = g_strsplit (paths[i], " ", 2);
      g_autofree char *rule = g_strdup_printf ("{\"method\":\"%s\",\"path\":\"%s$\",\"at\":\"response\","
                                               "\"delay\":0.5}",
                                               parts[0], parts[1]);
      g_autofree char *asked = g_strdup_printf ("%s .*%s$", parts[0], parts[1]);
      g_autoptr (KsSecret) secret = ks_secret_new_copy (PASSWORD, strlen (PASSWORD));
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (KsHomeserver) homeserver = g_new0 (KsHomeserver, 1);
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      guint before = hs_fixture_count (f->server, asked);

      homeserver->base_url = g_strdup (hs_fixture_url (f->server));
      hs_fixture_rule (f->server, rule);
      ks_sign_in_async (f->profile, homeserver, "alice", secret, "Keepsake in a test", cancellable,
                        sign_in_done, &result);
      while (hs_fixture_count (f->server, asked) == before)
        g_main_context_iteration (NULL, FALSE);
      g_cancellable_cancel (cancellable);
      g_assert_false (ks_sign_in_finish (f->profile, sign_in_wait (&result), &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (sign_in_count_sessions (f), ==, 0);
      g_assert_null (ks_profile_get_account (f->profile));
    }
}

/* Somebody else holds the very account, so that the profile cannot take it over: nothing of the
 * session stays, there or here. */
static void
test_session_that_is_not_taken_over_is_ended (SignInFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) session = make_session (f);
  const char *device_id = json_object_get_string_member (session, "device_id");
  g_autoptr (GError) error = NULL;
  KsAccountLock *lock = ks_account_lock_take (f->directory, "@alice:localhost", device_id, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 1);
  answer_login (f, session, "\"user_id\":\"@alice:localhost\"");
  g_assert_false (sign_in (f, PASSWORD, NULL, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD);
  g_assert_null (ks_profile_get_account (f->profile));
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 0);
  ks_account_lock_free (lock);
  sign_in_open_profile (f);
  g_assert_null (ks_profile_get_account (f->profile));
}

/* Neither can the one that could not be ended be lost: it is there at the next start. */
static void
test_session_that_cannot_be_ended_is_kept (SignInFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) session = make_session (f);
  const char *device_id = json_object_get_string_member (session, "device_id");
  g_autoptr (GError) error = NULL;
  KsAccountLock *lock = ks_account_lock_take (f->directory, "@alice:localhost", device_id, &error);

  g_assert_no_error (error);
  answer_login (f, session, "\"user_id\":\"@alice:localhost\"");
  hs_fixture_rule (f->server, "{\"path\":\"/logout$\",\"action\":\"cut\",\"times\":0}");
  g_assert_false (sign_in (f, PASSWORD, NULL, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD);
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 1);
  ks_account_lock_free (lock);
  sign_in_open_profile (f);
  g_assert_nonnull (ks_profile_get_account (f->profile));
  g_assert_cmpstr (ks_account_get_device_id (ks_profile_get_account (f->profile)), ==, device_id);
}

/* A line that fails once is no reason to leave the session behind. */
static void
test_end_is_tried_again (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  sign_in_answer (f, "GET", "/whoami", 200, "{\"user_id\":\"@bob:localhost\"}");
  hs_fixture_rule (f->server, "{\"method\":\"POST\",\"path\":\"/logout$\",\"action\":\"cut\",\"times\":2}");
  g_assert_false (sign_in (f, PASSWORD, NULL, &error));
  g_assert_cmpstr (ks_matrix_error_get_errcode (error), ==, KS_SESSION_OWNER_OTHER);
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 0);
}

/* A session that cannot be written down is ended again. */
static void
test_session_that_cannot_be_kept_is_ended (SignInFixture *f, gconstpointer data)
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
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 0);
}

static void
test_cancelled_before_anything (SignInFixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (sign_in (f, PASSWORD, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (sign_in_count_sessions (f), ==, 0);
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
  add ("/new-session/session-of-another-user-is-refused", test_session_of_another_user_is_refused);
  add ("/new-session/user-that-the-server-names", test_user_is_the_one_that_the_server_names);
  add ("/new-session/user-in-other-capitals", test_user_in_other_capitals_is_refused);
  add ("/new-session/odd-answers", test_odd_answers_are_signed_in_to);
  add ("/new-session/broken-answer", test_session_in_a_broken_answer_is_ended);
  add ("/new-session/server-that-does-not-say", test_server_that_does_not_say_who_it_is);
  add ("/new-session/lost-answer-is-not-asked-for-again", test_lost_answer_is_not_asked_for_again);
  add ("/new-session/lost-session-is-taken-over", test_lost_session_is_taken_over);
  add ("/new-session/cancelled-on-the-way", test_cancelled_on_the_way_ends_the_session);
  add ("/new-session/not-taken-over", test_session_that_is_not_taken_over_is_ended);
  add ("/new-session/not-ended", test_session_that_cannot_be_ended_is_kept);
  add ("/new-session/end-is-tried-again", test_end_is_tried_again);
  add ("/new-session/session-that-cannot-be-kept-is-ended", test_session_that_cannot_be_kept_is_ended);
  add ("/new-session/cancelled-before-anything", test_cancelled_before_anything);
  return g_test_run ();
}
