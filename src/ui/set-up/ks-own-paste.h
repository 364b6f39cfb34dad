/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps what this app copied itself from being given back to it: that would prove nothing
 * about where a person keeps it.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* From now on @entry takes no paste of what this app has put on the clipboard or selected,
 * by whatever key, button or menu, and nothing that is dragged there, of which nobody can
 * tell. Typing, and pasting what another app holds, work as ever. @refused says why nothing
 * was pasted; @data must live as long as @entry does. */
void ks_own_paste_refuse (GtkEditable *entry, void (*refused) (gpointer data), gpointer data);

G_END_DECLS
