/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-signing.h"

#include <sodium.h>
#include <string.h>

/* The y coordinates of the points of small order; y is 0, 1, -1 or that of one of the
 * points of order 8. The sign of x makes no difference. */
static const uint8_t small_order[5][KS_SIGNING_PUBLIC_KEY_SIZE] = {
  { 0 },
  { 1 },
  { 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
  { 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
    0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
  { 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
    0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
};

/* @secret_key, of crypto_sign_SECRETKEYBYTES, is the caller's to wipe. */
static bool
make_pair (const KsSecret *seed, uint8_t *public_key, uint8_t *secret_key)
{
  G_STATIC_ASSERT (crypto_sign_SEEDBYTES == KS_SIGNING_SEED_SIZE);
  G_STATIC_ASSERT (crypto_sign_BYTES == KS_SIGNATURE_SIZE);

  return ks_secret_size (seed) == KS_SIGNING_SEED_SIZE
         && crypto_sign_seed_keypair (public_key, secret_key, ks_secret_bytes (seed)) == 0;
}

bool
ks_signing_public_key (const KsSecret *seed, uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
{
  uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
  bool made = make_pair (seed, public_key, secret_key);

  ks_wipe (secret_key, sizeof secret_key);
  return made;
}

bool
ks_sign (const KsSecret *seed, const void *message, size_t size, uint8_t signature[KS_SIGNATURE_SIZE])
{
  uint8_t secret_key[crypto_sign_SECRETKEYBYTES], public_key[KS_SIGNING_PUBLIC_KEY_SIZE];
  bool done = make_pair (seed, public_key, secret_key)
              && crypto_sign_detached (signature, NULL, message, size, secret_key) == 0;

  ks_wipe (secret_key, sizeof secret_key);
  return done;
}

bool
ks_signature_verify (const uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE],
                     const void *message,
                     size_t size,
                     const uint8_t signature[KS_SIGNATURE_SIZE])
{
  /* libsodium refuses most of this itself; R is compared as bytes with one that it
   * computes, and so is canonical. */
  if (ks_signing_public_key_weak (public_key) || ks_signing_public_key_weak (signature))
    return false;
  return crypto_sign_verify_detached (signature, message, size, public_key) == 0;
}

bool
ks_signing_public_key_valid (const uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
{
  return !ks_signing_public_key_weak (public_key) && crypto_core_ed25519_is_valid_point (public_key) == 1;
}

/* y < p = 2^255 - 19, the sign of x aside. */
static bool
is_reduced (const uint8_t *y)
{
  if ((y[31] & 0x7f) != 0x7f || y[0] < 0xed)
    return true;
  for (size_t i = 1; i < 31; i++)
    if (y[i] != 0xff)
      return true;
  return false;
}

bool
ks_signing_public_key_weak (const uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE])
{
  uint8_t y[KS_SIGNING_PUBLIC_KEY_SIZE];

  memcpy (y, public_key, sizeof y);
  y[31] &= 0x7f;
  for (size_t i = 0; i < G_N_ELEMENTS (small_order); i++)
    if (memcmp (y, small_order[i], sizeof y) == 0)
      return true;
  return !is_reduced (public_key);
}

bool
ks_signing_public_keys_on_curve (const uint8_t one[KS_SIGNING_PUBLIC_KEY_SIZE],
                                 const uint8_t other[KS_SIGNING_PUBLIC_KEY_SIZE])
{
  uint8_t sum[crypto_core_ed25519_BYTES];

  /* The sum is of no use; that there is one is the proof. */
  return crypto_core_ed25519_add (sum, one, other) == 0;
}
