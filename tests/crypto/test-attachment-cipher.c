/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-attachment-cipher.h"

#include "crypto/ks-encoding.h"

#include <string.h>

#define SIZE 64

static void
decode (const char *hex, uint8_t *bytes, size_t size)
{
  g_assert_cmpint (ks_hex_decode_exact (hex, strlen (hex), bytes, size), ==, KS_DECODE_OK);
}

/* NIST SP 800-38A, F.5.5 and F.5.6, CTR-AES256, in pieces that end anywhere. */
static void
test_is_aes_256_in_counter_mode (void)
{
  uint8_t key[KS_ATTACHMENT_KEY_SIZE], iv[KS_ATTACHMENT_IV_SIZE], plain[SIZE], ciphertext[SIZE], got[SIZE];

  decode ("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", key, sizeof key);
  decode ("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", iv, sizeof iv);
  decode ("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
          "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
          plain, SIZE);
  decode ("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
          "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
          ciphertext, SIZE);
  for (size_t piece = 1; piece <= SIZE; piece++)
    {
      g_autoptr (KsAttachmentCipher) cipher = ks_attachment_cipher_new (key, iv, KS_ATTACHMENT_COUNTER_64);

      g_assert_nonnull (cipher);
      for (size_t at = 0; at < SIZE; at += piece)
        g_assert_true (ks_attachment_cipher_run (cipher, ciphertext + at, MIN (piece, SIZE - at), got + at));
      g_assert_cmpmem (got, SIZE, plain, SIZE);
    }
}

/* @text, two blocks and a bit of zeros, in pieces of @piece, from just before the lower half of
 * the counter is at its end. */
static void
encrypt_over_the_end (KsAttachmentCounter counter, size_t piece, uint8_t text[40])
{
  const uint8_t key[KS_ATTACHMENT_KEY_SIZE] = { 0 };
  uint8_t iv[KS_ATTACHMENT_IV_SIZE];
  g_autoptr (KsAttachmentCipher) cipher = NULL;

  decode ("0000000000000007ffffffffffffffff", iv, sizeof iv);
  cipher = ks_attachment_cipher_new (key, iv, counter);
  memset (text, 0, 40);
  for (size_t at = 0; at < 40; at += piece)
    g_assert_true (ks_attachment_cipher_run (cipher, text + at, MIN (piece, 40 - at), text + at));
}

static void
encrypt_from (const char *iv_hex, uint8_t text[24])
{
  const uint8_t key[KS_ATTACHMENT_KEY_SIZE] = { 0 };
  uint8_t iv[KS_ATTACHMENT_IV_SIZE];
  g_autoptr (KsAttachmentCipher) cipher = NULL;

  decode (iv_hex, iv, sizeof iv);
  cipher = ks_attachment_cipher_new (key, iv, KS_ATTACHMENT_COUNTER_128);
  memset (text, 0, 24);
  g_assert_true (ks_attachment_cipher_run (cipher, text, 24, text));
}

/* A counter of 64 bits leaves the upper half alone, one of 128 carries into it; wherever the
 * pieces end. */
static void
test_counts_as_far_as_asked_for (void)
{
  uint8_t same_half[24], next_half[24];

  encrypt_from ("00000000000000070000000000000000", same_half);
  encrypt_from ("00000000000000080000000000000000", next_half);
  for (size_t piece = 1; piece <= 40; piece++)
    {
      uint8_t text[40];

      encrypt_over_the_end (KS_ATTACHMENT_COUNTER_64, piece, text);
      g_assert_cmpmem (text + 16, 24, same_half, 24);
      encrypt_over_the_end (KS_ATTACHMENT_COUNTER_128, piece, text);
      g_assert_cmpmem (text + 16, 24, next_half, 24);
    }
}

static void
test_nothing_is_nothing (void)
{
  uint8_t key[KS_ATTACHMENT_KEY_SIZE] = { 0 }, iv[KS_ATTACHMENT_IV_SIZE] = { 0 };
  g_autoptr (KsAttachmentCipher) cipher = ks_attachment_cipher_new (key, iv, KS_ATTACHMENT_COUNTER_64);

  g_assert_true (ks_attachment_cipher_run (cipher, NULL, 0, NULL));
}

static void
test_key_is_base64_of_32_bytes (void)
{
  const char *const spellings[] = {
    "aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0", /* the specification's own example */
    "aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0=",
    "aWF6+32KGYaC3A/FEUCk1Bt0JA37zP0wrStgmdCaW+0",
    "aWF6+32KGYaC3A/FEUCk1Bt0JA37zP0wrStgmdCaW+0=",
  };
  const char *const bad[] = {
    "",
    "_________________________________________",   /* a byte less */
    "__________________________________________9", /* bits that belong to no byte */
    "_________ _________________________________",
    "aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-00",
    "aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0==",
  };
  uint8_t key[KS_ATTACHMENT_KEY_SIZE], expected[KS_ATTACHMENT_KEY_SIZE];
  const uint8_t zero[KS_ATTACHMENT_KEY_SIZE] = { 0 };

  decode ("69617afb7d8a198682dc0fc51140a4d41b74240dfbccfd30ad2b6099d09a5bed", expected, sizeof expected);
  for (size_t i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      memset (key, 7, sizeof key);
      g_assert_true (ks_attachment_key_parse (spellings[i], key));
      g_assert_cmpmem (key, sizeof key, expected, sizeof expected);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      memset (key, 7, sizeof key);
      g_assert_false (ks_attachment_key_parse (bad[i], key));
      g_assert_cmpmem (key, sizeof key, zero, sizeof zero);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attachment-cipher/vector", test_is_aes_256_in_counter_mode);
  g_test_add_func ("/attachment-cipher/counter", test_counts_as_far_as_asked_for);
  g_test_add_func ("/attachment-cipher/nothing", test_nothing_is_nothing);
  g_test_add_func ("/attachment-cipher/key", test_key_is_base64_of_32_bytes);
  return g_test_run ();
}
