/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Setting up: the Security Key, shown until the person has it. It is done once the key
 * was saved to a file that was read back, or copied and given back: typed, or pasted from
 * where the person keeps it. What this app has on the clipboard itself is no proof of that.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "engine/account/ks-profile.h"
#include "engine/set-up/ks-set-up.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_SAVE_KEY_PAGE (ks_save_key_page_get_type ())
G_DECLARE_FINAL_TYPE (KsSaveKeyPage, ks_save_key_page, KS, SAVE_KEY_PAGE, KsStepPage)

/* The key to save, 32 bytes, of @user_id; whether it is made from a phrase. The same key again
 * changes nothing. */
void ks_save_key_page_set_key (KsSaveKeyPage *self, KsSecret *key, gboolean by_phrase, const char *user_id);

/* Looks what the keyring can do for this profile, and says so. */
void ks_save_key_page_look_at_keyring (KsSaveKeyPage *self, KsProfile *profile, const char *user_id);

/* The key as it was read back from the file or given back by the person; NULL before.
 * Borrowed. */
KsSecret *ks_save_key_page_get_as_saved (KsSaveKeyPage *self);

/* Without its directory; NULL: in no file. Borrowed. */
const char *ks_save_key_page_get_file_name (KsSaveKeyPage *self);

/* Where the person has it, and whether it is to be kept in the desktop keyring too. */
KsKeySaved ks_save_key_page_get_saved (KsSaveKeyPage *self);

/* Where it may be by now, whether or not it counts as saved: the name of the file that it
 * was saved to last, even if writing that once more failed since (borrowed; NULL: none); and
 * whether it was copied, or saved to other files before. */
const char *ks_save_key_page_get_kept_in (KsSaveKeyPage *self);
gboolean ks_save_key_page_is_kept_elsewhere (KsSaveKeyPage *self);

/* Says why going on failed; NULL: nothing to say. */
void ks_save_key_page_set_problem (KsSaveKeyPage *self, const char *problem);

G_END_DECLS
