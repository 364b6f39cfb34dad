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

void
ks_unlock_result_free (KsUnlockResult *result)
{
  if (result == NULL)
    return;
  g_free (result->key_id);
  ks_found_key_free (result->found);
  g_free (result->backup_version);
  g_clear_error (&result->upload);
  g_clear_error (&result->keyring);
  g_free (result);
}
