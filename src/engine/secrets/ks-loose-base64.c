/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-loose-base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The bits of the last of @length characters that belong to no byte are taken out. */
static void
clear_trailing_bits (char *text, gsize length)
{
  const guint left = length % 4 == 2 ? 15 : length % 4 == 3 ? 3 : 0;
  const char *last = left > 0 ? memchr (alphabet, text[length - 1], sizeof alphabet - 1) : NULL;

  if (last != NULL)
    text[length - 1] = alphabet[(guint) (last - alphabet) & ~left];
}

/* Writes @text unpadded, and as the strict decoder has it, to @tidy, which holds @length bytes.
 * Returns its length. */
static gsize
tidy_up (const char *text, gsize length, char *tidy)
{
  gsize n = 0;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isspace (text[i]))
      tidy[n++] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
  while (n > 0 && tidy[n - 1] == '=')
    n--;
  clear_trailing_bits (tidy, n);
  return n;
}

KsDecodeResult
ks_loose_base64_decode (const char *text, gsize length, uint8_t *bytes, gsize *size, gboolean *odd)
{
  KsDecodeResult result = ks_base64_decode (text, length, bytes, size);
  g_autofree char *tidy = NULL;

  if (result == KS_DECODE_OK)
    return result;
  tidy = g_malloc (length + 1);
  result = ks_base64_decode (tidy, tidy_up (text, length, tidy), bytes, size);
  *odd = *odd || result == KS_DECODE_OK;
  return result;
}

KsDecodeResult
ks_loose_base64_decode_exact (const char *text, gsize length, uint8_t *bytes, gsize size, gboolean *odd)
{
  KsDecodeResult result = ks_base64_decode_exact (text, length, bytes, size);
  g_autofree char *tidy = NULL;

  if (result == KS_DECODE_OK)
    return result;
  tidy = g_malloc (length + 1);
  result = ks_base64_decode_exact (tidy, tidy_up (text, length, tidy), bytes, size);
  *odd = *odd || result == KS_DECODE_OK;
  return result;
}

KsDecodeResult
ks_loose_base64_decode_secret (const char *text, gsize length, KsSecret **bytes, gboolean *odd)
{
  KsDecodeResult result = ks_base64_decode_secret (text, length, bytes);
  g_autoptr (KsSecret) tidy = NULL;
  char *characters;

  if (result == KS_DECODE_OK)
    return result;
  tidy = ks_secret_new (length);
  characters = (char *) ks_secret_writable (tidy);
  result = ks_base64_decode_secret (characters, tidy_up (text, length, characters), bytes);
  *odd = *odd || result == KS_DECODE_OK;
  return result;
}
