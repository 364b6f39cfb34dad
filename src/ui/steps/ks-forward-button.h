/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The button that goes on from a page: named, blue, sensitive and busy as the page has it.
 */
#pragma once

#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_FORWARD_BUTTON (ks_forward_button_get_type ())
G_DECLARE_FINAL_TYPE (KsForwardButton, ks_forward_button, KS, FORWARD_BUTTON, AdwBin)

/* The page that is shown now. */
void ks_forward_button_set_page (KsForwardButton *self, KsStepPage *page);

/* Enter presses it, wherever the keyboard is in @dialog but in a row that can be activated, or a button. */
void ks_forward_button_take_enter (KsForwardButton *self, GtkWindow *dialog);

/* Borrowed. */
GtkWidget *ks_forward_button_get_button (KsForwardButton *self);

G_END_DECLS
