/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Accounts stored and taken back: whole, cut, changed, and made up by somebody who knows
 * the label that libolm encrypts pickles with.
 */

#include "crypto/ks-encoding.h"
#include "crypto/ks-kdf.h"
#include "crypto/ks-olm-account.h"
#include "vectors.h"
#include "weak-points.h"

#include <olm/olm.h>
#include <openssl/evp.h>
#include <string.h>

/* Part of the stored form. */
#define PICKLE_KEY "keepsake olm account 1"

/* libolm's pickle of an account, version 4: where things are in it. */
#define ED25519_OFFSET 4
#define CURVE25519_OFFSET 100
#define N_ONE_TIME_KEYS_OFFSET 164
#define ONE_TIME_KEY_OFFSET (N_ONE_TIME_KEYS_OFFSET + 4 + 4 + 1)
#define PICKLE_MAC_SIZE 8

/* A pickle of ks_olm_account_pickle(), as it lies on disks: it opens for ever. */
static const char kept_pickle[] =
    "+8OGkY9fWuBE/eUL8CmIRdaWrfGaKK4tmy32cwuhDXkVS7Q8dj7PeLtX87l9yFlWah7fj4nACy1pF6SmkmcTW32VXhfe"
    "/ILzIwXaYQrIiJUZ6QIPqpLzCx1QdMrYqFA/D2fPK8lmP5qBrSN00xlTs5n55sL3HwQlIzW0P3NgtWsJCWL6x48vjkg7"
    "kTl+0NY/4gWXszjLyh7bmXVH1CupCZu/mbwndajE7dkf4oVvUGU2S3kzcUS6D1J4Fde6apUkpd5kEIZdK8KKwMQfCO3/"
    "OFimyYhNvQYF3G+C78naZXeL26zEj09cg+fJohkXt+YqY7EiOLishydza7KnESpYonW8J5tl6kP9w6PH9/7VaDRSR1Ez"
    "iptszEwqnQ2YtaFKx1AdSC+NkmWk/I32dY4f+7+T5GhWQlPjm0JjIucCg2TDhnMCaUdjyQ";
static const char kept_ed25519[] = "8qc67hPLbIQrAPzM7Pz3XffpfchqDKZ4xiQ7JakgmK8";
static const char kept_curve25519[] = "UGQoRRUFI2jPMkmktm6cBxyxuQ/gNLq7V0s2e2MA6g4";
static const char kept_one_time_key[] = "AiGisVQ+HNXX4fA8q11WjpK6DkSL1k8C4Dpu5vRv7EI";
static const char kept_fallback_key[] = "/vo5T7LE57G883TwJDxRR9KVdb7sMdwPOyjmHFtUfmI";

static void
pickle_cipher (uint8_t aes_key[32], uint8_t mac_key[32], uint8_t iv[16])
{
  uint8_t keys[80];

  g_assert_true (ks_hkdf_sha256 (NULL, (const uint8_t *) PICKLE_KEY, strlen (PICKLE_KEY), NULL, 0, "Pickle",
                                 strlen ("Pickle"), keys, sizeof keys));
  memcpy (aes_key, keys, 32);
  memcpy (mac_key, keys + 32, 32);
  memcpy (iv, keys + 64, 16);
}

/* What is in a pickle, and a pickle of that: around all that ks-olm-account does. */
static GByteArray *
open_pickle (const KsSecret *pickle)
{
  g_autofree uint8_t *bytes = g_malloc (KS_BASE64_BYTES (ks_secret_size (pickle)));
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  GByteArray *plain = g_byte_array_new ();
  uint8_t aes_key[32], mac_key[32], iv[16];
  int length, last;
  size_t size;

  g_assert_cmpint (ks_base64_decode ((const char *) ks_secret_bytes (pickle), ks_secret_size (pickle), bytes,
                                     &size),
                   ==, KS_DECODE_OK);
  pickle_cipher (aes_key, mac_key, iv);
  g_byte_array_set_size (plain, (guint) size);
  g_assert_cmpint (EVP_DecryptInit_ex (context, EVP_aes_256_cbc (), NULL, aes_key, iv), ==, 1);
  g_assert_cmpint (EVP_DecryptUpdate (context, plain->data, &length, bytes, (int) size - PICKLE_MAC_SIZE), ==,
                   1);
  g_assert_cmpint (EVP_DecryptFinal_ex (context, plain->data + length, &last), ==, 1);
  EVP_CIPHER_CTX_free (context);
  g_byte_array_set_size (plain, (guint) (length + last));
  return plain;
}

static KsSecret *
make_pickle (const uint8_t *plain, size_t size)
{
  g_autofree uint8_t *bytes = g_malloc (size + 16 + PICKLE_MAC_SIZE);
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  uint8_t aes_key[32], mac_key[32], iv[16], mac[KS_HMAC_SIZE];
  g_autoptr (KsHmac) hmac = ks_hmac_new ();
  g_autofree char *text = NULL;
  int length, last;

  pickle_cipher (aes_key, mac_key, iv);
  g_assert_cmpint (EVP_EncryptInit_ex (context, EVP_aes_256_cbc (), NULL, aes_key, iv), ==, 1);
  g_assert_cmpint (EVP_EncryptUpdate (context, bytes, &length, plain, (int) size), ==, 1);
  g_assert_cmpint (EVP_EncryptFinal_ex (context, bytes + length, &last), ==, 1);
  EVP_CIPHER_CTX_free (context);
  length += last;
  g_assert_true (ks_hmac (hmac, mac_key, sizeof mac_key, bytes, (size_t) length, mac));
  memcpy (bytes + length, mac, PICKLE_MAC_SIZE);
  text = ks_base64_encode (bytes, (size_t) length + PICKLE_MAC_SIZE, KS_BASE64_UNPADDED);
  return secret_of_text (text);
}

static KsOlmAccountResult
verdict (const KsSecret *pickle)
{
  KsOlmAccount *account = (KsOlmAccount *) &account;
  KsOlmAccountResult result = ks_olm_account_unpickle (pickle, &account);

  g_assert_true ((account != NULL) == (result == KS_OLM_ACCOUNT_OK));
  ks_olm_account_free (account);
  return result;
}

static KsOlmAccount *
again (KsOlmAccount *account)
{
  g_autoptr (KsSecret) pickle = ks_olm_account_pickle (account);
  KsOlmAccount *unpickled;

  g_assert_cmpint (ks_olm_account_unpickle (pickle, &unpickled), ==, KS_OLM_ACCOUNT_OK);
  return unpickled;
}

/* An account with @n one-time keys and a fallback key, not published. */
static KsOlmAccount *
account_with_keys (size_t n)
{
  KsOlmAccount *account = ks_olm_account_new ();

  g_assert_true (ks_olm_account_generate_one_time_keys (account, n));
  ks_olm_account_generate_fallback_key (account);
  return account;
}

static void
assert_same (KsOlmAccount *a, KsOlmAccount *b)
{
  g_autofree KsOlmPublicKey *keys_a = NULL;
  g_autofree KsOlmPublicKey *keys_b = NULL;
  KsOlmPublicKey fallback_a = { 0 }, fallback_b = { 0 };
  size_t n_a, n_b;

  g_assert_cmpstr (ks_olm_account_ed25519 (a), ==, ks_olm_account_ed25519 (b));
  g_assert_cmpstr (ks_olm_account_curve25519 (a), ==, ks_olm_account_curve25519 (b));
  keys_a = ks_olm_account_list_one_time_keys (a, &n_a);
  keys_b = ks_olm_account_list_one_time_keys (b, &n_b);
  g_assert_cmpmem (keys_a, n_a * sizeof *keys_a, keys_b, n_b * sizeof *keys_b);
  g_assert_true (ks_olm_account_get_fallback_key (a, &fallback_a)
                 == ks_olm_account_get_fallback_key (b, &fallback_b));
  g_assert_cmpstr (fallback_a.id, ==, fallback_b.id);
  g_assert_cmpstr (fallback_a.curve25519, ==, fallback_b.curve25519);
}

/* There and back at any point of an account's life; what is made afterwards is new. */
static void
test_pickle_round_trips (void)
{
  for (int round = 0; round < 25; round++)
    {
      g_autoptr (KsOlmAccount) account = ks_olm_account_new ();

      for (int step = 0; step < 5; step++)
        {
          g_autoptr (KsOlmAccount) copy = NULL;

          if (g_test_rand_bit ())
            g_assert_true (
                ks_olm_account_generate_one_time_keys (account, (size_t) g_test_rand_int_range (0, 101)));
          if (g_test_rand_bit ())
            ks_olm_account_generate_fallback_key (account);
          if (g_test_rand_bit ())
            ks_olm_account_mark_published (account);
          copy = again (account);
          assert_same (account, copy);
          {
            KsOlmAccount *swap = account;

            account = copy;
            copy = swap;
          }
        }
    }
}

static void
test_key_ids_go_on_after_a_pickle (void)
{
  g_autoptr (KsOlmAccount) account = account_with_keys (1);
  g_autoptr (KsOlmAccount) copy = NULL;
  g_autofree KsOlmPublicKey *before = NULL;
  g_autofree KsOlmPublicKey *after = NULL;
  KsOlmPublicKey fallback;
  size_t n;

  before = ks_olm_account_list_one_time_keys (account, &n);
  g_assert_true (ks_olm_account_get_fallback_key (account, &fallback));
  ks_olm_account_mark_published (account);
  copy = again (account);
  g_assert_true (ks_olm_account_generate_one_time_keys (copy, 1));
  after = ks_olm_account_list_one_time_keys (copy, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpstr (before[0].id, !=, after[0].id);
  g_assert_cmpstr (fallback.id, !=, after[0].id);
}

static void
test_kept_pickle_opens (void)
{
  g_autoptr (KsSecret) pickle = secret_of_text (kept_pickle);
  g_autoptr (KsOlmAccount) account = NULL;
  g_autofree KsOlmPublicKey *keys = NULL;
  KsOlmPublicKey fallback;
  uint8_t signature[KS_SIGNATURE_SIZE];
  size_t n;

  g_assert_cmpint (ks_olm_account_unpickle (pickle, &account), ==, KS_OLM_ACCOUNT_OK);
  g_assert_cmpstr (ks_olm_account_ed25519 (account), ==, kept_ed25519);
  g_assert_cmpstr (ks_olm_account_curve25519 (account), ==, kept_curve25519);
  keys = ks_olm_account_list_one_time_keys (account, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpstr (keys[0].id, ==, "AAAAAQ");
  g_assert_cmpstr (keys[0].curve25519, ==, kept_one_time_key);
  g_assert_true (ks_olm_account_get_fallback_key (account, &fallback));
  g_assert_cmpstr (fallback.id, ==, "AAAAAg");
  g_assert_cmpstr (fallback.curve25519, ==, kept_fallback_key);
  g_assert_true (ks_olm_account_sign (account, "message", 7, signature));
}

static void
test_truncated_pickles (void)
{
  g_autoptr (KsOlmAccount) account = account_with_keys (2);
  g_autoptr (KsSecret) pickle = ks_olm_account_pickle (account);

  for (size_t size = 0; size < ks_secret_size (pickle); size++)
    {
      g_autoptr (KsSecret) shorter = ks_secret_new_copy (ks_secret_bytes (pickle), size);

      g_assert_cmpint (verdict (shorter), ==, KS_OLM_ACCOUNT_MALFORMED);
    }
}

/* A pickle has one spelling. */
static void
test_padded_pickle (void)
{
  g_autoptr (KsSecret) pickle = secret_of_text (kept_pickle);
  g_autofree char *padded = NULL;
  g_autoptr (KsSecret) other = NULL;

  g_assert_cmpuint (ks_secret_size (pickle) % 4, ==, 2);
  padded = g_strconcat (kept_pickle, "==", NULL);
  other = secret_of_text (padded);
  g_assert_cmpint (verdict (pickle), ==, KS_OLM_ACCOUNT_OK);
  g_assert_cmpint (verdict (other), ==, KS_OLM_ACCOUNT_MALFORMED);
}

static void
test_each_bit_of_a_pickle_flipped (void)
{
  g_autoptr (KsOlmAccount) account = account_with_keys (1);
  g_autoptr (KsSecret) pickle = ks_olm_account_pickle (account);

  for (size_t i = 0; i < ks_secret_size (pickle); i++)
    for (int bit = 0; bit < 8; bit++)
      {
        g_autoptr (KsSecret) flipped = ks_secret_new_copy (ks_secret_bytes (pickle), ks_secret_size (pickle));

        ks_secret_writable (flipped)[i] ^= (uint8_t) (1 << bit);
        g_assert_cmpint (verdict (flipped), ==, KS_OLM_ACCOUNT_MALFORMED);
      }
}

static void
test_noise_is_no_pickle (void)
{
  for (int round = 0; round < 2000; round++)
    {
      size_t size = (size_t) g_test_rand_int_range (0, 600);
      g_autoptr (KsSecret) noise = ks_secret_new_random (size);
      g_autoptr (KsSecret) text = ks_base64_encode_secret (noise, KS_BASE64_UNPADDED);

      g_assert_cmpint (verdict (noise), ==, KS_OLM_ACCOUNT_MALFORMED);
      g_assert_cmpint (verdict (text), ==, KS_OLM_ACCOUNT_MALFORMED);
    }
}

/* From here on the MAC is right and what is under it is not: such a pickle would have
 * been written by a faulty program, and past the seal of the store. */
static void
test_authentic_but_cut_short (void)
{
  g_autoptr (KsOlmAccount) account = account_with_keys (2);
  g_autoptr (KsSecret) pickle = ks_olm_account_pickle (account);
  g_autoptr (GByteArray) plain = open_pickle (pickle);
  g_autoptr (KsSecret) whole = make_pickle (plain->data, plain->len);

  g_assert_true (ks_secret_equal (whole, pickle));
  for (guint size = 0; size < plain->len; size++)
    {
      g_autoptr (KsSecret) shorter = make_pickle (plain->data, size);

      g_assert_cmpint (verdict (shorter), !=, KS_OLM_ACCOUNT_OK);
    }
  g_byte_array_append (plain, (const guint8 *) "", 1);
  {
    g_autoptr (KsSecret) longer = make_pickle (plain->data, plain->len);

    g_assert_cmpint (verdict (longer), ==, KS_OLM_ACCOUNT_MALFORMED);
  }
}

static void
test_authentic_but_changed (void)
{
  g_autoptr (KsOlmAccount) account = account_with_keys (2);
  g_autoptr (KsSecret) pickle = ks_olm_account_pickle (account);
  g_autoptr (GByteArray) plain = open_pickle (pickle);
  int opened = 0;

  for (int round = 0; round < 1500; round++)
    {
      guint at = (guint) g_test_rand_int_range (0, (gint32) plain->len);
      guint8 before = plain->data[at];
      g_autoptr (KsSecret) changed = NULL;
      g_autoptr (KsOlmAccount) made = NULL;

      plain->data[at] = (guint8) g_test_rand_int ();
      changed = make_pickle (plain->data, plain->len);
      /* The private halves of one-time keys are any bytes. What opens can be used. */
      if (ks_olm_account_unpickle (changed, &made) == KS_OLM_ACCOUNT_OK)
        {
          g_autoptr (KsOlmAccount) copy = again (made);

          assert_same (made, copy);
          opened++;
        }
      plain->data[at] = before;
    }
  g_assert_cmpint (opened, >, 0);
  g_assert_cmpint (opened, <, 1500);
}

static void
test_too_many_keys_announced (void)
{
  static const guint32 counts[] = { 0, 1, 3, 100, 101, 255, 0x7fffffff, 0x80000000, 0xffffffff };
  g_autoptr (KsOlmAccount) account = account_with_keys (2);
  g_autoptr (KsSecret) pickle = ks_olm_account_pickle (account);
  g_autoptr (GByteArray) plain = open_pickle (pickle);

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      guint32 count = GUINT32_TO_BE (counts[i]);
      g_autoptr (KsSecret) changed = NULL;

      memcpy (plain->data + N_ONE_TIME_KEYS_OFFSET, &count, sizeof count);
      changed = make_pickle (plain->data, plain->len);
      g_assert_cmpint (verdict (changed), !=, KS_OLM_ACCOUNT_OK);
    }
}

static void
test_other_versions (void)
{
  g_autoptr (KsOlmAccount) account = ks_olm_account_new ();
  g_autoptr (KsSecret) pickle = ks_olm_account_pickle (account);
  g_autoptr (GByteArray) plain = open_pickle (pickle);

  g_assert_cmpint (plain->data[3], ==, 4);
  for (int version = 0; version < 256; version++)
    {
      g_autoptr (KsSecret) changed = NULL;

      plain->data[3] = (guint8) version;
      changed = make_pickle (plain->data, plain->len);
      if (version == 4)
        g_assert_cmpint (verdict (changed), ==, KS_OLM_ACCOUNT_OK);
      else if (version == 2 || version == 3)
        g_assert_cmpint (verdict (changed), !=, KS_OLM_ACCOUNT_OK);
      else
        g_assert_cmpint (verdict (changed), ==, KS_OLM_ACCOUNT_BAD_VERSION);
    }
}

static void
test_weak_keys (void)
{
  static const guint x25519_offsets[] = { CURVE25519_OFFSET, ONE_TIME_KEY_OFFSET };
  g_autoptr (KsOlmAccount) account = account_with_keys (1);
  g_autoptr (KsSecret) pickle = ks_olm_account_pickle (account);

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (weak_ed25519); i++)
    {
      g_autoptr (GByteArray) plain = open_pickle (pickle);
      g_autoptr (KsSecret) changed = NULL;

      memcpy (plain->data + ED25519_OFFSET, weak_ed25519[i / 2], 32);
      plain->data[ED25519_OFFSET + 31] |= i % 2 == 1 ? 0x80 : 0;
      changed = make_pickle (plain->data, plain->len);
      g_assert_cmpint (verdict (changed), ==, KS_OLM_ACCOUNT_WEAK);
    }
  for (gsize offset = 0; offset < G_N_ELEMENTS (x25519_offsets); offset++)
    for (gsize i = 0; i < 2 * G_N_ELEMENTS (weak_x25519); i++)
      {
        g_autoptr (GByteArray) plain = open_pickle (pickle);
        g_autoptr (KsSecret) changed = NULL;

        memcpy (plain->data + x25519_offsets[offset], weak_x25519[i / 2], 32);
        plain->data[x25519_offsets[offset] + 31] |= i % 2 == 1 ? 0x80 : 0;
        changed = make_pickle (plain->data, plain->len);
        g_assert_cmpint (verdict (changed), ==, KS_OLM_ACCOUNT_WEAK);
      }
}

/* A signature under one's private key and another public key tells the private key. */
static void
test_public_key_of_another_account (void)
{
  g_autoptr (KsOlmAccount) account = ks_olm_account_new ();
  g_autoptr (KsOlmAccount) other = ks_olm_account_new ();
  g_autoptr (KsSecret) pickle = ks_olm_account_pickle (account);
  g_autoptr (GByteArray) plain = open_pickle (pickle);
  uint8_t ed25519[KS_OLM_KEY_SIZE], curve25519[KS_OLM_KEY_SIZE];
  g_autoptr (KsSecret) changed = NULL;

  ks_olm_account_identity_keys (other, ed25519, curve25519);
  memcpy (plain->data + ED25519_OFFSET, ed25519, sizeof ed25519);
  changed = make_pickle (plain->data, plain->len);
  g_assert_cmpint (verdict (changed), ==, KS_OLM_ACCOUNT_WEAK);
}

/* libolm by itself reads what we write, under the label that is part of the form. */
static void
test_libolm_opens_the_pickle (void)
{
  g_autoptr (KsOlmAccount) account = account_with_keys (5);
  g_autoptr (KsSecret) pickle = ks_olm_account_pickle (account);
  g_autofree char *text = g_strndup ((const char *) ks_secret_bytes (pickle), ks_secret_size (pickle));
  OlmAccount *olm = olm_account (g_malloc (olm_account_size ()));
  g_autofree char *json = NULL;
  size_t length;

  g_assert_cmpuint (olm_unpickle_account (olm, PICKLE_KEY, strlen (PICKLE_KEY), text,
                                          ks_secret_size (pickle)),
                    ==, ks_secret_size (pickle));
  length = olm_account_identity_keys_length (olm);
  json = g_malloc0 (length + 1);
  g_assert_cmpuint (olm_account_identity_keys (olm, json, length), ==, length);
  g_assert_nonnull (strstr (json, ks_olm_account_ed25519 (account)));
  g_assert_nonnull (strstr (json, ks_olm_account_curve25519 (account)));
  olm_clear_account (olm);
  g_free (olm);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func ("/olm-account-pickle/" name, func)
  ADD ("pickle-round-trips", test_pickle_round_trips);
  ADD ("key-ids-go-on-after-a-pickle", test_key_ids_go_on_after_a_pickle);
  ADD ("kept-pickle-opens", test_kept_pickle_opens);
  ADD ("libolm-opens-the-pickle", test_libolm_opens_the_pickle);
  ADD ("truncated-pickles", test_truncated_pickles);
  ADD ("padded-pickle", test_padded_pickle);
  ADD ("each-bit-of-a-pickle-flipped", test_each_bit_of_a_pickle_flipped);
  ADD ("noise-is-no-pickle", test_noise_is_no_pickle);
  ADD ("authentic-but-cut-short", test_authentic_but_cut_short);
  ADD ("authentic-but-changed", test_authentic_but_changed);
  ADD ("too-many-keys-announced", test_too_many_keys_announced);
  ADD ("other-versions", test_other_versions);
  ADD ("weak-keys", test_weak_keys);
  ADD ("public-key-of-another-account", test_public_key_of_another_account);
#undef ADD
  return g_test_run ();
}
