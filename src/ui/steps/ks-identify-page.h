/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A step: the homeserver wants to know that it is the person. A password here, or
 * whatever else it wants in the browser.
 */
#pragma once

#include "engine/set-up/ks-set-up.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_IDENTIFY_PAGE (ks_identify_page_get_type ())
G_DECLARE_FINAL_TYPE (KsIdentifyPage, ks_identify_page, KS, IDENTIFY_PAGE, KsStepPage)

/* What @homeserver (base URL) asks of @user_id. @wrong: the answer before was. */
void ks_identify_page_set_challenge (
    KsIdentifyPage *self, KsUia *challenge, const char *user_id, const char *homeserver, gboolean wrong);

/* The answer, once; NULL: there is none. */
KsUiaAnswer *ks_identify_page_take_answer (KsIdentifyPage *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
