/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "Make Another Key?": asked before a key is left that was saved or copied already. Several
 * that look alike are dangerous, for one alone opens the backup.
 */
#pragma once

#include "ui/set-up/ks-save-key-page.h"

G_BEGIN_DECLS

/* Whether there is something to ask: the key of @page may be somewhere by now. */
gboolean ks_another_key_is_due (KsSaveKeyPage *page);

/* Asks over @window, and changes nothing. Finish: whether the key is to be left. */
void ks_another_key_async (GtkWindow *window,
                           KsSaveKeyPage *page,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ks_another_key_finish (GAsyncResult *result);

G_END_DECLS
