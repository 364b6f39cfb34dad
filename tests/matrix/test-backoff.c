/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-backoff.h"

#define SECOND G_TIME_SPAN_SECOND

static void
test_doubles_up_to_five_minutes (void)
{
  KsBackoff backoff = { 0 };
  static const gint64 expected[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300 };
  gint64 now = 5 * SECOND;

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_cmpint (ks_backoff_failed (&backoff, now, now), ==, expected[i] * SECOND);
      now += SECOND;
    }
  for (int i = 0; i < 100; i++)
    ks_backoff_failed (&backoff, now + i, now + i);
  g_assert_cmpint (ks_backoff_failed (&backoff, now + 200, now + 200), ==, 300 * SECOND);
}

static void
test_success_starts_again (void)
{
  KsBackoff backoff = { 0 };

  ks_backoff_failed (&backoff, 1, 1);
  ks_backoff_failed (&backoff, 2, 2);
  ks_backoff_succeeded (&backoff);
  g_assert_cmpint (ks_backoff_failed (&backoff, 3, 3), ==, SECOND);
}

/* Twenty requests at once on a dead host are one failure, not 2^20 seconds. */
static void
test_requests_at_the_same_time_count_once (void)
{
  KsBackoff backoff = { 0 };

  for (int i = 0; i < 20; i++)
    g_assert_cmpint (ks_backoff_failed (&backoff, 10, 20 + i), ==, SECOND);
  g_assert_cmpint (ks_backoff_failed (&backoff, 40, 41), ==, 2 * SECOND);
}

static void
test_asked_wait (void)
{
  KsBackoff backoff = { 0 };

  g_assert_cmpint (ks_backoff_asked_wait (&backoff, 100), ==, 0);
  ks_backoff_asked (&backoff, 100, 30 * SECOND);
  g_assert_cmpint (ks_backoff_asked_wait (&backoff, 100 + 10 * SECOND), ==, 20 * SECOND);
  ks_backoff_asked (&backoff, 100, 5 * SECOND); /* a shorter one does not shorten it */
  g_assert_cmpint (ks_backoff_asked_wait (&backoff, 100), ==, 30 * SECOND);
  g_assert_cmpint (ks_backoff_asked_wait (&backoff, 100 + 31 * SECOND), ==, 0);
  ks_backoff_asked (&backoff, 0, 100000 * SECOND);
  g_assert_cmpint (ks_backoff_asked_wait (&backoff, 0), ==, 3600 * SECOND);
}

static void
test_state_of_a_host (void)
{
  g_assert_true (ks_backoff_of_host ("a:1") == ks_backoff_of_host ("a:1"));
  g_assert_true (ks_backoff_of_host ("a:1") != ks_backoff_of_host ("a:2"));
}

typedef struct
{
  const char *name;
  const char *value;
  gint64 seconds;
} Case;

/* The clock says Thu, 01 Jan 2026 00:00:00 GMT. */
static const Case cases[] = {
  { "seconds", "120", 120 },
  { "zero", "0", 0 },
  { "spaces", "  7 ", 7 },
  { "more-than-an-hour", "4000", 3600 },
  { "absurd", "99999999999999999999999", 3600 },
  { "date", "Thu, 01 Jan 2026 00:02:00 GMT", 120 },
  { "date-in-the-past", "Wed, 31 Dec 2025 00:02:00 GMT", 0 },
  { "date-far-away", "Fri, 01 Jan 2027 00:02:00 GMT", 3600 },
  { "negative", "-5", -1 },
  { "fraction", "1.5", -1 },
  { "words", "soon", -1 },
  { "empty", "", -1 },
};

static void
test_retry_after (gconstpointer data)
{
  const Case *c = data;
  gint64 expected = c->seconds < 0 ? -1 : c->seconds * SECOND;

  g_assert_cmpint (ks_backoff_parse_retry_after (c->value, 1767225600), ==, expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backoff/doubles-up-to-five-minutes", test_doubles_up_to_five_minutes);
  g_test_add_func ("/backoff/success-starts-again", test_success_starts_again);
  g_test_add_func ("/backoff/requests-at-the-same-time-count-once",
                   test_requests_at_the_same_time_count_once);
  g_test_add_func ("/backoff/asked-wait", test_asked_wait);
  g_test_add_func ("/backoff/state-of-a-host", test_state_of_a_host);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/backoff/retry-after/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_retry_after);
    }
  return g_test_run ();
}
