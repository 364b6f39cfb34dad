/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asks for a file, by way of the portal where there is one.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where to save something. @name is proposed. Replacing a file that is there was agreed
 * to when this ends. Finish: the file, or NULL if none was chosen. */
void ks_choose_file_to_save_async (
    GtkWindow *parent, const char *title, const char *name, GAsyncReadyCallback callback, gpointer user_data);
GFile *ks_choose_file_to_save_finish (GAsyncResult *result) G_GNUC_WARN_UNUSED_RESULT;

/* Which file to open. @folder: where to look first; NULL: where the person was last. Finish: as above. */
void ks_choose_file_to_open_async (
    GtkWindow *parent, const char *title, GFile *folder, GAsyncReadyCallback callback, gpointer user_data);
GFile *ks_choose_file_to_open_finish (GAsyncResult *result) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
