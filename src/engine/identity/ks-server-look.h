/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an account's Secure Backup is made of on the server, as the server tells it.
 * Only reads, and judges nothing but shapes: whom to believe is for those who ask.
 */
#pragma once

#include "engine/identity/ks-cross-signing.h"
#include "matrix/ks-api-backup.h"
#include "matrix/ks-api-keys.h"

G_BEGIN_DECLS

/* The requests that a look is made of, each of which can fail by itself. */
typedef enum
{
  KS_LOOK_DEFAULT_KEY,
  KS_LOOK_DESCRIPTION,
  KS_LOOK_SECRETS, /* and the following three: one for each KsSecretName */
  KS_LOOK_IDENTITY = KS_LOOK_SECRETS + KS_N_SECRETS,
  KS_LOOK_BACKUP,
} KsLookPart;
#define KS_N_LOOK_PARTS (KS_LOOK_BACKUP + 1)

typedef struct
{
  char *default_key_id;                               /* owned: of secret storage; NULL: none */
  JsonObject *description;                            /* owned: of that key; NULL: none */
  JsonObject *secrets[KS_N_SECRETS];                  /* owned: account data; NULL: never set */
  JsonObject *identity_keys[KS_N_CROSS_SIGNING_KEYS]; /* owned: key objects; NULL: none */
  KsIdentity identity;                                /* what can be read of these */
  JsonObject *device;       /* owned: this session's device keys; NULL: not published */
  JsonObject *devices;      /* owned: device ID → device keys, all sessions with such; never NULL */
  KsBackupVersion *version; /* owned: the current one; NULL: no backup */
  GError *failures[KS_N_LOOK_PARTS]; /* owned: why a part is not known; its members are NULL then */
} KsServerLook;

void ks_server_look_free (KsServerLook *look); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsServerLook, ks_server_look_free)

/* All of it. What fails for one part fails the look, there and then. */
void ks_server_look_async (KsHttp *http,
                           const char *user_id,
                           const char *device_id,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
KsServerLook *ks_server_look_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* As much of it as makes sense. An answer that makes none is among the failures, and the other parts are
 * looked at all the same. Where the server cannot be reached, or has a problem of its own, the look fails
 * there and then; so it does where no part is known. */
void ks_server_look_sense_async (KsHttp *http,
                                 const char *user_id,
                                 const char *device_id,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
KsServerLook *ks_server_look_sense_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* As much of it as the server tells: see failures. It fails as a whole where no part could be
 * better off than the one that failed: the line is cut, the session is signed out, the call was
 * cancelled, or no part is known. */
void ks_server_look_parts_async (KsHttp *http,
                                 const char *user_id,
                                 const char *device_id,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
KsServerLook *ks_server_look_parts_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The first of the failures, borrowed; NULL: all is known. */
const GError *ks_server_look_failure (const KsServerLook *look);

/* Takes what a key query says about @user_id: identity_keys, identity, device, devices. */
void ks_server_look_take_query (KsServerLook *look,
                                const KsKeysQuery *query,
                                const char *user_id,
                                const char *device_id);

G_END_DECLS
