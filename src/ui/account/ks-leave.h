/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signing out as a conversation: what it would lose, the question, the act.
 */
#pragma once

#include "engine/account/ks-account.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks the person over @parent, and if the answer is yes signs @account out. Where the
 * homeserver does not end the session it tells why, and offers to forget the account on
 * this computer only. Finish fails with G_IO_ERROR_CANCELLED if an answer is no. */
void ks_leave_async (GtkWindow *parent,
                     KsAccount *account,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
gboolean ks_leave_finish (GAsyncResult *result, GError **error);

G_END_DECLS
