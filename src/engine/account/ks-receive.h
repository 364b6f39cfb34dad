/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetches what others have sent this session and keeps it as it came, sealed, until it can
 * be read. The place in the sync never moves past what is not stored.
 *
 * All but one kind, which anybody can send to anybody without end: m.room_key.withheld says why
 * a key does not come, and brings none. Of that no more is kept than is read
 * (history/ks-withheld.h).
 */
#pragma once

#include "matrix/ks-http.h"
#include "store/ks-inbox.h"

G_BEGIN_DECLS

/* While so many events wait, no m.room_key.withheld is added to them; nor ever one of more bytes
 * than what it has to say can have. */
#define KS_RECEIVE_MAX_WAITING 10000
#define KS_RECEIVE_MAX_WITHHELD_SIZE 4096

/* Until the server has nothing more at once. KS_MATRIX_ERROR, KS_STORE_ERROR: what was
 * stored before is stored. */
void ks_receive_async (KsHttp *http,
                       KsInbox *inbox,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
/* @received: how many events were stored; may be NULL. */
gboolean ks_receive_finish (KsHttp *http, GAsyncResult *result, guint64 *received, GError **error);

G_END_DECLS
