/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of a restore under way, or of one that stopped with an error.
 */
#pragma once

#include "engine/recovery/ks-restore-job.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_RESTORING_PAGE (ks_restoring_page_get_type ())
G_DECLARE_FINAL_TYPE (KsRestoringPage, ks_restoring_page, KS, RESTORING_PAGE, KsStepPage)

/* Once, before it is shown. */
void ks_restoring_page_set_job (KsRestoringPage *self, KsRestoreJob *job);

/* What unlocking had to say; NULL: nothing. */
void ks_restoring_page_set_notes (KsRestoringPage *self, const char *notes);

G_END_DECLS
