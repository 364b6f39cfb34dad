/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-demo-crypto.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

#include "hs-json.h"

void
hs_demo_key (const char *name, guint8 key[32])
{
  crypto_hash_sha256 (key, (const guint8 *) name, strlen (name));
}

char *
hs_demo_base64 (const guint8 *bytes, gsize size)
{
  char *text = g_base64_encode (bytes, size);

  text[strcspn (text, "=")] = '\0';
  return text;
}

/* HKDF-SHA-256 (RFC 5869) with a salt of zeros; @size: at most 96. */
static void
derive (const guint8 secret[32], const char *info, guint8 *out, gsize size)
{
  crypto_auth_hmacsha256_state state;
  const guint8 salt[32] = { 0 };
  guint8 key[32];
  guint8 blocks[96];

  crypto_auth_hmacsha256 (key, secret, 32, salt);
  for (guint8 i = 1; i <= 3; i++)
    {
      crypto_auth_hmacsha256_init (&state, key, sizeof key);
      if (i > 1)
        crypto_auth_hmacsha256_update (&state, blocks + (i - 2) * 32, 32);
      crypto_auth_hmacsha256_update (&state, (const guint8 *) info, strlen (info));
      crypto_auth_hmacsha256_update (&state, &i, 1);
      crypto_auth_hmacsha256_final (&state, blocks + (i - 1) * 32);
    }
  memcpy (out, blocks, size);
}

/* @out has room for a block more. Returns how many bytes it got. */
static gsize
encrypt (
    const EVP_CIPHER *cipher, const guint8 *key, const guint8 *iv, const void *plain, gsize size, guint8 *out)
{
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  int first, rest;

  if (EVP_EncryptInit_ex (context, cipher, NULL, key, iv) != 1
      || EVP_EncryptUpdate (context, out, &first, plain, (int) size) != 1
      || EVP_EncryptFinal_ex (context, out + first, &rest) != 1)
    g_error ("libcrypto failed");
  EVP_CIPHER_CTX_free (context);
  return (gsize) (first + rest);
}

static JsonObject *
seal (const guint8 key[32], const char *name, const void *plain, gsize size, gboolean with_ciphertext)
{
  guint8 keys[64];
  guint8 iv[16];
  guint8 mac[32];
  g_autofree guint8 *ciphertext = g_malloc (size + 16);
  g_autofree char *iv_text = NULL;
  g_autofree char *mac_text = NULL;
  g_autofree char *text = NULL;

  derive (key, name, keys, sizeof keys);
  randombytes_buf (iv, sizeof iv);
  iv[8] &= 0x7f;
  encrypt (EVP_aes_256_ctr (), keys, iv, plain, size, ciphertext);
  crypto_auth_hmacsha256 (mac, ciphertext, size, keys + 32);
  iv_text = hs_demo_base64 (iv, sizeof iv);
  mac_text = hs_demo_base64 (mac, sizeof mac);
  text = hs_demo_base64 (ciphertext, size);
  return hs_object ("iv", 's', iv_text, "mac", 's', mac_text, "ciphertext", 's',
                    with_ciphertext ? text : NULL, NULL);
}

JsonObject *
hs_demo_describe (const guint8 key[32])
{
  const guint8 zeros[32] = { 0 };
  JsonObject *description = seal (key, "", zeros, sizeof zeros, FALSE);

  json_object_set_string_member (description, "algorithm", "m.secret_storage.v1.aes-hmac-sha2");
  return description;
}

JsonObject *
hs_demo_seal (const guint8 key[32], const char *name, const char *secret)
{
  return seal (key, name, secret, strlen (secret), TRUE);
}

void
hs_demo_backup_init (HsDemoBackup *self, const guint8 private_key[32])
{
  guint8 ephemeral[32], shared[32];

  randombytes_buf (ephemeral, sizeof ephemeral);
  if (crypto_scalarmult_base (self->public_key, private_key) != 0
      || crypto_scalarmult_base (self->ephemeral, ephemeral) != 0
      || crypto_scalarmult (shared, ephemeral, self->public_key) != 0)
    g_error ("libsodium failed");
  derive (shared, "", self->keys, sizeof self->keys);
}

char *
hs_demo_backup_seal (const HsDemoBackup *self, const char *plain)
{
  gsize size = strlen (plain);
  g_autofree guint8 *ciphertext = g_malloc (size + 32);
  g_autofree char *text = NULL;
  g_autofree char *ephemeral = hs_demo_base64 (self->ephemeral, sizeof self->ephemeral);
  g_autofree char *mac_text = NULL;
  guint8 mac[32];

  size = encrypt (EVP_aes_256_cbc (), self->keys, self->keys + 64, plain, size, ciphertext);
  /* Of nothing: what every client writes. */
  crypto_auth_hmacsha256 (mac, NULL, 0, self->keys + 32);
  text = hs_demo_base64 (ciphertext, size);
  mac_text = hs_demo_base64 (mac, 8);
  return g_strdup_printf ("{\"ephemeral\":\"%s\",\"ciphertext\":\"%s\",\"mac\":\"%s\"}", ephemeral, text,
                          mac_text);
}
