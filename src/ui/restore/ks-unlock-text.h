/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said while somebody enters a key or phrase, and of what came of it.
 */
#pragma once

#include "engine/unlock/ks-unlock-result.h"

G_BEGIN_DECLS

/* What @typed seems to be. NULL: nothing was typed. */
char *ks_unlock_text_hint (KsSecret *typed) G_GNUC_WARN_UNUSED_RESULT;

/* Why @typed, which was tried as a phrase and is none, did not open it: it is the beginning of a
 * key. NULL: it is not. */
char *ks_unlock_text_unfinished (KsSecret *typed) G_GNUC_WARN_UNUSED_RESULT;

/* What the person has to know besides that it is open; first the mistake in the key, with
 * what it has to be. NULL: nothing. The caller wipes it: ks_wipe_free_string(). */
char *ks_unlock_text_notes (const KsUnlockResult *result) G_GNUC_WARN_UNUSED_RESULT;

/* What became of one that opened no backup. */
char *ks_unlock_text_without_backup (const KsUnlockResult *result) G_GNUC_WARN_UNUSED_RESULT;

/* What became of a key that opened nothing but an older backup. @is_open: the current one is open here. Static. */
const char *ks_unlock_text_older (gboolean is_open);

G_END_DECLS
