/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/identity/ks-cross-signing.h"

#include "crypto/ks-encoding.h"
#include "crypto/weak-points.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/identity/ks-signed-json.h"
#include "matrix/ks-json.h"

#include <string.h>

#define USER "@alice:localhost"

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object = ks_json_parse_object (text, strlen (text), &error);

  g_assert_no_error (error);
  return object;
}

/* Appendices, "Signing Details": the seed of the examples, and their signatures. */
static void
test_signing_examples_of_the_specification (void)
{
  /* The specification ends it in "1", of which the last two bits belong to no byte. */
  const char *seed_text = "YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA0";
  const struct
  {
    const char *text;
    const char *signature;
  } examples[] = {
    { "{}", "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ" },
    { "{\"one\":1,\"two\":\"Two\"}",
      "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw" },
  };
  g_autoptr (KsSecret) seed = NULL;

  g_assert_cmpint (ks_base64_decode_secret (seed_text, strlen (seed_text), &seed), ==, KS_DECODE_OK);
  for (gsize i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      g_autoptr (JsonObject) object = parse (examples[i].text);
      g_autoptr (GError) error = NULL;
      JsonObject *signatures;
      uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE];

      ks_signed_json_sign (object, "domain", "1", seed, &error);
      g_assert_no_error (error);
      g_assert_true (ks_json_get_object (object, "signatures", &signatures));
      signatures = json_object_get_object_member (signatures, "domain");
      g_assert_cmpstr (json_object_get_string_member (signatures, "ed25519:1"), ==, examples[i].signature);
      g_assert_true (ks_signing_public_key (seed, public_key));
      g_assert_true (ks_signed_json_verify (object, "domain", "1", public_key));
      g_assert_false (ks_signed_json_verify (object, "domain", "2", public_key));
      g_assert_false (ks_signed_json_verify (object, "other", "1", public_key));
      json_object_set_int_member (object, "one", 2);
      g_assert_false (ks_signed_json_verify (object, "domain", "1", public_key));
    }
}

/* As matrix-js-sdk 43.0.0 created it: signed by the master key and by the session. */
static void
test_backup_of_js_sdk_is_trusted_by_its_master_key (void)
{
  KsBackupVersion version = {
    .version = (char *) "1",
    .algorithm = (char *) KS_BACKUP_ALGORITHM,
    .auth_data = parse (
        "{\"public_key\":\"47k1AqN7QEgyXEDDd30cMzz040odrUbaq8ipVy/2ATk\",\"signatures\":{\"" USER "\":{"
        "\"ed25519:5YtZdgRYVFGxabYLlQ/Jvvj5D602ZUVb5Uln3R3d/WA\":"
        "\"SEb4qKDlrWfdGBLXUCzyh+OeRUxzjCf6VXspnzopzna4OZlPpcUXw63V470i6NNuKOXrYSiUWGTTo4UCCgNADA\","
        "\"ed25519:WLQXRBOPYU\":"
        "\"Fhb7FkQ46cKqs8zi3J4jMq/Vvljo6cqAQzSnHbQ0kFSsikI1/2zDHAb1A8zkN/2NgsiK/LdAwtCGPpeIU5ucBA\"}}}"),
  };
  const char *master_text = "5YtZdgRYVFGxabYLlQ/Jvvj5D602ZUVb5Uln3R3d/WA";
  g_autoptr (KsSecret) key = ks_secret_new (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  uint8_t master[KS_SIGNING_PUBLIC_KEY_SIZE];

  g_assert_cmpint (ks_hex_decode_exact ("5f279a4566bfaf01701a602893f836629321e0d3fa99cdc0bdfa91736b81aaba",
                                        64, ks_secret_writable (key), KS_BACKUP_KEY_SIZE),
                   ==, KS_DECODE_OK);
  g_assert_cmpint (ks_base64_decode_exact (master_text, strlen (master_text), master, sizeof master), ==,
                   KS_DECODE_OK);
  g_assert_cmpint (ks_backup_auth_trust (&version, USER, key, NULL), ==, KS_BACKUP_TRUST_KEY);
  g_assert_cmpint (ks_backup_auth_trust (&version, USER, other, master), ==, KS_BACKUP_TRUST_SIGNATURE);
  g_assert_cmpint (ks_backup_auth_trust (&version, "@mallory:localhost", NULL, master), ==,
                   KS_BACKUP_TRUST_NONE);
  g_assert_cmpint (ks_backup_auth_trust (&version, USER, NULL, NULL), ==, KS_BACKUP_TRUST_NONE);
  g_assert_cmpint (ks_backup_auth_trust (&version, USER, other, NULL), ==, KS_BACKUP_TRUST_NONE);
  /* Threat A18: the right key under an algorithm that nobody knows. */
  version.algorithm = (char *) "m.megolm_backup.v9";
  g_assert_cmpint (ks_backup_auth_trust (&version, USER, key, master), ==, KS_BACKUP_TRUST_NONE);
  version.algorithm = (char *) KS_BACKUP_ALGORITHM;
  /* Threat A17: a key of the server's own under the old signature. */
  json_object_set_string_member (version.auth_data, "public_key",
                                 "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo");
  g_assert_cmpint (ks_backup_auth_trust (&version, USER, key, master), ==, KS_BACKUP_TRUST_NONE);
  json_object_unref (version.auth_data);
}

/* Threat A14, fault F31: what is encrypted to a point of small order anybody can read, also where
 * the account's own master key vouches for it. */
static void
test_backup_to_a_weak_point_is_not_trusted (void)
{
  g_autoptr (KsSecret) master = ks_secret_new_random (KS_SIGNING_SEED_SIZE);
  g_autofree char *master_text = NULL;
  uint8_t master_key[KS_SIGNING_PUBLIC_KEY_SIZE];

  g_assert_true (ks_signing_public_key (master, master_key));
  master_text = ks_base64_encode (master_key, sizeof master_key, KS_BASE64_UNPADDED);
  for (gsize i = 0; i <= 2 * G_N_ELEMENTS (weak_x25519); i++)
    {
      gboolean honest = i == 2 * G_N_ELEMENTS (weak_x25519);
      uint8_t point[KS_BACKUP_KEY_SIZE] = { 9 };
      g_autofree char *text = NULL;
      g_autoptr (JsonObject) auth_data = json_object_new ();
      KsBackupVersion version = {
        .version = (char *) "1",
        .algorithm = (char *) KS_BACKUP_ALGORITHM,
        .auth_data = auth_data,
      };

      if (!honest)
        {
          memcpy (point, weak_x25519[i / 2], sizeof point);
          point[31] |= i % 2 == 1 ? 0x80 : 0;
        }
      text = ks_base64_encode (point, sizeof point, KS_BASE64_UNPADDED);
      json_object_set_string_member (auth_data, "public_key", text);
      g_assert_true (ks_signed_json_sign (auth_data, USER, master_text, master, NULL));
      g_assert_true (ks_backup_auth_read (&version, point) == honest);
      g_assert_cmpint (ks_backup_auth_trust (&version, USER, NULL, master_key), ==,
                       honest ? KS_BACKUP_TRUST_SIGNATURE : KS_BACKUP_TRUST_NONE);
    }
}

static void
test_new_backup_is_trusted (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsSecret) master = ks_secret_new_random (32);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) auth_data = ks_backup_auth_make (USER, key, master, &error);
  KsBackupVersion version = { .version = (char *) "1",
                              .algorithm = (char *) KS_BACKUP_ALGORITHM,
                              .auth_data = auth_data };
  uint8_t master_key[KS_SIGNING_PUBLIC_KEY_SIZE];

  g_assert_no_error (error);
  g_assert_true (ks_signing_public_key (master, master_key));
  g_assert_cmpint (ks_backup_auth_trust (&version, USER, key, NULL), ==, KS_BACKUP_TRUST_KEY);
  g_assert_cmpint (ks_backup_auth_trust (&version, USER, NULL, master_key), ==, KS_BACKUP_TRUST_SIGNATURE);
}

typedef struct
{
  KsSecret *seeds[KS_N_CROSS_SIGNING_KEYS];
  JsonObject *keys[KS_N_CROSS_SIGNING_KEYS];
} Made;

static void
made_init (Made *made)
{
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      g_autoptr (GError) error = NULL;

      made->seeds[i] = ks_secret_new_random (32);
      made->keys[i] = ks_cross_signing_make ((KsSecretName) i, USER, made->seeds[i],
                                             i == KS_SECRET_MASTER ? NULL : made->seeds[0], &error);
      g_assert_no_error (error);
    }
}

static void
made_clear (Made *made)
{
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      ks_secret_unref (made->seeds[i]);
      json_object_unref (made->keys[i]);
    }
}

static void
test_what_is_made_is_read (void)
{
  Made made;
  KsIdentity identity;

  made_init (&made);
  ks_identity_read (&identity, made.keys, USER);
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    {
      uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE];

      g_assert_true (identity.published[i]);
      g_assert_true (ks_signing_public_key (made.seeds[i], public_key));
      g_assert_cmpmem (identity.keys[i], sizeof public_key, public_key, sizeof public_key);
    }
  made_clear (&made);
}

static void
replace_usage (JsonObject *key)
{
  JsonArray *usage = json_array_new ();

  json_array_add_string_element (usage, "self_signing");
  json_array_add_string_element (usage, "master");
  json_object_set_array_member (key, "usage", usage);
}

static void
add_key (JsonObject *key)
{
  json_object_set_string_member (json_object_get_object_member (key, "keys"), "ed25519:x", "x");
}

static void
rename_user (JsonObject *key)
{
  json_object_set_string_member (key, "user_id", "@mallory:localhost");
}

static void
drop_signatures (JsonObject *key)
{
  json_object_remove_member (key, "signatures");
}

static void
weaken_key (JsonObject *key)
{
  JsonObject *keys = ks_json_add_object (key, "keys");

  json_object_set_string_member (keys, "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                 "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

static void
test_spoiled_keys_are_not_published (void)
{
  void (*const spoils[]) (JsonObject *) = { replace_usage, add_key, rename_user, drop_signatures,
                                            weaken_key };

  for (gsize i = 0; i < G_N_ELEMENTS (spoils); i++)
    {
      Made made;
      KsIdentity identity;

      made_init (&made);
      spoils[i](made.keys[KS_SECRET_SELF_SIGNING]);
      ks_identity_read (&identity, made.keys, USER);
      g_assert_true (identity.any);
      g_assert_true (identity.published[KS_SECRET_MASTER]);
      g_assert_false (identity.published[KS_SECRET_SELF_SIGNING]);
      g_assert_true (identity.published[KS_SECRET_USER_SIGNING]);
      made_clear (&made);
    }
}

static void
add_usage (JsonObject *key)
{
  json_array_add_string_element (json_object_get_array_member (key, "usage"), "newer");
}

static void
set_key (JsonObject *key, gboolean padded_name)
{
  g_autoptr (GList) names = json_object_get_members (json_object_get_object_member (key, "keys"));
  g_autofree char *name = g_strconcat (names->data, padded_name ? "=" : NULL, NULL);
  g_autofree char *text = g_strconcat ((const char *) names->data + strlen (KS_ED25519_PREFIX), "=", NULL);

  json_object_set_string_member (ks_json_add_object (key, "keys"), name, text);
}

static void
pad_key (JsonObject *key)
{
  set_key (key, FALSE);
}

static void
pad_name_and_key (JsonObject *key)
{
  set_key (key, TRUE);
}

/* Another use besides, and base64 with padding, are no reason to take an identity for another. Whatever
 * the master key has not signed in just these words still is. */
static void
test_odd_keys_are_published (void)
{
  void (*const spellings[]) (JsonObject *) = { add_usage, pad_key, pad_name_and_key };

  for (gsize i = 0; i < G_N_ELEMENTS (spellings); i++)
    for (int signed_so = 0; signed_so < 2; signed_so++)
      {
        Made made;
        KsIdentity identity;
        JsonObject *other;
        g_autofree char *master = NULL;
        g_autoptr (GError) error = NULL;

        made_init (&made);
        other = made.keys[KS_SECRET_SELF_SIGNING];
        spellings[i](made.keys[KS_SECRET_MASTER]);
        spellings[i](other);
        if (signed_so)
          {
            uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE];

            g_assert_true (ks_signing_public_key (made.seeds[KS_SECRET_MASTER], public_key));
            master =
                ks_base64_encode (public_key, sizeof public_key,
                                  spellings[i] == pad_name_and_key ? KS_BASE64_PADDED : KS_BASE64_UNPADDED);
            json_object_remove_member (other, "signatures");
            ks_signed_json_sign (other, USER, master, made.seeds[KS_SECRET_MASTER], &error);
            g_assert_no_error (error);
          }
        ks_identity_read (&identity, made.keys, USER);
        g_assert_true (identity.published[KS_SECRET_MASTER]);
        g_assert_true (identity.published[KS_SECRET_SELF_SIGNING] == signed_so);
        g_assert_true (identity.published[KS_SECRET_USER_SIGNING]);
        made_clear (&made);
      }
}

/* The name says one key, and the text another. */
static void
test_key_under_another_name_is_not_published (void)
{
  Made made;
  Made others;
  KsIdentity identity;
  g_autoptr (GList) names = NULL;
  g_autofree char *name = NULL;

  made_init (&made);
  made_init (&others);
  names = json_object_get_members (json_object_get_object_member (made.keys[0], "keys"));
  name = g_strdup (names->data);
  g_clear_pointer (&names, g_list_free);
  names = json_object_get_members (json_object_get_object_member (others.keys[0], "keys"));
  json_object_set_string_member (ks_json_add_object (made.keys[0], "keys"), name,
                                 (const char *) names->data + strlen (KS_ED25519_PREFIX));
  ks_identity_read (&identity, made.keys, USER);
  g_assert_false (identity.published[0] || identity.published[1] || identity.published[2]);
  made_clear (&made);
  made_clear (&others);
}

/* A self-signing key of somebody else's, under the name of a master key that is ours. */
static void
test_keys_of_another_master_are_not_published (void)
{
  Made made;
  Made others;
  JsonObject *mixed[KS_N_CROSS_SIGNING_KEYS];
  KsIdentity identity;

  made_init (&made);
  made_init (&others);
  mixed[0] = made.keys[0];
  mixed[1] = others.keys[1];
  mixed[2] = NULL;
  ks_identity_read (&identity, mixed, USER);
  g_assert_true (identity.published[0]);
  g_assert_false (identity.published[1]);
  g_assert_false (identity.published[2]);
  mixed[0] = NULL;
  ks_identity_read (&identity, mixed, USER);
  g_assert_true (identity.any);
  g_assert_false (identity.published[0] || identity.published[1]);
  made_clear (&made);
  made_clear (&others);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cross-signing/vectors/specification", test_signing_examples_of_the_specification);
  g_test_add_func ("/cross-signing/vectors/backup-of-js-sdk",
                   test_backup_of_js_sdk_is_trusted_by_its_master_key);
  g_test_add_func ("/cross-signing/backup-to-a-weak-point", test_backup_to_a_weak_point_is_not_trusted);
  g_test_add_func ("/cross-signing/new-backup-is-trusted", test_new_backup_is_trusted);
  g_test_add_func ("/cross-signing/what-is-made-is-read", test_what_is_made_is_read);
  g_test_add_func ("/cross-signing/spoiled-keys", test_spoiled_keys_are_not_published);
  g_test_add_func ("/cross-signing/odd-keys", test_odd_keys_are_published);
  g_test_add_func ("/cross-signing/key-under-another-name", test_key_under_another_name_is_not_published);
  g_test_add_func ("/cross-signing/keys-of-another-master", test_keys_of_another_master_are_not_published);
  return g_test_run ();
}
