/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Publishes the cross-signing identity and has it sign this session; never replaces an
 * identity that is there.
 */
#pragma once

#include "crypto/ks-olm-account.h"
#include "engine/identity/ks-cross-signing.h"
#include "matrix/ks-api-keys.h"

G_BEGIN_DECLS

typedef struct
{
  const char *user_id;
  const char *device_id;
  KsSecret *seeds[KS_N_CROSS_SIGNING_KEYS]; /* borrowed: the private keys, 32 bytes each. In a repair a
                                               NULL one is left as it is; never the master key's */
  gboolean mend; /* in a repair: a half that does not count as published is replaced, and is no conflict */
  KsOlmAccount *olm; /* borrowed, until the callback: this session's */
} KsIdentitySecrets;

/* Needs the session's device keys to be published. @answer: to the challenge of the call
 * before; NULL: none. Can be repeated any number of times with the same secrets.
 *
 * Errors: KS_RECOVERY_ERROR_CONFLICT: another identity is there; _AUTH_NEEDED,
 * _AUTH_WRONG: the server asks, see @challenge; _REFUSED: it did not take a signature;
 * _CORRUPT: it publishes something else than it took; KS_MATRIX_ERROR. */
void ks_publish_identity_async (KsHttp *http,
                                const KsIdentitySecrets *secrets,
                                KsUiaAnswer *answer,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* @challenge is set with the two errors that need it, otherwise to NULL. */
gboolean ks_publish_identity_finish (KsHttp *http, GAsyncResult *result, KsUia **challenge, GError **error);

G_END_DECLS
