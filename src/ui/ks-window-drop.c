/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/ks-window-drop.h"

#include "ui/ks-ask.h"

#include <glib/gi18n.h>

static void
on_sign_in_answered (GObject *window, GAsyncResult *result, gpointer data)
{
  if (ks_ask_finish (result))
    gtk_widget_activate_action (GTK_WIDGET (window), "win.sign-in", NULL);
}

/* What is in front of the window has a drop target of its own, or wants none. */
static gboolean
is_covered (GtkWidget *window)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) other = g_list_model_get_item (toplevels, i);

      if ((GtkWidget *) gtk_window_get_transient_for (other) == window && gtk_window_get_modal (other)
          && gtk_widget_get_visible (GTK_WIDGET (other)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
on_dropped (GtkDropTarget *target, const GValue *value, double x, double y, KsProfile *profile)
{
  GtkWidget *window = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  GFile *file = g_value_get_object (value);
  g_autofree char *uri = file != NULL ? g_file_get_uri (file) : NULL;

  if (uri == NULL || is_covered (window))
    return FALSE;
  if (ks_profile_get_account (profile) != NULL)
    gtk_widget_activate_action (window, "win.import-keys", "s", uri);
  else
    ks_ask_async (GTK_WINDOW (window), _ ("Sign In First"),
                  _ ("Keepsake can import what the file holds once you are signed in. Sign in with the "
                     "account it is from, then drop the file here again."),
                  _ ("_Sign In"), FALSE, on_sign_in_answered, NULL);
  return TRUE;
}

void
ks_window_drop_allow (GtkDropTarget *drop, gboolean allowed)
{
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (drop),
                                              allowed ? GTK_PHASE_BUBBLE : GTK_PHASE_NONE);
}

GtkDropTarget *
ks_window_drop_new (GtkWindow *window, KsProfile *profile)
{
  GtkDropTarget *drop = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  g_signal_connect_object (drop, "drop", G_CALLBACK (on_dropped), profile, 0);
  ks_window_drop_allow (drop, FALSE);
  gtk_widget_add_controller (GTK_WIDGET (window), GTK_EVENT_CONTROLLER (drop));
  return drop;
}
