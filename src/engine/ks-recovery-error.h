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
} KsRecoveryError;

#define KS_RECOVERY_ERROR (ks_recovery_error_quark ())
GQuark ks_recovery_error_quark (void);

G_END_DECLS
