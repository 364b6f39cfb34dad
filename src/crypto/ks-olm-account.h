/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Olm account of a session (Olm project, "Olm"), by libolm: its two identity keys,
 * its one-time keys and its fallback key, made, given out, and stored as a whole. What
 * the server has of them, and the JSON that they are published in, is for the layers
 * above. There are no Olm sessions here yet: nothing encrypts or decrypts, and no
 * one-time key is ever used up.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "crypto/ks-signing.h"

G_BEGIN_DECLS

#define KS_OLM_KEY_SIZE 32
/* A key as text is unpadded base64. */
#define KS_OLM_KEY_LENGTH 43
#define KS_OLM_KEY_ID_LENGTH 6

typedef enum
{
  KS_OLM_ACCOUNT_OK,
  KS_OLM_ACCOUNT_MALFORMED,   /* cut short, changed, or never a pickled account */
  KS_OLM_ACCOUNT_BAD_VERSION, /* pickled by another version of libolm, in a form that this one does not know */
  KS_OLM_ACCOUNT_WEAK,   /* a public key is of small order or not canonical, or not that of the private key */
  KS_OLM_ACCOUNT_FAILED, /* the library refused it all the same */
} KsOlmAccountResult;

/* A one-time key or fallback key: the part behind "signed_curve25519:" and the public
 * key, each ended by a zero. */
typedef struct
{
  char id[KS_OLM_KEY_ID_LENGTH + 1];
  char curve25519[KS_OLM_KEY_LENGTH + 1];
} KsOlmPublicKey;

/* An account in libsodium's guarded memory. One thread at a time. What changes it (the
 * functions that generate and mark) is lost unless the account is pickled and stored
 * afterwards: store before anything of it is published. */
typedef struct KsOlmAccount KsOlmAccount;

/* A new account with random identity keys, without one-time keys. Never NULL: a library
 * that cannot make one aborts. */
KsOlmAccount *ks_olm_account_new (void) G_GNUC_WARN_UNUSED_RESULT;

void ks_olm_account_free (KsOlmAccount *account); /* wipes it; NULL is allowed */

/* The public identity keys: the "fingerprint" and the "identity key" of the session. */
void ks_olm_account_identity_keys (const KsOlmAccount *account,
                                   uint8_t ed25519[KS_OLM_KEY_SIZE],
                                   uint8_t curve25519[KS_OLM_KEY_SIZE]);

/* The same as text, KS_OLM_KEY_LENGTH characters; valid as long as the account. */
const char *ks_olm_account_ed25519 (const KsOlmAccount *account);
const char *ks_olm_account_curve25519 (const KsOlmAccount *account);

/* Signs @size bytes with the Ed25519 identity key. false: the library failed, or the
 * signature does not verify; @signature is wiped then. */
bool ks_olm_account_sign (KsOlmAccount *account,
                          const void *message,
                          size_t size,
                          uint8_t signature[KS_SIGNATURE_SIZE]) G_GNUC_WARN_UNUSED_RESULT;

/* How many one-time keys an account keeps. The server should be given no more than half:
 * libolm throws away the oldest for those that are made, and a message that was begun
 * with one of them could not be read. */
size_t ks_olm_account_max_one_time_keys (const KsOlmAccount *account);

/* Makes @n new one-time keys. false, and nothing has changed: @n is above the maximum. */
bool ks_olm_account_generate_one_time_keys (KsOlmAccount *account, size_t n) G_GNUC_WARN_UNUSED_RESULT;

/* The one-time keys that are not marked as published, @n of them, newest first; free the
 * array with g_free(). NULL with @n 0: there is none. */
KsOlmPublicKey *ks_olm_account_list_one_time_keys (KsOlmAccount *account, size_t *n)
    G_GNUC_WARN_UNUSED_RESULT;

/* Makes a new fallback key. The one before it is kept, so that messages on their way can
 * still be read; the one before that is gone. */
void ks_olm_account_generate_fallback_key (KsOlmAccount *account);

/* The fallback key. false: there is none, or it is marked as published. */
bool ks_olm_account_get_fallback_key (KsOlmAccount *account, KsOlmPublicKey *key) G_GNUC_WARN_UNUSED_RESULT;

/* Marks all one-time keys and the fallback key as published: once the server has
 * confirmed them, and if none was made since they were listed. */
void ks_olm_account_mark_published (KsOlmAccount *account);

/* The whole account with its private keys, as libolm's pickle: text of some kilobytes.
 * Anyone can open it (see ks-olm-account.c): it is as secret as the keys, and is stored
 * sealed. */
KsSecret *ks_olm_account_pickle (KsOlmAccount *account) G_GNUC_WARN_UNUSED_RESULT;

/* And back. @account is set to NULL after an error. */
KsOlmAccountResult ks_olm_account_unpickle (const KsSecret *pickle, KsOlmAccount **account)
    G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsOlmAccount, ks_olm_account_free)

G_END_DECLS
