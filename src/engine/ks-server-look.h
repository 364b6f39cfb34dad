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
} KsServerLook;

void ks_server_look_free (KsServerLook *look); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsServerLook, ks_server_look_free)

void ks_server_look_async (KsHttp *http,
                           const char *user_id,
                           const char *device_id,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
KsServerLook *ks_server_look_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Takes what a key query says about @user_id: identity_keys, identity, device, devices. */
void ks_server_look_take_query (KsServerLook *look,
                                const KsKeysQuery *query,
                                const char *user_id,
                                const char *device_id);

/* "m.secret_storage.key." and the ID. */
char *ks_server_look_key_type (const char *key_id) G_GNUC_WARN_UNUSED_RESULT;

/* The key ID that the content of m.secret_storage.default_key names, borrowed; NULL: none.
 * An empty object or ID is how other clients switch secret storage off. */
const char *ks_server_look_default_key (JsonObject *content);

G_END_DECLS
