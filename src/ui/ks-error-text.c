/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/ks-error-text.h"

#include "engine/history/ks-attachment.h"
#include "engine/key-file/ks-key-file-error.h"
#include "engine/secrets/ks-key-text-file.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-keyring-error.h"
#include "store/ks-store-error.h"
#include "ui/ks-number-text.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

char *
ks_error_text_wait (guint seconds)
{
  guint minutes = seconds / 60 + (seconds % 60 > 0 ? 1 : 0);
  g_autofree char *number = ks_number_text (seconds <= 90 ? seconds : minutes);

  if (seconds <= 90)
    return g_strdup_printf (g_dngettext (NULL, "%s second", "%s seconds", seconds), number);
  return g_strdup_printf (g_dngettext (NULL, "%s minute", "%s minutes", minutes), number);
}

static const char *
matrix_text (KsMatrixErrorCode code)
{
  switch (code)
    {
    case KS_MATRIX_ERROR_NETWORK:
      return _ ("The homeserver can't be reached. Check your network connection, then try again.");
    case KS_MATRIX_ERROR_TLS:
      return _ (
          "The connection to the homeserver isn't safe: it could not prove who it is. Nothing was sent. "
          "In a hotel or a café, sign in to their network first; otherwise tell whoever runs the server.");
    case KS_MATRIX_ERROR_INSECURE:
      return _ ("The homeserver asked for a connection that others could read. Nothing was sent. "
                "Use an address that begins with https.");
    case KS_MATRIX_ERROR_RATE_LIMITED:
      return _ ("The homeserver asks for some patience. Wait a moment, then try again.");
    case KS_MATRIX_ERROR_SERVER:
      return _ ("The homeserver has a problem of its own. Nothing was changed. Try again later.");
    case KS_MATRIX_ERROR_UNAUTHORIZED:
      return _ ("This session was signed out elsewhere, for example in another app. Sign out here too, then "
                "sign in "
                "again.");
    case KS_MATRIX_ERROR_TOO_LARGE:
      return _ ("The homeserver doesn't take that much at once. Nothing was changed.");
    case KS_MATRIX_ERROR_NO_SUCH_SERVER:
      return _ ("Your homeserver can't be found. Check your internet connection, then try again.");
    case KS_MATRIX_ERROR_NOT_A_HOMESERVER:
      return _ (
          "There is a server, but it isn't a Matrix homeserver. Check the spelling, or ask whoever gave "
          "you the account for the homeserver's address.");
    case KS_MATRIX_ERROR_UNSUPPORTED:
      return _ ("The homeserver doesn't offer what Keepsake needs for this.");
    case KS_MATRIX_ERROR_FORBIDDEN:
      return _ ("The homeserver doesn't allow this.");
    case KS_MATRIX_ERROR_BAD_ANSWER:
    case KS_MATRIX_ERROR_NOT_FOUND:
    case KS_MATRIX_ERROR_WRONG_VERSION:
    case KS_MATRIX_ERROR_AUTH_NEEDED:
    case KS_MATRIX_ERROR_REFUSED:
    default:
      return _ ("The homeserver gave an answer that Keepsake doesn't understand. Nothing was changed. "
                "Try again later, or tell whoever runs the server.");
    }
}

static const char *
store_text (KsStoreErrorCode code)
{
  switch (code)
    {
    case KS_STORE_ERROR_FULL:
      return _ ("The disk is full. Nothing is lost; free some space, then try again.");
    case KS_STORE_ERROR_DAMAGED:
      return _ ("Keepsake's data on this computer is damaged and could not be repaired. Nothing was deleted, "
                "and your backup on the homeserver is not affected.");
    case KS_STORE_ERROR_NEWER:
      return _ ("Keepsake's data on this computer was written by a newer version. Nothing was changed. "
                "Install that version again to go on.");
    case KS_STORE_ERROR_HELD:
      return _ ("Another Keepsake is using this account right now. Close it, then try again.");
    case KS_STORE_ERROR_LOCKED:
      return _ ("Keepsake's data on this computer is locked, because its key in the desktop keyring can't be "
                "reached. Nothing is lost.");
    case KS_STORE_ERROR_WRONG_KEY:
      return _ (
          "The desktop keyring holds another key than the one that Keepsake's data was locked with. "
          "Nothing was deleted. If you moved to another keyring, bring the old one back, then try again.");
    case KS_STORE_ERROR_NOT_FOUND:
    case KS_STORE_ERROR_FAILED:
    default:
      return _ ("Keepsake can't read or write its data on this computer. Nothing was deleted. "
                "Check the permissions of your home folder, then try again.");
    }
}

static const char *
key_file_text (KsKeyTextFileError code)
{
  switch (code)
    {
    case KS_KEY_TEXT_FILE_ERROR_EXISTS:
      return _ ("There is a file with something else in it, which was left as it is. Choose another name.");
    case KS_KEY_TEXT_FILE_ERROR_LINK:
      return _ ("This name leads somewhere else, so nothing was saved. Choose another name.");
    case KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE:
      return _ ("This is not a file that a key can be in. Choose another one.");
    case KS_KEY_TEXT_FILE_ERROR_NOT_LOCAL:
      return _ ("This place is not on this computer, so nothing was saved or read. Choose a folder here.");
    case KS_KEY_TEXT_FILE_ERROR_NOT_FOUND:
      return _ ("This file or folder is not there any more. Choose another one.");
    case KS_KEY_TEXT_FILE_ERROR_DENIED:
      return _ (
          "This file or folder can't be used: you don't have the permission, or it is read-only. Choose "
          "another one.");
    case KS_KEY_TEXT_FILE_ERROR_FULL:
      return _ ("The disk is full, so nothing was saved. Free some space, or choose another place.");
    case KS_KEY_TEXT_FILE_ERROR_DIFFERS:
      return _ (
          "What was saved could not be read back as it should be. Don't rely on this file; choose another "
          "place.");
    case KS_KEY_TEXT_FILE_ERROR_NOT_A_KEY:
      return _ ("There is no Security Key in this file.");
    case KS_KEY_TEXT_FILE_ERROR_TOO_LARGE:
      return _ ("This file is too large for a Security Key. Choose another one.");
    case KS_KEY_TEXT_FILE_ERROR_FAILED:
    default:
      return _ ("The disk failed, so nothing can be relied on there. Choose another place.");
    }
}

/* What went wrong with a key or phrase. In all of it nothing was changed. */
static const char *
unlock_text (KsRecoveryError code)
{
  switch (code)
    {
    case KS_RECOVERY_ERROR_BROKEN_KEY:
      return _ ("There is a mistake in this Security Key. Compare it with what you saved, group by group.");
    case KS_RECOVERY_ERROR_OLD_KEY:
      return _ (
          "This belonged to your account earlier, and doesn't open what it has now. Look for the key or "
          "phrase of the last time that you set up or reset Secure Backup.");
    case KS_RECOVERY_ERROR_WRONG_PHRASE:
      return _ (
          "This isn't your Security Phrase. Check the keyboard layout and Caps Lock, or use your Security "
          "Key instead.");
    case KS_RECOVERY_ERROR_NO_PHRASE:
      return _ ("Your account has no Security Phrase. Enter the Security Key: 12 groups of 4 characters.");
    case KS_RECOVERY_ERROR_HARD_PHRASE:
      return _ ("The homeserver asks for far too much work to check a phrase. Use your Security Key instead, "
                "and tell whoever runs the server.");
    case KS_RECOVERY_ERROR_NOT_A_KEY:
      return _ ("There is no Security Key in this. It has 12 groups of 4 characters and begins with “Es”.");
    case KS_RECOVERY_ERROR_ROOM_KEY_FILE:
      return _ ("This file holds exported room keys, not a Security Key.");
    case KS_RECOVERY_ERROR_NOTHING_STORED:
      return _ (
          "This key is right, but the homeserver stores nothing under it. Your history may open with an "
          "older key of your account. If you have none, what is missing can be made anew.");
    case KS_RECOVERY_ERROR_DAMAGED_SECRET:
      return _ ("This key is right, but what it opens is damaged on the homeserver. Your history may still "
                "open in another app where you are signed in; don't sign out there.");
    case KS_RECOVERY_ERROR_MISMATCH:
      return _ ("This key is right, but what it opens doesn't belong to what the homeserver shows of your "
                "account. If you reset Secure Backup in another app, use the key from there; if not, don't "
                "trust this homeserver with more.");
    case KS_RECOVERY_ERROR_CHANGED:
      return _ ("Your account's identity is not the one that this session knew. If you didn't reset it "
                "yourself, somebody else did, and nothing should be entered here.");
    case KS_RECOVERY_ERROR_UNSUPPORTED:
    default:
      return _ ("Secure Backup of your account was set up in a way that this version of Keepsake doesn't "
                "know. Nothing is lost; a newer version may open it.");
    }
}

static const char *
recovery_text (KsRecoveryError code)
{
  switch (code)
    {
    case KS_RECOVERY_ERROR_EXISTS:
      return _ ("Your account has Secure Backup already, or a part of it. Nothing was changed.");
    case KS_RECOVERY_ERROR_CONFLICT:
      return _ ("Another app set up Secure Backup at the same time. What it made was left in place, and this "
                "set-up was given up.");
    case KS_RECOVERY_ERROR_OVERWRITTEN:
      return _ ("Another app set up Secure Backup at the same time, and this set-up was given up. But a key "
                "that the other app stored on the homeserver is missing and may have been overwritten. Open "
                "that app and set up Secure Backup there again, before you sign out of it.");
    case KS_RECOVERY_ERROR_NOT_SET_UP:
      return _ ("There is no set-up to go on with. Begin again.");
    case KS_RECOVERY_ERROR_NOT_SAVED:
      return _ ("The Security Key is not saved yet. Nothing was changed.");
    case KS_RECOVERY_ERROR_WRONG_KEY:
      return _ ("This Security Key doesn't fit. It may belong to another account, or to an earlier Secure "
                "Backup of yours. Nothing was changed. Look for another one.");
    case KS_RECOVERY_ERROR_AUTH_NEEDED:
      return _ ("The homeserver wants to know that it's you. Nothing is lost.");
    case KS_RECOVERY_ERROR_AUTH_WRONG:
      return _ ("The homeserver didn't accept that. Try again; after several tries it may make you wait.");
    case KS_RECOVERY_ERROR_REFUSED:
      return _ (
          "The homeserver refused a key or a signature. Nothing is lost. Try again, or tell whoever runs "
          "the server.");
    case KS_RECOVERY_ERROR_UNTRUSTED:
      return _ ("The backup on the homeserver is not one that can be trusted, so nothing was written to it.");
    case KS_RECOVERY_ERROR_LOCKED:
      return _ ("This session can't open the backup yet. Unlock it with your Security Key or Phrase first.");
    case KS_RECOVERY_ERROR_BROKEN_KEY:
    case KS_RECOVERY_ERROR_OLD_KEY:
    case KS_RECOVERY_ERROR_WRONG_PHRASE:
    case KS_RECOVERY_ERROR_NO_PHRASE:
    case KS_RECOVERY_ERROR_HARD_PHRASE:
    case KS_RECOVERY_ERROR_NOT_A_KEY:
    case KS_RECOVERY_ERROR_ROOM_KEY_FILE:
    case KS_RECOVERY_ERROR_NOTHING_STORED:
    case KS_RECOVERY_ERROR_DAMAGED_SECRET:
    case KS_RECOVERY_ERROR_MISMATCH:
    case KS_RECOVERY_ERROR_CHANGED:
    case KS_RECOVERY_ERROR_UNSUPPORTED:
      return unlock_text (code);
    case KS_RECOVERY_ERROR_CORRUPT:
    default:
      return _ ("The homeserver gave back something else than what was stored there. Don't rely on this "
                "backup yet. "
                "Try again, or tell whoever runs the server.");
    }
}

static const char *
keyring_text (KsKeyringErrorCode code)
{
  switch (code)
    {
    case KS_KEYRING_ERROR_ABSENT:
      return _ ("No desktop keyring is running. Nothing is lost.");
    case KS_KEYRING_ERROR_LOCKED:
    case KS_KEYRING_ERROR_DENIED:
      return _ ("The desktop keyring stayed locked. Nothing is lost; unlock it, then try again.");
    case KS_KEYRING_ERROR_NO_ANSWER:
      return _ ("The desktop keyring doesn't answer. Nothing is lost; try again.");
    case KS_KEYRING_ERROR_NOT_FOUND:
      return _ ("The desktop keyring doesn't have it any more. Use the copy that you saved.");
    case KS_KEYRING_ERROR_FAILED:
    default:
      return _ ("The desktop keyring gave something that Keepsake doesn't understand. Use the copy that you "
                "saved.");
    }
}

static const char *
room_key_file_text (KsKeyFileError code)
{
  switch (code)
    {
    case KS_KEY_FILE_ERROR_EXISTS:
      return _ ("There is such a file already, with something else in it. It was not touched. Choose another "
                "name.");
    case KS_KEY_FILE_ERROR_LINK:
      return _ ("The file is a link to somewhere else. Choose the file itself.");
    case KS_KEY_FILE_ERROR_NOT_A_FILE:
      return _ ("This is not a file. Choose another one.");
    case KS_KEY_FILE_ERROR_NOT_LOCAL:
      return _ ("This is not on this computer. Copy it here, or choose another place.");
    case KS_KEY_FILE_ERROR_NOT_FOUND:
      return _ ("The file or its folder isn't there any more. Choose another one.");
    case KS_KEY_FILE_ERROR_DENIED:
      return _ ("The file can't be read, or not be written there. Choose another place.");
    case KS_KEY_FILE_ERROR_FULL:
      return _ ("The disk is full. Nothing was lost. Make room, or choose another place.");
    case KS_KEY_FILE_ERROR_NOTHING:
      return _ ("There is no room key on this computer yet that could be exported.");
    case KS_KEY_FILE_ERROR_NONE_WRITABLE:
      return _ (
          "None of the room keys here can go into a file: they are damaged, or it is not known who made "
          "them, and other apps would refuse the file. Nothing was written. Restore them from the "
          "backup, then try again.");
    case KS_KEY_FILE_ERROR_DIFFERS:
      return _ ("What was written to the disk could not be read back from it. There is no file. Choose "
                "another place: this disk may be failing.");
    case KS_KEY_FILE_ERROR_WRONG_PHRASE:
      return _ ("This is not the phrase that the file was exported with. Nothing was imported. If you are "
                "sure of it, the file was changed since then.");
    case KS_KEY_FILE_ERROR_DAMAGED:
    case KS_KEY_FILE_ERROR_NOT_ROOM_KEYS:
      return _ ("The file is damaged, or not all of it is there. Nothing was imported. Export it once more "
                "in the app that it is from, if you can.");
    case KS_KEY_FILE_ERROR_UNKNOWN_VERSION:
    case KS_KEY_FILE_ERROR_BAD_ITERATIONS:
      return _ ("The file was made in a way that Keepsake doesn't know. Nothing was imported. A newer "
                "version may open it.");
    case KS_KEY_FILE_ERROR_CHANGED:
      return _ ("The file was changed while it was read. Nothing was imported. Try again.");
    case KS_KEY_FILE_ERROR_SECURITY_KEY:
      return _ ("This file holds a Security Key, not room keys. Keep it: Keepsake and other apps ask for it "
                "where Secure Backup is locked.");
    case KS_KEY_FILE_ERROR_NOT_ENCRYPTED:
      return _ ("This file holds room keys that everybody can read. Only exports with a phrase can be "
                "imported: export them once more, with one.");
    case KS_KEY_FILE_ERROR_BACKUP:
      return _ ("This is a copy of a key backup from a homeserver. Only exports with a phrase can be "
                "imported.");
    case KS_KEY_FILE_ERROR_SET_ASIDE:
      return _ ("This is a database of Keepsake's, not a file of room keys. Nothing was imported. Choose it "
                "once more to see what it holds.");
    case KS_KEY_FILE_ERROR_DATABASE:
      return _ ("This is a database of another app, so there is nothing in it for Keepsake. Nothing was "
                "changed. Choose another file.");
    case KS_KEY_FILE_ERROR_EMPTY:
      return _ ("The file is empty. Choose another one.");
    case KS_KEY_FILE_ERROR_OTHER:
      return _ ("This is not a file of room keys. Choose the one that you exported; it begins with the words "
                "BEGIN MEGOLM SESSION DATA.");
    case KS_KEY_FILE_ERROR_UNUSABLE:
    case KS_KEY_FILE_ERROR_FAILED:
    default:
      return _ ("The disk failed. Nothing was changed. Try again, or choose another place.");
    }
}

char *
ks_error_text (const GError *error)
{
  if (error->domain == KS_KEYRING_ERROR)
    return g_strdup (keyring_text ((KsKeyringErrorCode) error->code));
  if (error->domain == KS_KEY_FILE_ERROR)
    return g_strdup (room_key_file_text ((KsKeyFileError) error->code));
  if (error->domain == KS_KEY_TEXT_FILE_ERROR)
    return g_strdup (key_file_text ((KsKeyTextFileError) error->code));
  if (error->domain == KS_RECOVERY_ERROR)
    return g_strdup (recovery_text ((KsRecoveryError) error->code));
  if (error->domain == KS_MATRIX_ERROR)
    return g_strdup (matrix_text ((KsMatrixErrorCode) error->code));
  if (error->domain == KS_STORE_ERROR)
    return g_strdup (store_text ((KsStoreErrorCode) error->code));
  return g_strdup (
      _ ("Something went wrong that Keepsake has no words for. Nothing was deleted. Try again."));
}

char *
ks_error_text_unlock (const GError *error)
{
  if (g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP))
    return g_strdup (
        _ ("Your account has no Secure Backup any more that could be opened. Close this, and see "
           "how things stand."));
  if (g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS))
    return g_strdup (_ ("Secure Backup is being set up. Finish that first."));
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
    return g_strdup (_ ("What was entered before is still being checked. Wait a moment, then try again."));
  return ks_error_text (error);
}

char *
ks_error_text_restore (const GError *error)
{
  if (g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP))
    return g_strdup (_ ("There is no backup on the homeserver. What is on this computer stays. "
                        "Security & Privacy says what helps."));
  if (g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_MISMATCH))
    return g_strdup (
        _ ("The backup on the homeserver is not the one any more that this session can open. "
           "What is on this computer stays. If you reset Secure Backup in another app, unlock it "
           "here with the key from there."));
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
    return g_strdup (_ ("Restoring is under way already. Wait a moment, then try again."));
  return ks_error_text (error);
}

static const char *
attachment_text (KsAttachmentError code)
{
  switch (code)
    {
    case KS_ATTACHMENT_ERROR_UNUSABLE:
      return _ ("The message doesn't tell where this file is, so it can't be saved.");
    case KS_ATTACHMENT_ERROR_TOO_LARGE:
      return _ ("This file is larger than what Keepsake fetches. Nothing was saved. Use another app for it.");
    case KS_ATTACHMENT_ERROR_CHANGED:
    default:
      return _ (
          "What the homeserver has is not the file that was sent, so nothing was saved. Ask for it to be "
          "sent again.");
    }
}

static const char *
file_text (GFileError code)
{
  if (code == G_FILE_ERROR_NOSPC)
    return key_file_text (KS_KEY_TEXT_FILE_ERROR_FULL);
  if (code == G_FILE_ERROR_ACCES || code == G_FILE_ERROR_PERM || code == G_FILE_ERROR_ROFS)
    return key_file_text (KS_KEY_TEXT_FILE_ERROR_DENIED);
  if (code == G_FILE_ERROR_NOENT || code == G_FILE_ERROR_NOTDIR)
    return key_file_text (KS_KEY_TEXT_FILE_ERROR_NOT_FOUND);
  return _ ("The file can't be written there, so nothing was saved. Choose another place.");
}

char *
ks_error_text_attachment (const GError *error)
{
  if (error->domain == KS_ATTACHMENT_ERROR)
    return g_strdup (attachment_text ((KsAttachmentError) error->code));
  if (error->domain == G_FILE_ERROR)
    return g_strdup (file_text ((GFileError) error->code));
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return g_strdup (key_file_text (KS_KEY_TEXT_FILE_ERROR_NOT_LOCAL));
  if (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND))
    return g_strdup (_ ("The homeserver doesn't have this file any more."));
  return ks_error_text (error);
}

char *
ks_error_text_messages (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return g_strdup (_ ("Much was looked through here, and no message was in it. Try again to look further "
                        "back."));
  return ks_error_text (error);
}

char *
ks_error_text_key_file (const GError *error, const char *path)
{
  g_autofree char *name = g_filename_display_name (path);

  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_FULL))
    return ks_error_text (error);
  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED))
    /* Translators: %s is the path of a file. */
    return g_strdup_printf (_ ("The file %s is gone. It held the key to Keepsake's data. Bring it back and "
                               "try "
                               "again. If it is lost, start over: sign in again, and restore from your "
                               "backup."),
                            name);
  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY))
    return g_strdup_printf (_ ("The file %s holds another key than the one that Keepsake's data was locked "
                               "with. Put the right file there and try again. If it is lost, start over: "
                               "sign "
                               "in again, and restore from your backup."),
                            name);
  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
    return g_strdup_printf (_ ("The file %s is not a key of Keepsake's. Nothing was deleted. Put the right "
                               "file "
                               "there and try again. If it is lost, move this one away and try again."),
                            name);
  return g_strdup_printf (_ ("The file %s can't be used. Nothing was deleted. It must be a file of yours "
                             "that "
                             "nobody else can read, not a link to one. Mend that, and try again."),
                          name);
}
