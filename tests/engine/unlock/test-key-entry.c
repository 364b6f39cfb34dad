/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-key-entry.h"

#include <string.h>

#define ALICE "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d"
#define BOB "EsT5 Sd5m mEXs NQYE ibRe 3q9E 4aXW rHih 5f9J 6rU6 AfwY mASR"
#define ALICE_MISTYPED "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4e"

static KsKeyEntry *
read_bytes (const void *bytes, gsize size, KsKeyEntrySource source)
{
  g_autoptr (KsSecret) secret = ks_secret_new_copy (bytes, size);

  return ks_key_entry_read (secret, source);
}

static KsKeyEntry *
read_entry (const char *text, KsKeyEntrySource source)
{
  return read_bytes (text, strlen (text), source);
}

static void
assert_kind (const char *text, KsKeyEntrySource source, KsKeyEntryKind kind)
{
  g_autoptr (KsKeyEntry) entry = read_entry (text, source);
  g_autofree char *shown = g_strescape (text, NULL);

  g_test_message ("%.40s", shown);
  g_assert_cmpint (entry->kind, ==, kind);
}

static void
assert_key (const KsKeyEntry *entry, guint at, const char *text)
{
  g_autoptr (KsSecret) key = ks_recovery_key_parse (text, strlen (text), NULL);

  g_assert_cmpint (entry->kind, ==, KS_KEY_ENTRY_KEY);
  g_assert_cmpuint (entry->n_keys, >, at);
  g_assert_true (ks_secret_equal (entry->keys[at], key));
}

/* Fault F36. */
static void
test_key_in_any_white_space (void)
{
  const char *texts[] = {
    ALICE,
    "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d",
    "\r\n EsTc LW2K PGiF wKEA\r\n3As5\u00a0g5c4\u2003BXwk\tqeeJ\nZJV8 Q9fu gUMN UE4d \n\n",
    "\ufeffEsTc\u200bLW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d\u200e",
    "\"EsTc-LW2K-PGiF-wKEA-3As5-g5c4-BXwk-qeeJ-ZJV8-Q9fu-gUMN-UE4d\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (int source = KS_KEY_ENTRY_TYPED; source <= KS_KEY_ENTRY_FILE; source++)
      {
        g_autoptr (KsKeyEntry) entry = read_entry (texts[i], (KsKeyEntrySource) source);

        g_test_message ("%u", i);
        assert_key (entry, 0, ALICE);
        g_assert_cmpuint (entry->n_keys, ==, 1);
      }
}

static void
test_file_that_contains_keys (void)
{
  g_autoptr (KsKeyEntry) note =
      read_entry ("My recovery key (Matrix): " ALICE ".\nEssential. Keep it safe!\n", KS_KEY_ENTRY_FILE);
  g_autoptr (KsKeyEntry) json = read_entry ("{\"key\":\"" ALICE "\"}", KS_KEY_ENTRY_FILE);
  g_autoptr (KsKeyEntry) two =
      read_entry ("old\n" BOB "\nnew\n" ALICE "\nnew again\n" ALICE "\n", KS_KEY_ENTRY_FILE);

  assert_key (note, 0, ALICE);
  g_assert_null (note->phrase);
  assert_key (json, 0, ALICE);
  assert_key (two, 0, BOB);
  assert_key (two, 1, ALICE);
  g_assert_cmpuint (two->n_keys, ==, 2);
}

/* As an editor of Windows may save it. */
static void
test_file_of_wide_characters (void)
{
  const char text[] = "Key: " ALICE "\r\n\u00e9";
  glong n;
  g_autofree gunichar2 *wide = g_utf8_to_utf16 (text, -1, NULL, &n, NULL);
  const gsize size = 2 * ((gsize) n + 1);
  g_autofree gunichar2 *file = g_malloc (size);

  for (int big = 0; big <= 1; big++)
    {
      g_autoptr (KsKeyEntry) entry = NULL;

      file[0] = big ? GUINT16_TO_BE (0xfeff) : GUINT16_TO_LE (0xfeff);
      for (glong i = 0; i < n; i++)
        file[i + 1] = big ? GUINT16_TO_BE (wide[i]) : GUINT16_TO_LE (wide[i]);
      entry = read_bytes (file, size, KS_KEY_ENTRY_FILE);
      assert_key (entry, 0, ALICE);
    }
}

static void
test_key_with_a_mistake (void)
{
  const char *texts[] = {
    ALICE_MISTYPED,
    "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4l",
    "FsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d",
    "\u0415sTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (int source = KS_KEY_ENTRY_TYPED; source <= KS_KEY_ENTRY_FILE; source++)
      {
        g_autoptr (KsKeyEntry) entry = read_entry (texts[i], (KsKeyEntrySource) source);

        g_assert_cmpint (entry->kind, ==, KS_KEY_ENTRY_NEARLY_KEY);
        g_assert_cmpuint (ks_secret_size (entry->characters), ==, KS_RECOVERY_KEY_CHARACTERS);
        g_assert_cmpint (entry->reading.fault, !=, KS_RECOVERY_KEY_OK);
      }
  assert_kind ("The key is " ALICE_MISTYPED ", I think.\n", KS_KEY_ENTRY_FILE, KS_KEY_ENTRY_NEARLY_KEY);
}

static void
test_broken_key_says_why (void)
{
  g_autoptr (KsKeyEntry) shorter =
      read_entry ("EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4", KS_KEY_ENTRY_TYPED);
  g_autoptr (KsKeyEntry) no_digit =
      read_entry ("EsTc LWaK PGiF wKEA tAsQ gxcD BXwk qeeJ ZJVu QRfu gUMN UEe", KS_KEY_ENTRY_TYPED);
  g_autoptr (KsKeyEntry) words =
      read_entry ("Es war einmal ein Koenig Der hatte eine Tochter gern", KS_KEY_ENTRY_TYPED);
  g_autoptr (KsKeyEntry) zeros =
      read_entry ("EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qee0 ZJV8 Q9fu gUMN UE4l", KS_KEY_ENTRY_TYPED);

  g_assert_cmpint (shorter->kind, ==, KS_KEY_ENTRY_BROKEN_KEY);
  g_assert_cmpint (shorter->reading.fault, ==, KS_RECOVERY_KEY_TOO_SHORT);
  g_assert_cmpuint (shorter->reading.characters, ==, 47);
  g_assert_null (shorter->characters);
  /* What is taken for a key may still be a phrase. */
  g_assert_nonnull (shorter->phrase);
  g_assert_cmpint (no_digit->kind, ==, KS_KEY_ENTRY_BROKEN_KEY);
  g_assert_cmpint (words->kind, ==, KS_KEY_ENTRY_PHRASE);
  g_assert_cmpint (zeros->kind, ==, KS_KEY_ENTRY_BROKEN_KEY);
  g_assert_cmpint (zeros->reading.fault, ==, KS_RECOVERY_KEY_BAD_CHARACTER);
  g_assert_cmpuint (zeros->reading.group, ==, 8);
}

static void
test_phrases (void)
{
  const char *texts[] = {
    "correct horse battery staple",
    " leading blank",
    "\u5929\u5730\u7384\u9ec3 \u5b87\u5b99\u6d2a\u8352",
    "x",
    "Es war einmal ein kleiner Drache der konnte nicht fliegen",
    "{\"a\":1}",
    "[not JSON",
    "-----BEGIN",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (KsKeyEntry) entry = read_entry (texts[i], KS_KEY_ENTRY_TYPED);

      g_test_message ("%s", texts[i]);
      g_assert_cmpint (entry->kind, ==, KS_KEY_ENTRY_PHRASE);
      g_assert_cmpmem (ks_secret_bytes (entry->phrase), ks_secret_size (entry->phrase), texts[i],
                       strlen (texts[i]));
    }
}

static void
test_something_else (void)
{
  g_autofree char *large = g_strnfill (KS_KEY_ENTRY_LARGEST + 1, 'a');
  g_autoptr (KsKeyEntry) zero = read_bytes ("a\0b", 3, KS_KEY_ENTRY_TYPED);
  const char armour[] = "-----BEGIN MEGOLM SESSION DATA-----\nAXNhbHQ=\n-----END MEGOLM SESSION DATA-----\n";
  const char json[] = " [{\"session_id\":\"a\",\"session_key\":\"b\"}]";

  assert_kind ("", KS_KEY_ENTRY_TYPED, KS_KEY_ENTRY_EMPTY);
  assert_kind (" \n\u00a0", KS_KEY_ENTRY_FILE, KS_KEY_ENTRY_EMPTY);
  assert_kind (armour, KS_KEY_ENTRY_TYPED, KS_KEY_ENTRY_ROOM_KEY_FILE);
  assert_kind (armour, KS_KEY_ENTRY_FILE, KS_KEY_ENTRY_ROOM_KEY_FILE);
  assert_kind (json, KS_KEY_ENTRY_TYPED, KS_KEY_ENTRY_JSON);
  assert_kind (json, KS_KEY_ENTRY_FILE, KS_KEY_ENTRY_JSON);
  assert_kind ("milk, eggs, bread", KS_KEY_ENTRY_FILE, KS_KEY_ENTRY_OTHER);
  assert_kind ("\xff\xfe\xfd", KS_KEY_ENTRY_FILE, KS_KEY_ENTRY_OTHER);
  assert_kind (large, KS_KEY_ENTRY_TYPED, KS_KEY_ENTRY_OTHER);
  g_assert_cmpint (zero->kind, ==, KS_KEY_ENTRY_OTHER);
  g_assert_null (zero->phrase);
}

/* Whatever an editor or a file manager made of the bytes around a key. */
static void
test_file_that_is_no_utf_8 (void)
{
  const char *texts[] = {
    ("cl\xe9 de s\xe9"
     "curit\xe9: " ALICE "\r\n"),
    ("\x93" ALICE "\x94"),
    (ALICE "\xff"),
    ("\xef\xbb\xbf" ALICE "\r\n"),
    ("\xef\xbb\xbf\xe9 " ALICE),
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (KsKeyEntry) entry = read_entry (texts[i], KS_KEY_ENTRY_FILE);

      g_test_message ("%u", i);
      assert_key (entry, 0, ALICE);
    }
}

/* A file with a phrase, as editors save it: what it says is the phrase. */
static void
test_phrase_of_other_encodings (void)
{
  const struct
  {
    const char *bytes;
    gsize size;
  } files[] = {
    { "caf\xe9", 4 },
    { "\xff\xfe"
      "c\0a\0f\0\xe9\0",
      10 },
    { "\xfe\xff"
      "\0c\0a\0f\0\xe9",
      10 },
  };
  g_autoptr (KsKeyEntry) halves = read_bytes ("\xff\xfe"
                                              "a\0\x3d\xd8\x0d\xdc\x0d\xdc",
                                              10, KS_KEY_ENTRY_TYPED);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (KsKeyEntry) entry = read_bytes (files[i].bytes, files[i].size, KS_KEY_ENTRY_TYPED);

      g_assert_cmpint (entry->kind, ==, KS_KEY_ENTRY_PHRASE);
      g_assert_cmpmem (ks_secret_bytes (entry->phrase), ks_secret_size (entry->phrase), "caf\u00e9", 5);
    }
  /* A pair, and a half of one. */
  g_assert_cmpmem (ks_secret_bytes (halves->phrase), ks_secret_size (halves->phrase), "a\U0001f40d\ufffd", 8);
}

/* What is nearly a key, and as much of it as can be. */
static void
test_hostile_files_hold_no_key (void)
{
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GString) long_one = g_string_new ("Es");
  const char *texts[] = { "Es", "x" ALICE, "Here: " ALICE "x", NULL, NULL };

  while (many->len + 4 < KS_KEY_ENTRY_LARGEST)
    g_string_append (many, "Es \u00a0");
  while (long_one->len + 2 < KS_KEY_ENTRY_LARGEST)
    g_string_append (long_one, "\u00a0");
  texts[3] = many->str;
  texts[4] = long_one->str;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (KsKeyEntry) entry = read_entry (texts[i], KS_KEY_ENTRY_FILE);

      g_assert_cmpint (entry->kind, !=, KS_KEY_ENTRY_KEY);
      g_assert_cmpuint (entry->n_keys, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-entry/key-in-any-white-space", test_key_in_any_white_space);
  g_test_add_func ("/key-entry/file-that-contains-keys", test_file_that_contains_keys);
  g_test_add_func ("/key-entry/file-of-wide-characters", test_file_of_wide_characters);
  g_test_add_func ("/key-entry/key-with-a-mistake", test_key_with_a_mistake);
  g_test_add_func ("/key-entry/broken-key-says-why", test_broken_key_says_why);
  g_test_add_func ("/key-entry/phrases", test_phrases);
  g_test_add_func ("/key-entry/something-else", test_something_else);
  g_test_add_func ("/key-entry/file-that-is-no-utf-8", test_file_that_is_no_utf_8);
  g_test_add_func ("/key-entry/phrase-of-other-encodings", test_phrase_of_other_encodings);
  g_test_add_func ("/key-entry/hostile-files-hold-no-key", test_hostile_files_hold_no_key);
  return g_test_run ();
}
