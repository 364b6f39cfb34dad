/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-backoff.h"

#include <libsoup/soup.h>
#include <string.h>

KsBackoff *
ks_backoff_of_host (const char *host)
{
  static GHashTable *hosts;
  KsBackoff *backoff;

  if (hosts == NULL)
    hosts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  backoff = g_hash_table_lookup (hosts, host);
  if (backoff == NULL)
    {
      backoff = g_new0 (KsBackoff, 1);
      g_hash_table_insert (hosts, g_strdup (host), backoff);
    }
  return backoff;
}

gint64
ks_backoff_asked_wait (const KsBackoff *backoff, gint64 now)
{
  return MAX (backoff->not_before - now, 0);
}

void
ks_backoff_succeeded (KsBackoff *backoff)
{
  backoff->failures = 0;
  backoff->round_until = 0;
}

gint64
ks_backoff_failed (KsBackoff *backoff, gint64 begun, gint64 now)
{
  if (begun >= backoff->round_until)
    {
      backoff->failures++;
      backoff->round_until = now;
    }
  /* 2^9 seconds are more than the maximum. */
  return MIN (KS_BACKOFF_FIRST << MIN (MAX (backoff->failures, 1) - 1, 9), KS_BACKOFF_MAX);
}

void
ks_backoff_asked (KsBackoff *backoff, gint64 now, gint64 wait)
{
  backoff->not_before = MAX (backoff->not_before, now + CLAMP (wait, 0, KS_BACKOFF_RETRY_AFTER_MAX));
}

gint64
ks_backoff_parse_retry_after (const char *value, gint64 wall_clock)
{
  g_autofree char *text = g_strstrip (g_strdup (value));
  g_autoptr (GDateTime) date = NULL;
  gint64 seconds;

  if (text[0] != '\0' && strspn (text, "0123456789") == strlen (text))
    seconds = strlen (text) > 9 ? G_MAXINT32 : g_ascii_strtoll (text, NULL, 10);
  else
    {
      date = soup_date_time_new_from_http_string (text);
      if (date == NULL)
        return -1;
      seconds = g_date_time_to_unix (date) - wall_clock;
    }
  return CLAMP (seconds, 0, KS_BACKOFF_RETRY_AFTER_MAX / G_TIME_SPAN_SECOND) * G_TIME_SPAN_SECOND;
}
