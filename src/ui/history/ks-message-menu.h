/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be done with one message of a timeline: copy its text, save its attachment; from a
 * menu by the right button, a long touch or the menu key, and by Ctrl+C.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define KS_TYPE_MESSAGE_MENU (ks_message_menu_get_type ())
G_DECLARE_FINAL_TYPE (KsMessageMenu, ks_message_menu, KS, MESSAGE_MENU, GObject)

/* @scroller holds @list, whose rows show KsMessageRow widgets. Both have to outlive it. */
KsMessageMenu *ks_message_menu_new (GtkWidget *scroller, GtkWidget *list) G_GNUC_WARN_UNUSED_RESULT;

/* Lets go of the message that it was about; closed, if it is open. */
void ks_message_menu_forget (KsMessageMenu *self);

G_END_DECLS
