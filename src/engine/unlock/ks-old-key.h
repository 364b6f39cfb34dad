/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a key or phrase that fits nothing belonged to the account once: descriptions of
 * keys stay on the server when nothing is stored under them any more.
 */
#pragma once

#include "engine/unlock/ks-key-entry.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* More descriptions are not tried. */
#define KS_OLD_KEY_MAX 16

/* Takes @entry over. @tried: IDs of keys that are known not to fit. */
void ks_old_key_look_async (KsHttp *http,
                            KsKeyEntry *entry,
                            GStrv tried,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
/* FALSE with an error: that is not known. */
gboolean ks_old_key_look_finish (KsHttp *http, GAsyncResult *result, gboolean *is_old, GError **error);

G_END_DECLS
