/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said while somebody enters a key or phrase.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

/* What @typed seems to be. NULL: nothing was typed. */
char *ks_unlock_text_hint (KsSecret *typed) G_GNUC_WARN_UNUSED_RESULT;

/* Why @typed, which was tried as a phrase and is none, did not open it: it is the beginning of a
 * key. NULL: it is not. */
char *ks_unlock_text_unfinished (KsSecret *typed) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
