/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One question with two answers, in a dialog over a window.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks. @yes is the label of what happens, with a mnemonic; the other answer is
 * "Cancel", which is also what Escape and closing say. @destructive: @yes is shown
 * as dangerous and is not the default. Finish tells whether @yes was chosen. */
void ks_ask_async (GtkWindow *parent,
                   const char *heading,
                   const char *body,
                   const char *yes,
                   gboolean destructive,
                   GAsyncReadyCallback callback,
                   gpointer user_data);

/* The same, where "Cancel" would not say what it leaves as it is: @no does, with a
 * mnemonic. */
void ks_ask_between_async (GtkWindow *parent,
                           const char *heading,
                           const char *body,
                           const char *no,
                           const char *yes,
                           gboolean destructive,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ks_ask_finish (GAsyncResult *result);

G_END_DECLS
