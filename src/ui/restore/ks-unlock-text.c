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

/* The group that the mistake was in, or the two, as they have to be. */
static char *
correction (const KsFoundKey *found)
{
  guint group = KS_KEY_MISTAKE_GROUP (&found->mistake);
  gboolean two = found->mistake.kind == KS_KEY_MISTAKE_SWAPPED && found->mistake.place % 4 == 3;
  char text[KS_RECOVERY_KEY_LENGTH + 1];
  char *sentence;

  if (!ks_recovery_key_format (found->key, text))
    g_assert_not_reached ();
  /* Translators: %u is the number of a group of the Security Key, %.*s what it is to be. */
  sentence = g_strdup_printf (_ ("There was a mistake in group %u of the key. It has to be: %.*s"), group,
                              two ? 9 : 4, text + (group - 1) * 5);
  ks_wipe (text, sizeof text);
  return sentence;
}

static const char *
name_part (KsSecretName name)
{
  switch (name)
    {
    case KS_SECRET_MASTER:
      return _ ("your identity's main key");
    case KS_SECRET_SELF_SIGNING:
      return _ ("the key that verifies your sessions");
    case KS_SECRET_USER_SIGNING:
      return _ ("the key that verifies other people");
    case KS_SECRET_BACKUP:
      return _ ("the backup's key");
    default:
      g_return_val_if_reached (NULL);
    }
}

/* What did not open, in one sentence; NULL: all of it did. */
static char *
closed_parts (const KsUnlockResult *result)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (int i = 0; i < KS_N_SECRETS; i++)
    if (result->opened[i] != KS_OPENED_SECRET && result->opened[i] != KS_OPENED_CHANGED)
      g_string_append_printf (names, "%s%s", names->len > 0 ? _ (", ") : "", name_part ((KsSecretName) i));
  if (names->len == 0)
    return NULL;
  /* Translators: %s is a list such as "your identity's main key, the backup's key". */
  return g_strdup_printf (_ ("Not in Secure Backup, or not usable: %s. Security & Privacy says what helps."),
                          names->str);
}

static char *
why_not_verified (const KsUnlockResult *result)
{
  if (result->identity_changed)
    return g_strdup (
        _ ("This session is not verified: your account's identity is not the one that it knew."));
  if (result->signing != NULL || result->device != NULL)
    return g_strdup (_ ("This session is not verified yet: the homeserver didn't take its keys. Unlock again "
                        "later."));
  return g_strdup (_ ("This session is not verified yet: the key for that is not in Secure Backup."));
}

char *
ks_unlock_text_notes (const KsUnlockResult *result)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_wipe_free_string);
  char *closed = result->only_older ? NULL : closed_parts (result);

  if (result->found->mistake.kind != KS_KEY_MISTAKE_NONE)
    g_ptr_array_add (notes, correction (result->found));
  if (!result->device_verified && !result->only_older)
    g_ptr_array_add (notes, why_not_verified (result));
  if (closed != NULL)
    g_ptr_array_add (notes, closed);
  if (result->backup_version != NULL && !result->backup_writable)
    g_ptr_array_add (notes,
                     g_strdup (_ ("The backup can be read, but other apps can't use it, and nothing new "
                                  "goes into it.")));
  if (result->key_id != NULL && !result->is_default_key && !result->only_older)
    g_ptr_array_add (notes, g_strdup (_ ("Other apps ask for another key than this one.")));
  if (result->weak_phrase && !result->only_older)
    g_ptr_array_add (notes, g_strdup (_ ("Whoever runs the homeserver could guess this phrase: it is "
                                         "protected less than it should be.")));
  if (result->keyring != NULL)
    g_ptr_array_add (notes, g_strdup (_ ("The desktop keyring didn't take the key; you have it all the "
                                         "same.")));
  if (result->upload != NULL)
    g_ptr_array_add (notes, g_strdup (_ ("Not all room keys of this session are in the backup yet.")));
  if (notes->len == 0)
    return NULL;
  g_ptr_array_add (notes, NULL);
  return g_strjoinv ("\n", (char **) notes->pdata);
}

char *
ks_unlock_text_without_backup (const KsUnlockResult *result)
{
  if (result->opened[KS_SECRET_BACKUP] != KS_OPENED_NOTHING)
    return g_strdup (
        _ ("But the backup on the homeserver couldn't be opened, so no room keys can be restored "
           "with this."));
  if (result->device_verified)
    return g_strdup (_ ("This session is verified now. But the key of the backup is not in Secure Backup, so "
                        "no room keys can be restored with this."));
  return g_strdup (_ ("But the key of the backup is not in Secure Backup, so no room keys can be restored "
                      "with this."));
}

const char *
ks_unlock_text_older (gboolean is_open)
{
  if (is_open)
    return _ (
        "This key opens an older backup. Its room keys are here now, and go into the current backup too.");
  return _ (
      "This key opens an older backup. Its room keys are here now. The current backup opens with the key or "
      "phrase of the last time that you set up or reset Secure Backup.");
}
