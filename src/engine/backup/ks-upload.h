/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Uploads the room keys that are not in a backup version yet, in batches as large as the
 * server takes, in flat memory. Everything is sealed to the public key that the caller
 * gives, never to one that a server names; which version that is, and why it may be
 * written to, is the caller's judgement.
 */
#pragma once

#include "crypto/ks-backup-cipher.h"
#include "matrix/ks-http.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 uploaded; /* marked as being in the version, by this call */
  guint64 refused;  /* put aside by this call: the server does not take them, or they are damaged */
} KsUploaded;

/* @done keys of @total pending ones are up. */
typedef void (*KsUploadFunc) (guint64 done, guint64 total, gpointer user_data);

/* Uploads until nothing is pending. Every batch is marked once the server has said that
 * it has it, so that a stop anywhere costs at most one batch that is sent again.
 *
 * Errors: KS_RECOVERY_ERROR_UNTRUSTED: the version is no longer the current one, or is
 * gone; its marks are forgotten; look which is current and judge again. KS_MATRIX_ERROR
 * when the server cannot be reached or answers badly: go on later. KS_STORE_ERROR.
 *
 * @on_progress may be NULL; it is called on the main context, and no more once the
 * callback has run. */
void ks_upload_async (KsHttp *http,
                      KsKeyStore *keys,
                      const char *version,
                      const uint8_t public_key[KS_BACKUP_KEY_SIZE],
                      KsUploadFunc on_progress,
                      gpointer progress_data,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
gboolean ks_upload_finish (KsHttp *http, GAsyncResult *result, KsUploaded *uploaded, GError **error);

G_END_DECLS
