/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-seal.h"

#include <string.h>

static const char context[] = "accounts/1/access_token";
static const char plain[] = "a token that nobody else may read";

#define SEALED_SIZE (sizeof plain + KS_SEAL_OVERHEAD)

static void
test_round_trip (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_SEAL_KEY_SIZE);
  uint8_t sealed[SEALED_SIZE];
  char opened[sizeof plain];

  g_assert_true (ks_seal (key, context, sizeof context, plain, sizeof plain, sealed));
  g_assert_null (memmem (sealed, sizeof sealed, plain, 8));
  g_assert_true (ks_unseal (key, context, sizeof context, sealed, sizeof sealed, opened));
  g_assert_cmpmem (opened, sizeof opened, plain, sizeof plain);
}

static void
test_empty (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_SEAL_KEY_SIZE);
  uint8_t sealed[KS_SEAL_OVERHEAD];

  g_assert_true (ks_seal (key, context, sizeof context, NULL, 0, sealed));
  g_assert_true (ks_unseal (key, context, sizeof context, sealed, sizeof sealed, NULL));
  sealed[20] ^= 1;
  g_assert_false (ks_unseal (key, context, sizeof context, sealed, sizeof sealed, NULL));
}

static void
test_same_text_is_sealed_differently (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_SEAL_KEY_SIZE);
  uint8_t a[SEALED_SIZE], b[SEALED_SIZE];

  g_assert_true (ks_seal (key, context, sizeof context, plain, sizeof plain, a));
  g_assert_true (ks_seal (key, context, sizeof context, plain, sizeof plain, b));
  g_assert_false (ks_bytes_equal (a, b, sizeof a));
}

static void
test_each_byte_flipped (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_SEAL_KEY_SIZE);
  uint8_t sealed[SEALED_SIZE];
  char opened[sizeof plain];
  const char zero[sizeof plain] = { 0 };

  g_assert_true (ks_seal (key, context, sizeof context, plain, sizeof plain, sealed));
  for (gsize i = 0; i < sizeof sealed; i++)
    for (int bit = 0; bit < 8; bit++)
      {
        sealed[i] ^= 1 << bit;
        memset (opened, 'x', sizeof opened);
        g_assert_false (ks_unseal (key, context, sizeof context, sealed, sizeof sealed, opened));
        g_assert_cmpmem (opened, sizeof opened, zero, sizeof zero);
        sealed[i] ^= 1 << bit;
      }
}

static void
test_other_place_or_key (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_SEAL_KEY_SIZE);
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_SEAL_KEY_SIZE);
  g_autoptr (KsSecret) short_key = ks_secret_new_random (16);
  uint8_t sealed[SEALED_SIZE];
  char opened[sizeof plain];

  g_assert_true (ks_seal (key, context, sizeof context, plain, sizeof plain, sealed));
  g_assert_false (ks_unseal (key, "accounts/2/access_token", sizeof context, sealed, sizeof sealed, opened));
  g_assert_false (ks_unseal (key, context, sizeof context - 1, sealed, sizeof sealed, opened));
  g_assert_false (ks_unseal (other, context, sizeof context, sealed, sizeof sealed, opened));
  g_assert_false (ks_seal (short_key, context, sizeof context, plain, sizeof plain, sealed));
}

static void
test_too_short (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_SEAL_KEY_SIZE);
  uint8_t sealed[KS_SEAL_OVERHEAD] = { 0 };

  for (gsize size = 0; size < KS_SEAL_OVERHEAD; size++)
    g_assert_false (ks_unseal (key, context, sizeof context, sealed, size, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/seal/round-trip", test_round_trip);
  g_test_add_func ("/seal/empty", test_empty);
  g_test_add_func ("/seal/same-text-is-sealed-differently", test_same_text_is_sealed_differently);
  g_test_add_func ("/seal/each-byte-flipped", test_each_byte_flipped);
  g_test_add_func ("/seal/other-place-or-key", test_other_place_or_key);
  g_test_add_func ("/seal/too-short", test_too_short);
  return g_test_run ();
}
