/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Key derivation: HKDF-SHA-256 (RFC 5869) from keys, PBKDF2-HMAC-SHA-512 (RFC 8018)
 * from phrases. Limits what a server or a file may ask of PBKDF2; says nothing about
 * how good a phrase is.
 */
#pragma once

#include "crypto/ks-hmac.h"

G_BEGIN_DECLS

/* HKDF gives at most 255 blocks of its hash (RFC 5869, section 2.3). */
#define KS_HKDF_MAX_SIZE (255 * KS_HMAC_SIZE)

/* Fills @output from @key. A missing salt is NULL and 0: as RFC 5869 has it, that is the
 * same as the 32 zero bytes of the Matrix specification. @hmac is a context to use, or
 * NULL; until its next use it remembers a key derived from this one.
 *
 * false: @output_size is 0 or above KS_HKDF_MAX_SIZE, or the library failed; @output is
 * wiped. */
bool ks_hkdf_sha256 (KsHmac *hmac,
                     const uint8_t *key,
                     size_t key_size,
                     const uint8_t *salt,
                     size_t salt_size,
                     const void *info,
                     size_t info_size,
                     uint8_t *output,
                     size_t output_size) G_GNUC_WARN_UNUSED_RESULT;

/* What a server or a file may ask for. Ten million rounds take some six seconds. */
#define KS_PBKDF2_MAX_ITERATIONS 10000000
#define KS_PBKDF2_MAX_SALT_SIZE 1024

/* What we ask for ourselves, as most clients do, and what we call weak below. */
#define KS_PBKDF2_DEFAULT_ITERATIONS 500000
#define KS_PBKDF2_WEAK_ITERATIONS 100000

typedef enum
{
  KS_PBKDF2_OK,
  KS_PBKDF2_BAD_ITERATIONS, /* none, negative, or above KS_PBKDF2_MAX_ITERATIONS */
  KS_PBKDF2_BAD_SALT,       /* empty, or longer than KS_PBKDF2_MAX_SALT_SIZE */
  KS_PBKDF2_BAD_BITS,       /* another key size than this layer knows */
  KS_PBKDF2_FAILED,         /* the library failed */
} KsPbkdf2Result;

/* Derives a key of @bits, 256 or 512, from the bytes of @phrase, which may be empty.
 *
 * Takes its time: for worker threads. It cannot be stopped; who no longer wants the key
 * unreferences it when it comes. @key is set to NULL after an error. */
KsPbkdf2Result ks_pbkdf2_sha512 (const KsSecret *phrase,
                                 const void *salt,
                                 size_t salt_size,
                                 int64_t iterations,
                                 int64_t bits,
                                 KsSecret **key) G_GNUC_WARN_UNUSED_RESULT;

/* The secret-storage key of a phrase ("m.pbkdf2"): @salt is the string of the key
 * description, byte for byte, never decoded; @bits is its member of that name, 256 where
 * it is missing, and nothing but 256 is taken. Otherwise as ks_pbkdf2_sha512(). */
KsPbkdf2Result ks_phrase_to_storage_key (const KsSecret *phrase,
                                         const char *salt,
                                         size_t salt_size,
                                         int64_t iterations,
                                         int64_t bits,
                                         KsSecret **key) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
