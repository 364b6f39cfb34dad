/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-unlocked-text.h"

#include <glib/gi18n.h>

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

/* Why a part did not open, as far as it makes a difference to the person. */
typedef enum
{
  CLOSED_NOT,
  CLOSED_OTHER_KEY,
  CLOSED_ABSENT,
  CLOSED_UNUSABLE,
  CLOSED_UNPUBLISHED,
  CLOSED_UNKNOWN,
} Closed;
#define N_CLOSED (CLOSED_UNKNOWN + 1)

static Closed
why_closed (const KsUnlockResult *result, int name)
{
  switch (result->opened[name])
    {
    case KS_OPENED_NOTHING:
      return result->other_key[name] ? CLOSED_OTHER_KEY : CLOSED_ABSENT;
    case KS_OPENED_DAMAGED:
    case KS_OPENED_MISMATCH:
      return CLOSED_UNUSABLE;
    case KS_OPENED_UNUSED:
      return CLOSED_UNPUBLISHED;
    case KS_OPENED_UNKNOWN:
      return CLOSED_UNKNOWN;
    case KS_OPENED_SECRET:
    case KS_OPENED_CHANGED: /* another note tells */
    case KS_OPENED_OLDER:   /* likewise */
    default:
      return CLOSED_NOT;
    }
}

/* @names: the list of parts. */
static char *
closed_sentence (Closed why, const char *names)
{
  switch (why)
    {
    case CLOSED_OTHER_KEY:
      /* Translators: %s is a list such as "your identity's main key, the backup's key". */
      return g_strdup_printf (_ ("Under another Security Key than this one: %s."), names);
    case CLOSED_ABSENT:
      /* Translators: %s is a list such as "your identity's main key, the backup's key". */
      return g_strdup_printf (_ ("Not in Secure Backup: %s."), names);
    case CLOSED_UNUSABLE:
      /* Translators: %s is a list such as "your identity's main key, the backup's key". */
      return g_strdup_printf (_ ("In Secure Backup, but not usable: %s."), names);
    case CLOSED_UNPUBLISHED:
      /* Translators: %s is a list such as "your identity's main key, the backup's key". */
      return g_strdup_printf (
          _ ("In Secure Backup, but what belongs to it is missing on the homeserver: %s."), names);
    case CLOSED_UNKNOWN:
      /* Translators: %s is a list such as "your identity's main key, the backup's key". */
      return g_strdup_printf (_ ("Not checked, because the homeserver didn't answer as it should: %s."),
                              names);
    case CLOSED_NOT:
    default:
      g_return_val_if_reached (NULL);
    }
}

/* What did not open: a sentence for each reason. */
static void
add_closed (const KsUnlockResult *result, GPtrArray *notes)
{
  for (int why = CLOSED_OTHER_KEY; why < N_CLOSED; why++)
    {
      g_autoptr (GString) names = g_string_new (NULL);

      for (int i = 0; i < KS_N_SECRETS; i++)
        if (why_closed (result, i) == (Closed) why)
          g_string_append_printf (names, "%s%s", names->len > 0 ? _ (", ") : "",
                                  name_part ((KsSecretName) i));
      if (names->len > 0)
        g_ptr_array_add (notes, closed_sentence ((Closed) why, names->str));
    }
}

/* What leads on. NULL: nothing that was not said yet. */
static const char *
what_helps (KsRecovery *recovery)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);

  switch (ks_recovery_get_next_step (recovery))
    {
    case KS_NEXT_STEP_REPAIR:
      return _ ("Keepsake can repair this: Security & Privacy has the button for it.");
    case KS_NEXT_STEP_UNLOCK:
      return _ ("Another Security Key or Phrase of yours may open the rest.");
    case KS_NEXT_STEP_OTHER_SESSION:
      return seen->other_sessions != NULL && seen->other_sessions[0] != NULL
                 ? _ ("Another session of yours may still have what is missing.")
                 : _ ("Security & Privacy says what is left to do.");
    case KS_NEXT_STEP_RETRY:
      return _ ("Unlock again later.");
    case KS_NEXT_STEP_NONE:
    case KS_NEXT_STEP_SET_UP:
    case KS_NEXT_STEP_ACCEPT_IDENTITY:
    default:
      return NULL;
    }
}

static const char *
why_not_verified (const KsUnlockResult *result)
{
  if (result->identity_changed)
    return _ ("This session is not verified: your account's identity is not the one that it knew.");
  if (result->signing != NULL || result->device != NULL)
    return _ ("This session is not verified yet: the homeserver didn't take its keys. Unlock again later.");
  if (result->opened[KS_SECRET_SELF_SIGNING] == KS_OPENED_SECRET)
    return _ ("This session is not verified yet: nothing proves your identity without its main key.");
  if (result->no_identity)
    return _ ("This session is not verified yet: your account has no identity that could do it.");
  return _ ("This session is not verified yet: the key for that didn't open.");
}

char *
ks_unlocked_text_notes (const KsUnlockResult *result, KsRecovery *recovery)
{
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_wipe_free_string);

  if (result->found->mistake.kind != KS_KEY_MISTAKE_NONE)
    g_ptr_array_add (notes, correction (result->found));
  if (!result->only_older)
    {
      if (!result->device_verified)
        g_ptr_array_add (notes, g_strdup (why_not_verified (result)));
      add_closed (result, notes);
      if (result->backup_version != NULL && !result->backup_writable)
        g_ptr_array_add (notes,
                         g_strdup (_ ("The backup can be read, but other apps can't use it, and nothing new "
                                      "goes into it.")));
      if (result->key_id != NULL && !result->is_default_key)
        g_ptr_array_add (notes, g_strdup (_ ("Other apps ask for another key than this one.")));
      if (what_helps (recovery) != NULL)
        g_ptr_array_add (notes, g_strdup (what_helps (recovery)));
      if (result->weak_phrase)
        g_ptr_array_add (notes, g_strdup (_ ("Whoever runs the homeserver could guess this phrase: it is "
                                             "protected less than it should be.")));
    }
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

static const char *
why_nothing_to_restore (const KsUnlockResult *result, KsRecovery *recovery)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);

  if (seen != NULL && seen->backup_version == NULL && !seen->backup_unread)
    return _ ("There is no backup on the homeserver, so there are no room keys to restore.");
  switch (why_closed (result, KS_SECRET_BACKUP))
    {
    case CLOSED_OTHER_KEY:
      return _ (
          "The key of the backup is under another Security Key, so no room keys can be restored with this "
          "one.");
    case CLOSED_ABSENT:
      return _ ("The key of the backup is not in Secure Backup, so no room keys can be restored with this.");
    case CLOSED_UNKNOWN:
      return _ ("The homeserver didn't tell about the backup, so no room keys can be restored now.");
    case CLOSED_NOT:
    case CLOSED_UNUSABLE:
    case CLOSED_UNPUBLISHED:
    default:
      return _ ("What is in Secure Backup doesn't open the backup on the homeserver, so no room keys can be "
                "restored with this.");
    }
}

char *
ks_unlocked_text_without_backup (const KsUnlockResult *result, KsRecovery *recovery)
{
  const char *why = why_nothing_to_restore (result, recovery);

  if (!result->device_verified)
    return g_strdup (why);
  /* Translators: two whole sentences, one after the other. */
  return g_strdup_printf (_ ("%s %s"), _ ("This session is verified now."), why);
}

const char *
ks_unlocked_text_older (const KsUnlockResult *result, gboolean is_open)
{
  if (!result->only_older)
    return _ ("Unlocked. This key also opens an older backup: its room keys are here now.");
  if (is_open)
    return _ (
        "This key opens an older backup. Its room keys are here now, and go into the current backup too.");
  return _ (
      "This key opens an older backup. Its room keys are here now. The current backup opens with the key or "
      "phrase of the last time that you set up or reset Secure Backup.");
}
