/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The description of a secret-storage key, m.secret_storage.key.[key ID], and the
 * encrypted form of a secret under such a key, as other clients wrote them
 * (Client-Server API, "Secrets"). Reads them and checks shapes and bounds; whether a
 * key fits and whom to trust is for those who ask.
 */
#pragma once

#include "crypto/ks-aes-hmac.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The only algorithm that the specification has. */
#define KS_SECRET_STORAGE_ALGORITHM "m.secret_storage.v1.aes-hmac-sha2"
#define KS_PASSPHRASE_ALGORITHM "m.pbkdf2"

/* Longer names and salts are refused: the server would choose how much is hashed. */
#define KS_KEY_DESCRIPTION_MAX_SALT 1024
#define KS_KEY_DESCRIPTION_MAX_NAME 1024

typedef enum
{
  KS_KEY_DESCRIPTION_OK,
  KS_KEY_DESCRIPTION_ABSENT,            /* no content, or an emptied one */
  KS_KEY_DESCRIPTION_UNKNOWN_ALGORITHM, /* of a newer client: carry it over, use another key */
  KS_KEY_DESCRIPTION_BAD,               /* a member is missing, or of a wrong type, length or alphabet */
} KsKeyDescriptionResult;

typedef struct
{
  char *name; /* owned; NULL: none. Chosen by whoever wrote it: escape it before showing it */

  /* The check values; both or none. Without them any key has to be taken for the right
   * one until a secret has been decrypted with it. */
  gboolean has_check;
  uint8_t iv[KS_AES_HMAC_LONG_IV_SIZE];
  gsize iv_size; /* 16, or 32 as old versions of nheko wrote it */
  uint8_t mac[KS_AES_HMAC_MAC_SIZE];

  /* How the key comes from a phrase; salt NULL: it does not. The bounds that the KDF
   * sets for these are not checked here, so that what is wrong can be said. */
  char *salt;        /* owned; its bytes are used as they are, never decoded */
  gint64 iterations; /* ≥ 1 */
  gint64 bits;       /* 256 unless the description says otherwise */

  gboolean other_phrase; /* it comes from a phrase, in a way that is not known here; salt is NULL then */
  gboolean odd;          /* base64 or numbers are spelled as not all clients read them */
} KsKeyDescription;

void ks_key_description_free (KsKeyDescription *description); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyDescription, ks_key_description_free)

/* @content may be NULL. @description is set to NULL unless the result is OK. */
KsKeyDescriptionResult ks_key_description_read (JsonObject *content, KsKeyDescription **description)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same, but with _UNKNOWN_ALGORITHM and _BAD too @description holds what can be read: the check
 * values, and how the key comes from a phrase, each by itself. It is NULL only with _ABSENT. */
KsKeyDescriptionResult ks_key_description_read_parts (JsonObject *content, KsKeyDescription **description)
    G_GNUC_WARN_UNUSED_RESULT;

/* A number of how a key comes from a phrase: also as 500000.0 or "500000", which @odd is set to TRUE
 * for and left alone else. FALSE: it is none, and @number is 0. */
gboolean ks_key_description_read_number (JsonObject *object, const char *name, gint64 *number, gboolean *odd);

/* What "encrypted" of a secret's account data holds for one key. */
typedef struct
{
  uint8_t iv[KS_AES_HMAC_LONG_IV_SIZE];
  gsize iv_size;
  uint8_t mac[KS_AES_HMAC_MAC_SIZE];
  uint8_t *ciphertext; /* owned */
  gsize size;
  gboolean odd; /* its base64 is spelled as not all clients read it */
} KsEncryptedSecret;

void ks_encrypted_secret_free (KsEncryptedSecret *secret); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsEncryptedSecret, ks_encrypted_secret_free)

/* Reads the entry of @key_id in @content, the account data of a secret; @content may be
 * NULL. ABSENT: nothing is stored under this key. */
KsKeyDescriptionResult ks_encrypted_secret_read (JsonObject *content,
                                                 const char *key_id,
                                                 KsEncryptedSecret **secret) G_GNUC_WARN_UNUSED_RESULT;

/* Whether every client can read what was read here: as far as it is not odd. nheko 0.12.1 describes keys
 * by IVs of 32 bytes, at which the engine of Element Web stops ("counter must contain exactly 16
 * bytes"). */
gboolean ks_key_description_is_common (const KsKeyDescription *description);
gboolean ks_encrypted_secret_is_common (const KsEncryptedSecret *secret);

G_END_DECLS
