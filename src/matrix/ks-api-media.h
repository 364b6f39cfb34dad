/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of the content repository (Client-Server API, "Content repository"): down, and as
 * they are. No thumbnails: the server would have to see what is in them.
 */
#pragma once

#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* Whether @uri has the form mxc://server/id, of which a path can be made. */
gboolean ks_mxc_is_valid (const char *uri) G_GNUC_WARN_UNUSED_RESULT;

/* Fetches the file at @uri and hands it on as it arrives; see ks_http_stream_async(). Its
 * type is what the server likes it to be, and its size too: @on_chunk has to stop it.
 *
 * Asks the authenticated endpoint, and, without the token, the one before it where the
 * server does not know that. KS_MATRIX_ERROR_BAD_ANSWER: also for a @uri that is not valid. */
void ks_api_media_download_async (KsHttp *http,
                                  const char *uri,
                                  KsHttpChunkFunc on_chunk,
                                  gpointer chunk_data,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean ks_api_media_download_finish (KsHttp *http, GAsyncResult *result, GError **error);

G_END_DECLS
