/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-secret.h"

#include <openssl/crypto.h>
#include <sodium.h>
#include <string.h>

struct KsSecret
{
  int references; /* atomic */
  size_t size;
  uint8_t *bytes; /* owned: sodium_malloc() */
};

bool
ks_secret_init (void)
{
  /* libcrypto too, so that it reads its configuration here and once, and not in the
   * middle of something on whichever thread comes first. */
  return sodium_init () >= 0 && OPENSSL_init_crypto (OPENSSL_INIT_LOAD_CONFIG, NULL) == 1;
}

KsSecret *
ks_secret_new (size_t size)
{
  KsSecret *secret = g_new0 (KsSecret, 1);

  if (!ks_secret_init ())
    g_error ("libsodium cannot be initialised");
  secret->references = 1;
  secret->size = size;
  secret->bytes = sodium_malloc (MAX (size, 1));
  if (secret->bytes == NULL)
    g_error ("no memory for a secret of %zu bytes", size);
  memset (secret->bytes, 0, MAX (size, 1));
  return secret;
}

KsSecret *
ks_secret_new_copy (const void *bytes, size_t size)
{
  KsSecret *secret = ks_secret_new (size);

  if (size > 0)
    memcpy (secret->bytes, bytes, size);
  return secret;
}

KsSecret *
ks_secret_new_random (size_t size)
{
  KsSecret *secret = ks_secret_new (size);

  randombytes_buf (secret->bytes, size);
  return secret;
}

KsSecret *
ks_secret_ref (KsSecret *secret)
{
  g_return_val_if_fail (secret != NULL, NULL);

  g_atomic_int_inc (&secret->references);
  return secret;
}

void
ks_secret_unref (KsSecret *secret)
{
  if (secret == NULL || !g_atomic_int_dec_and_test (&secret->references))
    return;
  sodium_free (secret->bytes); /* wipes first */
  g_free (secret);
}

const uint8_t *
ks_secret_bytes (const KsSecret *secret)
{
  return secret->bytes;
}

size_t
ks_secret_size (const KsSecret *secret)
{
  return secret->size;
}

uint8_t *
ks_secret_writable (KsSecret *secret)
{
  g_return_val_if_fail (g_atomic_int_get (&secret->references) == 1, NULL);

  return secret->bytes;
}

bool
ks_secret_equal (const KsSecret *a, const KsSecret *b)
{
  return a->size == b->size && ks_bytes_equal (a->bytes, b->bytes, a->size);
}

bool
ks_bytes_equal (const void *a, const void *b, size_t size)
{
  return size == 0 || sodium_memcmp (a, b, size) == 0;
}

void
ks_wipe (void *bytes, size_t size)
{
  if (size > 0)
    sodium_memzero (bytes, size);
}

void
ks_wipe_free_string (char *string)
{
  if (string == NULL)
    return;
  ks_wipe (string, strlen (string));
  g_free (string);
}

void
ks_random (void *bytes, size_t size)
{
  if (!ks_secret_init ())
    g_error ("libsodium cannot be initialised");
  randombytes_buf (bytes, size);
}
