/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-set-up-problem.h"

#include "ui/ks-error-text.h"
#include "ui/set-up/ks-choice-page.h"
#include "ui/set-up/ks-confirm-page.h"
#include "ui/set-up/ks-save-key-page.h"

void
ks_set_up_problem_tell (KsStepPage *page, const GError *error)
{
  g_autofree char *text = ks_error_text (error);

  g_message ("the set-up did not go on: %s", error->message);
  if (KS_IS_CONFIRM_PAGE (page))
    ks_confirm_page_set_problem (KS_CONFIRM_PAGE (page), text);
  else if (KS_IS_SAVE_KEY_PAGE (page))
    ks_save_key_page_set_problem (KS_SAVE_KEY_PAGE (page), text);
  else
    ks_choice_page_set_problem (KS_CHOICE_PAGE (page), text);
}
