/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stores what a repair's plan says under the Security Key: the key's description, and secrets.
 */
#pragma once

#include "engine/repair/ks-repair-look.h"
#include "engine/secrets/ks-storage-proof.h"

G_BEGIN_DECLS

/* @sight: what was seen and planned; it must live to the callback. Errors: those of
 * ks_store_secrets_async(), _CONFLICT where something is not as it was seen. */
void ks_repair_store_async (KsHttp *http,
                            const char *user_id,
                            const KsRepairSight *sight,
                            KsSecret *key,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
/* @proof is set to what was read back and opened, also after an error. */
gboolean ks_repair_store_finish (KsHttp *http, GAsyncResult *result, KsStorageProof *proof, GError **error);

G_END_DECLS
