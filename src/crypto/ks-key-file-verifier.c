/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-key-file-proof.h"

#include <openssl/evp.h>
#include <string.h>

/* As much of the ciphertext as may show that the phrase is right; one block of AES. */
#define BEGINNING_SIZE 16

struct KsKeyFileVerifier
{
  KsSecret *phrase;      /* owned */
  KsHmac *hmac;          /* owned; started once the header is there */
  KsKeyFileProof *proof; /* owned; becomes one when all is well */
  KsKeyFileFrame frame;
  uint8_t beginning[BEGINNING_SIZE]; /* of the ciphertext */
  size_t beginning_size;
};

static uint64_t
read_big_endian (const uint8_t *bytes, size_t size)
{
  uint64_t value = 0;

  for (size_t i = 0; i < size; i++)
    value = value << 8 | bytes[i];
  return value;
}

void
ks_key_file_proof_free (KsKeyFileProof *proof)
{
  if (proof == NULL)
    return;
  ks_secret_unref (proof->keys);
  g_byte_array_unref (proof->digests);
  g_free (proof);
}

uint64_t
ks_key_file_proof_get_size (const KsKeyFileProof *proof)
{
  return proof->size;
}

uint32_t
ks_key_file_proof_get_iterations (const KsKeyFileProof *proof)
{
  return (uint32_t) read_big_endian (proof->header + KS_KEY_FILE_ROUNDS_OFFSET, 4);
}

bool
ks_key_file_proof_counter_matters (const KsKeyFileProof *proof)
{
  uint64_t low = read_big_endian (proof->header + KS_KEY_FILE_IV_OFFSET + 8, 8);
  uint64_t blocks = proof->size / 16 + (proof->size % 16 != 0);

  /* Block number i uses low + i. */
  return blocks > 0 && low + (blocks - 1) < low;
}

bool
ks_key_file_digest (const uint8_t *bytes, size_t size, uint8_t digest[KS_KEY_FILE_DIGEST_SIZE])
{
  return EVP_Digest (bytes, size, digest, NULL, EVP_sha256 (), NULL) == 1;
}

KsKeyFileVerifier *
ks_key_file_verifier_new (KsSecret *phrase)
{
  KsKeyFileVerifier *verifier = g_new0 (KsKeyFileVerifier, 1);

  verifier->phrase = ks_secret_ref (phrase);
  verifier->hmac = ks_hmac_new ();
  verifier->proof = g_new0 (KsKeyFileProof, 1);
  verifier->proof->digests = g_byte_array_new ();
  return verifier;
}

void
ks_key_file_verifier_free (KsKeyFileVerifier *verifier)
{
  if (verifier == NULL)
    return;
  ks_secret_unref (verifier->phrase);
  ks_hmac_free (verifier->hmac);
  ks_key_file_proof_free (verifier->proof);
  g_free (verifier);
}

static KsKeyFileResult
on_header (gpointer pass, const uint8_t header[KS_KEY_FILE_HEADER_SIZE])
{
  KsKeyFileVerifier *self = pass;
  KsKeyFileProof *proof = self->proof;
  KsPbkdf2Result derived;

  memcpy (proof->header, header, sizeof proof->header);
  derived = ks_pbkdf2_sha512 (self->phrase, header + KS_KEY_FILE_SALT_OFFSET, KS_KEY_FILE_SALT_SIZE,
                              ks_key_file_proof_get_iterations (proof), KS_KEY_FILE_KEY_BITS, &proof->keys);
  if (derived == KS_PBKDF2_BAD_ITERATIONS)
    return KS_KEY_FILE_BAD_ITERATIONS;
  if (derived != KS_PBKDF2_OK
      || !ks_hmac_start (self->hmac, ks_secret_bytes (proof->keys) + KS_KEY_FILE_HALF_KEY_SIZE,
                         KS_KEY_FILE_HALF_KEY_SIZE)
      || !ks_hmac_update (self->hmac, header, KS_KEY_FILE_HEADER_SIZE))
    return KS_KEY_FILE_FAILED;
  return KS_KEY_FILE_OK;
}

static KsKeyFileResult
on_block (gpointer pass, const uint8_t *bytes, size_t size)
{
  KsKeyFileVerifier *self = pass;
  uint8_t digest[KS_KEY_FILE_DIGEST_SIZE];

  if (!ks_hmac_update (self->hmac, bytes, size) || !ks_key_file_digest (bytes, size, digest))
    return KS_KEY_FILE_FAILED;
  if (self->proof->size == 0)
    {
      self->beginning_size = MIN (size, sizeof self->beginning);
      memcpy (self->beginning, bytes, self->beginning_size);
    }
  g_byte_array_append (self->proof->digests, digest, sizeof digest);
  self->proof->size += size;
  return KS_KEY_FILE_OK;
}

static const KsKeyFilePass first_pass = { on_header, on_block };

KsKeyFileResult
ks_key_file_verifier_update (KsKeyFileVerifier *verifier, const void *bytes, size_t size)
{
  return ks_key_file_frame_feed (&verifier->frame, &first_pass, verifier, bytes, size);
}

/* Does the beginning decrypt to that of a list of sessions? With a wrong phrase one in ten
 * million does. Nothing of it is given out. */
static bool
begins_well (const KsKeyFileVerifier *self)
{
  static const char list[] = "[{\"";
  EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new ();
  uint8_t plain[BEGINNING_SIZE];
  size_t matched = 0;
  int n;
  bool well = aes != NULL
              && EVP_DecryptInit_ex (aes, EVP_aes_256_ctr (), NULL, ks_secret_bytes (self->proof->keys),
                                     self->proof->header + KS_KEY_FILE_IV_OFFSET)
                     == 1
              && EVP_DecryptUpdate (aes, plain, &n, self->beginning, (int) self->beginning_size) == 1;

  for (size_t i = 0; well && i < self->beginning_size && matched < strlen (list); i++)
    if (plain[i] == (uint8_t) list[matched])
      matched++;
    else
      well = g_ascii_isspace (plain[i]);
  EVP_CIPHER_CTX_free (aes);
  ks_wipe (plain, sizeof plain);
  return well && matched == strlen (list);
}

KsKeyFileResult
ks_key_file_verifier_finish (KsKeyFileVerifier *verifier, KsKeyFileProof **proof)
{
  uint8_t claimed[KS_KEY_FILE_MAC_SIZE], mac[KS_KEY_FILE_MAC_SIZE];
  KsKeyFileFrame *frame = &verifier->frame;
  KsKeyFileResult result = ks_key_file_frame_finish (frame, &first_pass, verifier, claimed);

  *proof = NULL;
  if (result != KS_KEY_FILE_OK)
    return result;
  /* Whatever comes now, there is no second end. */
  frame->result = KS_KEY_FILE_FAILED;
  if (!ks_hmac_finish (verifier->hmac, mac))
    return KS_KEY_FILE_FAILED;
  if (!ks_bytes_equal (mac, claimed, sizeof mac))
    return frame->result = begins_well (verifier) ? KS_KEY_FILE_DAMAGED : KS_KEY_FILE_WRONG_PHRASE;
  memcpy (verifier->proof->mac, mac, sizeof mac);
  *proof = g_steal_pointer (&verifier->proof);
  return KS_KEY_FILE_OK;
}
