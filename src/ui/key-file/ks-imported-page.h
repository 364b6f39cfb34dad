/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The last page of an import: what came in, counted by outcome, and what can't be used and why.
 * Where that is still to be accepted it is the last but one.
 */
#pragma once

#include "engine/keys/ks-key-report.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_IMPORTED_PAGE (ks_imported_page_get_type ())
G_DECLARE_FINAL_TYPE (KsImportedPage, ks_imported_page, KS, IMPORTED_PAGE, KsStepPage)

/* @imported FALSE: nothing was yet; going on accepts that some can't be used. */
void ks_imported_page_show (KsImportedPage *self, const KsKeyReport *report, gboolean imported);

/* What came out of a database that was set aside: see key-file/ks-set-aside-text.h. */
void ks_imported_page_show_set_aside (KsImportedPage *self,
                                      const KsKeyReport *report,
                                      guint secrets,
                                      gboolean backing_up);

G_END_DECLS
