/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-unlock-result.h"

void
ks_found_key_free (KsFoundKey *found)
{
  if (found == NULL)
    return;
  ks_secret_unref (found->key);
  g_free (found);
}

const char *
ks_opened_to_string (KsOpened opened)
{
  static const char *const words[KS_N_OPENED] = {
    [KS_OPENED_NOTHING] = "nothing", [KS_OPENED_UNUSED] = "unused",     [KS_OPENED_SECRET] = "opened",
    [KS_OPENED_DAMAGED] = "damaged", [KS_OPENED_MISMATCH] = "mismatch", [KS_OPENED_CHANGED] = "changed",
    [KS_OPENED_OLDER] = "older",     [KS_OPENED_UNKNOWN] = "unknown",
  };

  g_return_val_if_fail ((guint) opened < KS_N_OPENED, NULL);
  return words[opened];
}

void
ks_unlock_result_free (KsUnlockResult *result)
{
  if (result == NULL)
    return;
  g_free (result->key_id);
  ks_found_key_free (result->found);
  g_free (result->backup_version);
  ks_key_report_free (result->older);
  ks_unlock_note_free (result->note);
  g_clear_error (&result->device);
  g_clear_error (&result->signing);
  g_clear_error (&result->upload);
  g_clear_error (&result->keyring);
  g_free (result);
}
