/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One's own global account data (Client-Server API, "Client Config").
 */
#pragma once

#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* GET /user/{userId}/account_data/{type}. @content is set to NULL if it was never
 * set (404 with M_NOT_FOUND). It is an object without members if it was emptied,
 * which is how account data is deleted: most callers take both as absent. */
void ks_api_account_data_get_async (KsHttp *http,
                                    const char *user_id,
                                    const char *type,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean
ks_api_account_data_get_finish (KsHttp *http, GAsyncResult *result, JsonObject **content, GError **error);

/* All of it whose type begins with @prefix, by GET /sync, since nothing else lists it: an
 * object of type → content. The place of the session's own sync does not move. */
void ks_api_account_data_list_async (KsHttp *http,
                                     const char *prefix,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
JsonObject *ks_api_account_data_list_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* PUT /user/{userId}/account_data/{type}: replaces all of it. Sent again after a
 * lost answer: the second of two equal writes changes nothing. */
void ks_api_account_data_put_async (KsHttp *http,
                                    const char *user_id,
                                    const char *type,
                                    JsonObject *content,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean ks_api_account_data_put_finish (KsHttp *http, GAsyncResult *result, GError **error);

/* The same, sent once and never again by itself, for content that was made from what was
 * there a moment ago: by the second time another client may have written. Ends with
 * ks_api_account_data_put_finish(); after an error it is open whether it was taken. */
void ks_api_account_data_put_once_async (KsHttp *http,
                                         const char *user_id,
                                         const char *type,
                                         JsonObject *content,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);

G_END_DECLS
