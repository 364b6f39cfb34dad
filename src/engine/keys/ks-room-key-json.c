/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/keys/ks-room-key-json.h"

#include "crypto/ks-encoding.h"
#include "crypto/ks-signing.h"
#include "engine/keys/ks-key-origin.h"
#include "matrix/ks-json.h"

#include <string.h>

/* Characters of an exported key in base64, and a zero. */
#define SESSION_KEY_TEXT_SIZE (KS_BASE64_LENGTH (KS_ROOM_KEY_EXPORT_SIZE) + 1)

/* What the object needs besides its room and its chain: names, and keys of known size. */
#define FRAME_SIZE (1024 + SESSION_KEY_TEXT_SIZE)

/* The other members of an object, as a strict reader takes them. */
typedef struct
{
  char *sender_key; /* owned */
  char *claimed;    /* owned; NULL: not said */
  char *chain;      /* owned; NULL: empty */
  guint forwarded;
} Origin;

static void
origin_clear (Origin *origin)
{
  g_free (origin->sender_key);
  g_free (origin->claimed);
  g_free (origin->chain);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Origin, origin_clear)

/* FALSE: a member that every object has, and every reader asks for, cannot be said. */
static gboolean
origin_init (Origin *origin, const KsStoredRoomKey *key)
{
  const uint8_t *public_key = key->session_key + KS_ROOM_KEY_EXPORT_SIZE - KS_ROOM_KEY_ID_SIZE;
  uint8_t claimed[KS_SIGNING_PUBLIC_KEY_SIZE];

  origin->sender_key = ks_key_origin_key (key->sender_key);
  origin->claimed = ks_key_origin_key (key->claimed_ed25519);
  origin->chain = ks_key_origin_chain_text (key->forwarding_chain, &origin->forwarded);
  if (origin->sender_key == NULL || !ks_key_origin_is_room (key->room_id))
    return FALSE;
  if (origin->claimed != NULL
      && ks_base64_decode_exact (origin->claimed, strlen (origin->claimed), claimed, sizeof claimed)
             == KS_DECODE_OK
      && ks_signing_public_keys_on_curve (public_key, claimed))
    return TRUE;
  /* One of the two is none, if there are two. */
  g_clear_pointer (&origin->claimed, g_free);
  return ks_signing_public_keys_on_curve (public_key, public_key);
}

/* ,"name":"text" */
static gboolean
append_member (GString *json, const char *name, const char *text)
{
  g_string_append_printf (json, ",\"%s\":", name);
  return ks_json_append_string (json, text);
}

/* All but the session's key, which comes behind it. */
static gboolean
append_origin (GString *json, const Origin *origin, const KsStoredRoomKey *key, KsRoomKeyJsonForm form)
{
  g_string_append (json, "{\"algorithm\":\"" KS_ROOM_KEY_ALGORITHM "\",\"forwarding_curve25519_key_chain\":");
  g_string_append (json, origin->chain != NULL ? origin->chain : "[]");
  g_string_append (json, ",\"sender_claimed_keys\":{");
  if (origin->claimed != NULL)
    g_string_append_printf (json, "\"ed25519\":\"%s\"", origin->claimed);
  g_string_append_c (json, '}');
  return append_member (json, "sender_key", origin->sender_key)
         && (form == KS_ROOM_KEY_JSON_NAMELESS
             || (append_member (json, "room_id", key->room_id)
                 && append_member (json, "session_id", key->session_id)));
}

GString *
ks_room_key_json_write (const KsStoredRoomKey *key,
                        KsRoomKeyJsonForm form,
                        uint32_t *first_index,
                        guint *forwarded)
{
  g_auto (Origin) origin = { 0 };
  char session_key[SESSION_KEY_TEXT_SIZE];
  uint32_t index;
  GString *json;

  if (ks_room_key_check_export (key->session_key, key->session_key_size, key->session_id,
                                strlen (key->session_id), &index)
          != KS_ROOM_KEY_OK
      || !origin_init (&origin, key))
    return NULL;
  /* A string escaped to six characters each is the worst. */
  json = g_string_sized_new (FRAME_SIZE + 6 * strlen (key->room_id)
                             + (origin.chain != NULL ? strlen (origin.chain) : 0));
  if (!append_origin (json, &origin, key, form))
    {
      ks_room_key_json_free (json);
      return NULL;
    }
  ks_base64_encode_secret_to (key->session_key, key->session_key_size, KS_BASE64_UNPADDED, session_key);
  g_string_append (json, ",\"session_key\":\"");
  g_string_append (json, session_key);
  g_string_append (json,
                   key->shared_history ? "\",\"m.shared_history\":true}" : "\",\"m.shared_history\":false}");
  ks_wipe (session_key, sizeof session_key);
  if (first_index != NULL)
    *first_index = index;
  if (forwarded != NULL)
    *forwarded = origin.forwarded;
  return json;
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
