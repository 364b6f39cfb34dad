/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetches what others have sent this session and keeps what may matter (ks-keep-event.h) as it
 * came, sealed, until it can be read. The place in the sync never moves past what is not stored,
 * but for what is never kept.
 */
#pragma once

#include "matrix/ks-http.h"
#include "store/ks-inbox.h"

G_BEGIN_DECLS

/* Until the server has nothing more at once, or the inbox has no room for what may bring a key:
 * that stays on the server then, which is no error. KS_MATRIX_ERROR, KS_STORE_ERROR: what was
 * stored before is stored. @user_id: whose session it is. */
void ks_receive_async (KsHttp *http,
                       KsInbox *inbox,
                       const char *user_id,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
/* @received: how many events were stored; may be NULL. */
gboolean ks_receive_finish (KsHttp *http, GAsyncResult *result, guint64 *received, GError **error);

G_END_DECLS
