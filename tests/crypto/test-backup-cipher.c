/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-encoding.h"
#include "vectors.h"
#include "weak-points.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <olm/olm.h>
#include <olm/pk.h>
#include <sodium.h>
#include <string.h>

#define ROUNDS 10000
#define MAX_PLAIN 700

typedef struct
{
  uint8_t ephemeral[KS_BACKUP_KEY_SIZE];
  uint8_t mac[KS_BACKUP_MAC_SIZE];
  uint8_t ciphertext[KS_BACKUP_CIPHERTEXT_SIZE (MAX_PLAIN)];
  size_t size;
} Entry;

static void
encrypt (KsBackupEncryptor *encryptor, const void *plain, size_t size, Entry *entry)
{
  entry->size = KS_BACKUP_CIPHERTEXT_SIZE (size);
  g_assert_cmpint (ks_backup_encrypt (encryptor, plain, size, entry->ephemeral, entry->ciphertext,
                                      entry->mac),
                   ==, KS_BACKUP_OK);
}

static KsBackupResult
decrypt (KsBackupDecryptor *decryptor, const Entry *entry, uint8_t *plain, size_t *size)
{
  return ks_backup_decrypt (decryptor, entry->ephemeral, entry->ciphertext, entry->size, entry->mac, plain,
                            size);
}

static KsBackupEncryptor *
encryptor_for (const KsSecret *private_key)
{
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  KsBackupEncryptor *encryptor;

  g_assert_true (ks_backup_public_key (private_key, public_key));
  encryptor = ks_backup_encryptor_new (public_key);
  g_assert_nonnull (encryptor);
  return encryptor;
}

static void
test_vector (const Vector *vector)
{
  g_autoptr (KsSecret) private_key = vector_secret (vector, "private_key");
  g_autoptr (KsSecret) wrong_key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsBackupDecryptor) decryptor = ks_backup_decryptor_new (private_key);
  g_autoptr (KsBackupDecryptor) wrong = ks_backup_decryptor_new (wrong_key);
  g_autoptr (GBytes) ephemeral = vector_bytes (vector, "ephemeral"), mac = vector_bytes (vector, "mac");
  g_autoptr (GBytes) ciphertext = vector_bytes (vector, "ciphertext");
  g_autofree char *part = vector_text (vector, "contains");
  gsize capacity = g_bytes_get_size (ciphertext);
  g_autofree uint8_t *plain = g_malloc (capacity);
  size_t size;

  g_assert_cmpint (g_bytes_get_size (ephemeral), ==, KS_BACKUP_KEY_SIZE);
  g_assert_cmpint (g_bytes_get_size (mac), ==, KS_BACKUP_MAC_SIZE);
  if (vector_has (vector, "public_key"))
    {
      g_autoptr (GBytes) expected = vector_bytes (vector, "public_key");
      uint8_t public_key[KS_BACKUP_KEY_SIZE];

      g_assert_true (ks_backup_public_key (private_key, public_key));
      g_assert_cmpmem (public_key, sizeof public_key, g_bytes_get_data (expected, NULL),
                       g_bytes_get_size (expected));
      g_assert_true (ks_backup_public_key_valid (public_key));
    }
  g_assert_cmpint (ks_backup_decrypt (decryptor, g_bytes_get_data (ephemeral, NULL),
                                      g_bytes_get_data (ciphertext, NULL), capacity,
                                      g_bytes_get_data (mac, NULL), plain, &size),
                   ==, KS_BACKUP_OK);
  g_assert_nonnull (memmem (plain, size, part, strlen (part)));
  g_assert_cmpint (ks_backup_decrypt (wrong, g_bytes_get_data (ephemeral, NULL),
                                      g_bytes_get_data (ciphertext, NULL), capacity,
                                      g_bytes_get_data (mac, NULL), plain, &size),
                   ==, KS_BACKUP_BAD_MAC);
}

static void
test_wrong_key_size (void)
{
  uint8_t public_key[KS_BACKUP_KEY_SIZE];

  for (gsize size = 0; size <= 64; size += 16)
    {
      g_autoptr (KsSecret) key = ks_secret_new_random (size);
      g_autoptr (KsBackupDecryptor) decryptor = ks_backup_decryptor_new (key);

      g_assert_true ((decryptor != NULL) == (size == KS_BACKUP_KEY_SIZE));
      g_assert_true (ks_backup_public_key (key, public_key) == (size == KS_BACKUP_KEY_SIZE));
    }
}

/* Threat A14, fault F31. */
static void
test_weak_points_everywhere (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsBackupDecryptor) decryptor = ks_backup_decryptor_new (key);
  g_autoptr (KsBackupEncryptor) encryptor = encryptor_for (key);
  Entry entry;
  uint8_t plain[MAX_PLAIN];
  size_t size;

  encrypt (encryptor, "text", 4, &entry);
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (weak_x25519); i++)
    {
      memcpy (entry.ephemeral, weak_x25519[i / 2], KS_BACKUP_KEY_SIZE);
      entry.ephemeral[31] |= i % 2 == 1 ? 0x80 : 0;
      g_assert_false (ks_backup_public_key_valid (entry.ephemeral));
      g_assert_null (ks_backup_encryptor_new (entry.ephemeral));
      g_assert_cmpint (decrypt (decryptor, &entry, plain, &size), ==, KS_BACKUP_BAD_POINT);
      g_assert_cmpint (size, ==, 0);
    }
}

/* Points with two spellings keep just one of them. */
static void
test_not_canonical (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsBackupDecryptor) decryptor = ks_backup_decryptor_new (key);
  g_autoptr (KsBackupEncryptor) encryptor = encryptor_for (key);
  uint8_t plain[MAX_PLAIN];
  Entry entry;
  size_t size;

  encrypt (encryptor, "text", 4, &entry);
  entry.ephemeral[31] |= 0x80;
  g_assert_cmpint (decrypt (decryptor, &entry, plain, &size), ==, KS_BACKUP_BAD_POINT);
  g_assert_false (ks_backup_public_key_valid (entry.ephemeral));
  entry.ephemeral[31] &= 0x7f;
  g_assert_cmpint (decrypt (decryptor, &entry, plain, &size), ==, KS_BACKUP_OK);
  for (int low = 0xed; low <= 0xff; low++)
    {
      memset (entry.ephemeral, 0xff, sizeof entry.ephemeral);
      entry.ephemeral[0] = (uint8_t) low;
      entry.ephemeral[31] = 0x7f;
      g_assert_cmpint (decrypt (decryptor, &entry, plain, &size), ==, KS_BACKUP_BAD_POINT);
      g_assert_null (ks_backup_encryptor_new (entry.ephemeral));
    }
  entry.ephemeral[0] = 0xeb; /* p - 2 */
  g_assert_true (ks_backup_public_key_valid (entry.ephemeral));
}

static void
test_wrong_sizes (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsBackupDecryptor) decryptor = ks_backup_decryptor_new (key);
  g_autoptr (KsBackupEncryptor) encryptor = encryptor_for (key);
  uint8_t text[100] = { 0 }, plain[MAX_PLAIN];
  g_autofree uint8_t *big = g_malloc0 (KS_BACKUP_CIPHERTEXT_SIZE (KS_BACKUP_MAX_SIZE) + 16);
  Entry entry;
  size_t size;

  encrypt (encryptor, text, sizeof text, &entry);
  for (gsize n = 0; n < entry.size; n++)
    {
      g_assert_cmpint (ks_backup_decrypt (decryptor, entry.ephemeral, entry.ciphertext, n, entry.mac, plain,
                                          &size),
                       ==, n == 0 || n % 16 != 0 ? KS_BACKUP_BAD_SIZE : KS_BACKUP_BAD_PADDING);
      g_assert_cmpint (size, ==, 0);
    }
  g_assert_cmpint (ks_backup_decrypt (decryptor, entry.ephemeral, big,
                                      KS_BACKUP_CIPHERTEXT_SIZE (KS_BACKUP_MAX_SIZE) + 16, entry.mac, big,
                                      &size),
                   ==, KS_BACKUP_BAD_SIZE);
  g_assert_cmpint (ks_backup_encrypt (encryptor, big, KS_BACKUP_MAX_SIZE + 1, entry.ephemeral, big,
                                      entry.mac),
                   ==, KS_BACKUP_BAD_SIZE);
}

/* Ephemeral key and MAC are checked; the ciphertext is not, by the format: it comes out as
 * other bytes or as bad padding, but never as what went in. */
static void
test_each_byte_flipped (void)
{
  const uint8_t zero[MAX_PLAIN] = { 0 };
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsBackupDecryptor) decryptor = ks_backup_decryptor_new (key);
  g_autoptr (KsBackupEncryptor) encryptor = encryptor_for (key);
  uint8_t text[120], plain[MAX_PLAIN];
  Entry entry;
  size_t size;

  ks_random (text, sizeof text);
  encrypt (encryptor, text, sizeof text, &entry);
  for (gsize i = 0; i < sizeof entry.ephemeral + sizeof entry.mac + entry.size; i++)
    for (int bit = 0; bit < 8; bit++)
      {
        uint8_t *byte = (uint8_t *) &entry + i;
        bool covered = i < G_STRUCT_OFFSET (Entry, ciphertext);
        KsBackupResult result;

        memset (plain, 'x', sizeof plain);
        *byte ^= 1 << bit;
        result = decrypt (decryptor, &entry, plain, &size);
        *byte ^= 1 << bit;
        if (covered)
          g_assert_true (result == KS_BACKUP_BAD_MAC || result == KS_BACKUP_BAD_POINT);
        else
          g_assert_true (result == KS_BACKUP_OK || result == KS_BACKUP_BAD_PADDING);
        if (result == KS_BACKUP_OK)
          g_assert_false (size == sizeof text && memcmp (plain, text, size) == 0);
        else
          g_assert_cmpmem (plain, entry.size, zero, entry.size);
      }
}

/* Ciphertexts of every last block of padding, made with OpenSSL alone: only PKCS#7 is
 * taken. (libolm answers some of these with wrong bytes.) */
static void
test_wrong_padding (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsBackupDecryptor) decryptor = ks_backup_decryptor_new (key);
  uint8_t public_key[32], private_key[32], shared[32], prk[32], keys[96], plain[32];
  EVP_CIPHER_CTX *evp = EVP_CIPHER_CTX_new ();
  Entry entry = { .size = 32 };
  uint8_t whole_mac[32];
  size_t size;
  int n;

  g_assert_true (ks_backup_public_key (key, public_key));
  ks_random (private_key, sizeof private_key);
  g_assert_cmpint (crypto_scalarmult_base (entry.ephemeral, private_key), ==, 0);
  g_assert_cmpint (crypto_scalarmult (shared, private_key, public_key), ==, 0);
  HMAC (EVP_sha256 (), (const uint8_t[32]){ 0 }, 32, shared, 32, prk, NULL);
  for (uint8_t i = 0; i < 3; i++)
    {
      uint8_t block[33] = { 0 };

      if (i > 0)
        memcpy (block, keys + (i - 1) * 32, 32);
      block[32] = i + 1;
      HMAC (EVP_sha256 (), prk, 32, i > 0 ? block : block + 32, i > 0 ? 33 : 1, keys + i * 32, NULL);
    }
  HMAC (EVP_sha256 (), keys + 32, 32, (const uint8_t *) "", 0, whole_mac, NULL);
  memcpy (entry.mac, whole_mac, sizeof entry.mac);
  for (int last = 0; last < 256; last++)
    for (int wrong = 0; wrong < 2; wrong++)
      {
        uint8_t padded[32] = "what stands before the padding.";
        bool good = last >= 1 && last <= 16 && (wrong == 0 || last == 1);

        for (int i = 1; i <= MIN (last, 16); i++)
          padded[32 - i] = (uint8_t) last;
        padded[31] = (uint8_t) last;
        if (wrong == 1 && last > 1 && last <= 16)
          padded[32 - last] ^= 0x80;
        EVP_EncryptInit_ex (evp, EVP_aes_256_cbc (), NULL, keys, keys + 64);
        EVP_CIPHER_CTX_set_padding (evp, 0);
        EVP_EncryptUpdate (evp, entry.ciphertext, &n, padded, sizeof padded);
        g_assert_cmpint (decrypt (decryptor, &entry, plain, &size), ==,
                         good ? KS_BACKUP_OK : KS_BACKUP_BAD_PADDING);
        g_assert_cmpint (size, ==, good ? 32 - last : 0);
      }
  EVP_CIPHER_CTX_free (evp);
}

/* An entry whose MAC covers the ciphertext, as one would expect it, is not of this format. */
static void
test_mac_is_over_nothing (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsBackupDecryptor) decryptor = ks_backup_decryptor_new (key);
  g_autoptr (KsBackupEncryptor) encryptor = encryptor_for (key);
  uint8_t plain[MAX_PLAIN];
  Entry a, b;
  size_t size;

  encrypt (encryptor, "one text", 8, &a);
  encrypt (encryptor, "another text", 12, &b);
  /* The ciphertext of one entry under the ephemeral key and MAC of another: not refused. */
  memcpy (a.ciphertext, b.ciphertext, b.size);
  g_assert_cmpint (decrypt (decryptor, &a, plain, &size), !=, KS_BACKUP_BAD_MAC);
  /* But the MAC of another is. */
  memcpy (b.mac, a.mac, sizeof a.mac);
  g_assert_cmpint (decrypt (decryptor, &b, plain, &size), ==, KS_BACKUP_BAD_MAC);
}

static void
test_round_trips (void)
{
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsBackupDecryptor) decryptor = ks_backup_decryptor_new (key);
  g_autoptr (KsBackupEncryptor) encryptor = encryptor_for (key);

  for (int round = 0; round < ROUNDS; round++)
    {
      uint8_t text[MAX_PLAIN], plain[KS_BACKUP_CIPHERTEXT_SIZE (MAX_PLAIN)];
      gsize n = (gsize) g_test_rand_int_range (0, MAX_PLAIN + 1);
      Entry entry;
      size_t size;

      ks_random (text, n);
      encrypt (encryptor, text, n, &entry);
      g_assert_true (g_hash_table_add (seen, g_bytes_new (entry.ephemeral, sizeof entry.ephemeral)));
      g_assert_cmpint (decrypt (decryptor, &entry, plain, &size), ==, KS_BACKUP_OK);
      g_assert_cmpmem (plain, size, text, n);
    }
}

/* What libolm wrote is read here. */
static void
test_libolm_writes (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsBackupDecryptor) decryptor = ks_backup_decryptor_new (key);
  g_autofree OlmPkEncryption *olm = olm_pk_encryption (g_malloc (olm_pk_encryption_size ()));
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  g_autofree char *public_text = NULL;

  g_assert_true (ks_backup_public_key (key, public_key));
  public_text = ks_base64_encode (public_key, sizeof public_key, KS_BASE64_UNPADDED);
  g_assert_cmpint (olm_pk_encryption_set_recipient_key (olm, public_text, strlen (public_text)), ==, 0);
  for (int round = 0; round < ROUNDS / 2; round++)
    {
      uint8_t text[MAX_PLAIN], plain[MAX_PLAIN + 16], random[32];
      char ciphertext[KS_BASE64_LENGTH (MAX_PLAIN + 16)], mac[11], ephemeral[43];
      gsize n = (gsize) g_test_rand_int_range (1, MAX_PLAIN + 1);
      size_t length = olm_pk_ciphertext_length (olm, n), size;
      Entry entry;

      g_assert_cmpint (olm_pk_mac_length (olm), ==, sizeof mac);
      ks_random (text, n);
      ks_random (random, sizeof random);
      g_assert_cmpint (olm_pk_encrypt (olm, text, n, ciphertext, length, mac, sizeof mac, ephemeral,
                                       sizeof ephemeral, random, sizeof random),
                       !=, olm_error ());
      entry.size = KS_BACKUP_CIPHERTEXT_SIZE (n);
      g_assert_cmpint (ks_base64_decode_exact (ciphertext, length, entry.ciphertext, entry.size), ==,
                       KS_DECODE_OK);
      g_assert_cmpint (ks_base64_decode_exact (mac, sizeof mac, entry.mac, sizeof entry.mac), ==,
                       KS_DECODE_OK);
      g_assert_cmpint (ks_base64_decode_exact (ephemeral, sizeof ephemeral, entry.ephemeral, 32), ==,
                       KS_DECODE_OK);
      g_assert_cmpint (decrypt (decryptor, &entry, plain, &size), ==, KS_BACKUP_OK);
      g_assert_cmpmem (plain, size, text, n);
    }
  olm_clear_pk_encryption (olm);
}

/* What is written here is read by libolm. */
static void
test_libolm_reads (void)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_autoptr (KsBackupEncryptor) encryptor = encryptor_for (key);
  g_autofree OlmPkDecryption *olm = olm_pk_decryption (g_malloc (olm_pk_decryption_size ()));
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  g_autofree char *public_text = NULL;
  char olm_text[43];

  g_assert_true (ks_backup_public_key (key, public_key));
  public_text = ks_base64_encode (public_key, sizeof public_key, KS_BASE64_UNPADDED);
  g_assert_cmpint (olm_pk_key_from_private (olm, olm_text, sizeof olm_text, ks_secret_bytes (key), 32), !=,
                   olm_error ());
  g_assert_cmpmem (olm_text, sizeof olm_text, public_text, strlen (public_text));
  for (int round = 0; round < ROUNDS / 2; round++)
    {
      uint8_t text[MAX_PLAIN], plain[KS_BASE64_LENGTH (MAX_PLAIN + 16)];
      gsize n = (gsize) g_test_rand_int_range (1, MAX_PLAIN + 1);
      g_autofree char *ciphertext = NULL, *mac = NULL, *ephemeral = NULL;
      Entry entry;

      ks_random (text, n);
      encrypt (encryptor, text, n, &entry);
      ciphertext = ks_base64_encode (entry.ciphertext, entry.size, KS_BASE64_UNPADDED);
      mac = ks_base64_encode (entry.mac, sizeof entry.mac, KS_BASE64_UNPADDED);
      ephemeral = ks_base64_encode (entry.ephemeral, sizeof entry.ephemeral, KS_BASE64_UNPADDED);
      g_assert_cmpint (olm_pk_decrypt (olm, ephemeral, strlen (ephemeral), mac, strlen (mac), ciphertext,
                                       strlen (ciphertext), plain, sizeof plain),
                       ==, n);
      g_assert_cmpmem (plain, n, text, n);
    }
  olm_clear_pk_decryption (olm);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  vectors_add ("/backup-cipher/vectors", "backup-entries.ini", test_vector);
  g_test_add_func ("/backup-cipher/wrong-key-size", test_wrong_key_size);
  g_test_add_func ("/backup-cipher/weak-points-everywhere", test_weak_points_everywhere);
  g_test_add_func ("/backup-cipher/not-canonical", test_not_canonical);
  g_test_add_func ("/backup-cipher/wrong-sizes", test_wrong_sizes);
  g_test_add_func ("/backup-cipher/wrong-padding", test_wrong_padding);
  g_test_add_func ("/backup-cipher/each-byte-flipped", test_each_byte_flipped);
  g_test_add_func ("/backup-cipher/mac-is-over-nothing", test_mac_is_over_nothing);
  g_test_add_func ("/backup-cipher/round-trips", test_round_trips);
  g_test_add_func ("/backup-cipher/libolm-writes", test_libolm_writes);
  g_test_add_func ("/backup-cipher/libolm-reads", test_libolm_reads);
  return g_test_run ();
}
