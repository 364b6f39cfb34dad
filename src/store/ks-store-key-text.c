/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-store-key-text.h"

#include <string.h>

#define KEY_SIZE 32

KsSecret *
ks_store_key_to_text (const KsSecret *key)
{
  char *text;
  KsSecret *secret;

  g_return_val_if_fail (ks_secret_size (key) == KEY_SIZE, NULL);

  text = g_base64_encode (ks_secret_bytes (key), KEY_SIZE);
  secret = ks_secret_new_copy (text, strlen (text));
  ks_wipe_free_string (text);
  return secret;
}

KsSecret *
ks_store_key_from_text (const char *text, gsize size)
{
  char line[KS_STORE_KEY_TEXT_SIZE + 1] = { 0 };
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (KsSecret) again = NULL;
  guchar *bytes;
  gsize decoded;

  if (size == KS_STORE_KEY_TEXT_SIZE + 1 && text[KS_STORE_KEY_TEXT_SIZE] == '\n')
    size--;
  if (size != KS_STORE_KEY_TEXT_SIZE)
    return NULL;
  memcpy (line, text, size);
  bytes = g_base64_decode (line, &decoded);
  if (decoded == KEY_SIZE)
    key = ks_secret_new_copy (bytes, decoded);
  ks_wipe (bytes, decoded);
  g_free (bytes);
  if (key == NULL)
    {
      ks_wipe (line, sizeof line);
      return NULL;
    }

  /* GLib's decoder passes over what is not base64: only the one spelling counts. */
  again = ks_store_key_to_text (key);
  if (!ks_bytes_equal (ks_secret_bytes (again), line, KS_STORE_KEY_TEXT_SIZE))
    g_clear_pointer (&key, ks_secret_unref);
  ks_wipe (line, sizeof line);
  return g_steal_pointer (&key);
}
