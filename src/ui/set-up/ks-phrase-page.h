/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Setting up: a Security Phrase, and how long it would withstand guessing.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "engine/account/ks-account.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_PHRASE_PAGE (ks_phrase_page_get_type ())
G_DECLARE_FINAL_TYPE (KsPhrasePage, ks_phrase_page, KS, PHRASE_PAGE, KsStepPage)

/* Whose backup it is for: what is guessed first follows from that. */
void ks_phrase_page_set_account (KsPhrasePage *self, KsAccount *account);

/* The phrase as it stands in the entry. */
KsSecret *ks_phrase_page_get_phrase (KsPhrasePage *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
