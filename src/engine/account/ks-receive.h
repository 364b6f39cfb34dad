/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetches what others have sent this session and keeps it as it came, sealed, until it can
 * be read. The place in the sync never moves past what is not stored.
 */
#pragma once

#include "matrix/ks-http.h"
#include "store/ks-inbox.h"

G_BEGIN_DECLS

/* Until the server has nothing more at once. KS_MATRIX_ERROR, KS_STORE_ERROR: what was
 * stored before is stored. */
void ks_receive_async (KsHttp *http,
                       KsInbox *inbox,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
/* @received: how many events came; may be NULL. */
gboolean ks_receive_finish (KsHttp *http, GAsyncResult *result, guint64 *received, GError **error);

G_END_DECLS
