/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/ks-error-text.h"

#include "engine/account/ks-sign-in.h"
#include "engine/key-file/ks-key-file-error.h"
#include "engine/secrets/ks-key-text-file.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-keyring-error.h"
#include "store/ks-store-error.h"

#include <gio/gio.h>
#include <string.h>

/* Sentences are for people: they begin and end like sentences, and hold neither codes
 * nor what was meant for the log. */
static void
check_sentence (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_ascii_isupper (text[0]));
  g_assert_true (g_str_has_suffix (text, "."));
  g_assert_null (strstr (text, "for the log"));
  g_assert_null (strstr (text, "M_"));
  g_assert_cmpuint (strlen (text), <, 300);
}

static void
test_every_homeserver_error_has_a_sentence (void)
{
  for (int code = KS_MATRIX_ERROR_NETWORK; code <= KS_MATRIX_ERROR_REFUSED; code++)
    {
      g_autoptr (GError) error = g_error_new (KS_MATRIX_ERROR, code, "for the log");
      g_autofree char *text = ks_error_text (error);
      g_autofree char *sign_in = ks_error_text_sign_in (error);
      g_autofree char *homeserver = ks_error_text_homeserver (error, "example.org");

      check_sentence (text);
      check_sentence (sign_in);
      check_sentence (homeserver[0] == 'e' ? "E." : homeserver); /* "example.org isn't …" */
    }
}

static void
test_every_keyring_error_has_a_sentence (void)
{
  for (int code = KS_KEYRING_ERROR_ABSENT; code <= KS_KEYRING_ERROR_FAILED; code++)
    {
      g_autoptr (GError) error = g_error_new (KS_KEYRING_ERROR, code, "for the log");
      g_autofree char *text = ks_error_text (error);

      check_sentence (text);
      g_assert_nonnull (strstr (text, "keyring"));
    }
}

static void
test_every_disk_error_has_a_sentence (void)
{
  for (int code = KS_STORE_ERROR_FAILED; code <= KS_STORE_ERROR_NOT_FOUND; code++)
    {
      g_autoptr (GError) error = g_error_new (KS_STORE_ERROR, code, "for the log");
      g_autofree char *text = ks_error_text (error);

      check_sentence (text);
      /* Whatever happens to the disk, the first question is whether anything is lost. */
      g_assert_true (strstr (text, "othing") != NULL || strstr (text, "lose it") != NULL);
    }
}

static void
test_every_key_file_error_has_a_sentence_of_its_own (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int code = KS_KEY_TEXT_FILE_ERROR_EXISTS; code <= KS_KEY_TEXT_FILE_ERROR_FAILED; code++)
    {
      g_autoptr (GError) error = g_error_new (KS_KEY_TEXT_FILE_ERROR, code, "for the log");
      char *text = ks_error_text (error);

      check_sentence (text);
      g_assert_true (g_hash_table_add (seen, text));
    }
}

/* After importing: what became of the history; after exporting: that there is no file. */
static void
test_every_room_key_file_error_has_a_sentence (void)
{
  for (int code = KS_KEY_FILE_ERROR_EXISTS; code <= KS_KEY_FILE_ERROR_OTHER; code++)
    {
      g_autoptr (GError) error = g_error_new (KS_KEY_FILE_ERROR, code, "for the log");
      g_autofree char *text = ks_error_text (error);

      check_sentence (text);
    }
}

static void
test_every_recovery_error_has_a_sentence_of_its_own (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int code = KS_RECOVERY_ERROR_EXISTS; code <= KS_RECOVERY_ERROR_UNSUPPORTED; code++)
    {
      g_autoptr (GError) error = g_error_new (KS_RECOVERY_ERROR, code, "for the log");
      char *text = ks_error_text (error);

      check_sentence (text);
      g_assert_true (g_hash_table_add (seen, text));
    }
}

static void
test_foreign_errors_have_a_sentence (void)
{
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "for the log");
  g_autofree char *text = ks_error_text (error);

  check_sentence (text);
}

static void
test_signing_in_has_words_of_its_own (void)
{
  g_autoptr (GError) wrong =
      ks_matrix_error_new (KS_MATRIX_ERROR_FORBIDDEN, 403, "M_FORBIDDEN", 0, FALSE, "no");
  g_autoptr (GError) closed =
      ks_matrix_error_new (KS_MATRIX_ERROR_FORBIDDEN, 403, "M_USER_DEACTIVATED", 0, FALSE, "no");
  g_autofree char *about_password = ks_error_text_sign_in (wrong);
  g_autofree char *about_account = ks_error_text_sign_in (closed);

  g_assert_nonnull (strstr (about_password, "password"));
  g_assert_nonnull (strstr (about_account, "closed"));
}

/* What means "begin the set-up again" elsewhere is no advice for who opens or restores. */
static void
test_unlocking_and_restoring_have_words_of_their_own (void)
{
  const struct
  {
    char *(*text) (const GError *error);
    GQuark domain;
    int code;
  } cases[] = {
    { ks_error_text_unlock, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP },
    { ks_error_text_unlock, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS },
    { ks_error_text_unlock, G_IO_ERROR, G_IO_ERROR_PENDING },
    { ks_error_text_restore, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP },
    { ks_error_text_restore, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_MISMATCH },
    { ks_error_text_restore, G_IO_ERROR, G_IO_ERROR_PENDING },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (cases[i].domain, cases[i].code, "for the log");
      g_autofree char *text = cases[i].text (error);
      g_autofree char *elsewhere = ks_error_text (error);

      check_sentence (text);
      g_assert_cmpstr (text, !=, elsewhere);
    }
}

static void
test_homeserver_is_named (void)
{
  g_autoptr (GError) error = g_error_new (KS_MATRIX_ERROR, KS_MATRIX_ERROR_NO_SUCH_SERVER, "no");
  g_autofree char *text = ks_error_text_homeserver (error, "exmaple.org");

  g_assert_nonnull (strstr (text, "exmaple.org"));
}

/* A person is not a server, whatever is wrong; and what has no server in it names none. */
static void
test_user_is_never_called_a_server (void)
{
  static const struct
  {
    const char *typed;
    const char *server; /* NULL: none is named */
  } cases[] = {
    { "@alice:example.invalid", "example.invalid" },
    { " @alice:example.invalid:8448 ", "example.invalid:8448" },
    { "@alice", NULL },
    { "@alice:", NULL },
    { "@", NULL },
    { "alice:example.invalid", NULL },
    { "alice@example.invalid", NULL },
    { "localhost:8008", "localhost:8008" },
    { "https://example.invalid/alice", "https://example.invalid/alice" },
  };
  const int codes[] = { KS_MATRIX_ERROR_NO_SUCH_SERVER, KS_MATRIX_ERROR_NOT_A_HOMESERVER,
                        KS_MATRIX_ERROR_NETWORK };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (codes); j++)
      {
        g_autoptr (GError) error = g_error_new (KS_MATRIX_ERROR, codes[j], "for the log");
        g_autofree char *text = ks_error_text_homeserver (error, cases[i].typed);

        g_assert_null (strstr (text, "alice:example"));
        g_assert_null (strstr (text, "alice@"));
        g_assert_true (cases[i].server == NULL || strstr (text, cases[i].server) != NULL);
        g_assert_true (cases[i].server != NULL || strstr (text, "example.invalid") == NULL);
      }
}

/* Which of the two it is, nobody can tell who has no name server. */
static void
test_name_that_leads_nowhere_may_be_the_connection (void)
{
  const int codes[] = { KS_MATRIX_ERROR_NO_SUCH_SERVER, KS_MATRIX_ERROR_NETWORK };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (GError) error = g_error_new (KS_MATRIX_ERROR, codes[i], "for the log");
      g_autofree char *text = ks_error_text_homeserver (error, "@alice:example.org");
      g_autofree char *elsewhere = ks_error_text (error);

      g_assert_nonnull (strstr (text, "“example.org”"));
      g_assert_nonnull (strstr (text, "spelling"));
      g_assert_nonnull (strstr (text, "connection"));
      g_assert_nonnull (strstr (elsewhere, "connection"));
    }
}

static void
test_session_of_another_user_has_a_sentence (void)
{
  g_autoptr (GError) error = ks_session_owner_other ();
  g_autofree char *text = ks_error_text_sign_in (error);

  check_sentence (text);
  g_assert_nonnull (strstr (text, "Capital letters"));
}

/* What was signed in to a moment ago was not signed out in another app. */
static void
test_refused_session_has_a_sentence (void)
{
  g_autoptr (GError) error =
      ks_matrix_error_new (KS_MATRIX_ERROR_UNAUTHORIZED, 401, KS_SIGN_IN_REFUSED, 0, FALSE, "for the log");
  g_autofree char *text = ks_error_text_sign_in (error);

  check_sentence (text);
  g_assert_nonnull (strstr (text, "just created"));
}

static void
test_key_file_is_named (void)
{
  for (int code = KS_STORE_ERROR_FAILED; code <= KS_STORE_ERROR_NOT_FOUND; code++)
    {
      g_autoptr (GError) error = g_error_new (KS_STORE_ERROR, code, "for the log");
      g_autofree char *text = ks_error_text_key_file (error, "/somewhere/key");

      check_sentence (text);
      g_assert_null (strstr (text, "keyring"));
      /* A full disk is not the file's fault. */
      g_assert_true ((strstr (text, "/somewhere/key") != NULL) == (code != KS_STORE_ERROR_FULL));
    }
}

static void
test_waiting_times (void)
{
  const struct
  {
    guint seconds;
    const char *words;
  } cases[] = {
    { 1, "1 second" },
    { 20, "20 seconds" },
    { 90, "90 seconds" },
    { 91, "2 minutes" },
    { 3600, "60 minutes" },
    { 86400, "1,440 minutes" },
    { G_MAXUINT, "71,582,789 minutes" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = ks_error_text_wait (cases[i].seconds);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error-text/every-homeserver-error-has-a-sentence",
                   test_every_homeserver_error_has_a_sentence);
  g_test_add_func ("/error-text/every-keyring-error-has-a-sentence", test_every_keyring_error_has_a_sentence);
  g_test_add_func ("/error-text/every-disk-error-has-a-sentence", test_every_disk_error_has_a_sentence);
  g_test_add_func ("/error-text/foreign-errors-have-a-sentence", test_foreign_errors_have_a_sentence);
  g_test_add_func ("/error-text/signing-in-has-words-of-its-own", test_signing_in_has_words_of_its_own);
  g_test_add_func ("/error-text/unlocking-and-restoring",
                   test_unlocking_and_restoring_have_words_of_their_own);
  g_test_add_func ("/error-text/homeserver-is-named", test_homeserver_is_named);
  g_test_add_func ("/error-text/user-is-no-server", test_user_is_never_called_a_server);
  g_test_add_func ("/error-text/connection", test_name_that_leads_nowhere_may_be_the_connection);
  g_test_add_func ("/error-text/refused-session", test_refused_session_has_a_sentence);
  g_test_add_func ("/error-text/other-user", test_session_of_another_user_has_a_sentence);
  g_test_add_func ("/error-text/key-file-is-named", test_key_file_is_named);
  g_test_add_func ("/error-text/waiting-times", test_waiting_times);
  g_test_add_func ("/error-text/every-room-key-file-error-has-a-sentence",
                   test_every_room_key_file_error_has_a_sentence);
  g_test_add_func ("/error-text/key-file", test_every_key_file_error_has_a_sentence_of_its_own);
  g_test_add_func ("/error-text/recovery", test_every_recovery_error_has_a_sentence_of_its_own);
  return g_test_run ();
}
