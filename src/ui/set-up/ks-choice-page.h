/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Setting up: a generated Security Key, or one made from a Security Phrase?
 */
#pragma once

#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_CHOICE_PAGE (ks_choice_page_get_type ())
G_DECLARE_FINAL_TYPE (KsChoicePage, ks_choice_page, KS, CHOICE_PAGE, KsStepPage)

/* Whether a phrase is wanted. */
gboolean ks_choice_page_wants_phrase (KsChoicePage *self);

/* Says why going on failed; NULL: nothing to say. */
void ks_choice_page_set_problem (KsChoicePage *self, const char *problem);

G_END_DECLS
