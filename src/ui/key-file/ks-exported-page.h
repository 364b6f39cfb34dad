/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The last page of an export: how many keys are in which file, and what is not.
 */
#pragma once

#include "engine/key-file/ks-export-keys.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_EXPORTED_PAGE (ks_exported_page_get_type ())
G_DECLARE_FINAL_TYPE (KsExportedPage, ks_exported_page, KS, EXPORTED_PAGE, KsStepPage)

void ks_exported_page_show (KsExportedPage *self, const KsExportReport *report, GFile *file);

G_END_DECLS
