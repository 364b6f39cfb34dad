/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes as text and back: base64 as the Matrix specification has it (appendices,
 * "Unpadded Base64"), base58 with Bitcoin's alphabet, and hex. Strict: what one of
 * the decoders takes has exactly one other spelling, the padded one. It does not
 * know what the bytes mean.
 *
 * Texts are given with their length and need no terminating zero; a zero within is
 * a character like any other, that is, a bad one. All functions may be called from
 * any thread.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

typedef enum
{
  KS_DECODE_OK,
  KS_DECODE_BAD_CHARACTER, /* outside the alphabet: white space, base64url, padding inside */
  KS_DECODE_BAD_LENGTH,    /* no whole number of bytes, or the wrong amount of padding */
  KS_DECODE_TRAILING_BITS, /* the last character holds bits that belong to no byte */
  KS_DECODE_WRONG_SIZE,    /* well-formed, but of another size than asked for */
} KsDecodeResult;

typedef enum
{
  KS_BASE64_UNPADDED,
  KS_BASE64_PADDED,
} KsBase64Padding;

/* The most bytes that @length characters of base64 can hold, and the characters that
 * @size bytes take with padding, without a terminating zero. */
#define KS_BASE64_BYTES(length) ((length) / 4 * 3 + 2)
#define KS_BASE64_LENGTH(size) (((size) + 2) / 3 * 4)

/* Base64 of bytes that are no secret: ciphertexts, public keys, signatures. Free the
 * text with g_free(). */
char *ks_base64_encode (const void *bytes, size_t size, KsBase64Padding padding) G_GNUC_WARN_UNUSED_RESULT;

/* Decodes base64, padded or not, that is no secret. @bytes must hold
 * KS_BASE64_BYTES (@length) bytes and may not overlap @text; @size says how many it
 * got. After an error @size is 0 and @bytes is undefined. */
KsDecodeResult ks_base64_decode (const char *text, size_t length, uint8_t *bytes, size_t *size)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same for a field of known size, which is anything else but @size bytes: a key,
 * a signature, a MAC. After an error @bytes is undefined. */
KsDecodeResult ks_base64_decode_exact (const char *text, size_t length, uint8_t *bytes, size_t size)
    G_GNUC_WARN_UNUSED_RESULT;

/* Base64 of a secret, in constant time. The text is a secret itself and has no
 * terminating zero. */
KsSecret *ks_base64_encode_secret (const KsSecret *bytes, KsBase64Padding padding) G_GNUC_WARN_UNUSED_RESULT;

/* Decodes base64, padded or not, of a secret: in constant time for texts of the same
 * length, as long as they are well-formed. @bytes is set to NULL after an error; the
 * caller wipes @text. */
KsDecodeResult ks_base64_decode_secret (const char *text, size_t length, KsSecret **bytes)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same into memory of the caller, who wipes it: for room keys, of which there are
 * too many for a KsSecret each. Exactly @size bytes; wiped after an error. A text of
 * another length is not looked into any further. */
KsDecodeResult ks_base64_decode_secret_exact (const char *text, size_t length, uint8_t *bytes, size_t size)
    G_GNUC_WARN_UNUSED_RESULT;

/* And encoding: @text gets KS_BASE64_LENGTH (@size) characters at most and a
 * terminating zero. Returns the number of characters. The caller wipes @text. */
size_t ks_base64_encode_secret_to (const uint8_t *bytes, size_t size, KsBase64Padding padding, char *text);

/* Base58 is slow for long texts by its nature, and only used for short ones. */
#define KS_BASE58_MAX_SIZE 64
#define KS_BASE58_MAX_LENGTH 96

/* Writes the base58 text of @size bytes (KS_BASE58_MAX_SIZE at most) and a terminating
 * zero to @text, which holds KS_BASE58_MAX_LENGTH + 1. Returns the number of
 * characters. Leaves nothing of the bytes behind; the caller wipes @text. */
size_t ks_base58_encode (const uint8_t *bytes, size_t size, char *text);

/* Decodes base58 of at most KS_BASE58_MAX_LENGTH characters and KS_BASE58_MAX_SIZE
 * bytes; more is KS_DECODE_WRONG_SIZE. @bytes holds KS_BASE58_MAX_SIZE and is wiped
 * after an error; the caller wipes it otherwise. */
KsDecodeResult ks_base58_decode (const char *text, size_t length, uint8_t *bytes, size_t *size)
    G_GNUC_WARN_UNUSED_RESULT;

/* Lower-case hex, in constant time. Free with g_free(), or ks_wipe_free_string(). */
char *ks_hex_encode (const void *bytes, size_t size) G_GNUC_WARN_UNUSED_RESULT;

/* Decodes hex of either case and of exactly @size bytes; wiped after an error. */
KsDecodeResult ks_hex_decode_exact (const char *text, size_t length, uint8_t *bytes, size_t size)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
