/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-set-up-stop.h"

#include "ui/ks-ask.h"

#include <glib/gi18n.h>

static void
on_discarded (GObject *set_up, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;

  if (!ks_set_up_discard_finish (KS_SET_UP (set_up), result, &error))
    g_message ("the key was not forgotten: %s", error->message);
  g_task_return_boolean (task, TRUE);
}

static void
on_asked (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  KsSetUp *set_up = g_task_get_task_data (task);

  if (ks_ask_finish (result) && ks_set_up_get_stage (set_up) == KS_SET_UP_KEY_MADE)
    ks_set_up_discard_async (set_up, NULL, on_discarded, g_steal_pointer (&task));
  else
    g_task_return_boolean (task, FALSE);
}

void
ks_set_up_stop_async (GtkWindow *window, KsSetUp *set_up, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (window, NULL, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, g_object_ref (set_up), g_object_unref);
  /* A "Cancel" has just been pressed: here it could mean either. */
  ks_ask_between_async (window, _ ("Stop Setting Up?"),
                        _ ("The Security Key that was made for you is thrown away; don't keep it. Nothing "
                           "was changed on the homeserver."),
                        _ ("_Go On Setting Up"), _ ("_Stop"), TRUE, on_asked, task);
}

gboolean
ks_set_up_stop_finish (GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}
