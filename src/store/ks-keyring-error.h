/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why the desktop keyring did not do what it was asked. None of these is a reason
 * to sign anybody out or to wipe anything.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  KS_KEYRING_ERROR_ABSENT,    /* this session has no Secret Service */
  KS_KEYRING_ERROR_LOCKED,    /* it is locked, and nobody was to be asked */
  KS_KEYRING_ERROR_DENIED,    /* the person dismissed the prompt */
  KS_KEYRING_ERROR_NO_ANSWER, /* no answer within the time */
  KS_KEYRING_ERROR_NOT_FOUND, /* it is open and has no such item */
  KS_KEYRING_ERROR_FAILED,    /* it answered, but wrongly: an item that is not what was stored, an error */
} KsKeyringErrorCode;

#define KS_KEYRING_ERROR (ks_keyring_error_quark ())
GQuark ks_keyring_error_quark (void);

G_END_DECLS
