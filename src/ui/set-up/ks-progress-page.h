/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Setting up: what is done, what is being done, and what stopped it.
 */
#pragma once

#include "engine/set-up/ks-set-up.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_PROGRESS_PAGE (ks_progress_page_get_type ())
G_DECLARE_FINAL_TYPE (KsProgressPage, ks_progress_page, KS, PROGRESS_PAGE, KsStepPage)

/* What to show; follows it from now on. */
void ks_progress_page_set_set_up (KsProgressPage *self, KsSetUp *set_up);

/* Whether the set-up ends with the program, because nothing is kept on this computer: then
 * it is said. */
void ks_progress_page_set_in_memory (KsProgressPage *self, gboolean in_memory);

/* Why it stopped, and "Try Again" for the button; NULL: it goes on. */
void ks_progress_page_set_failure (KsProgressPage *self, const GError *failure);
gboolean ks_progress_page_has_failed (KsProgressPage *self);

G_END_DECLS
