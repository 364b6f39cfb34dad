/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-unlock-text.h"

#include "engine/unlock/ks-key-entry.h"

#include <glib/gi18n.h>

/* A key that is not whole yet, or has more wrong with it than can be put right. */
static char *
hint_at_fault (const KsRecoveryKeyReading *reading)
{
  if (reading->fault == KS_RECOVERY_KEY_BAD_CHARACTER && reading->group >= 1
      && reading->group <= KS_RECOVERY_KEY_GROUPS)
    /* Translators: %u is the number of a group of the Security Key. */
    return g_strdup_printf (_ ("Looks like a Security Key, but group %u has a character that no key has"),
                            reading->group);
  if (reading->fault == KS_RECOVERY_KEY_TOO_LONG)
    return g_strdup (_ ("Looks like a Security Key, but is longer than one"));
  if (reading->fault == KS_RECOVERY_KEY_TOO_SHORT)
    /* Translators: both are numbers of groups of the Security Key. */
    return g_strdup_printf (_ ("Looks like a Security Key: %u of %u groups"), reading->characters / 4,
                            (guint) KS_RECOVERY_KEY_GROUPS);
  return g_strdup (_ ("Looks like a Security Key, but has a mistake in it"));
}

/* The beginning of a key, as far as that can be told: one in forty has no digit in its first half, but
 * words have fewer upper-case letters. Whoever goes on with it all the same has it tried as a phrase. */
static gboolean
begins_a_key (const KsSecret *typed, const KsRecoveryKeyReading *reading)
{
  const char *text = (const char *) ks_secret_bytes (typed);
  gsize size = ks_secret_size (typed);
  gboolean digit = FALSE;
  guint upper = 0;

  if (reading->fault != KS_RECOVERY_KEY_TOO_SHORT || reading->characters < 8)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    {
      digit |= g_ascii_isdigit (text[i]);
      upper += g_ascii_isupper (text[i]);
    }
  while (size > 0 && g_ascii_isspace (text[0]))
    text++, size--;
  return (digit || upper * 3 >= reading->characters) && size >= 2 && text[0] == 'E' && text[1] == 's';
}

char *
ks_unlock_text_hint (KsSecret *typed)
{
  g_autoptr (KsKeyEntry) entry = ks_key_entry_read (typed, KS_KEY_ENTRY_TYPED);

  switch (entry->kind)
    {
    case KS_KEY_ENTRY_EMPTY:
      return NULL;
    case KS_KEY_ENTRY_KEY:
      return g_strdup (_ ("This is a Security Key"));
    case KS_KEY_ENTRY_NEARLY_KEY:
      return g_strdup (_ ("Looks like a Security Key with a mistake in it, which may be found"));
    case KS_KEY_ENTRY_BROKEN_KEY:
      return hint_at_fault (&entry->reading);
    case KS_KEY_ENTRY_PHRASE:
      if (begins_a_key (typed, &entry->reading))
        return hint_at_fault (&entry->reading);
      return g_strdup (_ ("Taken for a Security Phrase"));
    case KS_KEY_ENTRY_ROOM_KEY_FILE:
    case KS_KEY_ENTRY_JSON:
      return g_strdup (_ ("These are exported room keys, and no Security Key"));
    case KS_KEY_ENTRY_OTHER:
    default:
      return g_strdup (_ ("This is neither a Security Key nor a phrase"));
    }
}

char *
ks_unlock_text_unfinished (KsSecret *typed)
{
  g_autoptr (KsKeyEntry) entry = ks_key_entry_read (typed, KS_KEY_ENTRY_TYPED);

  if (entry->kind != KS_KEY_ENTRY_PHRASE || !begins_a_key (typed, &entry->reading))
    return NULL;
  /* Translators: both are numbers of groups of the Security Key. */
  return g_strdup_printf (_ ("This is only a part of a Security Key: %u of its %u groups. Enter all of them, "
                             "or open the file that you saved it to."),
                          entry->reading.characters / 4, (guint) KS_RECOVERY_KEY_GROUPS);
}
