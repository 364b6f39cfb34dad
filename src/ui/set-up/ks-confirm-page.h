/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Setting up: the Security Phrase once more.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_CONFIRM_PAGE (ks_confirm_page_get_type ())
G_DECLARE_FINAL_TYPE (KsConfirmPage, ks_confirm_page, KS, CONFIRM_PAGE, KsStepPage)

/* What must be entered. */
void ks_confirm_page_set_phrase (KsConfirmPage *self, KsSecret *phrase);

/* Says why going on failed; NULL: nothing to say. */
void ks_confirm_page_set_problem (KsConfirmPage *self, const char *problem);

G_END_DECLS
