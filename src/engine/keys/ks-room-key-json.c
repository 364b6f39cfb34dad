/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/keys/ks-room-key-json.h"

#include "crypto/ks-encoding.h"
#include "matrix/ks-json.h"

#include <string.h>

/* Characters of an exported key in base64, and a zero. */
#define SESSION_KEY_TEXT_SIZE (KS_BASE64_LENGTH (KS_ROOM_KEY_EXPORT_SIZE) + 1)

/* What the object needs besides its strings. */
#define FRAME_SIZE 512

/* A string escaped to six characters each is the worst. */
static gsize
escaped_size (const char *text)
{
  return text != NULL ? 6 * strlen (text) : 0;
}

gint64
ks_room_key_json_chain_length (const char *chain)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonArray *keys;
  const char *key;

  if (chain == NULL)
    return 0;
  text = g_strconcat ("{\"chain\":", chain, "}", NULL);
  object = ks_json_parse_object (text, strlen (text), NULL);
  if (!ks_json_get_array (object, "chain", &keys) || json_object_get_size (object) != 1)
    return -1;
  for (guint i = 0; i < json_array_get_length (keys); i++)
    if (!ks_json_element_string (keys, i, &key))
      return -1;
  return json_array_get_length (keys);
}

/* ,"name":"text" */
static gboolean
append_member (GString *json, const char *name, const char *text)
{
  g_string_append_printf (json, ",\"%s\":", name);
  return ks_json_append_string (json, text);
}

static gboolean
append_claimed (GString *json, const char *ed25519)
{
  gboolean ok;

  g_string_append (json, ",\"sender_claimed_keys\":{");
  if (ed25519 != NULL)
    g_string_append (json, "\"ed25519\":");
  ok = ed25519 == NULL || ks_json_append_string (json, ed25519);
  g_string_append_c (json, '}');
  return ok;
}

GString *
ks_room_key_json_write (const KsStoredRoomKey *key,
                        KsRoomKeyJsonForm form,
                        uint32_t *first_index,
                        guint *forwarded)
{
  gint64 chain_length = ks_room_key_json_chain_length (key->forwarding_chain);
  char session_key[SESSION_KEY_TEXT_SIZE];
  uint32_t index;
  GString *json;
  gboolean ok;

  if (chain_length < 0
      || ks_room_key_check_export (key->session_key, key->session_key_size, key->session_id,
                                   strlen (key->session_id), &index)
             != KS_ROOM_KEY_OK)
    return NULL;
  json = g_string_sized_new (FRAME_SIZE + SESSION_KEY_TEXT_SIZE + escaped_size (key->room_id)
                             + escaped_size (key->session_id) + escaped_size (key->sender_key)
                             + escaped_size (key->claimed_ed25519) + escaped_size (key->forwarding_chain));
  g_string_append (json, "{\"algorithm\":\"" KS_ROOM_KEY_ALGORITHM "\",\"forwarding_curve25519_key_chain\":");
  g_string_append (json, key->forwarding_chain != NULL ? key->forwarding_chain : "[]");
  ok = append_claimed (json, key->claimed_ed25519) && append_member (json, "sender_key", key->sender_key)
       && (form == KS_ROOM_KEY_JSON_NAMELESS
           || (append_member (json, "room_id", key->room_id)
               && append_member (json, "session_id", key->session_id)));
  ks_base64_encode_secret_to (key->session_key, key->session_key_size, KS_BASE64_UNPADDED, session_key);
  g_string_append (json, ",\"session_key\":\"");
  g_string_append (json, session_key);
  g_string_append (json,
                   key->shared_history ? "\",\"m.shared_history\":true}" : "\",\"m.shared_history\":false}");
  ks_wipe (session_key, sizeof session_key);
  if (ok)
    {
      if (first_index != NULL)
        *first_index = index;
      if (forwarded != NULL)
        *forwarded = (guint) chain_length;
      return json;
    }
  ks_room_key_json_free (json);
  return NULL;
}

void
ks_room_key_json_free (GString *json)
{
  if (json == NULL)
    return;
  ks_wipe (json->str, json->allocated_len);
  g_string_free (json, TRUE);
}

KsRoomKeyResult
ks_room_key_json_take_key (KsStoredRoomKey *key,
                           const char *session_key,
                           gsize length,
                           const char *session_id)
{
  key->session_key = g_malloc0 (KS_ROOM_KEY_EXPORT_SIZE);
  key->session_key_size = KS_ROOM_KEY_EXPORT_SIZE;
  if (ks_base64_decode_secret_exact (session_key, length, key->session_key, key->session_key_size)
      != KS_DECODE_OK)
    return KS_ROOM_KEY_MALFORMED;
  return ks_room_key_check_export (key->session_key, key->session_key_size, session_id, strlen (session_id),
                                   &key->first_index);
}
