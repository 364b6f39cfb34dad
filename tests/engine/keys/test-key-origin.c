/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of where a room key comes from, in entries of a backup: what is odd costs only itself
 * on the way in, and never goes out.
 */

#include "engine/keys/ks-key-origin.h"

#include "crypto/ks-encoding.h"
#include "engine/backup/ks-backup-entry.h"
#include "engine/engine-fixture.h"

#include <string.h>

#define KEY_A "EbnPwk3n3H8pyC2pXkv3aGxbM8GbGT3T4gnC4mVyiUg"
#define KEY_B "F9sOP8lxSu5Amwv6oYRgh00xqJiEdNU5/hLa+HnGeG0"

#define SENDER ",\"sender_key\":\"" KEY_A "\""

/* A backup's key pair, and a key. */
typedef struct
{
  KsBackupEncryptor *encryptor; /* owned */
  KsBackupDecryptor *decryptor; /* owned */
  KsStoredRoomKey *key;         /* owned */
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
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ks_backup_encryptor_free (f->encryptor);
  ks_backup_decryptor_free (f->decryptor);
  ks_stored_room_key_free (f->key);
}

/* What comes out of an entry that says @origin beside the key. */
static KsStoredRoomKey *
bring_in (Fixture *f, const char *origin)
{
  g_autofree char *session_key =
      ks_base64_encode (f->key->session_key, f->key->session_key_size, KS_BASE64_UNPADDED);
  g_autofree char *plain =
      g_strdup_printf ("{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"session_key\":\"%s\"%s}", session_key,
                       origin);
  gsize size = KS_BACKUP_CIPHERTEXT_SIZE (strlen (plain));
  g_autofree uint8_t *ciphertext = g_malloc (size);
  uint8_t ephemeral[KS_BACKUP_KEY_SIZE];
  uint8_t mac[KS_BACKUP_MAC_SIZE];
  g_autofree char *ciphertext_text = NULL, *ephemeral_text = NULL, *mac_text = NULL;
  KsBackupEntry entry = { .room_id = ENGINE_ROOM, .session_id = f->key->session_id };
  KsStoredRoomKey *key;

  g_assert_cmpint (ks_backup_encrypt (f->encryptor, plain, strlen (plain), ephemeral, ciphertext, mac), ==,
                   KS_BACKUP_OK);
  entry.ciphertext = ciphertext_text = ks_base64_encode (ciphertext, size, KS_BASE64_UNPADDED);
  entry.ciphertext_length = strlen (ciphertext_text);
  entry.ephemeral = ephemeral_text = ks_base64_encode (ephemeral, sizeof ephemeral, KS_BASE64_UNPADDED);
  entry.ephemeral_length = strlen (ephemeral_text);
  entry.mac = mac_text = ks_base64_encode (mac, sizeof mac, KS_BASE64_UNPADDED);
  entry.mac_length = strlen (mac_text);
  g_assert_cmpint (ks_backup_entry_open (&entry, f->decryptor, &key), ==, KS_BACKUP_ENTRY_OK);
  return key;
}

/* A key is not worth less for what is said of where it comes from. */
static void
test_odd_origin_costs_only_itself (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *origin;
    const char *sender_key;
    const char *claimed;
    const char *chain;
  } cases[] = {
    { "", "", NULL, NULL },
    { ",\"sender_key\":null", "", NULL, NULL },
    { ",\"sender_key\":7", "", NULL, NULL },
    { ",\"sender_key\":\"\"", "", NULL, NULL },
    { ",\"sender_key\":\"abc\"", "", NULL, NULL },
    { ",\"sender_key\":\"EbnPwk3n3H8pyC2pXkv3aGxbM8GbGT3T4gnC4mVyiQ\"", "", NULL, NULL },
    /* Padded, as older clients spell it, it is the same key. */
    { ",\"sender_key\":\"" KEY_A "=\"", KEY_A, NULL, NULL },
    { SENDER ",\"sender_claimed_keys\":{\"ed25519\":\"\"}", KEY_A, NULL, NULL },
    { SENDER ",\"sender_claimed_keys\":{\"ed25519\":\"abc\"}", KEY_A, NULL, NULL },
    { SENDER ",\"sender_claimed_keys\":{\"ed25519\":\"" KEY_B "=\"}", KEY_A, KEY_B, NULL },
    { SENDER ",\"forwarding_curve25519_key_chain\":[\"\"]", KEY_A, NULL, NULL },
    { SENDER ",\"forwarding_curve25519_key_chain\":[\"" KEY_B "\",\"abc\",\"" KEY_A "\"]", KEY_A, NULL,
      "[\"" KEY_B "\"]" },
    { SENDER ",\"forwarding_curve25519_key_chain\":[\"" KEY_B "\",{}]", KEY_A, NULL, "[\"" KEY_B "\"]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (KsStoredRoomKey) key = bring_in (f, cases[i].origin);

      g_assert_cmpstr (key->sender_key, ==, cases[i].sender_key);
      g_assert_cmpstr (key->claimed_ed25519, ==, cases[i].claimed);
      g_assert_cmpstr (key->forwarding_chain, ==, cases[i].chain);
      g_assert_cmpmem (key->session_key, key->session_key_size, f->key->session_key,
                       f->key->session_key_size);
    }
}

/* The key's entry, as it goes to the server and comes back. */
static JsonObject *
write_entry (Fixture *f)
{
  g_autoptr (GString) json = g_string_new ("{");
  g_autoptr (JsonObject) sessions = NULL;
  JsonObject *entry;

  g_assert_true (ks_backup_entry_append (json, f->encryptor, f->key));
  g_string_append_c (json, '}');
  sessions = ks_json_parse_object (json->str, json->len, NULL);
  g_assert_true (ks_json_get_object (sessions, f->key->session_id, &entry));
  return json_object_ref (entry);
}

/* Nothing is appended for a key that lacks what every reader asks for: who made it, and a room
 * that can be one. */
static void
test_keys_that_no_reader_takes_are_not_written (Fixture *f, gconstpointer data)
{
  const char *senders[] = { "", "abc", "\xff", KEY_A "A", "EbnPwk3n3H8pyC2pXkv3aGxbM8GbGT3T4gnC4mVyiQ" };
  const char *rooms[] = { "", "!", "room:localhost", "#room:localhost" };
  g_autoptr (GString) json = g_string_new ("before");

  for (gsize i = 0; i < G_N_ELEMENTS (senders); i++)
    {
      g_free (f->key->sender_key);
      f->key->sender_key = g_strdup (senders[i]);
      g_assert_false (ks_backup_entry_append (json, f->encryptor, f->key));
    }
  g_free (f->key->sender_key);
  f->key->sender_key = g_strdup (KEY_A);
  for (gsize i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      g_free (f->key->room_id);
      f->key->room_id = g_strdup (rooms[i]);
      g_assert_false (ks_backup_entry_append (json, f->encryptor, f->key));
    }
  g_assert_cmpstr (json->str, ==, "before");
}

/* What is odd in what older versions have stored, and can be left out, is. */
static void
test_odd_members_are_not_written (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *claimed;
    const char *chain;
    const char *written_chain;
  } cases[] = {
    { "", "", NULL },
    { "abc", "{}", NULL },
    { "\xff", "[1]", NULL },
    { KEY_A "A", "[\"a\"", NULL },
    /* 32 bytes, and no point of the curve. */
    { "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "[],\"x\":[]", NULL },
    { NULL, "],\"session_key\":\"", NULL },
    { NULL, "[\"" KEY_A "\",\"abc\",\"" KEY_B "\"]", "[\"" KEY_A "\"]" },
    { NULL, "[\"" KEY_A "=\",7]", "[\"" KEY_A "\"]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) entry = NULL;
      g_autoptr (KsStoredRoomKey) opened = NULL;
      gint64 forwarded;

      g_free (f->key->claimed_ed25519);
      f->key->claimed_ed25519 = g_strdup (cases[i].claimed);
      g_free (f->key->forwarding_chain);
      f->key->forwarding_chain = g_strdup (cases[i].chain);
      entry = write_entry (f);
      g_assert_cmpint (ks_backup_entry_open_json (entry, ENGINE_ROOM, f->key->session_id, f->decryptor,
                                                  &opened),
                       ==, KS_BACKUP_ENTRY_OK);
      g_assert_null (opened->claimed_ed25519);
      g_assert_cmpstr (opened->forwarding_chain, ==, cases[i].written_chain);
      g_assert_true (ks_json_get_integer (entry, "forwarded_count", &forwarded));
      g_assert_cmpint (forwarded, ==, cases[i].written_chain != NULL ? 1 : 0);
    }
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
  add ("/key-origin/odd-costs-only-itself", test_odd_origin_costs_only_itself);
  add ("/key-origin/keys-that-no-reader-takes-are-not-written",
       test_keys_that_no_reader_takes_are_not_written);
  add ("/key-origin/odd-members-are-not-written", test_odd_members_are_not_written);
  return g_test_run ();
}
