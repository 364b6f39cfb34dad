/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A page of a dialog that leads through something. It draws its heading and what it
 * asks; the dialog draws the buttons from the properties alone and knows the order.
 *
 *   "title", "description", "icon-name"   the heading; the icon may be missing
 *   "content"                             what is below it
 *   "complete"                            whether one can go on
 *   "busy"                                it works on going on; nothing else can be done
 *   "forward-label"                       with a mnemonic; NULL: there is no such button
 *   "forward-suggested"                   whether that is the page's one blue button
 *
 * Signal "go-on": the page is done.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_STEP_PAGE (ks_step_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (KsStepPage, ks_step_page, KS, STEP_PAGE, AdwBin)

struct _KsStepPageClass
{
  AdwBinClass parent_class;

  /* It came to the front: puts the focus where work begins. */
  void (*shown) (KsStepPage *self);
  /* "Continue" was pressed, while complete and not busy. The default: go on at once. */
  void (*forward) (KsStepPage *self);
  /* It is left for good: whatever is secret in it is wiped. */
  void (*wipe) (KsStepPage *self);
};

void ks_step_page_shown (KsStepPage *self);
void ks_step_page_wipe (KsStepPage *self);

/* What the dialog's button and Enter in a field do. Nothing, unless one can go on. */
void ks_step_page_forward (KsStepPage *self);

/* For the page itself: it is done. */
void ks_step_page_go_on (KsStepPage *self);

gboolean ks_step_page_get_complete (KsStepPage *self);
void ks_step_page_set_complete (KsStepPage *self, gboolean complete);
gboolean ks_step_page_get_busy (KsStepPage *self);
void ks_step_page_set_busy (KsStepPage *self, gboolean busy);
const char *ks_step_page_get_forward_label (KsStepPage *self); /* borrowed */
void ks_step_page_set_forward_label (KsStepPage *self, const char *label);
gboolean ks_step_page_get_forward_suggested (KsStepPage *self);
void ks_step_page_set_forward_suggested (KsStepPage *self, gboolean suggested);
const char *ks_step_page_get_title (KsStepPage *self); /* borrowed */
void ks_step_page_set_title (KsStepPage *self, const char *title);
void ks_step_page_set_description (KsStepPage *self, const char *description);

/* The medallion. @style: "accent", "ok", "attention". */
void ks_step_page_set_icon (KsStepPage *self, const char *icon_name, const char *style);

G_END_DECLS
