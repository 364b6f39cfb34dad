/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-key-entry.h"

#include "crypto/ks-key-file.h"
#include "engine/unlock/ks-given-text.h"
#include "matrix/ks-json.h"

#include <string.h>

/* How every key begins. */
#define KEY_PREFIX "Es"

/* What every room key in a decrypted export has. */
#define ROOM_KEY_MEMBER "\"session_key\""

#define BYTE_ORDER_MARK 0xfeff

/* A text of about a key's length and of a key's letters is meant as one. */
#define LIKE_A_KEY_MIN 40
#define LIKE_A_KEY_MAX 56

void
ks_key_entry_free (KsKeyEntry *entry)
{
  if (entry == NULL)
    return;
  for (unsigned i = 0; i < entry->n_keys; i++)
    ks_secret_unref (entry->keys[i]);
  ks_secret_unref (entry->characters);
  ks_secret_unref (entry->phrase);
  g_free (entry);
}

static gboolean
is_base58 (char c)
{
  return g_ascii_isalnum (c) && strchr ("0OIl", c) == NULL;
}

/* All of the text as one key. */

typedef struct
{
  char characters[KS_RECOVERY_KEY_CHARACTERS];
  unsigned n;
  unsigned n_bad;   /* of no key */
  unsigned n_other; /* neither letter nor digit */
  unsigned n_upper;
  gboolean lower, digit;
} Whole;

static void
look_at_whole (const char *text, gsize size, Whole *whole)
{
  for (const char *at = text; at < text + size; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      char letter = c < 0x80 ? (char) c : '?';

      if (ks_recovery_key_ignores (c) || c == BYTE_ORDER_MARK)
        continue;
      if (whole->n < sizeof whole->characters)
        whole->characters[whole->n] = letter;
      whole->n++;
      whole->n_bad += !is_base58 (letter);
      whole->n_other += !g_ascii_isalnum (letter);
      whole->n_upper += g_ascii_isupper (letter);
      whole->lower |= g_ascii_islower (letter);
      whole->digit |= g_ascii_isdigit (letter);
    }
}

/* One mistake can be found; two in the letters of no key are two. */
static gboolean
is_one_mistake_away (const Whole *whole)
{
  return whole->n == KS_RECOVERY_KEY_CHARACTERS && whole->n_bad <= 1;
}

/* One key in two thousand has no digit; half of its letters are upper case, which words are
 * not where there are lower ones too. */
static gboolean
is_like_a_key (const Whole *whole)
{
  return whole->n >= LIKE_A_KEY_MIN && whole->n <= LIKE_A_KEY_MAX && whole->n_other <= 1 && whole->lower
         && whole->n_upper > 0 && (whole->digit || whole->n_upper * 3 >= whole->n);
}

/* Keys somewhere in the text. */

/* Takes the key's worth of characters that begins at @at, where nothing but white space
 * and dashes is between them. FALSE: there is no such, or it does not end there. */
static gboolean
gather (const char *at, const char *end, Whole *run)
{
  for (; at < end && run->n < KS_RECOVERY_KEY_CHARACTERS; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (ks_recovery_key_ignores (c) || g_unichar_type (c) == G_UNICODE_DASH_PUNCTUATION)
        continue;
      if (c >= 0x80 || !g_ascii_isalnum ((char) c))
        return FALSE;
      run->n_bad += !is_base58 ((char) c);
      run->characters[run->n++] = (char) c;
    }
  return run->n == KS_RECOVERY_KEY_CHARACTERS && (at == end || !g_ascii_isalnum (*at));
}

/* Takes @key. */
static void
add_key (KsKeyEntry *entry, KsSecret *key)
{
  gboolean is_new = entry->n_keys < KS_KEY_ENTRY_MAX_KEYS;

  for (unsigned i = 0; is_new && i < entry->n_keys; i++)
    is_new = !ks_secret_equal (entry->keys[i], key);
  if (is_new)
    entry->keys[entry->n_keys++] = key;
  else
    ks_secret_unref (key);
}

static void
find_keys (KsKeyEntry *entry, const char *text, gsize size)
{
  const char *end = text + size;

  for (const char *at = text; (gsize) (end - at) >= KS_RECOVERY_KEY_CHARACTERS; at++)
    {
      Whole run = { 0 };

      if (memcmp (at, KEY_PREFIX, strlen (KEY_PREFIX)) != 0 || (at > text && g_ascii_isalnum (at[-1])))
        continue;
      if (gather (at, end, &run))
        {
          KsSecret *key = ks_recovery_key_parse (run.characters, sizeof run.characters, NULL);

          if (key != NULL)
            add_key (entry, key);
          else if (entry->characters == NULL && is_one_mistake_away (&run))
            entry->characters = ks_secret_new_copy (run.characters, sizeof run.characters);
        }
      ks_wipe (&run, sizeof run);
    }
}

static gboolean
contains (const char *text, gsize size, const char *what)
{
  return memmem (text, size, what, strlen (what)) != NULL;
}

static gboolean
is_json (const char *text, gsize size)
{
  gsize at = 0;

  while (at < size && g_ascii_isspace (text[at]))
    at++;
  return at < size && (text[at] == '{' || text[at] == '[') && ks_json_check (text + at, size - at, NULL);
}

static KsKeyEntryKind
judge_file (const KsKeyEntry *entry, const Whole *whole, const char *text, gsize size)
{
  if (entry->n_keys > 0)
    return KS_KEY_ENTRY_KEY;
  if (entry->characters != NULL)
    return KS_KEY_ENTRY_NEARLY_KEY;
  if (is_like_a_key (whole))
    return KS_KEY_ENTRY_BROKEN_KEY;
  if (contains (text, size, KS_KEY_FILE_FIRST_LINE))
    return KS_KEY_ENTRY_ROOM_KEY_FILE;
  return is_json (text, size) ? KS_KEY_ENTRY_JSON : KS_KEY_ENTRY_OTHER;
}

/* Nothing that may be somebody's phrase is called something else. */
static KsKeyEntryKind
judge_typed (const KsKeyEntry *entry, const Whole *whole, const char *text, gsize size)
{
  if (entry->n_keys > 0)
    return KS_KEY_ENTRY_KEY;
  if (is_like_a_key (whole))
    return entry->characters != NULL ? KS_KEY_ENTRY_NEARLY_KEY : KS_KEY_ENTRY_BROKEN_KEY;
  if (contains (text, size, KS_KEY_FILE_FIRST_LINE))
    return KS_KEY_ENTRY_ROOM_KEY_FILE;
  return contains (text, size, ROOM_KEY_MEMBER) && is_json (text, size) ? KS_KEY_ENTRY_JSON
                                                                        : KS_KEY_ENTRY_PHRASE;
}

static void
read_text (KsKeyEntry *entry, KsSecret *secret, KsKeyEntrySource source)
{
  const char *text = (const char *) ks_secret_bytes (secret);
  gsize size = ks_secret_size (secret);
  Whole whole = { 0 };
  KsSecret *key = ks_recovery_key_parse (text, size, &entry->reading);

  look_at_whole (text, size, &whole);
  if (key != NULL)
    add_key (entry, key);
  else
    find_keys (entry, text, size);
  /* Also if it is a key: after one mistake in 256 the parity is right. */
  if (entry->characters == NULL && is_one_mistake_away (&whole))
    entry->characters = ks_secret_new_copy (whole.characters, sizeof whole.characters);
  if (whole.n == 0)
    entry->kind = KS_KEY_ENTRY_EMPTY;
  else if (source == KS_KEY_ENTRY_FILE)
    entry->kind = judge_file (entry, &whole, text, size);
  else
    {
      entry->kind = judge_typed (entry, &whole, text, size);
      entry->phrase = ks_secret_ref (secret);
    }
  ks_wipe (&whole, sizeof whole);
}

KsKeyEntry *
ks_key_entry_read (KsSecret *given, KsKeyEntrySource source)
{
  KsKeyEntry *entry = g_new0 (KsKeyEntry, 1);
  g_autoptr (KsSecret) text = NULL;

  if (ks_secret_size (given) <= KS_KEY_ENTRY_LARGEST)
    text = ks_given_text_read (given);
  if (ks_secret_size (given) == 0)
    entry->kind = KS_KEY_ENTRY_EMPTY;
  else if (text == NULL)
    entry->kind = KS_KEY_ENTRY_OTHER;
  else
    read_text (entry, text, source);
  return entry;
}
