/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asks the server what there is to know of a room before it is opened: its name, and whether
 * it is encrypted.
 */
#pragma once

#include "engine/history/ks-room.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* Whether nothing that is asked after this error can go well. */
gboolean ks_room_facts_error_concerns_all (const GError *error);

/* @user_id: the account's own. What is found out goes into @room at the end; name and
 * encryption are each there or unknown by themselves. Errors are those that concern all:
 * KS_MATRIX_ERROR, G_IO_ERROR_CANCELLED; nothing goes into @room then. */
void ks_room_facts_ask_async (KsHttp *http,
                              const char *user_id,
                              KsRoom *room,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ks_room_facts_ask_finish (KsHttp *http, GAsyncResult *result, GError **error);

G_END_DECLS
