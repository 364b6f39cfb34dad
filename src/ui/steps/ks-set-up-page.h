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

#define KS_TYPE_SET_UP_PAGE (ks_set_up_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (KsSetUpPage, ks_set_up_page, KS, SET_UP_PAGE, AdwBin)

struct _KsSetUpPageClass
{
  AdwBinClass parent_class;

  /* It came to the front: puts the focus where work begins. */
  void (*shown) (KsSetUpPage *self);
  /* "Continue" was pressed, while complete and not busy. The default: go on at once. */
  void (*forward) (KsSetUpPage *self);
  /* It is left for good: whatever is secret in it is wiped. */
  void (*wipe) (KsSetUpPage *self);
};

void ks_set_up_page_shown (KsSetUpPage *self);
void ks_set_up_page_wipe (KsSetUpPage *self);

/* What the dialog's button and Enter in a field do. Nothing, unless one can go on. */
void ks_set_up_page_forward (KsSetUpPage *self);

/* For the page itself: it is done. */
void ks_set_up_page_go_on (KsSetUpPage *self);

gboolean ks_set_up_page_get_complete (KsSetUpPage *self);
void ks_set_up_page_set_complete (KsSetUpPage *self, gboolean complete);
gboolean ks_set_up_page_get_busy (KsSetUpPage *self);
void ks_set_up_page_set_busy (KsSetUpPage *self, gboolean busy);
const char *ks_set_up_page_get_forward_label (KsSetUpPage *self); /* borrowed */
void ks_set_up_page_set_forward_label (KsSetUpPage *self, const char *label);
gboolean ks_set_up_page_get_forward_suggested (KsSetUpPage *self);
void ks_set_up_page_set_forward_suggested (KsSetUpPage *self, gboolean suggested);
const char *ks_set_up_page_get_title (KsSetUpPage *self); /* borrowed */
void ks_set_up_page_set_title (KsSetUpPage *self, const char *title);
void ks_set_up_page_set_description (KsSetUpPage *self, const char *description);

/* The medallion. @style: "accent", "ok", "attention". */
void ks_set_up_page_set_icon (KsSetUpPage *self, const char *icon_name, const char *style);

G_END_DECLS
