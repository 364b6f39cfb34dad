/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The last page: what came back, counted by outcome, and what could not be used and why.
 */
#pragma once

#include "engine/recovery/ks-restore-job.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_RESTORED_PAGE (ks_restored_page_get_type ())
G_DECLARE_FINAL_TYPE (KsRestoredPage, ks_restored_page, KS, RESTORED_PAGE, KsStepPage)

/* @job: DONE or STOPPED. Once. */
void ks_restored_page_show (KsRestoredPage *self, KsRestoreJob *job);

/* It was unlocked, but there is nothing to restore with it; @sentence says why. */
void ks_restored_page_show_unlocked (KsRestoredPage *self, const char *sentence);

/* The key opened nothing but an older backup, and @report is what came from there. */
void ks_restored_page_show_older (KsRestoredPage *self, const KsKeyReport *report, const char *sentence);

/* What unlocking had to say; NULL: nothing. */
void ks_restored_page_set_notes (KsRestoredPage *self, const char *notes);

G_END_DECLS
