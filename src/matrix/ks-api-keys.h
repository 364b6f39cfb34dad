/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Device keys, cross-signing keys and signatures (Client-Server API, "Key
 * management API" and "Cross-signing"). Checks the shape of answers; whether a
 * key is one's own and a signature good is for those who ask.
 */
#pragma once

#include "matrix/ks-http.h"
#include "matrix/ks-uia.h"

G_BEGIN_DECLS

/* POST /keys/upload. Each of the three may be NULL. Equal keys may be sent again
 * (a changed one-time key under the same ID is refused by the server), so that a
 * lost answer is repeated. @one_time_count is set to how many one-time keys of
 * signed_curve25519 the server holds. */
void ks_api_keys_upload_async (KsHttp *http,
                               JsonObject *device_keys,
                               JsonObject *one_time_keys,
                               JsonObject *fallback_keys,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean
ks_api_keys_upload_finish (KsHttp *http, GAsyncResult *result, gint64 *one_time_count, GError **error);

/* POST /keys/query. Each object is owned, never NULL, and maps user IDs to
 * objects; device_keys maps them to objects of objects. What else is in them is
 * unchecked. */
typedef struct
{
  JsonObject *device_keys;       /* user → device → keys */
  JsonObject *master_keys;       /* user → key */
  JsonObject *self_signing_keys; /* user → key */
  JsonObject *user_signing_keys; /* user → key: one's own only */
  JsonObject *failures;          /* server name → anything */
} KsKeysQuery;

void ks_keys_query_free (KsKeysQuery *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeysQuery, ks_keys_query_free)

/* @user_ids ends with NULL. All their devices are asked for. */
void ks_api_keys_query_async (KsHttp *http,
                              const char *const *user_ids,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
KsKeysQuery *ks_api_keys_query_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* POST /keys/device_signing/upload. Keys that are NULL are left out. @auth is
 * NULL at first; servers ask only where an identity would be replaced.
 * KS_MATRIX_ERROR_AUTH_NEEDED: @challenge is set; answer it and call again with
 * the same keys. Never sent twice by itself. */
void ks_api_keys_upload_signing_async (KsHttp *http,
                                       JsonObject *master_key,
                                       JsonObject *self_signing_key,
                                       JsonObject *user_signing_key,
                                       KsUiaAnswer *auth,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean
ks_api_keys_upload_signing_finish (KsHttp *http, GAsyncResult *result, KsUia **challenge, GError **error);

/* POST /keys/signatures/upload. @signatures maps user IDs to maps from device IDs
 * or public keys to the signed objects. The server answers 200 even if it took
 * none of them: @failures is set to the answer's "failures" (user → key → error)
 * if it is not empty, otherwise to NULL. A caller that passes NULL for it gets
 * KS_MATRIX_ERROR_REFUSED instead, with the first errcode. */
void ks_api_keys_upload_signatures_async (KsHttp *http,
                                          JsonObject *signatures,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean ks_api_keys_upload_signatures_finish (KsHttp *http,
                                               GAsyncResult *result,
                                               JsonObject **failures,
                                               GError **error);

G_END_DECLS
