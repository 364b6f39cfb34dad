/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Setting up: what was done, and where the Security Key is. A backup with nothing in it
 * is not called one that is safe.
 */
#pragma once

#include "engine/set-up/ks-set-up.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_DONE_PAGE (ks_done_page_get_type ())
G_DECLARE_FINAL_TYPE (KsDonePage, ks_done_page, KS, DONE_PAGE, KsStepPage)

/* @set_up in the stage KS_SET_UP_DONE. */
void ks_done_page_show (KsDonePage *self, KsSetUp *set_up);

/* One sentence of the same, for a notification. */
char *ks_done_page_sentence (const KsSetUpOutcome *outcome) G_GNUC_WARN_UNUSED_RESULT;
const char *ks_done_page_title (const KsSetUpOutcome *outcome);

G_END_DECLS
