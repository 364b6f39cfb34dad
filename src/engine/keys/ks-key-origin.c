/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/keys/ks-key-origin.h"

#include "crypto/ks-encoding.h"

#include <string.h>

/* Both kinds of keys. */
#define KEY_SIZE 32
/* Appendices, "Common Identifier Format": in bytes, with the sigil. */
#define ROOM_ID_MAX_SIZE 255

char *
ks_key_origin_key (const char *text)
{
  uint8_t key[KEY_SIZE];

  if (text == NULL || ks_base64_decode_exact (text, strlen (text), key, sizeof key) != KS_DECODE_OK)
    return NULL;
  return ks_base64_encode (key, sizeof key, KS_BASE64_UNPADDED);
}

char *
ks_key_origin_chain (JsonArray *keys, guint *length)
{
  guint size = MIN (json_array_get_length (keys), KS_KEY_CHAIN_MAX_LENGTH);
  g_autoptr (GString) chain = g_string_new ("[");
  const char *text;
  guint n = 0;

  for (; n < size && ks_json_element_string (keys, n, &text); n++)
    {
      g_autofree char *key = ks_key_origin_key (text);

      if (key == NULL)
        break;
      /* Base64: nothing to escape. */
      g_string_append_printf (chain, n > 0 ? ",\"%s\"" : "\"%s\"", key);
    }
  g_string_append_c (chain, ']');
  if (length != NULL)
    *length = n;
  return n > 0 ? g_string_free (g_steal_pointer (&chain), FALSE) : NULL;
}

char *
ks_key_origin_chain_text (const char *text, guint *length)
{
  g_autofree char *holder = NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonArray *keys;

  if (length != NULL)
    *length = 0;
  if (text == NULL)
    return NULL;
  holder = g_strconcat ("{\"chain\":", text, "}", NULL);
  object = ks_json_parse_object (holder, strlen (holder), NULL);
  return ks_json_get_array (object, "chain", &keys) ? ks_key_origin_chain (keys, length) : NULL;
}

void
ks_key_origin_take (KsStoredRoomKey *key, const char *sender_key, const char *claimed_ed25519)
{
  g_free (key->sender_key);
  key->sender_key = ks_key_origin_key (sender_key);
  if (key->sender_key == NULL)
    key->sender_key = g_strdup ("");
  g_free (key->claimed_ed25519);
  key->claimed_ed25519 = ks_key_origin_key (claimed_ed25519);
}

guint
ks_key_origin_known (const KsStoredRoomKey *key)
{
  g_autofree char *sender_key = ks_key_origin_key (key->sender_key);
  g_autofree char *claimed = ks_key_origin_key (key->claimed_ed25519);

  return sender_key == NULL ? 0 : claimed == NULL ? 1 : 2;
}

gboolean
ks_key_origin_is_room (const char *room_id)
{
  gsize size = strlen (room_id);

  return room_id[0] == '!' && size > 1 && size <= ROOM_ID_MAX_SIZE;
}
