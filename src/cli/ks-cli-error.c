/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-error.h"

#include "cli/ks-cli.h"
#include "engine/key-file/ks-key-file-error.h"
#include "engine/secrets/ks-key-text-file.h"
#include "engine/secrets/ks-recovery-error.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-keyring-error.h"
#include "store/ks-store-error.h"

#include <glib/gi18n.h>

G_DEFINE_QUARK (ks - cli - error - quark, ks_cli_error)

/* A row for each error that a caller can act on. */
typedef struct
{
  int code;
  const char *word;
  const char *sentence;
} Row;

static const Row cli_rows[] = {
  { KS_CLI_ERROR_NOT_SIGNED_IN, "not-signed-in",
    N_ ("Nobody is signed in. Use \"keepsakectl login\" first.") },
  { KS_CLI_ERROR_SIGNED_IN, "signed-in",
    N_ ("Somebody is signed in already. Use \"keepsakectl logout\" first.") },
  { KS_CLI_ERROR_WRONG_PASSWORD, "wrong-password", N_ ("Wrong user name or password.") },
  { KS_CLI_ERROR_OTHER_USER, "other-user",
    N_ ("The homeserver signed in another user ID than the one you gave, so Keepsake signed out again. "
        "Capital "
        "letters count.") },
  { KS_CLI_ERROR_SESSION_REFUSED, "session-refused",
    N_ ("The homeserver doesn't accept the session it just created. Nothing was changed. Try again with the "
        "user ID in lower case.") },
  { KS_CLI_ERROR_KEYS_ONLY_HERE, "keys-only-here",
    N_ ("Room keys that exist only on this computer would be lost. Export them first, or use --force.") },
  { KS_CLI_ERROR_SECRETS_ONLY_HERE, "secrets-only-here",
    N_ ("Secure Backup on the homeserver does not have all private keys of the account, so this computer may "
        "have the only copy. Run \"keepsakectl repair\" with your Security Key first. --force signs out all "
        "the same, and may lose them.") },
  { KS_CLI_ERROR_NOTHING_IN_FILE, "nothing-in-file",
    N_ ("Nothing of this account can be read from the file. Nothing was changed.") },
  { KS_CLI_ERROR_FILE_LOCKED, "file-locked",
    N_ ("The file was locked with another key than the one here. Nothing was changed. If it was made with "
        "--store-key-file, name that file.") },
  { KS_CLI_ERROR_NEEDS_KEY, "locked",
    N_ ("The Security Key is needed for this repair: --key-file, --phrase-file or --keyring. Nothing was "
        "changed.") },
  { KS_CLI_ERROR_SECRETS_CHANGED, "secrets-only-here",
    N_ ("Keepsake hasn't seen the Security Key open what the homeserver stores of the account's private keys "
        "now, so they may exist only on this computer. Use \"keepsakectl unlock\" first, or --force if you "
        "want to lose them.") },
  { KS_CLI_ERROR_SECRETS_REPLACED, "secrets-only-here",
    N_ ("Private keys of the account exist only on this computer, and the homeserver shows other keys in "
        "their place. If you reset Secure Backup in another app, you don't need them any more: use --force. "
        "If you didn't, they may be the only ones that open your messages.") },
  { KS_CLI_ERROR_SECRETS_NOT_ASKED, "secrets-only-here",
    N_ ("The homeserver does not tell whether the Security Key opens the private keys of the account that "
        "are "
        "here. If it does not, they would be lost. Try again later, or use --force.") },
  { KS_CLI_ERROR_SET_UP_UNFINISHED, "set-up-unfinished",
    N_ ("Secure Backup is not set up to its end, which only this session can do. Use \"keepsakectl setup\" "
        "first, or use --force.") },
  { KS_CLI_ERROR_UNREAD, "unread",
    N_ ("Notices to this session that may bring room keys have not been read yet, and would be lost. Use "
        "--force if another session of yours has the keys.") },
  { KS_CLI_ERROR_NO_ANSWER, "network", N_ ("The homeserver did not answer in time.") },
  { KS_CLI_ERROR_FILE, "file", N_ ("The file can't be read, or is not what it should be.") },
  { KS_CLI_ERROR_WEAK_PHRASE, "weak-phrase",
    N_ ("The phrase would be guessed too soon. Use four or more uncommon words.") },
  { KS_CLI_ERROR_NO_KEY_FILE, "no-key-file",
    N_ ("Secure Backup is set up and complete, but there is no such file. Name the one that the Security "
        "Key was saved to: it is not written a second time.") },
  { KS_CLI_ERROR_NO_MESSAGES, "no-messages",
    N_ ("Much was looked through and no message was in it, so the rest was left. To look further back, run "
        "this again with the place named here.") },
  { KS_CLI_ERROR_KEYRING, "keyring",
    N_ ("The desktop keyring is not open. Unlock it, or use --store-key-file.") },
  { KS_CLI_ERROR_DAMAGED, "damaged",
    N_ ("The local data is damaged. Nothing was deleted. Run \"keepsakectl restore\": it sets the damaged "
        "file aside, keeps what can still be read, and brings the room keys of the backup here again.") },
  { KS_CLI_ERROR_NO_BACKUP, "no-backup",
    N_ ("There is no backup on the homeserver. What is here stays. \"keepsakectl status\" says what "
        "leads on.") },
  { KS_CLI_ERROR_OTHER_BACKUP, "locked",
    N_ ("The backup was made anew elsewhere: the key that is here does not open it. What is here stays. Use "
        "\"keepsakectl unlock\" again, with the Security Key from there.") },
  { KS_CLI_ERROR_OUTPUT, "output", N_ ("The answer can't be written. What was to be done is done.") },
};

static const Row matrix_rows[] = {
  { KS_MATRIX_ERROR_NETWORK, "network",
    N_ ("The homeserver can't be reached. Check your internet connection.") },
  { KS_MATRIX_ERROR_TLS, "tls", N_ ("The homeserver could not prove who it is. Nothing was sent.") },
  { KS_MATRIX_ERROR_INSECURE, "insecure",
    N_ ("The homeserver asked for a connection that others could read. Nothing was sent.") },
  { KS_MATRIX_ERROR_BAD_ANSWER, "bad-answer", N_ ("The homeserver gave an answer that makes no sense.") },
  { KS_MATRIX_ERROR_NOT_A_HOMESERVER, "not-a-homeserver",
    N_ ("There is a server, but it isn't a Matrix homeserver.") },
  { KS_MATRIX_ERROR_NO_SUCH_SERVER, "no-such-server",
    N_ ("The server can't be found. Check the spelling and your internet connection.") },
  { KS_MATRIX_ERROR_RATE_LIMITED, "rate-limited", N_ ("The homeserver asks to wait before the next try.") },
  { KS_MATRIX_ERROR_SERVER, "server", N_ ("The homeserver has a problem of its own. Try again later.") },
  { KS_MATRIX_ERROR_UNAUTHORIZED, "signed-out",
    N_ ("The homeserver has ended this session. Sign in again.") },
  { KS_MATRIX_ERROR_FORBIDDEN, "forbidden", N_ ("The homeserver doesn't allow this.") },
  { KS_MATRIX_ERROR_UNSUPPORTED, "unsupported",
    N_ ("The homeserver doesn't offer what is needed for this.") },
  { KS_MATRIX_ERROR_NOT_FOUND, "not-found", N_ ("The homeserver does not have what was asked for.") },
  { KS_MATRIX_ERROR_WRONG_VERSION, "conflict",
    N_ ("The backup was replaced meanwhile. Nothing is lost; run this again.") },
  { KS_MATRIX_ERROR_REFUSED, "refused", N_ ("The homeserver refused this.") },
};

static const Row store_rows[] = {
  { KS_STORE_ERROR_FULL, "disk-full", N_ ("The disk is full. Nothing is lost.") },
  { KS_STORE_ERROR_DAMAGED, "damaged", N_ ("The local data is damaged. Nothing was deleted.") },
  { KS_STORE_ERROR_NEWER, "newer",
    N_ ("The local data was written by a newer version. Nothing was changed.") },
  { KS_STORE_ERROR_HELD, "held", N_ ("Another process is using this account.") },
  { KS_STORE_ERROR_LOCKED, "locked", N_ ("The local data is locked, and its key is not at hand.") },
  { KS_STORE_ERROR_WRONG_KEY, "wrong-store-key",
    N_ ("This is not the key that the local data was locked with.") },
  { KS_STORE_ERROR_FAILED, "disk", N_ ("The local data can't be read or written. Nothing was deleted.") },
};

static const Row keyring_rows[] = {
  { KS_KEYRING_ERROR_ABSENT, "keyring",
    N_ ("No desktop keyring is running. Use --store-key-file without one.") },
  { KS_KEYRING_ERROR_LOCKED, "keyring", N_ ("The desktop keyring is locked.") },
  { KS_KEYRING_ERROR_DENIED, "keyring", N_ ("The desktop keyring was not unlocked.") },
  { KS_KEYRING_ERROR_NO_ANSWER, "keyring", N_ ("The desktop keyring does not answer.") },
  { KS_KEYRING_ERROR_NOT_FOUND, "no-key-in-keyring",
    N_ ("The desktop keyring has no Security Key of this account.") },
  { KS_KEYRING_ERROR_FAILED, "keyring", N_ ("The desktop keyring gave a wrong answer.") },
};

static const Row recovery_rows[] = {
  { KS_RECOVERY_ERROR_EXISTS, "exists",
    N_ ("The account has Secure Backup, or a part of it, already. Nothing was changed.") },
  { KS_RECOVERY_ERROR_CONFLICT, "conflict",
    N_ ("Another client was faster. What it set up was left in place; use its Security Key.") },
  { KS_RECOVERY_ERROR_OVERWRITTEN, "overwritten",
    N_ ("Another client set Secure Backup up at the same time. A secret that it stored is missing and may "
        "have been overwritten: set it up again there before you sign out of it.") },
  { KS_RECOVERY_ERROR_WRONG_KEY, "wrong-key",
    N_ ("This Security Key doesn't fit. It may be of another account, or one that this account no longer "
        "has.") },
  { KS_RECOVERY_ERROR_AUTH_NEEDED, "auth-needed",
    N_ ("The homeserver wants the account's password: use --password-file. Nothing is lost; run this "
        "again.") },
  { KS_RECOVERY_ERROR_AUTH_WRONG, "wrong-password",
    N_ ("The homeserver did not take the password. Nothing is lost; run this again.") },
  { KS_RECOVERY_ERROR_REFUSED, "refused",
    N_ ("The homeserver refused a part of this. Nothing is lost; run this again.") },
  { KS_RECOVERY_ERROR_UNTRUSTED, "untrusted",
    N_ ("The backup on the homeserver is not one that may be written to. Nothing was uploaded to it.") },
  { KS_RECOVERY_ERROR_LOCKED, "locked",
    N_ ("The backup's key is not here yet. Unlock Secure Backup first.") },
  { KS_RECOVERY_ERROR_CORRUPT, "damaged",
    N_ ("The homeserver does not give back what was stored. Nothing is lost here; run this again.") },
};

static const Row unlock_rows[] = {
  { KS_RECOVERY_ERROR_NOT_SET_UP, "not-set-up", N_ ("The account has no Secure Backup to unlock.") },
  { KS_RECOVERY_ERROR_BROKEN_KEY, "broken-key",
    N_ ("There is a mistake in the Security Key. Compare it with what you saved, group by group.") },
  { KS_RECOVERY_ERROR_OLD_KEY, "old-key",
    N_ ("This is a key or phrase that the account had before. Use the one from the last time that Secure "
        "Backup was set up or reset.") },
  { KS_RECOVERY_ERROR_WRONG_PHRASE, "wrong-phrase",
    N_ ("This is not the Security Phrase. The Security Key opens too.") },
  { KS_RECOVERY_ERROR_NO_PHRASE, "no-phrase",
    N_ ("This account has no Security Phrase, only a Security Key.") },
  { KS_RECOVERY_ERROR_HARD_PHRASE, "hard-phrase",
    N_ ("The homeserver asks for too much work to check a phrase. Use the Security Key.") },
  { KS_RECOVERY_ERROR_NOT_A_KEY, "not-a-key", N_ ("There is no Security Key in this.") },
  { KS_RECOVERY_ERROR_ROOM_KEY_FILE, "room-key-file",
    N_ ("This file holds exported room keys, not a Security Key.") },
  { KS_RECOVERY_ERROR_NOTHING_STORED, "nothing-stored",
    N_ ("The key is right, but nothing is stored under it. Try an older key of this account; without one, "
        "\"keepsakectl status\" says what can still be done.") },
  { KS_RECOVERY_ERROR_DAMAGED_SECRET, "damaged",
    N_ ("The key is right, but what it opens is damaged on the homeserver. \"keepsakectl status\" says what "
        "can still be done.") },
  { KS_RECOVERY_ERROR_MISMATCH, "mismatch",
    N_ ("The key is right, but what it opens does not belong to what the homeserver shows of the account. "
        "\"keepsakectl status\" says what can still be done.") },
  { KS_RECOVERY_ERROR_CHANGED, "identity-changed",
    N_ ("The account's identity is not the one that this session knew. If you reset it, use "
        "--accept-new-identity; if not, somebody else did.") },
  { KS_RECOVERY_ERROR_UNSUPPORTED, "unsupported",
    N_ ("Secure Backup was set up in a way that this version does not know. Nothing was changed.") },
};

static const Row key_file_rows[] = {
  { KS_KEY_TEXT_FILE_ERROR_EXISTS, "file-exists",
    N_ ("There is such a file already, with something else in it. Nothing was changed.") },
  { KS_KEY_TEXT_FILE_ERROR_LINK, "file", N_ ("The file is a symbolic link. Name the file itself.") },
  { KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE, "file", N_ ("This is not a file.") },
  { KS_KEY_TEXT_FILE_ERROR_NOT_FOUND, "file", N_ ("There is no such directory.") },
  { KS_KEY_TEXT_FILE_ERROR_DENIED, "file", N_ ("The file can't be written there.") },
  { KS_KEY_TEXT_FILE_ERROR_FULL, "disk-full", N_ ("The disk is full. Nothing is lost.") },
};

static const Row room_key_file_rows[] = {
  { KS_KEY_FILE_ERROR_EXISTS, "file-exists",
    N_ ("There is such a file already, with something else in it. Nothing was changed.") },
  { KS_KEY_FILE_ERROR_LINK, "file", N_ ("The file is a symbolic link. Name the file itself.") },
  { KS_KEY_FILE_ERROR_NOT_A_FILE, "file", N_ ("This is not a file.") },
  { KS_KEY_FILE_ERROR_NOT_FOUND, "file", N_ ("There is no such file, or no such directory.") },
  { KS_KEY_FILE_ERROR_DENIED, "file", N_ ("The file can't be read, or not be written there.") },
  { KS_KEY_FILE_ERROR_FULL, "disk-full", N_ ("The disk is full. Nothing is lost.") },
  { KS_KEY_FILE_ERROR_FAILED, "disk", N_ ("The disk failed. Nothing was changed.") },
  { KS_KEY_FILE_ERROR_NOTHING, "nothing-to-export", N_ ("There is no room key here to export.") },
  { KS_KEY_FILE_ERROR_NONE_WRITABLE, "nothing-to-export",
    N_ ("None of the room keys here can go into a file: they are damaged, or it is not known who made them. "
        "Restore them from the backup, then try again.") },
  { KS_KEY_FILE_ERROR_DIFFERS, "disk",
    N_ ("The disk does not give back what was written to it. Save the room keys elsewhere.") },
  { KS_KEY_FILE_ERROR_WRONG_PHRASE, "wrong-phrase",
    N_ ("This phrase does not open the file. If it is the right one, the file was changed since it was "
        "exported.") },
  { KS_KEY_FILE_ERROR_DAMAGED, "damaged",
    N_ ("The file is damaged, or not all of it is there. Nothing was imported. Export it again if you "
        "can.") },
  { KS_KEY_FILE_ERROR_UNKNOWN_VERSION, "unknown-version",
    N_ ("The file is of a kind that this version does not know. Nothing was imported.") },
  { KS_KEY_FILE_ERROR_BAD_ITERATIONS, "bad-iterations",
    N_ ("The file asks for a senseless amount of work to check the phrase. Nothing was imported.") },
  { KS_KEY_FILE_ERROR_CHANGED, "damaged",
    N_ ("The file was changed while it was read. Nothing was imported.") },
  { KS_KEY_FILE_ERROR_NOT_ROOM_KEYS, "damaged",
    N_ ("The phrase fits, but the file holds no list of room keys. Nothing was imported.") },
  { KS_KEY_FILE_ERROR_UNUSABLE, "unusable-keys",
    N_ ("Some of the file's room keys can't be used. Nothing was imported; --accept-failures takes the "
        "rest.") },
  { KS_KEY_FILE_ERROR_SECURITY_KEY, "security-key",
    N_ ("This file holds a Security Key, not room keys. Use \"keepsakectl unlock\".") },
  { KS_KEY_FILE_ERROR_NOT_ENCRYPTED, "not-encrypted",
    N_ ("This file holds room keys that everybody can read. Only encrypted exports can be imported.") },
  { KS_KEY_FILE_ERROR_BACKUP, "backup-copy",
    N_ ("This is a copy of a key backup from a homeserver, not a room-key file.") },
  { KS_KEY_FILE_ERROR_SET_ASIDE, "set-aside",
    N_ ("This is a database of Keepsake's, not a room-key file. Use \"keepsakectl salvage\".") },
  { KS_KEY_FILE_ERROR_DATABASE, "not-a-key-file",
    N_ ("This is a database of another program, not a room-key file.") },
  { KS_KEY_FILE_ERROR_EMPTY, "not-a-key-file", N_ ("The file is empty.") },
  { KS_KEY_FILE_ERROR_OTHER, "not-a-key-file", N_ ("This is not a room-key file.") },
};

static const Row anything = { 0, "failed", N_ ("That did not work.") };

static const Row *
find (const Row *rows, gsize n, int code)
{
  for (gsize i = 0; i < n; i++)
    if (rows[i].code == code)
      return &rows[i];
  return &anything;
}

static const Row *
row_of (const GError *error)
{
  if (error->domain == KS_CLI_ERROR)
    return find (cli_rows, G_N_ELEMENTS (cli_rows), error->code);
  if (error->domain == KS_MATRIX_ERROR)
    return find (matrix_rows, G_N_ELEMENTS (matrix_rows), error->code);
  if (error->domain == KS_STORE_ERROR)
    return find (store_rows, G_N_ELEMENTS (store_rows), error->code);
  if (error->domain == KS_KEYRING_ERROR)
    return find (keyring_rows, G_N_ELEMENTS (keyring_rows), error->code);
  if (error->domain == KS_RECOVERY_ERROR)
    {
      const Row *row = find (recovery_rows, G_N_ELEMENTS (recovery_rows), error->code);

      return row != &anything ? row : find (unlock_rows, G_N_ELEMENTS (unlock_rows), error->code);
    }
  if (error->domain == KS_KEY_TEXT_FILE_ERROR)
    return find (key_file_rows, G_N_ELEMENTS (key_file_rows), error->code);
  if (error->domain == KS_KEY_FILE_ERROR)
    return find (room_key_file_rows, G_N_ELEMENTS (room_key_file_rows), error->code);
  return &anything;
}

const char *
ks_cli_error_word (const GError *error)
{
  return row_of (error)->word;
}

char *
ks_cli_error_sentence (const GError *error)
{
  const char *sentence = _ (row_of (error)->sentence);
  g_autofree char *message = ks_cli_harmless (error->message);
  const char *request = ks_matrix_error_get_request (error);

  /* Messages are English, hold no secret, and say what the sentence leaves out. */
  if (request != NULL)
    return g_strdup_printf ("%s (%s: %s)", sentence, request, message);
  return g_strdup_printf ("%s (%s)", sentence, message);
}

int
ks_cli_error_status (const GError *error)
{
  if (g_error_matches (error, KS_CLI_ERROR, KS_CLI_ERROR_NOT_SIGNED_IN))
    return KS_CLI_NOT_SIGNED_IN;
  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_HELD))
    return KS_CLI_HELD;
  if (g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_LOCKED)
      || g_error_matches (error, KS_CLI_ERROR, KS_CLI_ERROR_OTHER_BACKUP)
      || g_error_matches (error, KS_CLI_ERROR, KS_CLI_ERROR_NEEDS_KEY))
    return KS_CLI_NEEDS_UNLOCKING;
  return KS_CLI_FAILED;
}
