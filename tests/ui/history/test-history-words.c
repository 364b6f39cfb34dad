/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of History: what cannot be read and why, how much can, who and when.
 */

#include "ui/history/ks-day.h"
#include "ui/history/ks-sender-names.h"
#include "ui/history/ks-share-text.h"
#include "ui/history/ks-unreadable-text.h"

#include <string.h>

static void
check_owned (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

/* Nobody is left with a lock and no word. */
static void
test_every_reason_has_words_of_its_own (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int reason = KS_UNREADABLE_NO_KEY; reason <= KS_UNREADABLE_WRONG_SENDER; reason++)
    {
      const char *one = ks_unreadable_text ((KsUnreadable) reason, NULL, 1);
      const char *many = ks_unreadable_text ((KsUnreadable) reason, NULL, 14);

      g_assert_cmpuint (strlen (one), >, 40);
      g_assert_cmpuint (strlen (many), >, 40);
      g_assert_true (g_str_has_suffix (one, "."));
      g_assert_true (g_hash_table_add (seen, (gpointer) one));
    }
  g_assert_cmpstr (ks_unreadable_text (KS_UNREADABLE_NOT, NULL, 1), ==, "");
}

/* Nobody knows what is in the backup. */
static void
test_no_help_is_promised (void)
{
  for (int reason = KS_UNREADABLE_NO_KEY; reason <= KS_UNREADABLE_WRONG_SENDER; reason++)
    if (ks_unreadable_text_restore_helps ((KsUnreadable) reason))
      g_assert_nonnull (strstr (ks_unreadable_text ((KsUnreadable) reason, NULL, 1), " may "));
}

static void
test_every_code_of_withheld_keys_has_words (void)
{
  const char *const codes[] = { "m.unverified", "m.blacklisted", "m.unauthorised", "m.unavailable",
                                "m.no_olm" };
  const char *unknown = ks_unreadable_text (KS_UNREADABLE_WITHHELD, "org.example.because", 1);

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    g_assert_cmpstr (ks_unreadable_text (KS_UNREADABLE_WITHHELD, codes[i], 1), !=, unknown);
  g_assert_cmpstr (ks_unreadable_text (KS_UNREADABLE_WITHHELD, NULL, 1), ==, unknown);
}

static void
test_what_is_refused_is_not_called_locked (void)
{
  check_owned (ks_unreadable_text_title (KS_UNREADABLE_NO_KEY, 1), "This message can't be read");
  check_owned (ks_unreadable_text_title (KS_UNREADABLE_NO_KEY, 14), "14 messages can't be read");
  check_owned (ks_unreadable_text_title (KS_UNREADABLE_REPLAYED, 1), "This message is not shown");
  check_owned (ks_unreadable_text_title (KS_UNREADABLE_WRONG_ROOM, 2), "2 messages are not shown");
  g_assert_true (ks_unreadable_text_restore_helps (KS_UNREADABLE_NO_KEY));
  g_assert_false (ks_unreadable_text_restore_helps (KS_UNREADABLE_NOT_IN_BACKUP));
  g_assert_false (ks_unreadable_text_restore_helps (KS_UNREADABLE_REPLAYED));
}

static void
test_share_says_of_what (void)
{
  check_owned (ks_share_text (0, 0, KS_SHARE_OF_NEWEST), "Not looked at yet");
  check_owned (ks_share_text (0, 0, KS_SHARE_OF_ALL), "No messages");
  check_owned (ks_share_text (310, 500, KS_SHARE_OF_NEWEST), "310 of the newest 500 messages readable");
  check_owned (ks_share_text (1180, 1204, KS_SHARE_OF_ALL), "1,180 of 1,204 messages readable");
  check_owned (ks_share_text (36, 36, KS_SHARE_OF_ALL), "All 36 messages readable");
  check_owned (ks_share_text (0, 36, KS_SHARE_OF_ALL), "None of 36 messages readable");
  check_owned (ks_share_text (3, 36, KS_SHARE_OF_THESE), "3 of these 36 messages readable");
}

/* Rounding does not make it whole, or nothing. */
static void
test_percent_is_honest_at_both_ends (void)
{
  check_owned (ks_share_text_percent (0, 0), "");
  check_owned (ks_share_text_percent (0, 5), "0%");
  check_owned (ks_share_text_percent (1, 5000), "1%");
  check_owned (ks_share_text_percent (4999, 5000), "99%");
  check_owned (ks_share_text_percent (5000, 5000), "100%");
  check_owned (ks_share_text_percent (G_MAXUINT, G_MAXUINT), "100%");
}

/* One of them would else pass for the other. */
static void
test_two_of_one_name_are_told_apart (void)
{
  g_autoptr (KsSenderNames) names = ks_sender_names_new ();

  ks_sender_names_add (names, "@alice:example.org");
  ks_sender_names_add (names, "@bob:example.org");
  g_assert_cmpstr (ks_sender_names_get (names, "@alice:example.org"), ==, "alice");
  ks_sender_names_add (names, "@Alice:evil.example");
  g_assert_cmpstr (ks_sender_names_get (names, "@alice:example.org"), ==, "@alice:example.org");
  g_assert_cmpstr (ks_sender_names_get (names, "@Alice:evil.example"), ==, "@Alice:evil.example");
  ks_sender_names_add (names, "@alice:example.org");
  ks_sender_names_add (names, "@alice:third.example");
  g_assert_cmpstr (ks_sender_names_get (names, "@alice:third.example"), ==, "@alice:third.example");
  g_assert_cmpstr (ks_sender_names_get (names, "@bob:example.org"), ==, "bob");
  g_assert_null (ks_sender_names_get (names, "@nobody:example.org"));
}

static void
test_any_user_id_has_a_name (void)
{
  const char *const cases[][2] = {
    { "@:example.org", "@:example.org" },
    { "alice", "alice" },
    { "", "?" },
    { "@\342\200\256ecila:example.org", "@ecila:example.org" },
    { "@a\nb:example.org", "@a b:example.org" },
    /* With a Cyrillic letter, and with one that has no width. */
    { "@\320\260lice:evil.example", "@\320\260lice:evil.example" },
    { "@al\342\200\215ice:evil.example", "@al\342\200\215ice:evil.example" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KsSenderNames) names = ks_sender_names_new ();

      ks_sender_names_add (names, cases[i][0]);
      g_assert_cmpstr (ks_sender_names_get (names, cases[i][0]), ==, cases[i][1]);
    }
}

static void
test_days_have_their_ends (void)
{
  KsDay day = { 0 };
  const gint64 noon = G_GINT64_CONSTANT (1762344000000); /* 2025-11-05 12:00 UTC */
  gint64 from;

  ks_day_go_to (&day, noon);
  g_assert_cmpint (day.from, ==, noon - 12 * 3600 * 1000);
  g_assert_cmpint (day.to, ==, noon + 12 * 3600 * 1000);
  from = day.from;
  ks_day_go_to (&day, noon + 1);
  g_assert_cmpint (day.from, ==, from);
  ks_day_go_to (&day, day.to);
  g_assert_cmpint (day.from, ==, noon + 12 * 3600 * 1000);
  check_owned (ks_day_text (noon), "Wednesday, 5 November 2025");
  check_owned (ks_day_text_time (noon), "12:00");
}

/* A server may say what it wants. */
static void
test_any_time_has_a_day (void)
{
  const gint64 times[] = { G_MININT64, -1, 0, 1, G_GINT64_CONSTANT (253402300799000), G_MAXINT64 };

  for (gsize i = 0; i < G_N_ELEMENTS (times); i++)
    {
      KsDay day = { 0 };
      g_autofree char *text = ks_day_text (times[i]);
      g_autofree char *time = ks_day_text_time (times[i]);

      ks_day_go_to (&day, times[i]);
      g_assert_cmpint (day.from, <, day.to);
      g_assert_nonnull (text);
      g_assert_nonnull (time);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history-words/reasons", test_every_reason_has_words_of_its_own);
  g_test_add_func ("/history-words/no-promise", test_no_help_is_promised);
  g_test_add_func ("/history-words/withheld", test_every_code_of_withheld_keys_has_words);
  g_test_add_func ("/history-words/refused", test_what_is_refused_is_not_called_locked);
  g_test_add_func ("/history-words/share", test_share_says_of_what);
  g_test_add_func ("/history-words/percent", test_percent_is_honest_at_both_ends);
  g_test_add_func ("/history-words/same-name", test_two_of_one_name_are_told_apart);
  g_test_add_func ("/history-words/any-user", test_any_user_id_has_a_name);
  g_test_add_func ("/history-words/days", test_days_have_their_ends);
  g_test_add_func ("/history-words/any-time", test_any_time_has_a_day);
  return g_test_run ();
}
