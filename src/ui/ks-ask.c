/* SPDX-License-Identifier: GPL-3.0-or-later */

/* AdwMessageDialog is deprecated from libadwaita 1.6 on; only this file names it. */

#include "config.h"

#include "ui/ks-ask.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static void
on_answered (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  g_autoptr (GTask) task = data;

  g_task_return_boolean (task, g_str_equal (response, "yes"));
}

void
ks_ask_between_async (GtkWindow *parent,
                      const char *heading,
                      const char *body,
                      const char *no,
                      const char *yes,
                      gboolean destructive,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (parent, NULL, callback, user_data);
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, body);
  AdwMessageDialog *question = ADW_MESSAGE_DIALOG (dialog);

  g_task_set_name (task, G_STRFUNC);
  adw_message_dialog_add_responses (question, "cancel", no, "yes", yes, NULL);
  adw_message_dialog_set_response_appearance (question, "yes",
                                              destructive ? ADW_RESPONSE_DESTRUCTIVE
                                                          : ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (question, destructive ? "cancel" : "yes");
  adw_message_dialog_set_close_response (question, "cancel");
  g_signal_connect (dialog, "response", G_CALLBACK (on_answered), task);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
ks_ask_async (GtkWindow *parent,
              const char *heading,
              const char *body,
              const char *yes,
              gboolean destructive,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  ks_ask_between_async (parent, heading, body, _ ("_Cancel"), yes, destructive, callback, user_data);
}

gboolean
ks_ask_finish (GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}
