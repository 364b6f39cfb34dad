/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-restore-text.h"

#include "ui/ks-number-text.h"

#include <glib/gi18n.h>

char *
ks_restore_text_count (guint64 count)
{
  g_autofree char *number = ks_number_text (count);

  /* Translators: %s is a number. */
  return g_strdup_printf (g_dngettext (NULL, "%s room key", "%s room keys", (gulong) count), number);
}

char *
ks_restore_text_progress (KsRestoreJob *job, KsTimeLeft *time_left)
{
  guint64 done, total;
  g_autofree char *left = NULL;
  g_autofree char *done_text = NULL;
  g_autofree char *total_text = NULL;
  g_autofree char *counts = NULL;

  ks_restore_job_get_keys (job, &done, &total);
  if (done == 0 && total == 0)
    return g_strdup (_ ("Asking the homeserver for the room keys"));
  /* What the server said it has is only its word. */
  total = MAX (done, total);
  left = ks_time_left_text (time_left, done, total);
  done_text = ks_number_text (done);
  total_text = ks_number_text (total);
  /* Translators: numbers of room keys. */
  counts = g_strdup_printf (g_dngettext (NULL, "Restoring %s of %s room key", "Restoring %s of %s room keys",
                                         (gulong) total),
                            done_text, total_text);
  if (left == NULL)
    return g_steal_pointer (&counts);
  /* Translators: the first %s is "Backing up 312 of 1,204 keys", the second a time such as "20 seconds". */
  return g_strdup_printf (_ ("%s · about %s left"), counts, left);
}

double
ks_restore_text_fraction (KsRestoreJob *job)
{
  guint64 done, total;

  ks_restore_job_get_keys (job, &done, &total);
  total = MAX (done, total);
  return total == 0 ? -1 : (double) done / (double) total;
}

/* Of what it handed over, and of what could be used of that. */

static const KsKeyReport *
get_report (KsRestoreJob *job)
{
  static const KsKeyReport nothing = { 0 };
  const KsKeyReport *report = ks_restore_job_get_report (job);

  return report != NULL ? report : &nothing;
}

guint64
ks_restore_text_held_back (KsRestoreJob *job)
{
  guint64 done, total;

  ks_restore_job_get_keys (job, &done, &total);
  if (ks_restore_job_get_state (job) != KS_RESTORE_JOB_DONE || total <= get_report (job)->total)
    return 0;
  return total - get_report (job)->total;
}

gboolean
ks_restore_text_is_good (KsRestoreJob *job)
{
  const KsKeyReport *report = get_report (job);

  return ks_restore_job_get_state (job) == KS_RESTORE_JOB_DONE && report->total > 0
         && ks_key_report_get_failed (report) == 0 && ks_restore_text_held_back (job) == 0;
}

const char *
ks_restore_text_title (KsRestoreJob *job)
{
  const KsKeyReport *report = get_report (job);

  if (ks_restore_job_get_state (job) == KS_RESTORE_JOB_STOPPED)
    return _ ("Restoring Was Stopped");
  if (report->total == 0 && ks_restore_text_held_back (job) == 0)
    return _ ("Nothing Is in the Backup");
  if (report->total > 0 && ks_key_report_get_failed (report) == report->total)
    return _ ("No Room Key Could Be Used");
  if (!ks_restore_text_is_good (job))
    return _ ("Not All of It Was Restored");
  return report->added + report->better > 0 ? _ ("History Restored") : _ ("Everything Was Here Already");
}

char *
ks_restore_text_sentence (KsRestoreJob *job)
{
  const KsKeyReport *report = get_report (job);
  guint64 came = report->added + report->better;
  g_autofree char *number = ks_number_text (came);

  if (ks_restore_job_get_state (job) == KS_RESTORE_JOB_DONE && report->total == 0
      && ks_restore_text_held_back (job) == 0)
    {
      if (ks_recovery_get_next_step (ks_restore_job_get_recovery (job)) == KS_NEXT_STEP_REPAIR)
        return g_strdup (
            _ ("Repair Secure Backup first: other apps can't use it as it is. Security & Privacy "
               "has the button for it."));
      return g_strdup (_ ("Enter your Security Key in your other sessions, so that they back up what they "
                          "have. Then restore once more."));
    }
  if (came == 0 && report->here > 0)
    return g_strdup (_ ("No room key was new: what could be used was here already."));
  if (came == 0)
    return g_strdup (_ ("No room key came back."));
  /* Translators: %s is a number. */
  return g_strdup_printf (g_dngettext (NULL, "%s room key came back.", "%s room keys came back.",
                                       (gulong) came),
                          number);
}

/* Reasons. */

const char *
ks_restore_text_reason (KsKeyReason reason)
{
  switch (reason)
    {
    case KS_KEY_MALFORMED:
      return _ ("Damaged on the homeserver");
    case KS_KEY_NOT_OURS:
      return _ ("Changed since, or made for another backup");
    case KS_KEY_NO_KEY:
      return _ ("No room key inside");
    case KS_KEY_OTHER_KIND:
      return _ ("Of a kind that Keepsake doesn't know");
    case KS_KEY_WRONG_ID:
      return _ ("Not the key that it is said to be");
    case KS_KEY_CONFLICT:
    case KS_KEY_N_REASONS:
    default:
      return _ ("Contradicts a key that is here");
    }
}

const char *
ks_restore_text_advice (KsKeyReason reason)
{
  switch (reason)
    {
    case KS_KEY_OTHER_KIND:
      return _ ("A newer version may open them.");
    case KS_KEY_CONFLICT:
      return _ ("Somebody may have made them up. What was here was kept.");
    case KS_KEY_MALFORMED:
    case KS_KEY_NOT_OURS:
    case KS_KEY_NO_KEY:
    case KS_KEY_WRONG_ID:
    case KS_KEY_N_REASONS:
    default:
      return _ ("Another session of yours may still have them.");
    }
}
