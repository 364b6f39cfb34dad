/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GtkFileChooser is deprecated from GTK 4.10 on; only this file names it. */

#include "config.h"

#include "ui/ks-choose-file.h"

#include <glib/gi18n.h>

static void
on_answered (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_autoptr (GTask) task = data;
  GFile *file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;

  g_task_return_pointer (task, file, g_object_unref);
  g_object_unref (dialog);
}

static void
choose (GTask *task,
        const char *title,
        GtkFileChooserAction action,
        const char *accept,
        GFile *folder,
        const char *name)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (title, g_task_get_source_object (task), action, accept, _ ("_Cancel"));

  if (folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), folder, NULL);
  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_answered), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
ks_choose_file_to_save_async (
    GtkWindow *parent, const char *title, const char *name, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (parent, NULL, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  choose (task, title, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), NULL, name);
}

GFile *
ks_choose_file_to_save_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

void
ks_choose_file_to_open_async (
    GtkWindow *parent, const char *title, GFile *folder, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (parent, NULL, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  choose (task, title, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), folder, NULL);
}

GFile *
ks_choose_file_to_open_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
