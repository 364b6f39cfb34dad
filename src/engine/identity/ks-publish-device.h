/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gives this session an Olm account, and the server its device keys, one-time keys and a
 * fallback key, so that others can send it room keys from then on. Once in a session's
 * life; afterwards it only hands the account out.
 */
#pragma once

#include "crypto/ks-olm-account.h"
#include "matrix/ks-http.h"
#include "store/ks-olm-store.h"

G_BEGIN_DECLS

/* Errors: KS_STORE_ERROR (_DAMAGED: the account here does not open; this session cannot
 * have another), KS_MATRIX_ERROR. */
void ks_publish_device_async (KsHttp *http,
                              KsOlmStore *store,
                              const char *user_id,
                              const char *device_id,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* The session's Olm account; the caller frees it. @refused (may be NULL): why the server did not
 * take the one-time keys, without which nobody can send this session anything new; the caller
 * frees it. The session's keys are published all the same. */
KsOlmAccount *ks_publish_device_finish (KsHttp *http, GAsyncResult *result, GError **refused, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
