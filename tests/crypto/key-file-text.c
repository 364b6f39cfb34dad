/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "key-file-text.h"
#include "vectors.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

/* @wrap: after so many bytes a counter of 64 bits starts again from zero. */
static GByteArray *
make_bytes (
    const char *phrase, const uint8_t iv[16], uint32_t rounds, const uint8_t *plain, gsize size, gsize wrap)
{
  GByteArray *bytes = g_byte_array_new ();
  const guint32 big_endian = GUINT32_TO_BE (rounds);
  EVP_CIPHER_CTX *evp = EVP_CIPHER_CTX_new ();
  uint8_t salt[16], keys[64], mac[32], restarted[16] = { 0 };
  gsize first = MIN (size, wrap);
  uint8_t *to;
  int n = 0;

  ks_random (salt, sizeof salt);
  PKCS5_PBKDF2_HMAC (phrase, (int) strlen (phrase), salt, sizeof salt, (int) CLAMP (rounds, 1, 1000),
                     EVP_sha512 (), sizeof keys, keys);
  g_byte_array_append (bytes, (const guint8 *) "\x01", 1);
  g_byte_array_append (bytes, salt, sizeof salt);
  g_byte_array_append (bytes, iv, 16);
  g_byte_array_append (bytes, (const guint8 *) &big_endian, 4);
  g_byte_array_set_size (bytes, (guint) (bytes->len + size));
  EVP_EncryptInit_ex (evp, EVP_aes_256_ctr (), NULL, keys, iv);
  to = bytes->data + bytes->len - size;
  if (first > 0)
    EVP_EncryptUpdate (evp, to, &n, plain, (int) first);
  memcpy (restarted, iv, 8);
  if (size > first)
    {
      EVP_EncryptInit_ex (evp, EVP_aes_256_ctr (), NULL, keys, restarted);
      EVP_EncryptUpdate (evp, to + first, &n, plain + first, (int) (size - first));
    }
  EVP_CIPHER_CTX_free (evp);
  HMAC (EVP_sha256 (), keys + 32, 32, bytes->data, bytes->len, mac, NULL);
  g_byte_array_append (bytes, mac, sizeof mac);
  return bytes;
}

GByteArray *
key_file_bytes (const char *phrase, const uint8_t iv[16], uint32_t rounds, const void *plain, gsize size)
{
  return make_bytes (phrase, iv, rounds, plain, size, size);
}

GByteArray *
key_file_bytes_64 (const char *phrase, const void *plain, gsize size)
{
  uint8_t iv[16];

  memset (iv, 0xff, sizeof iv);
  return make_bytes (phrase, iv, 1, plain, size, 16);
}

char *
key_file_armour (const GByteArray *bytes, gsize width, const char *newline, bool padded)
{
  g_autofree char *base64 = g_base64_encode (bytes->data, bytes->len);
  GString *text = g_string_new (KEY_FILE_FIRST_LINE);
  gsize length = strlen (base64);

  while (!padded && length > 0 && base64[length - 1] == '=')
    length--;
  g_string_append (text, newline);
  for (gsize i = 0; i<length; i += width> 0 ? width : length)
    {
      g_string_append_len (text, base64 + i, (gssize) MIN (width > 0 ? width : length, length - i));
      g_string_append (text, newline);
    }
  g_string_append (text, KEY_FILE_END_LINE);
  return g_string_free (text, FALSE);
}

GByteArray *
key_file_unarmour (const char *text)
{
  g_autoptr (GString) base64 = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;

  g_assert_true (g_str_has_prefix (text, KEY_FILE_FIRST_LINE));
  for (const char *c = text + strlen (KEY_FILE_FIRST_LINE); *c != '-'; c++)
    if (!g_ascii_isspace (*c) && *c != '=')
      g_string_append_c (base64, *c);
  bytes = bytes_of_base64 (base64->str);
  return g_bytes_unref_to_array (g_steal_pointer (&bytes));
}

bool
key_file_append (const uint8_t *bytes, size_t size, gpointer data)
{
  g_byte_array_append (data, bytes, (guint) size);
  return true;
}

KsKeyFileResult
key_file_verify (const char *text, gsize size, gsize piece, const char *phrase, KsKeyFileProof **proof)
{
  g_autoptr (KsSecret) secret = secret_of_text (phrase);
  g_autoptr (KsKeyFileVerifier) verifier = ks_key_file_verifier_new (secret);
  KsKeyFileResult result = KS_KEY_FILE_OK, last;

  for (gsize i = 0; i < size && result == KS_KEY_FILE_OK; i += piece)
    {
      /* A copy of just this size: a sanitizer sees what is read past it. */
      g_autofree char *copy = g_memdup2 (text + i, MIN (piece, size - i));

      result = ks_key_file_verifier_update (verifier, copy, MIN (piece, size - i));
    }
  last = ks_key_file_verifier_finish (verifier, proof);
  if (result != KS_KEY_FILE_OK)
    g_assert_cmpint (last, ==, result);
  g_assert_true ((*proof != NULL) == (last == KS_KEY_FILE_OK));
  return last;
}

KsKeyFileResult
key_file_read (const char *text,
               gsize size,
               gsize piece,
               const char *phrase,
               KsKeyFileCounter counter,
               GByteArray *plain)
{
  g_autoptr (KsKeyFileProof) proof = NULL;
  g_autoptr (KsKeyFileDecryptor) decryptor = NULL;
  KsKeyFileResult result = key_file_verify (text, size, piece, phrase, &proof);

  if (result != KS_KEY_FILE_OK)
    return result;
  decryptor = ks_key_file_decryptor_new (proof, counter, key_file_append, plain);
  for (gsize i = 0; i < size; i += piece)
    g_assert_cmpint (ks_key_file_decryptor_update (decryptor, text + i, MIN (piece, size - i)), ==,
                     KS_KEY_FILE_OK);
  g_assert_cmpint (ks_key_file_decryptor_finish (decryptor), ==, KS_KEY_FILE_OK);
  g_assert_cmpint (ks_key_file_proof_get_size (proof), ==, plain->len);
  return result;
}

char *
key_file_write (const char *phrase, int64_t rounds, const void *plain, gsize size, gsize piece)
{
  g_autoptr (KsSecret) secret = secret_of_text (phrase);
  g_autoptr (GByteArray) text = g_byte_array_new ();
  g_autoptr (KsKeyFileEncryptor) encryptor =
      ks_key_file_encryptor_new (secret, rounds, key_file_append, text);

  g_assert_nonnull (encryptor);
  g_assert_cmpint (text->len, ==, 0);
  for (gsize i = 0; i < size; i += piece)
    g_assert_cmpint (ks_key_file_encryptor_update (encryptor, (const uint8_t *) plain + i,
                                                   MIN (piece, size - i)),
                     ==, KS_KEY_FILE_OK);
  g_assert_cmpint (ks_key_file_encryptor_finish (encryptor), ==, KS_KEY_FILE_OK);
  g_byte_array_append (text, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (g_steal_pointer (&text), FALSE);
}
