/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The drill: proves that the backup can be restored with the Security Key as the person
 * has it. Fetches the backup's private key from secret storage, opens it with that key,
 * fetches some entries and opens them. Changes nothing.
 */
#pragma once

#include "matrix/ks-http.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* How many entries are looked at; fewer if there are fewer. */
#define KS_DRILL_SAMPLE 5

/* What was marked as being in the backup and is not: KsStoredRoomKey elements, owned. */
typedef struct
{
  GPtrArray *missing; /* the server does not know them */
  GPtrArray *spoilt;  /* it gives back what does not open, or less than is here */
  gboolean many;      /* more than those that were looked at, as far as one can tell */
} KsDrillLoss;

void ks_drill_loss_free (KsDrillLoss *loss); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsDrillLoss, ks_drill_loss_free)

/* @key: the Security Key (32 bytes). Entries are picked at random among the keys of the
 * store that are in @version. Errors: KS_RECOVERY_ERROR_WRONG_KEY: the Security Key does
 * not open the secret; _UNTRUSTED: what it opens is not the key of @version; _CORRUPT: an
 * entry is missing, does not open, or is another key than the one here; KS_MATRIX_ERROR,
 * KS_STORE_ERROR. */
void ks_drill_async (KsHttp *http,
                     KsKeyStore *keys,
                     const char *user_id,
                     const char *key_id,
                     const char *version,
                     KsSecret *key,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);

/* @checked: how many entries were opened. 0: there was nothing to check, which proves
 * nothing. */
gboolean ks_drill_finish (KsHttp *http, GAsyncResult *result, guint *checked, GError **error);

/* After KS_RECOVERY_ERROR_CORRUPT: what can be mended from here (ks-mend-backup.h); NULL:
 * nothing can, because the backup's secret is gone, or an entry opens to a key of the same
 * ID that has nothing to do with ours. Once for each result; the caller frees it. */
KsDrillLoss *ks_drill_take_loss (GAsyncResult *result) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
