/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes room for the keys that a backup has lost, so that the next upload brings them back.
 */
#pragma once

#include "engine/backup/ks-drill.h"

G_BEGIN_DECLS

/* Takes @loss, of the keys of @keys in @version. Afterwards the keys are pending again, all
 * of the version's if many are lost, and entries that are spoilt are deleted. Errors:
 * KS_MATRIX_ERROR, KS_STORE_ERROR. */
void ks_mend_backup_async (KsHttp *http,
                           KsKeyStore *keys,
                           const char *version,
                           KsDrillLoss *loss,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ks_mend_backup_finish (KsHttp *http, GAsyncResult *result, GError **error);

G_END_DECLS
