/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens an account's Secure Backup with what the person gave, and makes this session one
 * of the account's verified ones. Each part stands by itself: what can be proven is opened and
 * kept, what cannot is named in the result. Writes nothing, neither here nor on the server,
 * before everything has been checked: the key's own check, every secret, every public half.
 */
#pragma once

#include "engine/unlock/ks-key-entry.h"
#include "engine/unlock/ks-unlock-result.h"
#include "matrix/ks-http.h"
#include "store/ks-key-store.h"
#include "store/ks-olm-store.h"
#include "store/ks-recovery-store.h"
#include "store/ks-secret-store.h"

G_BEGIN_DECLS

typedef struct
{
  KsHttp *http;
  const char *user_id;
  const char *device_id;
  KsOlmStore *olm_store;
  KsRecoveryStore *recovery_store;
  KsSecretStore *secret_store;
  KsKeyStore *keys;
} KsUnlockPlace; /* all borrowed */

/* Unlocks with @text whatever it opens and can be proven. Errors are those of
 * ks_match_key_async() and, where nothing is good for anything, ks_open_secrets(); KS_STORE_ERROR.
 * After any of them this session is as locked as it was. */
void ks_unlock_async (const KsUnlockPlace *place,
                      KsSecret *text,
                      KsKeyEntrySource source,
                      KsUnlockFlags flags,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);

/* @note: set with the error of a key that is the right one and opens nothing, for a repair of what can
 * be made anew; the caller frees it. */
KsUnlockResult *ks_unlock_finish (GAsyncResult *result, KsUnlockNote **note, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
