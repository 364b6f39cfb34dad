/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-encoding.h"
#include "crypto/ks-olm-account.h"

#include <sodium.h>
#include <string.h>

static void
test_identity_keys (void)
{
  g_autoptr (KsOlmAccount) account = ks_olm_account_new ();
  g_autoptr (KsOlmAccount) other = ks_olm_account_new ();
  uint8_t ed25519[KS_OLM_KEY_SIZE], curve25519[KS_OLM_KEY_SIZE];
  g_autofree char *ed25519_text = NULL, *curve25519_text = NULL;

  ks_olm_account_identity_keys (account, ed25519, curve25519);
  g_assert_true (ks_signing_public_key_valid (ed25519));
  ed25519_text = ks_base64_encode (ed25519, sizeof ed25519, KS_BASE64_UNPADDED);
  curve25519_text = ks_base64_encode (curve25519, sizeof curve25519, KS_BASE64_UNPADDED);
  g_assert_cmpuint (strlen (ed25519_text), ==, KS_OLM_KEY_LENGTH);
  g_assert_cmpstr (ks_olm_account_ed25519 (account), ==, ed25519_text);
  g_assert_cmpstr (ks_olm_account_curve25519 (account), ==, curve25519_text);
  g_assert_cmpstr (ed25519_text, !=, curve25519_text);
  g_assert_cmpstr (ks_olm_account_ed25519 (other), !=, ed25519_text);
  g_assert_cmpstr (ks_olm_account_curve25519 (other), !=, curve25519_text);
}

static void
test_signatures_verify (void)
{
  g_autoptr (KsOlmAccount) account = ks_olm_account_new ();
  uint8_t ed25519[KS_OLM_KEY_SIZE], curve25519[KS_OLM_KEY_SIZE];

  ks_olm_account_identity_keys (account, ed25519, curve25519);
  for (int round = 0; round < 2000; round++)
    {
      uint8_t message[300], signature[KS_SIGNATURE_SIZE];
      size_t size = (size_t) g_test_rand_int_range (1, sizeof message);

      ks_random (message, size);
      g_assert_true (ks_olm_account_sign (account, message, size, signature));
      g_assert_true (ks_signature_verify (ed25519, message, size, signature));
      g_assert_cmpint (crypto_sign_verify_detached (signature, message, size, ed25519), ==, 0);
      message[size - 1] ^= 1;
      g_assert_false (ks_signature_verify (ed25519, message, size, signature));
    }
}

static void
test_one_time_keys (void)
{
  g_autoptr (KsOlmAccount) account = ks_olm_account_new ();
  size_t max = ks_olm_account_max_one_time_keys (account), n = 1;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_assert_null (ks_olm_account_list_one_time_keys (account, &n));
  g_assert_cmpuint (n, ==, 0);
  g_assert_true (ks_olm_account_generate_one_time_keys (account, 0));
  g_assert_cmpuint (max, >=, 100);
  for (size_t round = 1; round <= 3; round++)
    {
      g_autofree KsOlmPublicKey *keys = NULL;
      size_t count = round == 3 ? max : 7 * round;

      g_assert_true (ks_olm_account_generate_one_time_keys (account, count));
      keys = ks_olm_account_list_one_time_keys (account, &n);
      g_assert_cmpuint (n, ==, count);
      for (size_t i = 0; i < n; i++)
        {
          uint8_t bytes[KS_OLM_KEY_SIZE];

          g_assert_cmpuint (strlen (keys[i].id), ==, KS_OLM_KEY_ID_LENGTH);
          g_assert_cmpuint (strlen (keys[i].curve25519), ==, KS_OLM_KEY_LENGTH);
          g_assert_cmpint (ks_base64_decode_exact (keys[i].curve25519, KS_OLM_KEY_LENGTH, bytes, 32), ==,
                           KS_DECODE_OK);
          /* Neither an ID nor a key comes a second time. */
          g_assert_true (g_hash_table_add (seen, g_strdup (keys[i].id)));
          g_assert_true (g_hash_table_add (seen, g_strdup (keys[i].curve25519)));
        }
      ks_olm_account_mark_published (account);
      g_assert_null (ks_olm_account_list_one_time_keys (account, &n));
      g_assert_cmpuint (n, ==, 0);
    }
}

static void
test_too_many_one_time_keys (void)
{
  g_autoptr (KsOlmAccount) account = ks_olm_account_new ();
  size_t max = ks_olm_account_max_one_time_keys (account);
  g_autoptr (KsSecret) before = NULL;
  g_autoptr (KsSecret) after = NULL;

  g_assert_true (ks_olm_account_generate_one_time_keys (account, 3));
  before = ks_olm_account_pickle (account);
  g_assert_false (ks_olm_account_generate_one_time_keys (account, max + 1));
  g_assert_false (ks_olm_account_generate_one_time_keys (account, SIZE_MAX));
  g_assert_false (ks_olm_account_generate_one_time_keys (account, SIZE_MAX / 32 + 1));
  after = ks_olm_account_pickle (account);
  g_assert_true (ks_secret_equal (before, after));
}

static void
test_fallback_key (void)
{
  g_autoptr (KsOlmAccount) account = ks_olm_account_new ();
  KsOlmPublicKey first, second;

  g_assert_false (ks_olm_account_get_fallback_key (account, &first));
  ks_olm_account_mark_published (account);
  ks_olm_account_generate_fallback_key (account);
  g_assert_true (ks_olm_account_get_fallback_key (account, &first));
  g_assert_true (ks_olm_account_get_fallback_key (account, &second));
  g_assert_cmpstr (first.id, ==, second.id);
  g_assert_cmpstr (first.curve25519, ==, second.curve25519);
  ks_olm_account_mark_published (account);
  g_assert_false (ks_olm_account_get_fallback_key (account, &second));
  ks_olm_account_generate_fallback_key (account);
  g_assert_true (ks_olm_account_get_fallback_key (account, &second));
  g_assert_cmpstr (first.id, !=, second.id);
  g_assert_cmpstr (first.curve25519, !=, second.curve25519);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func ("/olm-account/" name, func)
  ADD ("identity-keys", test_identity_keys);
  ADD ("signatures-verify", test_signatures_verify);
  ADD ("one-time-keys", test_one_time_keys);
  ADD ("too-many-one-time-keys", test_too_many_one_time_keys);
  ADD ("fallback-key", test_fallback_key);
#undef ADD
  return g_test_run ();
}
