/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is inside a room-key file, as it is decrypted, and the keys in it. The first byte says
 * into which chunks it is cut, which must not matter.
 */

#include "crypto/ks-room-key.h"
#include "engine/keys/ks-key-origin.h"
#include "engine/keys/ks-room-key-json.h"
#include "fuzz/fuzz-target.h"
#include "matrix/ks-session-stream.h"

#include <string.h>

#define MAX_SESSIONS 1000

/* What came out, as a sum that depends on the order. */
typedef struct
{
  guint sessions;
  guint sum;
} Seen;

static void
add_text (Seen *seen, const char *text)
{
  seen->sum = seen->sum * 31 + (text != NULL ? g_str_hash (text) : 0);
}

static void
take_key (Seen *seen, const KsSession *session)
{
  g_autoptr (KsStoredRoomKey) key = g_new0 (KsStoredRoomKey, 1);

  if (ks_room_key_json_take_key (key, session->session_key, session->session_key_length, session->session_id)
      != KS_ROOM_KEY_OK)
    return;
  g_assert_cmpuint (key->session_key_size, ==, KS_ROOM_KEY_EXPORT_SIZE);
  seen->sum += key->first_index;
}

/* It goes into the store, and from there into a backup. */
static void
check_chain (const char *chain)
{
  g_autofree char *text = g_strconcat ("{\"chain\":", chain != NULL ? chain : "[]", "}", NULL);
  g_autoptr (JsonObject) object = ks_json_parse_object (text, strlen (text), NULL);
  JsonArray *keys;

  g_assert_true (ks_json_get_array (object, "chain", &keys));
  g_free (ks_key_origin_chain (keys, NULL));
}

static gboolean
on_session (const KsSession *session, const char *problem, gpointer data, GError **error)
{
  Seen *seen = data;

  g_assert_true (strlen (session->room_id) <= KS_SESSION_ID_MAX_SIZE);
  g_assert_true (strlen (session->session_id) <= KS_SESSION_ID_MAX_SIZE);
  add_text (seen, session->room_id);
  add_text (seen, session->session_id);
  if (problem == NULL)
    {
      g_assert_cmpuint (strlen (session->session_key), ==, session->session_key_length);
      add_text (seen, session->algorithm);
      add_text (seen, session->sender_key);
      add_text (seen, session->session_key);
      add_text (seen, session->claimed_ed25519);
      add_text (seen, session->forwarding_chain);
      check_chain (session->forwarding_chain);
      take_key (seen, session);
    }
  if (++seen->sessions < MAX_SESSIONS)
    return TRUE;
  g_set_error_literal (error, g_quark_from_static_string ("fuzz"), 0, "enough");
  return FALSE;
}

static gboolean
read_in_chunks (const uint8_t *data, size_t size, size_t chunk, Seen *seen)
{
  g_autoptr (KsSessionStream) stream = ks_session_stream_new (on_session, seen);

  for (size_t done = 0; done < size; done += chunk)
    if (!ks_session_stream_feed (stream, data + done, MIN (chunk, size - done), NULL))
      return FALSE;
  return ks_session_stream_end (stream, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Seen whole = { 0 };
  Seen parts = { 0 };
  gboolean fine;

  if (size == 0)
    return 0;
  fine = read_in_chunks (data + 1, size - 1, size, &whole);
  g_assert_true (fine == read_in_chunks (data + 1, size - 1, 1 + data[0], &parts));
  /* Of a bad list the sessions before the bad place may have been read. */
  if (fine)
    {
      g_assert_cmpuint (whole.sessions, ==, parts.sessions);
      g_assert_cmpuint (whole.sum, ==, parts.sum);
    }
  return 0;
}
