/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-encoding.h"

#include <sodium.h>
#include <string.h>

/* No value of six bits has this bit. */
#define NO 0x80

/* clang-format off */
static const uint8_t base64_values[128] = {
  NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
  NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
  NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, 62, NO, NO, NO, 63,
  52, 53, 54, 55, 56, 57, 58, 59, 60, 61, NO, NO, NO, NO, NO, NO,
  NO,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
  15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, NO, NO, NO, NO, NO,
  NO, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
  41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, NO, NO, NO, NO, NO,
};
/* clang-format on */

static const char base58_alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static uint8_t
base64_value (char character)
{
  uint8_t c = (uint8_t) character;

  return c < 128 ? base64_values[c] : NO;
}

/* Takes the padding off @length, if there is any and it is right. */
static KsDecodeResult
without_padding (const char *text, size_t *length)
{
  size_t padding = 0;

  while (padding < *length && text[*length - padding - 1] == '=')
    padding++;
  if (padding > 0 && (padding > 2 || *length % 4 != 0))
    return KS_DECODE_BAD_LENGTH;
  *length -= padding;
  return KS_DECODE_OK;
}

/* What is wrong with an unpadded text that could not be decoded. */
static KsDecodeResult
base64_fault (const char *text, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (base64_value (text[i]) == NO)
      return KS_DECODE_BAD_CHARACTER;
  return length % 4 == 1 ? KS_DECODE_BAD_LENGTH : KS_DECODE_TRAILING_BITS;
}

char *
ks_base64_encode (const void *bytes, size_t size, KsBase64Padding padding)
{
  char *text = g_base64_encode (bytes, size);
  size_t unpadded = (size * 4 + 2) / 3;

  if (padding == KS_BASE64_UNPADDED)
    text[unpadded] = '\0';
  return text;
}

/* The one, two or three bytes of the last characters, which may be no whole group. */
static bool
decode_tail (const char *text, size_t length, uint8_t *bytes)
{
  uint8_t v[3] = { 0 };

  for (size_t i = 0; i < length; i++)
    v[i] = base64_value (text[i]);
  if (length == 1 || ((v[0] | v[1] | v[2]) & NO) != 0)
    return false;
  if ((length == 2 && (v[1] & 0x0f) != 0) || (length == 3 && (v[2] & 0x03) != 0))
    return false;
  if (length >= 2)
    bytes[0] = (uint8_t) (v[0] << 2 | v[1] >> 4);
  if (length == 3)
    bytes[1] = (uint8_t) (v[1] << 4 | v[2] >> 2);
  return true;
}

KsDecodeResult
ks_base64_decode (const char *text, size_t length, uint8_t *bytes, size_t *size)
{
  KsDecodeResult result = without_padding (text, &length);
  size_t whole = length / 4 * 4;

  *size = 0;
  if (result != KS_DECODE_OK)
    return result;
  for (size_t i = 0, n = 0; i < whole; i += 4, n += 3)
    {
      uint8_t a = base64_value (text[i]), b = base64_value (text[i + 1]);
      uint8_t c = base64_value (text[i + 2]), d = base64_value (text[i + 3]);

      if (((a | b | c | d) & NO) != 0)
        return base64_fault (text, length);
      bytes[n] = (uint8_t) (a << 2 | b >> 4);
      bytes[n + 1] = (uint8_t) (b << 4 | c >> 2);
      bytes[n + 2] = (uint8_t) (c << 6 | d);
    }
  if (!decode_tail (text + whole, length - whole, bytes + whole / 4 * 3))
    return base64_fault (text, length);
  *size = length * 3 / 4;
  return KS_DECODE_OK;
}

KsDecodeResult
ks_base64_decode_exact (const char *text, size_t length, uint8_t *bytes, size_t size)
{
  size_t unpadded = length;
  KsDecodeResult result = without_padding (text, &unpadded);
  size_t decoded;

  if (result != KS_DECODE_OK)
    return result;
  if (unpadded != (size * 4 + 2) / 3)
    {
      /* Fields of another size are rare, and not worth a buffer on the fast path. */
      g_autofree uint8_t *other = g_malloc (KS_BASE64_BYTES (length));

      result = ks_base64_decode (text, length, other, &decoded);
      return result == KS_DECODE_OK ? KS_DECODE_WRONG_SIZE : result;
    }
  return ks_base64_decode (text, length, bytes, &decoded);
}

size_t
ks_base64_encode_secret_to (const uint8_t *bytes, size_t size, KsBase64Padding padding, char *text)
{
  int variant = padding == KS_BASE64_PADDED ? sodium_base64_VARIANT_ORIGINAL
                                            : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;

  sodium_bin2base64 (text, sodium_base64_encoded_len (size, variant), bytes, size, variant);
  return sodium_base64_encoded_len (size, variant) - 1;
}

KsSecret *
ks_base64_encode_secret (const KsSecret *bytes, KsBase64Padding padding)
{
  size_t size = ks_secret_size (bytes);
  g_autoptr (KsSecret) text = ks_secret_new (KS_BASE64_LENGTH (size) + 1);
  size_t length =
      ks_base64_encode_secret_to (ks_secret_bytes (bytes), size, padding, (char *) ks_secret_writable (text));

  return ks_secret_new_copy (ks_secret_bytes (text), length);
}

/* sodium_base642bin() of libsodium 1.0.18 takes some bytes above 127 for characters of the
 * alphabet. */
static bool
is_ascii (const char *text, size_t length)
{
  uint8_t all = 0;

  for (size_t i = 0; i < length; i++)
    all |= (uint8_t) text[i];
  return all < 128;
}

KsDecodeResult
ks_base64_decode_secret_exact (const char *text, size_t length, uint8_t *bytes, size_t size)
{
  KsDecodeResult result = without_padding (text, &length);
  size_t decoded = 0;

  if (result == KS_DECODE_OK && length != (size * 4 + 2) / 3)
    result = KS_DECODE_WRONG_SIZE;
  else if (result == KS_DECODE_OK
           && (!is_ascii (text, length)
               || sodium_base642bin (bytes, size, text, length, NULL, &decoded, NULL,
                                     sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
                      != 0))
    result = base64_fault (text, length);
  if (result != KS_DECODE_OK)
    ks_wipe (bytes, size);
  return result;
}

KsDecodeResult
ks_base64_decode_secret (const char *text, size_t length, KsSecret **bytes)
{
  g_autoptr (KsSecret) secret = NULL;
  size_t unpadded = length;
  KsDecodeResult result = without_padding (text, &unpadded);

  *bytes = NULL;
  if (result != KS_DECODE_OK)
    return result;
  if (unpadded % 4 == 1)
    return base64_fault (text, unpadded);
  secret = ks_secret_new (unpadded * 3 / 4);
  result =
      ks_base64_decode_secret_exact (text, unpadded, ks_secret_writable (secret), ks_secret_size (secret));
  if (result == KS_DECODE_OK)
    *bytes = g_steal_pointer (&secret);
  return result;
}

size_t
ks_base58_encode (const uint8_t *bytes, size_t size, char *text)
{
  uint8_t digits[KS_BASE58_MAX_LENGTH] = { 0 }; /* least significant first */
  size_t n_digits = 0, zeros = 0;

  g_return_val_if_fail (size <= KS_BASE58_MAX_SIZE, 0);

  while (zeros < size && bytes[zeros] == 0)
    zeros++;
  for (size_t i = zeros; i < size; i++)
    {
      unsigned carry = bytes[i];

      for (size_t d = 0; d < n_digits; d++)
        {
          carry += (unsigned) digits[d] << 8;
          digits[d] = (uint8_t) (carry % 58);
          carry /= 58;
        }
      for (; carry > 0; carry /= 58)
        digits[n_digits++] = (uint8_t) (carry % 58);
    }
  memset (text, '1', zeros);
  for (size_t d = 0; d < n_digits; d++)
    text[zeros + d] = base58_alphabet[digits[n_digits - d - 1]];
  text[zeros + n_digits] = '\0';
  ks_wipe (digits, sizeof digits);
  return zeros + n_digits;
}

static KsDecodeResult
decode_base58 (const char *text, size_t length, uint8_t *bytes, size_t *size)
{
  size_t zeros = 0, n = 0; /* bytes[]: least significant first, for now */

  if (length > KS_BASE58_MAX_LENGTH)
    return KS_DECODE_WRONG_SIZE;
  while (zeros < length && text[zeros] == '1')
    zeros++;
  for (size_t i = zeros; i < length; i++)
    {
      const char *digit = text[i] == '\0' ? NULL : strchr (base58_alphabet, text[i]);
      unsigned carry;

      if (digit == NULL)
        return KS_DECODE_BAD_CHARACTER;
      carry = (unsigned) (digit - base58_alphabet);
      for (size_t b = 0; b < n; b++)
        {
          carry += bytes[b] * 58u;
          bytes[b] = (uint8_t) carry;
          carry >>= 8;
        }
      if (carry > 0 && zeros + n == KS_BASE58_MAX_SIZE)
        return KS_DECODE_WRONG_SIZE;
      if (carry > 0)
        bytes[n++] = (uint8_t) carry;
    }
  if (zeros + n > KS_BASE58_MAX_SIZE)
    return KS_DECODE_WRONG_SIZE;
  for (size_t b = 0; b < n / 2; b++)
    {
      uint8_t swap = bytes[b];

      bytes[b] = bytes[n - b - 1];
      bytes[n - b - 1] = swap;
    }
  memmove (bytes + zeros, bytes, n);
  memset (bytes, 0, zeros);
  *size = zeros + n;
  return KS_DECODE_OK;
}

KsDecodeResult
ks_base58_decode (const char *text, size_t length, uint8_t *bytes, size_t *size)
{
  KsDecodeResult result;

  *size = 0;
  result = decode_base58 (text, length, bytes, size);
  if (result != KS_DECODE_OK)
    ks_wipe (bytes, KS_BASE58_MAX_SIZE);
  return result;
}

char *
ks_hex_encode (const void *bytes, size_t size)
{
  char *text = g_malloc (size * 2 + 1);

  sodium_bin2hex (text, size * 2 + 1, bytes, size);
  return text;
}

KsDecodeResult
ks_hex_decode_exact (const char *text, size_t length, uint8_t *bytes, size_t size)
{
  KsDecodeResult result = KS_DECODE_OK;

  if (length % 2 != 0)
    result = KS_DECODE_BAD_LENGTH;
  else if (length / 2 != size)
    result = KS_DECODE_WRONG_SIZE;
  else if (sodium_hex2bin (bytes, size, text, length, NULL, NULL, NULL) != 0)
    result = KS_DECODE_BAD_CHARACTER;
  if (result != KS_DECODE_OK)
    ks_wipe (bytes, size);
  return result;
}
