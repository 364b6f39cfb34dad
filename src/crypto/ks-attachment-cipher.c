/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-attachment-cipher.h"

#include "crypto/ks-encoding.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

/* 32 bytes without padding. */
#define KEY_LENGTH 43

struct KsAttachmentCipher
{
  EVP_CIPHER_CTX *evp; /* owned */
};

bool
ks_attachment_key_parse (const char *text, uint8_t key[KS_ATTACHMENT_KEY_SIZE])
{
  char standard[KEY_LENGTH];
  bool ok = strlen (text) == KEY_LENGTH;

  for (size_t i = 0; ok && i < KEY_LENGTH; i++)
    {
      standard[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
      ok = text[i] != '+' && text[i] != '/';
    }
  ok =
      ok && ks_base64_decode_secret_exact (standard, KEY_LENGTH, key, KS_ATTACHMENT_KEY_SIZE) == KS_DECODE_OK;
  ks_wipe (standard, sizeof standard);
  if (!ok)
    ks_wipe (key, KS_ATTACHMENT_KEY_SIZE);
  return ok;
}

KsAttachmentCipher *
ks_attachment_cipher_new (const uint8_t key[KS_ATTACHMENT_KEY_SIZE], const uint8_t iv[KS_ATTACHMENT_IV_SIZE])
{
  KsAttachmentCipher *cipher = g_new0 (KsAttachmentCipher, 1);

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

bool
ks_attachment_cipher_run (KsAttachmentCipher *cipher, const uint8_t *from, size_t size, uint8_t *to)
{
  int n;

  if (size == 0)
    return true;
  return size <= INT_MAX && EVP_EncryptUpdate (cipher->evp, to, &n, from, (int) size) == 1;
}
