/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields of a backup entry, decoded. An even first byte: ephemeral key, MAC and
 * ciphertext as they come. An odd one: a ciphertext as it comes, under an ephemeral key
 * and MAC that fit, as anybody can make them who knows the public key.
 */

#include "crypto/ks-backup-cipher.h"
#include "fuzz/fuzz-target.h"

#include <string.h>

typedef struct
{
  KsBackupDecryptor *decryptor;
  KsBackupEncryptor *encryptor;
} Pair;

static const Pair *
get_pair (void)
{
  static Pair pair;

  if (pair.decryptor == NULL)
    {
      g_autoptr (KsSecret) key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
      uint8_t public_key[KS_BACKUP_KEY_SIZE];

      g_assert_true (ks_backup_public_key (key, public_key));
      pair.decryptor = ks_backup_decryptor_new (key);
      pair.encryptor = ks_backup_encryptor_new (public_key);
    }
  return &pair;
}

static void
try_entry (const uint8_t *ephemeral, const uint8_t *mac, const uint8_t *ciphertext, size_t size)
{
  g_autofree uint8_t *plain = g_malloc (size + 1);
  size_t n;
  KsBackupResult result =
      ks_backup_decrypt (get_pair ()->decryptor, ephemeral, ciphertext, size, mac, plain, &n);

  g_assert_cmpint (result, !=, KS_BACKUP_FAILED);
  if (result == KS_BACKUP_OK)
    g_assert_true (n < size && size - n <= 16);
  else
    g_assert_cmpint (n, ==, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  uint8_t ephemeral[KS_BACKUP_KEY_SIZE], mac[KS_BACKUP_MAC_SIZE];
  g_autofree uint8_t *ciphertext = g_malloc (KS_BACKUP_CIPHERTEXT_SIZE (size));
  const size_t fields = 1 + sizeof ephemeral + sizeof mac;

  if (size >= fields && data[0] % 2 == 0)
    {
      KsBackupEncryptor *to_them = ks_backup_encryptor_new (data + 1);

      g_assert_true ((to_them != NULL) == ks_backup_public_key_valid (data + 1));
      ks_backup_encryptor_free (to_them);
      try_entry (data + 1, data + 1 + sizeof ephemeral, data + fields, size - fields);
    }
  if (size == 0 || data[0] % 2 == 0)
    return 0;
  g_assert_cmpint (ks_backup_encrypt (get_pair ()->encryptor, data + 1, size - 1, ephemeral, ciphertext, mac),
                   ==, KS_BACKUP_OK);
  try_entry (ephemeral, mac, ciphertext, KS_BACKUP_CIPHERTEXT_SIZE (size - 1));
  try_entry (ephemeral, mac, data + 1, size - 1);
  return 0;
}
