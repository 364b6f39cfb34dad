/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-key-file-frame.h"

#include <openssl/evp.h>

#define SLICE_SIZE 4096

struct KsKeyFileEncryptor
{
  KsKeyFileResult result; /* the first error stays */
  bool header_written;
  uint8_t header[KS_KEY_FILE_HEADER_SIZE];
  EVP_CIPHER_CTX *aes; /* owned */
  KsHmac *hmac;        /* owned; started */
  KsArmourWriter armour;
};

static void
fill_header (uint8_t header[KS_KEY_FILE_HEADER_SIZE], uint32_t rounds)
{
  header[0] = KS_KEY_FILE_VERSION;
  ks_random (header + KS_KEY_FILE_SALT_OFFSET, KS_KEY_FILE_SALT_SIZE + KS_KEY_FILE_IV_SIZE);
  header[KS_KEY_FILE_IV_OFFSET + 8] &= 0x7f; /* bit 63 */
  for (size_t i = 0; i < 4; i++)
    header[KS_KEY_FILE_ROUNDS_OFFSET + i] = (uint8_t) (rounds >> (24 - 8 * i));
}

static bool
start (KsKeyFileEncryptor *self, const KsSecret *phrase, int64_t iterations)
{
  g_autoptr (KsSecret) keys = NULL;

  if (ks_pbkdf2_sha512 (phrase, self->header + KS_KEY_FILE_SALT_OFFSET, KS_KEY_FILE_SALT_SIZE, iterations,
                        KS_KEY_FILE_KEY_BITS, &keys)
      != KS_PBKDF2_OK)
    return false;
  return self->aes != NULL
         && EVP_EncryptInit_ex (self->aes, EVP_aes_256_ctr (), NULL, ks_secret_bytes (keys),
                                self->header + KS_KEY_FILE_IV_OFFSET)
                == 1
         && ks_hmac_start (self->hmac, ks_secret_bytes (keys) + KS_KEY_FILE_HALF_KEY_SIZE,
                           KS_KEY_FILE_HALF_KEY_SIZE)
         && ks_hmac_update (self->hmac, self->header, sizeof self->header);
}

KsKeyFileEncryptor *
ks_key_file_encryptor_new (const KsSecret *phrase, int64_t iterations, KsKeyFileSink sink, gpointer sink_data)
{
  g_autoptr (KsKeyFileEncryptor) self = NULL;

  if (iterations < 1 || iterations > KS_PBKDF2_MAX_ITERATIONS)
    return NULL;
  self = g_new0 (KsKeyFileEncryptor, 1);
  self->aes = EVP_CIPHER_CTX_new ();
  self->hmac = ks_hmac_new ();
  self->armour.sink = sink;
  self->armour.sink_data = sink_data;
  fill_header (self->header, (uint32_t) iterations);
  if (!start (self, phrase, iterations))
    return NULL;
  return g_steal_pointer (&self);
}

void
ks_key_file_encryptor_free (KsKeyFileEncryptor *encryptor)
{
  if (encryptor == NULL)
    return;
  EVP_CIPHER_CTX_free (encryptor->aes); /* wipes its key */
  ks_hmac_free (encryptor->hmac);
  g_free (encryptor);
}

static KsKeyFileResult
write_header (KsKeyFileEncryptor *self)
{
  if (self->header_written)
    return KS_KEY_FILE_OK;
  self->header_written = true;
  return ks_armour_writer_write (&self->armour, self->header, sizeof self->header) ? KS_KEY_FILE_OK
                                                                                   : KS_KEY_FILE_STOPPED;
}

static KsKeyFileResult
write_slice (KsKeyFileEncryptor *self, const uint8_t *plain, size_t size)
{
  uint8_t ciphertext[SLICE_SIZE];
  int n;

  if (EVP_EncryptUpdate (self->aes, ciphertext, &n, plain, (int) size) != 1
      || !ks_hmac_update (self->hmac, ciphertext, size))
    return KS_KEY_FILE_FAILED;
  return ks_armour_writer_write (&self->armour, ciphertext, size) ? KS_KEY_FILE_OK : KS_KEY_FILE_STOPPED;
}

KsKeyFileResult
ks_key_file_encryptor_update (KsKeyFileEncryptor *encryptor, const void *plain, size_t size)
{
  const uint8_t *from = plain;

  if (encryptor->result == KS_KEY_FILE_OK)
    encryptor->result = write_header (encryptor);
  while (encryptor->result == KS_KEY_FILE_OK && size > 0)
    {
      size_t slice = MIN (size, SLICE_SIZE);

      encryptor->result = write_slice (encryptor, from, slice);
      from += slice;
      size -= slice;
    }
  return encryptor->result;
}

KsKeyFileResult
ks_key_file_encryptor_finish (KsKeyFileEncryptor *encryptor)
{
  uint8_t mac[KS_KEY_FILE_MAC_SIZE];

  G_STATIC_ASSERT (KS_KEY_FILE_MAC_SIZE == KS_HMAC_SIZE);

  if (encryptor->result == KS_KEY_FILE_OK)
    encryptor->result = write_header (encryptor);
  if (encryptor->result != KS_KEY_FILE_OK)
    return encryptor->result;
  if (!ks_hmac_finish (encryptor->hmac, mac))
    encryptor->result = KS_KEY_FILE_FAILED;
  else if (!ks_armour_writer_write (&encryptor->armour, mac, sizeof mac)
           || !ks_armour_writer_finish (&encryptor->armour))
    encryptor->result = KS_KEY_FILE_STOPPED;
  return encryptor->result;
}
