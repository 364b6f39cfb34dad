/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-store-key-text.h"

#include "crypto/ks-encoding.h"

#define KEY_SIZE 32

KsSecret *
ks_store_key_to_text (const KsSecret *key)
{
  g_return_val_if_fail (ks_secret_size (key) == KEY_SIZE, NULL);

  return ks_base64_encode_secret (key, KS_BASE64_PADDED);
}

KsSecret *
ks_store_key_from_text (const char *text, gsize size)
{
  KsSecret *key = NULL;

  if (size == KS_STORE_KEY_TEXT_SIZE + 1 && text[KS_STORE_KEY_TEXT_SIZE] == '\n')
    size--;
  /* As long as the padded text is: 32 bytes, or no key. */
  if (size != KS_STORE_KEY_TEXT_SIZE || ks_base64_decode_secret (text, size, &key) != KS_DECODE_OK)
    return NULL;
  if (ks_secret_size (key) == KEY_SIZE)
    return key;
  ks_secret_unref (key);
  return NULL;
}
