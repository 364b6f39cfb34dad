/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-attachment-cipher.h"

#include "crypto/ks-encoding.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

/* 32 bytes, padded. */
#define MAX_KEY_LENGTH 44

struct KsAttachmentCipher
{
  EVP_CIPHER_CTX *evp; /* owned */
  uint8_t after_wrap[KS_ATTACHMENT_IV_SIZE];
  uint64_t until_wrap; /* bytes until the counter goes on with after_wrap; 0: never */
};

bool
ks_attachment_key_parse (const char *text, uint8_t key[KS_ATTACHMENT_KEY_SIZE])
{
  char standard[MAX_KEY_LENGTH];
  size_t length = strlen (text);
  bool ok = length <= MAX_KEY_LENGTH;

  for (size_t i = 0; ok && i < length; i++)
    standard[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
  ok = ok && ks_base64_decode_secret_exact (standard, length, key, KS_ATTACHMENT_KEY_SIZE) == KS_DECODE_OK;
  ks_wipe (standard, sizeof standard);
  if (!ok)
    ks_wipe (key, KS_ATTACHMENT_KEY_SIZE);
  return ok;
}

/* Whoever counts with 64 bits starts again from zero at their end. That is more bytes away than
 * there are, or it is soon. */
static void
prepare_wrap (KsAttachmentCipher *cipher, const uint8_t iv[KS_ATTACHMENT_IV_SIZE])
{
  uint64_t low = 0, blocks;

  memcpy (cipher->after_wrap, iv, 8);
  for (size_t i = 8; i < KS_ATTACHMENT_IV_SIZE; i++)
    low = low << 8 | iv[i];
  blocks = 0 - low;
  cipher->until_wrap = blocks > UINT64_MAX / 16 ? 0 : blocks * 16;
}

KsAttachmentCipher *
ks_attachment_cipher_new (const uint8_t key[KS_ATTACHMENT_KEY_SIZE],
                          const uint8_t iv[KS_ATTACHMENT_IV_SIZE],
                          KsAttachmentCounter counter)
{
  KsAttachmentCipher *cipher = g_new0 (KsAttachmentCipher, 1);

  if (counter == KS_ATTACHMENT_COUNTER_64)
    prepare_wrap (cipher, iv);
  cipher->evp = EVP_CIPHER_CTX_new ();
  if (cipher->evp != NULL && EVP_EncryptInit_ex (cipher->evp, EVP_aes_256_ctr (), NULL, key, iv) == 1)
    return cipher;
  ks_attachment_cipher_free (cipher);
  return NULL;
}

void
ks_attachment_cipher_free (KsAttachmentCipher *cipher)
{
  if (cipher == NULL)
    return;
  EVP_CIPHER_CTX_free (cipher->evp); /* wipes its key */
  g_free (cipher);
}

static bool
run (KsAttachmentCipher *cipher, const uint8_t *from, size_t size, uint8_t *to)
{
  int n;

  return size == 0 || EVP_EncryptUpdate (cipher->evp, to, &n, from, (int) size) == 1;
}

bool
ks_attachment_cipher_run (KsAttachmentCipher *cipher, const uint8_t *from, size_t size, uint8_t *to)
{
  size_t before = size;

  if (size > INT_MAX)
    return false;
  if (cipher->until_wrap > 0 && cipher->until_wrap <= size)
    before = (size_t) cipher->until_wrap;
  if (!run (cipher, from, before, to))
    return false;
  if (cipher->until_wrap == 0)
    return true;
  cipher->until_wrap -= before;
  if (cipher->until_wrap > 0)
    return true;
  /* The key stays. */
  return EVP_EncryptInit_ex (cipher->evp, NULL, NULL, NULL, cipher->after_wrap) == 1
         && run (cipher, from + before, size - before, to + before);
}
