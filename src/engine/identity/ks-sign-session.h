/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Has the identity sign this session, so that it is verified for every other client, and
 * this session the identity's master key.
 */
#pragma once

#include "crypto/ks-olm-account.h"
#include "engine/identity/ks-cross-signing.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

typedef struct
{
  const char *user_id;
  const char *device_id;
  KsSecret *self_signing; /* borrowed: the private key, 32 bytes */
  KsIdentity identity;    /* the halves that are known to be the person's, .published set: they must be
                             what the server publishes. The self-signing key is among them; the master
                             key is signed if it is */
  KsOlmAccount *olm;      /* borrowed, until the callback: this session's */
} KsSessionToSign;

/* Needs identity and device keys to be published. Can be repeated.
 *
 * Errors: KS_RECOVERY_ERROR_CONFLICT: another identity is there; _REFUSED: the server did
 * not take a signature; _CORRUPT: it publishes something else than this session's keys,
 * or does not give back what it took; KS_MATRIX_ERROR. */
void ks_sign_session_async (KsHttp *http,
                            const KsSessionToSign *session,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);

/* @master_signed (may be NULL): the server gives back this session's signature of the master key
 * too. Without it the session is verified all the same, by the self-signing key. */
gboolean ks_sign_session_finish (KsHttp *http, GAsyncResult *result, gboolean *master_signed, GError **error);

G_END_DECLS
