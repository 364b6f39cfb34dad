/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page that asks for what opens Secure Backup: a key or phrase in one field, a file,
 * or the key in the desktop keyring.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"
#include "engine/unlock/ks-key-entry.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_UNLOCK_PAGE (ks_unlock_page_get_type ())
G_DECLARE_FINAL_TYPE (KsUnlockPage, ks_unlock_page, KS, UNLOCK_PAGE, KsStepPage)

/* What the page is for; looks whether the keyring has a key. */
void ks_unlock_page_set_recovery (KsUnlockPage *self, KsRecovery *recovery);

/* What the person gave, after "go-on"; @source says where it is from. For the caller to
 * unref. NULL: the key in the keyring is to be used. */
KsSecret *ks_unlock_page_get_text (KsUnlockPage *self, KsKeyEntrySource *source) G_GNUC_WARN_UNUSED_RESULT;

/* Goes on with the content of @file. What cannot be read is said. */
void ks_unlock_page_open_file (KsUnlockPage *self, GFile *file);

/* As if the person had typed @text. */
void ks_unlock_page_enter (KsUnlockPage *self, const char *text);

/* Goes on with the key in the keyring. */
void ks_unlock_page_use_keyring (KsUnlockPage *self);

/* Whether the person wants what was given in the desktop keyring, too. */
gboolean ks_unlock_page_wants_to_keep (KsUnlockPage *self);

/* How far it is with what was given; NULL: nothing to tell. */
void ks_unlock_page_set_progress (KsUnlockPage *self, const char *text);

/* Why it was not opened; NULL: nothing is wrong. */
void ks_unlock_page_set_problem (KsUnlockPage *self, const char *problem);

/* What was given are exported room keys: offers to import them (action "restore.import-keys"),
 * until something else is given. */
void ks_unlock_page_offer_import (KsUnlockPage *self);

/* The key is not the right one: offers to say what helps whoever has no other (action
 * "restore.without-key"), likewise. */
void ks_unlock_page_offer_help (KsUnlockPage *self);

/* The right key opened nothing: offers to make anew what is missing (action "restore.repair"), likewise. */
void ks_unlock_page_offer_repair (KsUnlockPage *self);

/* The file that was opened last; NULL: none was. Borrowed. */
GFile *ks_unlock_page_get_file (KsUnlockPage *self);

G_END_DECLS
