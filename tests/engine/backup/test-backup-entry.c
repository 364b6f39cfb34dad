/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-backup-entry.h"

#include "crypto/ks-encoding.h"
#include "crypto/ks-room-key.h"
#include "engine/engine-fixture.h"

#include <string.h>

#define KEY_A "EbnPwk3n3H8pyC2pXkv3aGxbM8GbGT3T4gnC4mVyiUg"
#define KEY_B "F9sOP8lxSu5Amwv6oYRgh00xqJiEdNU5/hLa+HnGeG0"
#define TWO_KEYS "[\"" KEY_A "\",\"" KEY_B "\"]"

/* A backup's key pair, and what goes in and comes out. */
typedef struct
{
  KsBackupEncryptor *encryptor; /* owned */
  KsBackupDecryptor *decryptor; /* owned */
  KsStoredRoomKey *key;         /* owned: valid, with everything in it */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) private_key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  uint8_t public_key[KS_BACKUP_KEY_SIZE];

  g_assert_true (ks_backup_public_key (private_key, public_key));
  f->encryptor = ks_backup_encryptor_new (public_key);
  f->decryptor = ks_backup_decryptor_new (private_key);
  f->key = engine_make_key (ENGINE_ROOM, 7);
  f->key->forwarding_chain = g_strdup (TWO_KEYS);
  f->key->shared_history = TRUE;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ks_backup_encryptor_free (f->encryptor);
  ks_backup_decryptor_free (f->decryptor);
  ks_stored_room_key_free (f->key);
}

/* The entry of @key, as it goes to the server and comes back. */
static JsonObject *
write_entry (Fixture *f, const KsStoredRoomKey *key)
{
  g_autoptr (GString) json = g_string_new ("{");
  g_autoptr (JsonObject) sessions = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *entry;

  g_assert_true (ks_backup_entry_append (json, f->encryptor, key));
  g_string_append_c (json, '}');
  sessions = ks_json_parse_object (json->str, json->len, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_object_get_size (sessions), ==, 1);
  g_assert_true (ks_json_get_object (sessions, key->session_id, &entry));
  return json_object_ref (entry);
}

static KsBackupEntryResult
open_entry (Fixture *f, JsonObject *entry, KsStoredRoomKey **key)
{
  return ks_backup_entry_open_json (entry, ENGINE_ROOM, f->key->session_id, f->decryptor, key);
}

static JsonObject *
session_data (JsonObject *entry)
{
  JsonObject *data;

  g_assert_true (ks_json_get_object (entry, "session_data", &data));
  return data;
}

static void
assert_same (const KsStoredRoomKey *a, const KsStoredRoomKey *b)
{
  g_assert_cmpstr (a->room_id, ==, b->room_id);
  g_assert_cmpstr (a->session_id, ==, b->session_id);
  g_assert_cmpstr (a->sender_key, ==, b->sender_key);
  g_assert_cmpstr (a->claimed_ed25519, ==, b->claimed_ed25519);
  g_assert_cmpstr (a->forwarding_chain, ==, b->forwarding_chain);
  g_assert_cmpint (a->shared_history, ==, b->shared_history);
  g_assert_cmpuint (a->first_index, ==, b->first_index);
  g_assert_cmpmem (a->session_key, a->session_key_size, b->session_key, b->session_key_size);
}

static void
test_round_trip_keeps_everything (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) entry = write_entry (f, f->key);
  g_autoptr (KsStoredRoomKey) opened = NULL;
  gint64 number;
  gboolean verified;

  g_assert_cmpint (open_entry (f, entry, &opened), ==, KS_BACKUP_ENTRY_OK);
  assert_same (f->key, opened);
  g_assert_cmpint (opened->provenance, ==, KS_ROOM_KEY_BACKUP);
  g_assert_null (opened->backed_up_version);
  /* By these the server decides which of two copies to keep. Fault F38: as verified, one that
   * reaches less far back would push another client's out. */
  g_assert_true (ks_json_get_integer (entry, "first_message_index", &number));
  g_assert_cmpint (number, ==, 7);
  g_assert_true (ks_json_get_integer (entry, "forwarded_count", &number));
  g_assert_cmpint (number, ==, 2);
  g_assert_true (ks_json_get_boolean (entry, "is_verified", &verified));
  g_assert_false (verified);
}

static void
test_round_trip_of_the_least_that_a_key_has (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) entry = NULL;
  g_autoptr (KsStoredRoomKey) opened = NULL;

  g_clear_pointer (&f->key->forwarding_chain, g_free);
  g_clear_pointer (&f->key->claimed_ed25519, g_free);
  f->key->shared_history = FALSE;
  entry = write_entry (f, f->key);
  g_assert_cmpint (open_entry (f, entry, &opened), ==, KS_BACKUP_ENTRY_OK);
  assert_same (f->key, opened);
}

/* Nothing is appended for a key that would spoil the batch, or another session's entry. */
static void
test_damaged_keys_are_not_written (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) json = g_string_new ("before");

  f->key->session_key_size--;
  g_assert_false (ks_backup_entry_append (json, f->encryptor, f->key));
  f->key->session_key_size++;
  f->key->session_key[KS_ROOM_KEY_EXPORT_SIZE - 1] ^= 1;
  g_assert_false (ks_backup_entry_append (json, f->encryptor, f->key));
  f->key->session_key[KS_ROOM_KEY_EXPORT_SIZE - 1] ^= 1;
  g_assert_cmpstr (json->str, ==, "before");
  g_assert_true (ks_backup_entry_append (json, f->encryptor, f->key));
}

/* Threat A15: every byte of the three members changed. The MAC says nothing about the ciphertext, so
 * some changes give a key; but never that of another session, and never with another
 * index than its own. */
static void
test_no_changed_byte_gives_another_sessions_key (Fixture *f, gconstpointer data)
{
  const char *members[] = { "ephemeral", "mac", "ciphertext" };
  g_autoptr (JsonObject) entry = write_entry (f, f->key);
  JsonObject *parts = session_data (entry);
  guint opened = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *text;
      g_autofree char *honest = NULL;
      g_autofree uint8_t *bytes = NULL;
      gsize size;

      g_assert_true (ks_json_get_string (parts, members[i], &text));
      honest = g_strdup (text);
      bytes = g_malloc (KS_BASE64_BYTES (strlen (honest)));
      g_assert_cmpint (ks_base64_decode (honest, strlen (honest), bytes, &size), ==, KS_DECODE_OK);
      for (gsize at = 0; at < size; at++)
        {
          g_autoptr (KsStoredRoomKey) key = NULL;
          g_autofree char *changed = NULL;
          KsBackupEntryResult result;

          bytes[at] ^= (uint8_t) (1 << (at % 8));
          changed = ks_base64_encode (bytes, size, KS_BASE64_UNPADDED);
          bytes[at] ^= (uint8_t) (1 << (at % 8));
          json_object_set_string_member (parts, members[i], changed);
          result = open_entry (f, entry, &key);
          g_assert_true ((result == KS_BACKUP_ENTRY_OK) == (key != NULL));
          if (key == NULL)
            continue;
          g_assert_cmpstr (members[i], ==, "ciphertext");
          g_assert_cmpint (ks_room_key_check_export (key->session_key, key->session_key_size,
                                                     f->key->session_id, strlen (f->key->session_id), NULL),
                           ==, KS_ROOM_KEY_OK);
          opened++;
        }
      json_object_set_string_member (parts, members[i], honest);
    }
  g_test_message ("%u changes were not noticed", opened);
}

static void
test_entry_under_another_name (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) entry = write_entry (f, f->key);
  g_autoptr (KsStoredRoomKey) other = engine_make_key (ENGINE_ROOM, 0);
  g_autoptr (KsStoredRoomKey) key = NULL;

  g_assert_cmpint (ks_backup_entry_open_json (entry, ENGINE_ROOM, other->session_id, f->decryptor, &key), ==,
                   KS_BACKUP_ENTRY_WRONG_ID);
  g_assert_cmpint (ks_backup_entry_open_json (entry, ENGINE_ROOM, "", f->decryptor, &key), ==,
                   KS_BACKUP_ENTRY_WRONG_ID);
  g_assert_null (key);
}

static void
test_entry_for_another_backup (Fixture *f, gconstpointer data)
{
  Fixture other = { 0 };
  g_autoptr (JsonObject) entry = NULL;
  g_autoptr (KsStoredRoomKey) key = NULL;

  set_up (&other, NULL);
  entry = write_entry (&other, f->key);
  g_assert_cmpint (open_entry (f, entry, &key), ==, KS_BACKUP_ENTRY_NOT_OURS);
  tear_down (&other, NULL);
}

static void
test_misshapen_entries (Fixture *f, gconstpointer data)
{
  const char *entries[] = {
    "{}",
    "{\"session_data\":null}",
    "{\"session_data\":[]}",
    "{\"session_data\":\"\"}",
    "{\"session_data\":{}}",
    "{\"session_data\":{\"ephemeral\":1,\"ciphertext\":\"\",\"mac\":\"\"}}",
    "{\"session_data\":{\"ephemeral\":\"\",\"ciphertext\":\"\",\"mac\":\"\"}}",
    "{\"session_data\":{\"ephemeral\":\"AAAA\",\"ciphertext\":\"AAAA\",\"mac\":\"AAAA\"}}",
    "{\"session_data\":{\"ephemeral\":\"F9sOP8lxSu5Amwv6oYRgh00xqJiEdNU5/hLa+HnGeG0\",\"ciphertext\":\"\","
    "\"mac\":\"3GeE5DeryWk\"}}",
    "{\"session_data\":{\"ephemeral\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"ciphertext\":"
    "\"AAAAAAAAAAAAAAAAAAAAAA\",\"mac\":\"3GeE5DeryWk\"}}",
    "{\"session_data\":{\"ephemeral\":\"F9sOP8lxSu5Amwv6oYRgh00xqJiEdNU5/hLa-HnGeG0\",\"ciphertext\":"
    "\"AAAAAAAAAAAAAAAAAAAAAA\",\"mac\":\"3GeE5DeryWk\"}}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_autoptr (JsonObject) entry = ks_json_parse_object (entries[i], strlen (entries[i]), NULL);
      g_autoptr (KsStoredRoomKey) key = NULL;

      g_assert_nonnull (entry);
      g_assert_cmpint (open_entry (f, entry, &key), ==, KS_BACKUP_ENTRY_MALFORMED);
    }
  g_assert_cmpint (open_entry (f, NULL, &(KsStoredRoomKey *){ NULL }), ==, KS_BACKUP_ENTRY_MALFORMED);
}

/* @plain sealed for the backup, whatever it is. */
static KsBackupEntryResult
open_plain (Fixture *f, const char *plain, gsize size, KsStoredRoomKey **key)
{
  gsize sealed_size = KS_BACKUP_CIPHERTEXT_SIZE (size);
  g_autofree uint8_t *ciphertext = g_malloc (sealed_size);
  uint8_t ephemeral[KS_BACKUP_KEY_SIZE];
  uint8_t mac[KS_BACKUP_MAC_SIZE];
  char *texts[3];
  KsBackupEntry entry = { .room_id = ENGINE_ROOM, .session_id = f->key->session_id };
  KsBackupEntryResult result;

  g_assert_cmpint (ks_backup_encrypt (f->encryptor, plain, size, ephemeral, ciphertext, mac), ==,
                   KS_BACKUP_OK);
  texts[0] = ks_base64_encode (ciphertext, sealed_size, KS_BASE64_UNPADDED);
  texts[1] = ks_base64_encode (ephemeral, sizeof ephemeral, KS_BASE64_UNPADDED);
  texts[2] = ks_base64_encode (mac, sizeof mac, KS_BASE64_UNPADDED);
  entry.ciphertext = texts[0];
  entry.ciphertext_length = strlen (texts[0]);
  entry.ephemeral = texts[1];
  entry.ephemeral_length = strlen (texts[1]);
  entry.mac = texts[2];
  entry.mac_length = strlen (texts[2]);
  result = ks_backup_entry_open (&entry, f->decryptor, key);
  g_free (texts[0]);
  g_free (texts[1]);
  g_free (texts[2]);
  return result;
}

static KsBackupEntryResult
open_text (Fixture *f, const char *format, KsStoredRoomKey **key)
{
  g_autofree char *session_key =
      ks_base64_encode (f->key->session_key, f->key->session_key_size, KS_BASE64_UNPADDED);
  g_auto (GStrv) parts = g_strsplit (format, "KEY", -1);
  g_autofree char *plain = g_strjoinv (session_key, parts);

  *key = NULL;
  return open_plain (f, plain, strlen (plain), key);
}

#define ALGORITHM "\"algorithm\":\"m.megolm.v1.aes-sha2\""
#define SENDER "\"sender_key\":\"" KEY_A "\""
#define LEAST ALGORITHM "," SENDER ",\"session_key\":\"KEY\""

static void
test_what_other_clients_leave_out_or_misspell (Fixture *f, gconstpointer data)
{
  const char *plains[] = {
    "{" LEAST "}",
    "{" LEAST ",\"sender_claimed_keys\":{},\"forwarding_curve25519_key_chain\":[]}",
    "{" LEAST ",\"sender_claimed_keys\":null,\"forwarding_curve25519_key_chain\":null}",
    "{" LEAST
    ",\"sender_claimed_keys\":[1],\"forwarding_curve25519_key_chain\":\"x\",\"m.shared_history\":1}",
    "{" LEAST ",\"sender_claimed_keys\":{\"ed25519\":7},\"forwarding_curve25519_key_chain\":[7]}",
    "{" LEAST ",\"unknown\":{\"a\":[]}}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (plains); i++)
    {
      g_autoptr (KsStoredRoomKey) key = NULL;

      g_assert_cmpint (open_text (f, plains[i], &key), ==, KS_BACKUP_ENTRY_OK);
      g_assert_null (key->claimed_ed25519);
      g_assert_null (key->forwarding_chain);
      g_assert_false (key->shared_history);
      g_assert_cmpuint (key->first_index, ==, 7);
    }
}

/* Fault F40: what it says of its room's history is kept, under either name. */
static void
test_shared_history_under_its_older_name (Fixture *f, gconstpointer data)
{
  const char *shared[] = {
    "{" LEAST ",\"m.shared_history\":true}",
    "{" LEAST ",\"org.matrix.msc3061.shared_history\":true}",
    "{" LEAST ",\"m.shared_history\":7,\"org.matrix.msc3061.shared_history\":true}",
  };
  const char *not_shared =
      "{" LEAST ",\"m.shared_history\":false,\"org.matrix.msc3061.shared_history\":true}";
  g_autoptr (KsStoredRoomKey) private = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (shared); i++)
    {
      g_autoptr (KsStoredRoomKey) key = NULL;

      g_assert_cmpint (open_text (f, shared[i], &key), ==, KS_BACKUP_ENTRY_OK);
      g_assert_true (key->shared_history);
    }
  g_assert_cmpint (open_text (f, not_shared, &private), ==, KS_BACKUP_ENTRY_OK);
  g_assert_false (private->shared_history);
}

static void
test_what_is_no_room_key (Fixture *f, gconstpointer data)
{
  const char *plains[] = {
    "",
    "x",
    "[]",
    "{}",
    "{" ALGORITHM "}",
    "{" ALGORITHM "," SENDER "}",
    "{" ALGORITHM "," SENDER ",\"session_key\":7}",
    "{" ALGORITHM "," SENDER ",\"session_key\":{\"a\":\"KEY\"}}",
    "{" ALGORITHM "," SENDER ",\"session_key\":\"\"}",
    "{" ALGORITHM "," SENDER ",\"session_key\":\"KEYA\"}",
    "{" LEAST ",\"session_key\":\"KEY\"}",
    "{" LEAST,
    "{\"algorithm\":7," SENDER ",\"session_key\":\"KEY\"}",
  };
  g_autoptr (KsStoredRoomKey) key = NULL;
  g_autoptr (GString) nested = g_string_new ("{" LEAST ",\"a\":");

  for (gsize i = 0; i < G_N_ELEMENTS (plains); i++)
    g_assert_cmpint (open_text (f, plains[i], &key), ==, KS_BACKUP_ENTRY_NO_KEY);
  for (guint i = 0; i < 2000; i++)
    g_string_append_c (nested, '[');
  for (guint i = 0; i < 2000; i++)
    g_string_append_c (nested, ']');
  g_string_append_c (nested, '}');
  g_assert_cmpint (open_text (f, nested->str, &key), ==, KS_BACKUP_ENTRY_NO_KEY);
  g_assert_cmpint (open_plain (f, "{\"a\":\"\0\"}", 9, &key), ==, KS_BACKUP_ENTRY_NO_KEY);
  g_assert_cmpint (open_text (f, "{\"algorithm\":\"m.megolm.v2\"," SENDER ",\"session_key\":\"KEY\"}", &key),
                   ==, KS_BACKUP_ENTRY_OTHER_KIND);
  /* A shared key in the place of an exported one. */
  f->key->session_key[0] = 2;
  g_assert_cmpint (open_text (f, "{" LEAST "}", &key), ==, KS_BACKUP_ENTRY_NO_KEY);
}

static void
test_huge_entry_is_refused_unread (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) entry = write_entry (f, f->key);
  g_autofree char *huge = g_strnfill (KS_BACKUP_ENTRY_MAX_SIZE + 4, 'A');
  g_autoptr (KsStoredRoomKey) key = NULL;

  json_object_set_string_member (session_data (entry), "ciphertext", huge);
  g_assert_cmpint (open_entry (f, entry, &key), ==, KS_BACKUP_ENTRY_MALFORMED);
}

static KsBackupDecryptor *
decryptor_of (JsonObject *backup)
{
  g_autoptr (KsSecret) key = ks_secret_new (KS_BACKUP_KEY_SIZE);
  const char *hex;

  g_assert_true (ks_json_get_string (backup, "backup_key_hex", &hex));
  for (guint i = 0; i < KS_BACKUP_KEY_SIZE; i++)
    ks_secret_writable (key)[i] =
        (uint8_t) (g_ascii_xdigit_value (hex[2 * i]) * 16 + g_ascii_xdigit_value (hex[2 * i + 1]));
  return ks_backup_decryptor_new (key);
}

/* tests/data/engine/README.md tells where it is from. */
static void
test_backup_of_matrix_js_sdk (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "data", "engine", "backup-of-matrix-js-sdk.json", NULL);
  g_autofree char *text = NULL;
  gsize size;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) backup = NULL;
  g_autoptr (KsBackupDecryptor) decryptor = NULL;
  g_autoptr (GList) rooms = NULL;
  JsonObject *all;
  guint opened = 0;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  backup = ks_json_parse_object (text, size, &error);
  g_assert_no_error (error);
  decryptor = decryptor_of (backup);
  g_assert_true (ks_json_get_object (backup, "rooms", &all));
  rooms = json_object_get_members (all);
  for (GList *room = rooms; room != NULL; room = room->next)
    {
      JsonObject *sessions =
          json_object_get_object_member (json_object_get_object_member (all, room->data), "sessions");
      g_autoptr (GList) ids = json_object_get_members (sessions);

      for (GList *id = ids; id != NULL; id = id->next, opened++)
        {
          g_autoptr (KsStoredRoomKey) key = NULL;

          g_assert_cmpint (ks_backup_entry_open_json (json_object_get_object_member (sessions, id->data),
                                                      room->data, id->data, decryptor, &key),
                           ==, KS_BACKUP_ENTRY_OK);
          g_assert_nonnull (key->claimed_ed25519);
          g_assert_cmpuint (strlen (key->sender_key), ==, 43);
        }
    }
  g_assert_cmpuint (opened, ==, 14);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/backup-entry/round-trip-keeps-everything", test_round_trip_keeps_everything);
  add ("/backup-entry/round-trip-of-the-least", test_round_trip_of_the_least_that_a_key_has);
  add ("/backup-entry/damaged-keys-are-not-written", test_damaged_keys_are_not_written);
  add ("/backup-entry/no-changed-byte-gives-another-key", test_no_changed_byte_gives_another_sessions_key);
  add ("/backup-entry/under-another-name", test_entry_under_another_name);
  add ("/backup-entry/for-another-backup", test_entry_for_another_backup);
  add ("/backup-entry/misshapen", test_misshapen_entries);
  add ("/backup-entry/shared-history-under-its-older-name", test_shared_history_under_its_older_name);
  add ("/backup-entry/what-other-clients-leave-out", test_what_other_clients_leave_out_or_misspell);
  add ("/backup-entry/what-is-no-room-key", test_what_is_no_room_key);
  add ("/backup-entry/huge-entry-is-refused-unread", test_huge_entry_is_refused_unread);
  g_test_add_func ("/backup-entry/of-matrix-js-sdk", test_backup_of_matrix_js_sdk);
  return g_test_run ();
}
