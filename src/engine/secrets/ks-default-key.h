/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Naming the default key of secret storage, m.secret_storage.default_key (Client-Server API,
 * "Secret storage"), without writing over what another client names meanwhile, as far as a
 * server without conditional writes allows it.
 */
#pragma once

#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* Asks for the default key, and makes it @key_id if it is @instead_of right then (a key ID, or
 * NULL: none). What is written is sent once, and never again by itself. */
void ks_default_key_name_async (KsHttp *http,
                                const char *user_id,
                                const char *key_id,
                                const char *instead_of,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

/* @found: the key ID that it names now; NULL: none. The caller frees it. It is @key_id, by this
 * call or before it; another one was left as it is.
 * @swallowed: set with an error only. The line took the answer to the write, and nobody knows
 * whether it was taken: whatever was seen before is old by then. */
gboolean ks_default_key_name_finish (
    KsHttp *http, GAsyncResult *result, char **found, gboolean *swallowed, GError **error);

G_END_DECLS
