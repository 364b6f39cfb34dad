/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-keyed-hash.h"

#include <sodium.h>
#include <string.h>

#include "crypto/ks-secret.h"

static const guint8 *
process_key (void)
{
  static guint8 key[crypto_shorthash_KEYBYTES];
  static gsize made;

  if (g_once_init_enter (&made))
    {
      ks_random (key, sizeof key);
      g_once_init_leave (&made, 1);
    }
  return key;
}

guint64
ks_keyed_hash (const void *bytes, gsize size)
{
  guint64 hash;

  G_STATIC_ASSERT (crypto_shorthash_BYTES == sizeof hash);
  crypto_shorthash ((guint8 *) &hash, bytes, size, process_key ());
  return hash;
}

guint
ks_keyed_str_hash (gconstpointer string)
{
  return (guint) ks_keyed_hash (string, strlen (string));
}
