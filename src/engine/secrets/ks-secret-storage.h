/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secret storage (Client-Server API, "Secret storage"): the account data that holds the
 * four secrets, written under a key and opened with it. No I/O; reading shapes is
 * ks-key-description's.
 */
#pragma once

#include "engine/secrets/ks-key-description.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The account data that names the default key, and what stands before a key's ID in the
 * type of its description. */
#define KS_DEFAULT_KEY_TYPE "m.secret_storage.default_key"
#define KS_KEY_TYPE_PREFIX "m.secret_storage.key."

/* The type of the description of the key @key_id. */
char *ks_secret_storage_key_type (const char *key_id) G_GNUC_WARN_UNUSED_RESULT;

/* The key ID that the content of m.secret_storage.default_key names, borrowed; NULL: none.
 * An empty object or ID is how other clients switch secret storage off. */
const char *ks_secret_storage_default_key (JsonObject *content);

/* All keys and secrets here. */
#define KS_STORED_SECRET_SIZE 32

/* The description of the new @key (32 bytes), with its check values. @salt and @rounds:
 * how it came from a phrase; NULL: it did not. NULL if the library failed. */
JsonObject *ks_secret_storage_describe (const KsSecret *key, const char *salt, gint64 rounds)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether the check values in @description are another key's than @key: no client takes @key for the
 * right one then, whatever it opens. */
gboolean ks_secret_storage_describes_another (const KsKeyDescription *description, const KsSecret *key);

/* The account data of the secret @name with @value (32 bytes, written as base64) under
 * the key @key_id in it. What @present (NULL: nothing) holds besides, for other keys and
 * of other clients, is carried over. NULL if the library failed. */
JsonObject *ks_secret_storage_put (JsonObject *present,
                                   const char *name,
                                   const char *key_id,
                                   const KsSecret *key,
                                   const KsSecret *value) G_GNUC_WARN_UNUSED_RESULT;

typedef enum
{
  KS_STORED_SECRET_OK,
  KS_STORED_SECRET_ODD,       /* opens, spelled in a way that other clients do not read */
  KS_STORED_SECRET_ABSENT,    /* nothing under this key */
  KS_STORED_SECRET_BAD,       /* of a wrong shape */
  KS_STORED_SECRET_WRONG_KEY, /* does not open: another key, or changed, or of another name */
  KS_STORED_SECRET_NO_KEY,    /* opens to something that is no key of 32 bytes */
} KsStoredSecretResult;

/* Opens the secret @name that @content (NULL: none) holds under @key_id: 32 bytes as base64,
 * padded or not. That is OK. ODD is whatever else can be read: odd base64, or base64 of base64; the
 * text of a Security Key; for the backup's key a list of its bytes, or Element's word for @key itself;
 * and what ks_encrypted_secret_is_common() is FALSE for.
 *
 * @value is set to NULL unless it is one of these two. The MAC does not cover the IV: whoever relies on
 * @value compares the public key that belongs to it. */
KsStoredSecretResult ks_secret_storage_open (JsonObject *content,
                                             const char *name,
                                             const char *key_id,
                                             const KsSecret *key,
                                             KsSecret **value) G_GNUC_WARN_UNUSED_RESULT;

/* The IDs of all keys that something is stored under in @contents (@n secrets' account data, each may
 * be NULL), without @but (may be NULL), KS_SECRET_STORAGE_MAX_KEYS at most; for g_strfreev(). An empty
 * one, which no default key can have, may be among them. @cut (may be NULL): whether there are more. */
GStrv ks_secret_storage_list_keys (JsonObject *const *contents, int n, const char *but, gboolean *cut)
    G_GNUC_WARN_UNUSED_RESULT;
#define KS_SECRET_STORAGE_MAX_KEYS 32

/* A new key ID: 32 letters and digits. */
char *ks_secret_storage_new_key_id (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
