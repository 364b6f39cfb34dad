/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-key-file-proof.h"

#include <openssl/evp.h>
#include <string.h>

struct KsKeyFileDecryptor
{
  const KsKeyFileProof *proof; /* borrowed */
  KsKeyFileSink sink;
  gpointer sink_data;
  EVP_CIPHER_CTX *aes; /* owned */
  uint64_t n_blocks;   /* seen so far, of KS_KEY_FILE_BLOCK_SIZE */
  uint64_t until_wrap; /* bytes until a 64-bit counter starts again from zero; 0: never */
  uint8_t plain[KS_KEY_FILE_BLOCK_SIZE];
  KsKeyFileFrame frame;
};

/* @restart: as a counter of 64 bits goes on after its end, its upper half left alone. */
static bool
start_counting (KsKeyFileDecryptor *self, bool restart)
{
  uint8_t iv[KS_KEY_FILE_IV_SIZE];

  memcpy (iv, self->proof->header + KS_KEY_FILE_IV_OFFSET, sizeof iv);
  if (restart)
    memset (iv + 8, 0, 8);
  return EVP_DecryptInit_ex (self->aes, EVP_aes_256_ctr (), NULL, ks_secret_bytes (self->proof->keys), iv)
         == 1;
}

static uint64_t
bytes_until_wrap (const uint8_t iv[KS_KEY_FILE_IV_SIZE])
{
  uint64_t low = 0, blocks;

  for (size_t i = 8; i < 16; i++)
    low = low << 8 | iv[i];
  blocks = 0 - low;
  return blocks > UINT64_MAX / 16 ? 0 : blocks * 16;
}

KsKeyFileDecryptor *
ks_key_file_decryptor_new (const KsKeyFileProof *proof,
                           KsKeyFileCounter counter,
                           KsKeyFileSink sink,
                           gpointer sink_data)
{
  KsKeyFileDecryptor *self = g_new0 (KsKeyFileDecryptor, 1);

  self->proof = proof;
  self->sink = sink;
  self->sink_data = sink_data;
  self->aes = EVP_CIPHER_CTX_new ();
  if (counter == KS_KEY_FILE_COUNTER_64)
    self->until_wrap = bytes_until_wrap (proof->header + KS_KEY_FILE_IV_OFFSET);
  if (self->aes == NULL || !start_counting (self, false))
    self->frame.result = KS_KEY_FILE_FAILED;
  return self;
}

void
ks_key_file_decryptor_free (KsKeyFileDecryptor *decryptor)
{
  if (decryptor == NULL)
    return;
  EVP_CIPHER_CTX_free (decryptor->aes); /* wipes its key */
  ks_wipe (decryptor->plain, sizeof decryptor->plain);
  g_free (decryptor);
}

static bool
decrypt (KsKeyFileDecryptor *self, const uint8_t *from, size_t size, uint8_t *to)
{
  size_t before = size;
  int n;

  if (self->until_wrap > 0 && self->until_wrap <= size)
    before = (size_t) self->until_wrap;
  if (EVP_DecryptUpdate (self->aes, to, &n, from, (int) before) != 1)
    return false;
  if (self->until_wrap == 0)
    return true;
  self->until_wrap -= before;
  if (self->until_wrap > 0)
    return true;
  if (!start_counting (self, true))
    return false;
  return before == size
         || EVP_DecryptUpdate (self->aes, to + before, &n, from + before, (int) (size - before)) == 1;
}

static KsKeyFileResult
on_header (gpointer pass, const uint8_t header[KS_KEY_FILE_HEADER_SIZE])
{
  KsKeyFileDecryptor *self = pass;

  return memcmp (header, self->proof->header, KS_KEY_FILE_HEADER_SIZE) == 0 ? KS_KEY_FILE_OK
                                                                            : KS_KEY_FILE_CHANGED;
}

/* Is this the block that the first pass saw here? */
static KsKeyFileResult
check_block (const KsKeyFileDecryptor *self, const uint8_t *bytes, size_t size)
{
  const GByteArray *digests = self->proof->digests;
  uint8_t digest[KS_KEY_FILE_DIGEST_SIZE];

  if (self->n_blocks >= digests->len / KS_KEY_FILE_DIGEST_SIZE)
    return KS_KEY_FILE_CHANGED;
  if (!ks_key_file_digest (bytes, size, digest))
    return KS_KEY_FILE_FAILED;
  if (memcmp (digest, digests->data + self->n_blocks * KS_KEY_FILE_DIGEST_SIZE, sizeof digest) != 0)
    return KS_KEY_FILE_CHANGED;
  return KS_KEY_FILE_OK;
}

static KsKeyFileResult
on_block (gpointer pass, const uint8_t *bytes, size_t size)
{
  KsKeyFileDecryptor *self = pass;
  KsKeyFileResult result = check_block (self, bytes, size);
  bool wanted;

  if (result != KS_KEY_FILE_OK)
    return result;
  self->n_blocks++;
  if (!decrypt (self, bytes, size, self->plain))
    return KS_KEY_FILE_FAILED;
  wanted = self->sink (self->plain, size, self->sink_data);
  ks_wipe (self->plain, size);
  return wanted ? KS_KEY_FILE_OK : KS_KEY_FILE_STOPPED;
}

static const KsKeyFilePass second_pass = { on_header, on_block };

/* The first pass found nothing wrong with the file. */
static KsKeyFileResult
as_second_pass (KsKeyFileResult result)
{
  switch (result)
    {
    case KS_KEY_FILE_NO_HEADER:
    case KS_KEY_FILE_DAMAGED:
    case KS_KEY_FILE_UNKNOWN_VERSION:
      return KS_KEY_FILE_CHANGED;
    case KS_KEY_FILE_OK:
    case KS_KEY_FILE_BAD_ITERATIONS:
    case KS_KEY_FILE_WRONG_PHRASE:
    case KS_KEY_FILE_CHANGED:
    case KS_KEY_FILE_STOPPED:
    case KS_KEY_FILE_FAILED:
      return result;
    }
  return KS_KEY_FILE_FAILED;
}

KsKeyFileResult
ks_key_file_decryptor_update (KsKeyFileDecryptor *decryptor, const void *bytes, size_t size)
{
  return as_second_pass (ks_key_file_frame_feed (&decryptor->frame, &second_pass, decryptor, bytes, size));
}

KsKeyFileResult
ks_key_file_decryptor_finish (KsKeyFileDecryptor *decryptor)
{
  const KsKeyFileProof *proof = decryptor->proof;
  uint8_t mac[KS_KEY_FILE_MAC_SIZE];
  KsKeyFileResult result = ks_key_file_frame_finish (&decryptor->frame, &second_pass, decryptor, mac);

  if (result != KS_KEY_FILE_OK)
    return as_second_pass (result);
  if (decryptor->n_blocks != proof->digests->len / KS_KEY_FILE_DIGEST_SIZE
      || memcmp (mac, proof->mac, sizeof mac) != 0)
    return KS_KEY_FILE_CHANGED;
  return KS_KEY_FILE_OK;
}
