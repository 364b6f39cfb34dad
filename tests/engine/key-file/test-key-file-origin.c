/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of where a room key comes from, in room-key files: what is odd costs only itself on
 * the way in, and never goes out, where one such key would cost the whole file.
 */

#include "engine/key-file-fixture.h"

#include "crypto/ks-encoding.h"
#include "crypto/ks-room-key.h"
#include "crypto/ks-signing.h"
#include "engine/keys/ks-key-origin.h"

#include <string.h>

/* Imports @list, of one session that can be used. */
static KsKeyReport *
import_list (UploadFixture *f, const char *list)
{
  g_autofree char *path = key_file_save_plain (&f->engine, "keys.txt", list);
  g_autoptr (GError) error = NULL;
  KsKeyReport *report =
      key_file_import (&f->engine, path, KEY_FILE_PHRASE, KS_IMPORT_ALL_OR_NOTHING, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (report->total, ==, 1);
  return report;
}

/* @key's entry in a file, with @origin in the place of what is said of where it comes from. */
static char *
with_origin (KsStoredRoomKey *key, const char *origin)
{
  g_autofree char *session_key = ks_base64_encode (key->session_key, key->session_key_size, KS_BASE64_PADDED);

  return g_strdup_printf ("[{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"room_id\":\"%s\",\"session_id\":\"%s\","
                          "\"session_key\":\"%s\"%s}]",
                          key->room_id, key->session_id, session_key, origin);
}

/* What is odd costs only itself: the key is here, and opens messages. */
static void
test_odd_origin_costs_only_itself (UploadFixture *f, gconstpointer data)
{
  static const struct
  {
    const char *origin;
    const char *sender_key;
    const char *chain;
  } cases[] = {
    { "", "", NULL },
    { ",\"sender_key\":null", "", NULL },
    { ",\"sender_key\":[1]", "", NULL },
    { ",\"sender_key\":\"\"", "", NULL },
    { ",\"sender_key\":\"abc\"", "", NULL },
    { ",\"sender_key\":\"" KEY_FILE_LINK "=\",\"sender_claimed_keys\":{\"ed25519\":\"\"}", KEY_FILE_LINK,
      NULL },
    { ",\"sender_key\":\"" KEY_FILE_LINK "\",\"sender_claimed_keys\":{\"ed25519\":\"abc\"}", KEY_FILE_LINK,
      NULL },
    { ",\"sender_key\":\"" KEY_FILE_LINK "\",\"forwarding_curve25519_key_chain\":[\"" KEY_FILE_LINK
      "\",\"\"]",
      KEY_FILE_LINK, "[\"" KEY_FILE_LINK "\"]" },
    { ",\"sender_key\":\"" KEY_FILE_LINK "\",\"forwarding_curve25519_key_chain\":[\"" KEY_FILE_LINK "\",7]",
      KEY_FILE_LINK, "[\"" KEY_FILE_LINK "\"]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KsStoredRoomKey) key = engine_make_key (ENGINE_ROOM, 3);
      g_autofree char *list = with_origin (key, cases[i].origin);
      g_autoptr (KsKeyReport) report = import_list (f, list);
      g_autoptr (KsStoredRoomKey) here = key_file_key_here (&f->engine, key);

      g_assert_cmpuint (report->added, ==, 1);
      g_assert_cmpmem (here->session_key, here->session_key_size, key->session_key, key->session_key_size);
      g_assert_cmpstr (here->sender_key, ==, cases[i].sender_key);
      g_assert_null (here->claimed_ed25519);
      g_assert_cmpstr (here->forwarding_chain, ==, cases[i].chain);
    }
}

/* A later file that says where a key comes from makes up for one that did not. */
static void
test_better_said_origin_is_taken (UploadFixture *f, gconstpointer data)
{
  g_autoptr (KsStoredRoomKey) key = engine_make_key (ENGINE_ROOM, 3);
  g_autofree char *odd = with_origin (key, ",\"sender_key\":\"abc\"");
  g_autofree char *good = with_origin (key, ",\"sender_key\":\"" KEY_FILE_LINK "\"");
  g_autoptr (KsKeyReport) first G_GNUC_UNUSED = import_list (f, odd);
  g_autoptr (KsKeyReport) second = NULL;
  g_autoptr (KsKeyReport) third = NULL;
  g_autoptr (KsStoredRoomKey) here = NULL;
  g_autoptr (GError) error = NULL;
  guint64 pending, refused;

  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_count (&f->engine, f->version, &pending, &refused);
  g_assert_cmpuint (refused, ==, 1);
  second = import_list (f, good);
  g_assert_cmpuint (second->here, ==, 1);
  /* And not the other way round. */
  third = import_list (f, odd);
  g_assert_cmpuint (third->here, ==, 1);
  here = key_file_key_here (&f->engine, key);
  g_assert_cmpstr (here->sender_key, ==, KEY_FILE_LINK);
  /* What the backup could not take it takes now. */
  upload (f, NULL, NULL, &error);
  g_assert_no_error (error);
  engine_count (&f->engine, f->version, &pending, &refused);
  g_assert_cmpuint (pending + refused, ==, 0);
}

static gboolean
is_key (const char *text)
{
  uint8_t key[32];

  return strlen (text) == 43 && ks_base64_decode_exact (text, 43, key, sizeof key) == KS_DECODE_OK;
}

static gboolean
is_point (const char *text)
{
  uint8_t key[32];

  return is_key (text) && ks_base64_decode_exact (text, 43, key, sizeof key) == KS_DECODE_OK
         && ks_signing_public_key_valid (key);
}

/* What Element's engine (matrix-sdk-crypto) refuses a whole file for, if one session has it. */
static void
assert_strict_reader_takes (JsonObject *session)
{
  const char *text;
  JsonObject *claimed;
  JsonArray *chain;

  g_assert_true (ks_json_get_string (session, "room_id", &text));
  g_assert_true (text[0] == '!' && strlen (text) <= 255);
  g_assert_true (ks_json_get_string (session, "sender_key", &text) && is_key (text));
  /* The public key in the session's key. */
  g_assert_true (ks_json_get_string (session, "session_id", &text) && is_point (text));
  g_assert_true (ks_json_get_object (session, "sender_claimed_keys", &claimed));
  g_assert_true (json_object_get_size (claimed) == 0
                 || (ks_json_get_string (claimed, "ed25519", &text) && is_point (text)));
  g_assert_true (ks_json_get_array (session, "forwarding_curve25519_key_chain", &chain));
  for (guint i = 0; i < json_array_get_length (chain); i++)
    g_assert_true (ks_json_element_string (chain, i, &text) && is_key (text));
}

/* What older versions have stored, from the first of @keys on: seven that cannot be written, and seven
 * that can in part. */
static void
spoil_keys (GPtrArray *keys)
{
  static const char *const senders[] = { "", "abc", "\xc3\xa4", "EbnPwk3n3H8pyC2pXkv3aGxbM8GbGT3T4gnC4mVyiQ",
                                         "EbnPwk3n3H8pyC2pXkv3aGxbM8GbGT3T4gnC4mVyiUgAA" };
  static const char *const claimed[] = { "", "abc", "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
  static const char *const chains[] = { "[\"\"]", "[\"abc\"]", "[\"" KEY_FILE_LINK "\",\"abc\"]", "no list" };
  static const char *const rooms[] = { "room:localhost", "!" };
  guint at = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (senders); i++)
    {
      KsStoredRoomKey *key = keys->pdata[at++];

      g_free (key->sender_key);
      key->sender_key = g_strdup (senders[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      KsStoredRoomKey *key = keys->pdata[at++];

      g_free (key->room_id);
      key->room_id = g_strdup (rooms[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (claimed); i++)
    {
      KsStoredRoomKey *key = keys->pdata[at++];

      g_free (key->claimed_ed25519);
      key->claimed_ed25519 = g_strdup (claimed[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (chains); i++)
    ((KsStoredRoomKey *) keys->pdata[at++])->forwarding_chain = g_strdup (chains[i]);
}

/* A session whose public key is no point of the curve: a server can make one up. */
static KsStoredRoomKey *
make_key_of_no_point (void)
{
  KsStoredRoomKey *key = engine_make_key (ENGINE_ROOM, 0);
  char session_id[KS_ROOM_KEY_ID_LENGTH + 1];

  memset (key->session_key + KS_ROOM_KEY_EXPORT_SIZE - 32, 0, 32);
  key->session_key[KS_ROOM_KEY_EXPORT_SIZE - 32] = 2;
  ks_room_key_export_get_id (key->session_key, session_id);
  g_free (key->session_id);
  key->session_id = g_strdup (session_id);
  return key;
}

/* The members that can be left out are; keys that lack another are counted. */
static void
test_nothing_that_a_strict_reader_refuses_is_in_it (UploadFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (&f->engine, "keys.txt");
  g_autoptr (GPtrArray) keys = key_file_make_keys (20);
  g_autoptr (JsonArray) sessions = NULL;
  g_autoptr (GError) error = NULL;
  KsExportReport report;

  spoil_keys (keys);
  g_ptr_array_add (keys, make_key_of_no_point ());
  engine_put_keys (&f->engine, keys);
  key_file_export (&f->engine, NULL, path, KS_EXPORT_KEEP, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.left_out, ==, 8);
  g_assert_cmpuint (report.keys, ==, 13);
  sessions = key_file_sessions (path);
  g_assert_cmpuint (json_array_get_length (sessions), ==, 13);
  for (guint i = 0; i < 13; i++)
    assert_strict_reader_takes (json_array_get_object_element (sessions, i));
}

/* A chain longer than any, which a backup may hold, and a reader of files does not. */
static void
test_endless_chain_is_cut (UploadFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (&f->engine, "keys.txt");
  g_autoptr (GPtrArray) keys = key_file_make_keys (1);
  g_autoptr (GString) chain = g_string_new ("[\"" KEY_FILE_LINK "\"");
  g_autoptr (JsonArray) sessions = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *written;

  for (guint i = 0; i < 3000; i++)
    g_string_append (chain, ",\"" KEY_FILE_LINK "\"");
  g_string_append_c (chain, ']');
  ((KsStoredRoomKey *) keys->pdata[0])->forwarding_chain = g_strdup (chain->str);
  engine_put_keys (&f->engine, keys);
  key_file_export (&f->engine, NULL, path, KS_EXPORT_KEEP, NULL, NULL, &error);
  g_assert_no_error (error);
  sessions = key_file_sessions (path);
  g_assert_true (ks_json_get_array (json_array_get_object_element (sessions, 0),
                                    "forwarding_curve25519_key_chain", &written));
  g_assert_cmpuint (json_array_get_length (written), ==, KS_KEY_CHAIN_MAX_LENGTH);
}

/* Where none of them can go into a file it is not said that there is none. */
static void
test_none_that_can_be_written_is_not_none_at_all (UploadFixture *f, gconstpointer data)
{
  g_autofree char *path = key_file_path (&f->engine, "keys.txt");
  g_autoptr (GPtrArray) keys = key_file_make_keys (2);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < keys->len; i++)
    {
      KsStoredRoomKey *key = keys->pdata[i];

      g_free (key->sender_key);
      key->sender_key = g_strdup ("");
    }
  engine_put_keys (&f->engine, keys);
  g_assert_false (key_file_export (&f->engine, NULL, path, KS_EXPORT_KEEP, NULL, NULL, &error));
  g_assert_error (error, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_NONE_WRITABLE);
  g_assert_cmpuint (key_file_count_files (&f->engine), ==, 0);
}

#define ADD(name, test) \
  g_test_add ("/key-file-origin/" name, UploadFixture, NULL, upload_set_up, test, upload_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("odd-costs-only-itself", test_odd_origin_costs_only_itself);
  ADD ("better-said-origin-is-taken", test_better_said_origin_is_taken);
  ADD ("nothing-that-a-strict-reader-refuses-is-in-it", test_nothing_that_a_strict_reader_refuses_is_in_it);
  ADD ("endless-chain-is-cut", test_endless_chain_is_cut);
  ADD ("none-that-can-be-written-is-not-none-at-all", test_none_that_can_be_written_is_not_none_at_all);
  return g_test_run ();
}
