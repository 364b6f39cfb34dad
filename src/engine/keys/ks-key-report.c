/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/keys/ks-key-report.h"

static void
failure_free (gpointer data)
{
  KsKeyFailure *failure = data;

  g_free (failure->room_id);
  g_free (failure->session_id);
  g_free (failure);
}

KsKeyReport *
ks_key_report_new (void)
{
  KsKeyReport *report = g_new0 (KsKeyReport, 1);

  report->failures = g_ptr_array_new_with_free_func (failure_free);
  return report;
}

void
ks_key_report_free (KsKeyReport *report)
{
  if (report == NULL)
    return;
  g_ptr_array_unref (report->failures);
  g_free (report);
}

void
ks_key_report_add_failure (KsKeyReport *report,
                           const char *room_id,
                           const char *session_id,
                           KsKeyReason reason)
{
  KsKeyFailure *failure;

  report->failed[reason]++;
  if (report->failures->len >= KS_KEY_FAILURES_KEPT)
    return;
  failure = g_new0 (KsKeyFailure, 1);
  failure->room_id = g_strdup (room_id);
  failure->session_id = g_strdup (session_id);
  failure->reason = reason;
  g_ptr_array_add (report->failures, failure);
}

guint64
ks_key_report_get_failed (const KsKeyReport *report)
{
  guint64 sum = 0;

  for (guint i = 0; i < KS_KEY_N_REASONS; i++)
    sum += report->failed[i];
  return sum;
}
