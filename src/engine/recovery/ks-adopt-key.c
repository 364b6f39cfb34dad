/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-adopt-key.h"

KsUnlockNote *
ks_adopt_key (const KsRecoverySnapshot *now, KsSecret *text, KsKeyEntrySource source)
{
  g_autoptr (KsKeyEntry) entry = NULL;
  KsUnlockNote *note;

  if (now->default_key_id != NULL || now->stored_anywhere || !now->matches[KS_SECRET_MASTER])
    return NULL;
  entry = ks_key_entry_read (text, source);
  if (entry->n_keys != 1)
    return NULL;
  note = g_new0 (KsUnlockNote, 1);
  note->key = ks_secret_ref (entry->keys[0]);
  return note;
}
