/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-kdf.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#define BLOCK_SIZE 16

/* In the order in which HKDF gives them out. */
typedef struct
{
  uint8_t aes[32];
  uint8_t mac[32];
  uint8_t iv[BLOCK_SIZE];
} Keys;

/* What either direction keeps from entry to entry. */
typedef struct
{
  KsHmac *hmac;        /* owned */
  EVP_CIPHER_CTX *aes; /* owned; knows its cipher and direction */
} Contexts;

struct KsBackupDecryptor
{
  KsSecret *private_key; /* owned */
  Contexts contexts;
};

struct KsBackupEncryptor
{
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  Contexts contexts;
};

static void
keys_clear (Keys *keys)
{
  ks_wipe (keys, sizeof *keys);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Keys, keys_clear)

static void
contexts_init (Contexts *contexts, bool encrypt)
{
  contexts->hmac = ks_hmac_new ();
  contexts->aes = EVP_CIPHER_CTX_new ();
  if (contexts->aes == NULL
      || EVP_CipherInit_ex (contexts->aes, EVP_aes_256_cbc (), NULL, NULL, NULL, encrypt) != 1)
    g_error ("libcrypto has no AES-256-CBC");
}

static void
contexts_clear (Contexts *contexts)
{
  ks_hmac_free (contexts->hmac);
  EVP_CIPHER_CTX_free (contexts->aes);
}

/* Below p = 2^255 - 19, and so the only spelling of its point. */
static bool
is_canonical (const uint8_t *point)
{
  if (point[31] != 0x7f || point[0] < 0xed)
    return point[31] < 0x80;
  for (size_t i = 1; i < 31; i++)
    if (point[i] != 0xff)
      return true;
  return false;
}

/* The specification's salt of 32 zero bytes is no salt, see ks-kdf.h. */
static KsBackupResult
agree (Contexts *contexts, const uint8_t *private_key, const uint8_t *public_key, Keys *keys)
{
  uint8_t shared[crypto_scalarmult_BYTES];
  KsBackupResult result = KS_BACKUP_OK;

  /* crypto_scalarmult() refuses points of small order. */
  if (!is_canonical (public_key) || crypto_scalarmult (shared, private_key, public_key) != 0)
    result = KS_BACKUP_BAD_POINT;
  else if (!ks_hkdf_sha256 (contexts->hmac, shared, sizeof shared, NULL, 0, NULL, 0, (uint8_t *) keys,
                            sizeof *keys))
    result = KS_BACKUP_FAILED;
  ks_wipe (shared, sizeof shared);
  return result;
}

/* Over the empty string: what libolm did by mistake is what the specification says. */
static bool
take_mac (Contexts *contexts, const Keys *keys, uint8_t mac[KS_HMAC_SIZE])
{
  return ks_hmac (contexts->hmac, keys->mac, sizeof keys->mac, NULL, 0, mac);
}

bool
ks_backup_public_key (const KsSecret *private_key, uint8_t public_key[KS_BACKUP_KEY_SIZE])
{
  G_STATIC_ASSERT (crypto_scalarmult_BYTES == KS_BACKUP_KEY_SIZE);

  return ks_secret_size (private_key) == KS_BACKUP_KEY_SIZE
         && crypto_scalarmult_base (public_key, ks_secret_bytes (private_key)) == 0;
}

bool
ks_backup_public_key_valid (const uint8_t public_key[KS_BACKUP_KEY_SIZE])
{
  /* Any private key tells: it is clamped to a multiple of 8. */
  static const uint8_t any[crypto_scalarmult_SCALARBYTES] = { 8 };
  uint8_t shared[crypto_scalarmult_BYTES];

  return is_canonical (public_key) && crypto_scalarmult (shared, any, public_key) == 0;
}

KsBackupDecryptor *
ks_backup_decryptor_new (KsSecret *private_key)
{
  KsBackupDecryptor *decryptor;

  if (ks_secret_size (private_key) != KS_BACKUP_KEY_SIZE)
    return NULL;
  decryptor = g_new0 (KsBackupDecryptor, 1);
  decryptor->private_key = ks_secret_ref (private_key);
  contexts_init (&decryptor->contexts, false);
  return decryptor;
}

void
ks_backup_decryptor_free (KsBackupDecryptor *decryptor)
{
  if (decryptor == NULL)
    return;
  ks_secret_unref (decryptor->private_key);
  contexts_clear (&decryptor->contexts);
  g_free (decryptor);
}

static KsBackupResult
decrypt_cbc (Contexts *contexts,
             const Keys *keys,
             const uint8_t *ciphertext,
             size_t size,
             uint8_t *plain,
             size_t *plain_size)
{
  int most, rest;

  if (EVP_DecryptInit_ex (contexts->aes, NULL, NULL, keys->aes, keys->iv) != 1
      || EVP_DecryptUpdate (contexts->aes, plain, &most, ciphertext, (int) size) != 1)
    return KS_BACKUP_FAILED;
  if (EVP_DecryptFinal_ex (contexts->aes, plain + most, &rest) != 1)
    {
      ERR_clear_error ();
      return KS_BACKUP_BAD_PADDING;
    }
  *plain_size = (size_t) most + (size_t) rest;
  return KS_BACKUP_OK;
}

static KsBackupResult
open_entry (KsBackupDecryptor *decryptor,
            const uint8_t *ephemeral,
            const uint8_t *ciphertext,
            size_t size,
            const uint8_t *mac,
            uint8_t *plain,
            size_t *plain_size)
{
  g_auto (Keys) keys = { 0 };
  uint8_t expected[KS_HMAC_SIZE];
  KsBackupResult result;

  if (size == 0 || size % BLOCK_SIZE != 0 || size > KS_BACKUP_CIPHERTEXT_SIZE (KS_BACKUP_MAX_SIZE))
    return KS_BACKUP_BAD_SIZE;
  result = agree (&decryptor->contexts, ks_secret_bytes (decryptor->private_key), ephemeral, &keys);
  if (result != KS_BACKUP_OK)
    return result;
  if (!take_mac (&decryptor->contexts, &keys, expected))
    return KS_BACKUP_FAILED;
  if (!ks_bytes_equal (mac, expected, KS_BACKUP_MAC_SIZE))
    return KS_BACKUP_BAD_MAC;
  return decrypt_cbc (&decryptor->contexts, &keys, ciphertext, size, plain, plain_size);
}

KsBackupResult
ks_backup_decrypt (KsBackupDecryptor *decryptor,
                   const uint8_t ephemeral[KS_BACKUP_KEY_SIZE],
                   const uint8_t *ciphertext,
                   size_t size,
                   const uint8_t mac[KS_BACKUP_MAC_SIZE],
                   uint8_t *plain,
                   size_t *plain_size)
{
  KsBackupResult result;

  *plain_size = 0;
  result = open_entry (decryptor, ephemeral, ciphertext, size, mac, plain, plain_size);
  if (result != KS_BACKUP_OK)
    ks_wipe (plain, size);
  return result;
}

KsBackupEncryptor *
ks_backup_encryptor_new (const uint8_t public_key[KS_BACKUP_KEY_SIZE])
{
  KsBackupEncryptor *encryptor;

  if (!ks_secret_init () || !ks_backup_public_key_valid (public_key))
    return NULL;
  encryptor = g_new0 (KsBackupEncryptor, 1);
  for (size_t i = 0; i < KS_BACKUP_KEY_SIZE; i++)
    encryptor->public_key[i] = public_key[i];
  contexts_init (&encryptor->contexts, true);
  return encryptor;
}

void
ks_backup_encryptor_free (KsBackupEncryptor *encryptor)
{
  if (encryptor == NULL)
    return;
  contexts_clear (&encryptor->contexts);
  g_free (encryptor);
}

static bool
encrypt_cbc (Contexts *contexts, const Keys *keys, const void *plain, size_t size, uint8_t *ciphertext)
{
  int most = 0, rest;

  return EVP_EncryptInit_ex (contexts->aes, NULL, NULL, keys->aes, keys->iv) == 1
         && (size == 0 || EVP_EncryptUpdate (contexts->aes, ciphertext, &most, plain, (int) size) == 1)
         && EVP_EncryptFinal_ex (contexts->aes, ciphertext + most, &rest) == 1
         && (size_t) most + (size_t) rest == KS_BACKUP_CIPHERTEXT_SIZE (size);
}

static KsBackupResult
make_entry (KsBackupEncryptor *encryptor,
            const uint8_t *private_key,
            const void *plain,
            size_t size,
            uint8_t *ephemeral,
            uint8_t *ciphertext,
            uint8_t *mac)
{
  g_auto (Keys) keys = { 0 };
  uint8_t whole_mac[KS_HMAC_SIZE];
  KsBackupResult result;

  if (crypto_scalarmult_base (ephemeral, private_key) != 0)
    return KS_BACKUP_FAILED;
  result = agree (&encryptor->contexts, private_key, encryptor->public_key, &keys);
  if (result != KS_BACKUP_OK)
    return result;
  if (!take_mac (&encryptor->contexts, &keys, whole_mac)
      || !encrypt_cbc (&encryptor->contexts, &keys, plain, size, ciphertext))
    return KS_BACKUP_FAILED;
  for (size_t i = 0; i < KS_BACKUP_MAC_SIZE; i++)
    mac[i] = whole_mac[i];
  return KS_BACKUP_OK;
}

KsBackupResult
ks_backup_encrypt (KsBackupEncryptor *encryptor,
                   const void *plain,
                   size_t size,
                   uint8_t ephemeral[KS_BACKUP_KEY_SIZE],
                   uint8_t *ciphertext,
                   uint8_t mac[KS_BACKUP_MAC_SIZE])
{
  uint8_t private_key[crypto_scalarmult_SCALARBYTES];
  KsBackupResult result;

  if (size > KS_BACKUP_MAX_SIZE)
    return KS_BACKUP_BAD_SIZE;
  ks_random (private_key, sizeof private_key);
  result = make_entry (encryptor, private_key, plain, size, ephemeral, ciphertext, mac);
  ks_wipe (private_key, sizeof private_key);
  if (result == KS_BACKUP_OK)
    return result;
  ks_wipe (ephemeral, KS_BACKUP_KEY_SIZE);
  ks_wipe (ciphertext, KS_BACKUP_CIPHERTEXT_SIZE (size));
  ks_wipe (mac, KS_BACKUP_MAC_SIZE);
  return result;
}
