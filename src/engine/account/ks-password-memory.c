/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-password-memory.h"

#include "crypto/ks-kdf.h"

/* 64 bytes. Enough to make guessing from a copy of the memory dear, little enough for a
 * person who types. */
#define HASH_BITS 512
#define ROUNDS 10000
#define SALT_SIZE 32

struct KsPasswordMemory
{
  KsSecret *salt; /* owned */
  KsSecret *hash; /* owned; NULL: it could not be made, nothing is the same */
};

static KsSecret *
hash (const KsSecret *text, const KsSecret *salt)
{
  KsSecret *result;

  return ks_pbkdf2_sha512 (text, ks_secret_bytes (salt), SALT_SIZE, ROUNDS, HASH_BITS, &result)
                 == KS_PBKDF2_OK
             ? result
             : NULL;
}

KsPasswordMemory *
ks_password_memory_new (const KsSecret *password)
{
  KsPasswordMemory *memory = g_new0 (KsPasswordMemory, 1);

  memory->salt = ks_secret_new_random (SALT_SIZE);
  memory->hash = hash (password, memory->salt);
  return memory;
}

void
ks_password_memory_free (KsPasswordMemory *memory)
{
  if (memory == NULL)
    return;
  ks_secret_unref (memory->hash);
  ks_secret_unref (memory->salt);
  g_free (memory);
}

gboolean
ks_password_memory_is (const KsPasswordMemory *memory, const KsSecret *text)
{
  g_autoptr (KsSecret) other = hash (text, memory->salt);

  return memory->hash != NULL && other != NULL && ks_secret_equal (memory->hash, other);
}
