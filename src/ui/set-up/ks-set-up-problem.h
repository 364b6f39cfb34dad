/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why a step of the set-up failed, said on the page that it was begun on.
 */
#pragma once

#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

/* @page: the choice, the repetition of the phrase, or the key to save. */
void ks_set_up_problem_tell (KsStepPage *page, const GError *error);

G_END_DECLS
