/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When a host may be asked again. Pure arithmetic over a clock that the caller
 * reads; one state for each host of the process. Main context only.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define KS_BACKOFF_FIRST (1 * G_TIME_SPAN_SECOND)
#define KS_BACKOFF_MAX (5 * G_TIME_SPAN_MINUTE)
#define KS_BACKOFF_RETRY_AFTER_MAX (1 * G_TIME_SPAN_HOUR)

typedef struct
{
  guint failures;     /* rounds of failures since the last success */
  gint64 round_until; /* requests begun before this belong to the last round */
  gint64 not_before;  /* the host asked to be left alone until then */
} KsBackoff;

/* The state of @host ("example.org:443"), which lives as long as the process. */
KsBackoff *ks_backoff_of_host (const char *host);

/* How long a request has to wait because the host asked for it; 0: not at all. */
gint64 ks_backoff_asked_wait (const KsBackoff *backoff, gint64 now);

/* The host answered as it should. */
void ks_backoff_succeeded (KsBackoff *backoff);

/* An attempt begun at @begun failed at @now. Failures of requests that ran at the
 * same time count once. Returns the bound of the wait before the next attempt: a
 * number between 0 and it, chosen evenly, is to be waited ("full jitter"). */
gint64 ks_backoff_failed (KsBackoff *backoff, gint64 begun, gint64 now);

/* The host asked to be left alone for @wait, which is cut to an hour. */
void ks_backoff_asked (KsBackoff *backoff, gint64 now, gint64 wait);

/* Reads a Retry-After header (RFC 9110, 10.2.3): seconds, or a date, compared
 * with @wall_clock in seconds since 1970. Returns microseconds, at least 0 and at
 * most an hour; -1: not understood. */
gint64 ks_backoff_parse_retry_after (const char *value, gint64 wall_clock);

G_END_DECLS
