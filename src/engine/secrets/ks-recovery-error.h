/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can go wrong with Secure Backup besides the network and the disk. Only codes
 * that somebody decides by; messages are for logs and hold no secret.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  KS_RECOVERY_ERROR_EXISTS,      /* the account has an identity, secret storage or a backup already */
  KS_RECOVERY_ERROR_CONFLICT,    /* another client made one while ours was under way */
  KS_RECOVERY_ERROR_NOT_SET_UP,  /* nothing to go on with */
  KS_RECOVERY_ERROR_NOT_SAVED,   /* the person does not have the Security Key yet */
  KS_RECOVERY_ERROR_WRONG_KEY,   /* the Security Key is not the one that fits */
  KS_RECOVERY_ERROR_AUTH_NEEDED, /* the server wants to know that it is the person: answer, go on */
  KS_RECOVERY_ERROR_AUTH_WRONG,  /* it did not take the answer (a wrong password): answer again */
  KS_RECOVERY_ERROR_REFUSED,     /* the server did not take a signature or a key of ours */
  KS_RECOVERY_ERROR_UNTRUSTED,   /* the backup on the server is not one that may be written to */
  KS_RECOVERY_ERROR_OVERWRITTEN, /* as _CONFLICT, and a secret of theirs may be lost by ours */
  KS_RECOVERY_ERROR_CORRUPT,     /* what the server gives back is not what was stored */

  KS_RECOVERY_ERROR_LOCKED, /* what is needed is not here: unlock first */

  /* Unlocking. After each of them nothing was changed. */
  KS_RECOVERY_ERROR_BROKEN_KEY, /* meant as a Security Key, and none: mistyped, too short … */
  KS_RECOVERY_ERROR_OLD_KEY, /* a key or phrase that the account had, and that opens nothing that it has now */
  KS_RECOVERY_ERROR_WRONG_PHRASE,   /* no spelling of the phrase fits */
  KS_RECOVERY_ERROR_NO_PHRASE,      /* the account's key does not come from a phrase */
  KS_RECOVERY_ERROR_HARD_PHRASE,    /* the server wants a phrase to be hashed out of all bounds */
  KS_RECOVERY_ERROR_NOT_A_KEY,      /* neither a key nor a phrase: an empty text, some other file */
  KS_RECOVERY_ERROR_ROOM_KEY_FILE,  /* exported room keys: to be imported, they open no account */
  KS_RECOVERY_ERROR_NOTHING_STORED, /* the key fits, and there is nothing that it opens */
  KS_RECOVERY_ERROR_DAMAGED_SECRET, /* the key fits, and a secret (the message names it) does not open */
  KS_RECOVERY_ERROR_MISMATCH,       /* a secret (the message names it) is not of what is published */
  KS_RECOVERY_ERROR_CHANGED,        /* the identity is not the one that this session knew */
  KS_RECOVERY_ERROR_UNSUPPORTED,    /* secret storage is of a kind that Keepsake does not know */
} KsRecoveryError;

#define KS_RECOVERY_ERROR (ks_recovery_error_quark ())
GQuark ks_recovery_error_quark (void);

G_END_DECLS
