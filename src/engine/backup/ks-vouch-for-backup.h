/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signs the current backup in the person's name, where nobody has: for clients that have
 * not its private key and go by the master key's signature.
 */
#pragma once

#include "crypto/ks-olm-account.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

typedef struct
{
  const char *user_id;
  const char *device_id;
  KsSecret *key;     /* borrowed: the backup's private key, which is why it is vouched for */
  KsSecret *master;  /* borrowed: the private master key */
  KsOlmAccount *olm; /* borrowed, until the callback: this session's */
} KsBackupVoucher;

/* Adds the signatures of master key and session to those that are there, unless the master
 * key's is. A backup that is not @key's any more is left alone, which is no error: nothing
 * is written that was not looked at right before. So is one with more in it than its public
 * key: nothing that a server puts beside it is signed. Can be repeated. */
void ks_vouch_for_backup_async (KsHttp *http,
                                const KsBackupVoucher *voucher,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ks_vouch_for_backup_finish (KsHttp *http, GAsyncResult *result, GError **error);

G_END_DECLS
