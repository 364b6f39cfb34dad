/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The form of an export: the phrase, twice, and the file.
 */
#pragma once

#include "engine/account/ks-account.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_EXPORT_PAGE (ks_export_page_get_type ())
G_DECLARE_FINAL_TYPE (KsExportPage, ks_export_page, KS, EXPORT_PAGE, KsStepPage)

/* Whose keys: by that the phrase is judged. Once. */
void ks_export_page_set_account (KsExportPage *self, KsAccount *account);

/* What was entered, once the page went on. */
KsSecret *ks_export_page_get_phrase (KsExportPage *self) G_GNUC_WARN_UNUSED_RESULT;
GFile *ks_export_page_get_file (KsExportPage *self); /* borrowed */

/* Why it did not work; NULL: nothing to say. */
void ks_export_page_set_problem (KsExportPage *self, const char *problem);

G_END_DECLS
