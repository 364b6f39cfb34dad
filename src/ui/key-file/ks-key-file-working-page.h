/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of an export or import under way.
 */
#pragma once

#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_KEY_FILE_WORKING_PAGE (ks_key_file_working_page_get_type ())
G_DECLARE_FINAL_TYPE (KsKeyFileWorkingPage, ks_key_file_working_page, KS, KEY_FILE_WORKING_PAGE, KsStepPage)

/* What is being done, and how far it is: 0 to 1; negative: not known. */
void ks_key_file_working_page_show (KsKeyFileWorkingPage *self, const char *text, double fraction);

G_END_DECLS
