/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/security/ks-state-text.h"

#include "matrix/ks-matrix-error.h"
#include "ui/ks-backing-up-text.h"
#include "ui/ks-error-text.h"
#include "ui/ks-number-text.h"
#include "ui/repair/ks-repair-text.h"

#include <glib/gi18n.h>

void
ks_state_text_clear (KsStateText *text)
{
  g_clear_pointer (&text->text, g_free);
}

/* Takes @sentence. */
static void
say (KsStateText *text, const char *icon, const char *look, const char *title, char *sentence)
{
  *text = (KsStateText){ .icon = icon, .look = look, .title = title, .text = sentence };
}

static char *
what_is_locked (const KsRecoverySnapshot *seen)
{
  g_autofree char *number = ks_number_text ((guint64) MAX (seen->backup_count, 0));

  if (seen->backup_version != NULL && seen->backup_count < 0)
    return g_strdup (
        _ ("Enter your Security Key, also called recovery key, or your Security Phrase once, and "
           "the room keys of the backup come back to this computer."));
  if (seen->backup_version == NULL || seen->backup_count == 0)
    return g_strdup (_ ("Your account has Secure Backup, but no room keys are in it yet."));
  return g_strdup_printf (g_dngettext (NULL,
                                       "Enter your Security Key, also called recovery key, or your "
                                       "Security Phrase once, and %s room key comes back to this computer.",
                                       "Enter your Security Key, also called recovery key, or your "
                                       "Security Phrase once, and %s room keys come back to this computer.",
                                       (gulong) seen->backup_count),
                          number);
}

/* At most this many sessions are named; the others are counted. */
#define NAMED_SESSIONS 3

/* "Element on a phone, Fractal and 2 more". NULL: there is no other session. */
static char *
name_sessions (char **sessions)
{
  guint n = g_strv_length (sessions);
  g_autoptr (GString) names = g_string_new (NULL);
  guint more = n > NAMED_SESSIONS ? n - NAMED_SESSIONS : 0;
  g_autofree char *number = ks_number_text (more);

  if (n == 0)
    return NULL;
  for (guint i = 0; i < n - more; i++)
    g_string_append_printf (names, "%s%s", i == 0 ? "" : ", ", sessions[i]);
  if (more == 0)
    return g_string_free (g_steal_pointer (&names), FALSE);
  /* Translators: a list of sessions' names such as "Element, Fractal", and a number. */
  return g_strdup_printf (g_dngettext (NULL, "%s and %s more", "%s and %s more", more), names->str, number);
}

static char *
what_fills_it (const KsRecoverySnapshot *seen)
{
  g_autofree char *sessions = name_sessions (seen->other_sessions);

  if (sessions == NULL)
    return g_strdup (
        _ ("Sign in to your chat app, and enter your Security Key there: it fills the backup with the keys "
           "of your messages."));
  /* Translators: %s is a list of sessions' names. */
  return g_strdup_printf (_ ("Enter your Security Key in your other sessions, so that they back up what they "
                             "have: %s."),
                          sessions);
}

/* Of the session's room keys, those that a backup does not have. */
static guint64
count_only_here (const KsRecoverySnapshot *seen)
{
  return seen->pending_upload + seen->refused_upload + seen->lost_upload;
}

static char *
what_is_in_it (const KsRecoverySnapshot *seen)
{
  guint64 waiting = count_only_here (seen);
  g_autofree char *number = ks_number_text ((guint64) MAX (seen->backup_count, 0));
  g_autofree char *number_waiting = ks_number_text (waiting);
  g_autofree char *in_it =
      seen->backup_count < 0
          ? g_strdup (_ ("The homeserver doesn't say how many room keys are backed up."))
          : g_strdup_printf (g_dngettext (NULL, "%s room key is backed up.", "%s room keys are backed up.",
                                          (gulong) seen->backup_count),
                             number);
  g_autofree char *not_in_it = NULL;

  if (waiting == 0)
    return g_steal_pointer (&in_it);
  not_in_it = g_strdup_printf (g_dngettext (NULL, "%s more exists only on this computer.",
                                            "%s more exist only on this computer.", (gulong) waiting),
                               number_waiting);
  /* Translators: two whole sentences, one after the other. */
  return g_strdup_printf (_ ("%s %s"), in_it, not_in_it);
}

/* For keys that are only here. */
static char *
what_becomes_of_them (const KsRecoverySnapshot *seen, const GError *stopped)
{
  g_autofree char *reason = stopped != NULL ? ks_error_text (stopped) : NULL;
  g_autofree char *pending = ks_number_text (seen->pending_upload);

  if (reason != NULL)
    /* Translators: %s is a sentence that says what went wrong. */
    return g_strdup_printf (_ ("%s Keepsake will try again by itself."), reason);
  if (seen->pending_upload == count_only_here (seen))
    return g_strdup (_ ("Keepsake backs them up by itself."));
  if (seen->pending_upload > 0)
    return g_strdup_printf (_ ("Keepsake backs up %s of them by itself. The homeserver doesn't keep the "
                               "others: export your room keys to a file, so that they are not lost with "
                               "this computer."),
                            pending);
  return g_strdup (_ ("The homeserver doesn't keep them. Export your room keys to a file, so that they are "
                      "not lost with this computer."));
}

/* Neither an empty backup nor one that lacks keys is called one that is safe. */
static void
describe_ready (const KsRecoverySnapshot *seen, const GError *stopped, KsStateText *text)
{
  g_autofree char *in_it = NULL;
  g_autofree char *outlook = NULL;
  const char *title = seen->lost_upload > 0        ? _ ("The Homeserver Has Lost Room Keys")
                      : count_only_here (seen) > 0 ? _ ("On, but Not Everything Is in It Yet")
                                                   : _ ("Secure Backup Can't Be Checked");

  if (count_only_here (seen) == 0 && stopped == NULL && seen->backup_count < 0)
    {
      say (text, "ks-shield-alert-symbolic", "attention", title, what_is_in_it (seen));
      return;
    }
  if (count_only_here (seen) > 0 || stopped != NULL)
    {
      in_it = what_is_in_it (seen);
      outlook = what_becomes_of_them (seen, stopped);
      /* Translators: two texts of whole sentences, one after the other. */
      say (text, "ks-shield-alert-symbolic", "attention", title,
           g_strdup_printf (_ ("%s %s"), in_it, outlook));
      return;
    }
  if (seen->backup_count <= 0)
    {
      say (text, "ks-shield-alert-symbolic", "attention", _ ("On, but Nothing Is in It Yet"),
           what_fills_it (seen));
      return;
    }
  say (text, "ks-shield-ok-symbolic", "ok", _ ("On."), what_is_in_it (seen));
  text->quiet = TRUE;
}

void
ks_state_text_describe_upload (KsTimeLeft *time_left, guint64 done, guint64 total, KsStateText *text)
{
  say (text, "emblem-synchronizing-symbolic", "accent", _ ("Backing Up Room Keys"),
       total > 0 ? ks_backing_up_text (time_left, done, total) : g_strdup (""));
}

void
ks_state_text_describe (KsRecoveryState state,
                        const KsRecoverySnapshot *seen,
                        const GError *stopped,
                        KsStateText *text)
{
  switch (state)
    {
    case KS_RECOVERY_NOT_SET_UP:
      say (text, "ks-shield-off-symbolic", NULL, _ ("Off"),
           g_strdup (_ ("If you lose this computer, your encrypted messages are lost with it. Secure Backup "
                        "keeps a copy "
                        "of their keys that only you can open.")));
      break;
    case KS_RECOVERY_LOCKED:
      say (text, "changes-prevent-symbolic", "attention", _ ("This session can't open the backup yet"),
           what_is_locked (seen));
      break;
    case KS_RECOVERY_READY:
      describe_ready (seen, stopped, text);
      break;
    case KS_RECOVERY_UNTRUSTED:
      say (text, "ks-shield-alert-symbolic", "bad", _ ("The Backup Can't Be Trusted"),
           g_strdup (
               _ ("The backup on the homeserver is not one that this session may write to. New messages "
                  "are not backed up. If you made a new backup in another app, unlock it with the key from "
                  "there.")));
      break;
    case KS_RECOVERY_CONFLICT:
      say (text, "ks-shield-alert-symbolic", "bad", _ ("Secure Backup Was Changed Elsewhere"),
           g_strdup (_ ("Its key or your account's identity is not the one that this session knew. If you "
                        "changed it in another app, unlock it with the key from there. If you didn't, be "
                        "careful: somebody else may have.")));
      break;
    case KS_RECOVERY_INCOMPLETE:
      if (seen->storage_changed)
        {
          say (text, "ks-shield-alert-symbolic", "attention", _ ("Secure Backup Has Changed"),
               g_strdup (_ ("What is stored on the homeserver is not what your Security Key opened here. "
                            "Enter your Security Key or Phrase: it shows whether it still opens all of it, "
                            "and what can be repaired.")));
          break;
        }
      say (text, "ks-shield-alert-symbolic", "attention", _ ("Secure Backup Is Incomplete"),
           g_strdup (_ ("A part of it is missing on the homeserver, so it may not bring your messages back. "
                        "Enter your Security Key or Phrase first: it opens what is there, and shows what can "
                        "be repaired.")));
      break;
    case KS_RECOVERY_SETTING_UP:
    case KS_RECOVERY_OFFLINE:
    case KS_RECOVERY_UNKNOWN:
    default:
      say (text, "ks-shield-off-symbolic", NULL, _ ("Asking the Homeserver"), g_strdup (""));
      break;
    }
}

static const char *
about_stuck (const KsRecoverySnapshot *seen)
{
  if (seen->to_unlock)
    return _ ("What was entered here doesn't open all of it. Another Security Key or Phrase of yours may "
              "open the rest.");
  if (seen->other_sessions != NULL && seen->other_sessions[0] != NULL)
    return _ ("A part of it is missing, and nothing on this computer can bring it back. Another session of "
              "yours may still have it.");
  if (seen->local_keys == 0)
    return _ ("A part of it is missing, and nothing on this computer can bring it back. What is left is to "
              "reset Secure Backup in another app.");
  return _ ("A part of it is missing, and nothing on this computer can bring it back. What is left is to "
            "export your room keys, and then to reset Secure Backup in another app.");
}

void
ks_state_text_describe_repair (KsRecoveryState state,
                               const KsRecoverySnapshot *seen,
                               const KsRepairPlan *plan,
                               KsStateText *text)
{
  const char *icon = "ks-shield-alert-symbolic";

  if (state == KS_RECOVERY_CONFLICT && !plan->any)
    /* Translators: two texts of whole sentences, one after the other. */
    say (text, icon, "bad", _ ("Secure Backup Was Changed Elsewhere"),
         g_strdup_printf (_ ("%s %s"),
                          _ ("If you didn't change it in another app, be careful: somebody else may have."),
                          about_stuck (seen)));
  else if (!plan->any)
    say (text, icon, "attention", _ ("Secure Backup Is Incomplete"), g_strdup (about_stuck (seen)));
  else if (state == KS_RECOVERY_CONFLICT)
    say (text, icon, "bad", _ ("Secure Backup Was Changed Elsewhere"),
         g_strdup (_ ("Its key or your account's identity is not the one that this session knew. If you "
                      "didn't change it in another app, be careful: somebody else may have. Keepsake "
                      "shows you what it would repair before it does anything.")));
  else
    say (text, icon, "attention", ks_repair_text_title (plan), ks_repair_text_sentence (plan));
}

void
ks_state_text_describe_set_up (gboolean running, const GError *failure, KsStateText *text)
{
  if (running)
    say (text, "emblem-synchronizing-symbolic", "accent", _ ("Setting Up Secure Backup"),
         g_strdup (_ ("It goes on in the background.")));
  else
    say (text, "ks-shield-alert-symbolic", "attention", _ ("Secure Backup Is Not Finished"),
         failure != NULL
             ? ks_error_text (failure)
             : g_strdup (_ ("Setting up was begun on this computer and goes on where it stopped.")));
}

void
ks_state_text_describe_failure (KsRecoveryState state, const GError *failure, KsStateText *text)
{
  char *sentence = ks_error_text (failure);

  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED))
    say (text, "network-offline-symbolic", NULL, _ ("Homeserver Asks to Wait"), sentence);
  else if (state == KS_RECOVERY_OFFLINE
           && !g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER))
    say (text, "network-offline-symbolic", NULL, _ ("Homeserver Can't Be Reached"), sentence);
  else
    say (text, "ks-shield-alert-symbolic", "attention", _ ("Secure Backup Can't Be Checked"), sentence);
}
