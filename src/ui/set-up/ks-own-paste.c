/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-own-paste.h"

typedef struct
{
  void (*refused) (gpointer data);
  gpointer data;
} Refusal;

static void
refusal_free (gpointer refusal, GClosure *closure)
{
  g_free (refusal);
}

static gboolean
is_own (GdkClipboard *clipboard)
{
  return gdk_clipboard_is_local (clipboard) && gdk_clipboard_get_content (clipboard) != NULL;
}

static void
on_paste (GtkText *text, gpointer data)
{
  const Refusal *refusal = data;

  if (!is_own (gtk_widget_get_clipboard (GTK_WIDGET (text))))
    return;
  g_signal_stop_emission_by_name (text, "paste-clipboard");
  refusal->refused (refusal->data);
}

/* The middle button, which pastes what is selected, without a signal. */
static void
on_middle_pressed (GtkGestureClick *gesture, int n, double x, double y, gpointer data)
{
  const Refusal *refusal = data;
  GtkWidget *text = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture));

  if (!is_own (gtk_widget_get_primary_clipboard (text)))
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  refusal->refused (refusal->data);
}

/* A selection can be dragged as well. */
static void
take_no_drops (GtkWidget *text)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (text);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_NONE);
    }
}

void
ks_own_paste_refuse (GtkEditable *entry, void (*refused) (gpointer data), gpointer data)
{
  GtkEditable *delegate = gtk_editable_get_delegate (entry);
  GtkWidget *text = GTK_WIDGET (delegate != NULL ? delegate : entry);
  GtkGesture *middle = gtk_gesture_click_new ();
  Refusal *refusal = g_new0 (Refusal, 1);

  g_return_if_fail (GTK_IS_TEXT (text));

  refusal->refused = refused;
  refusal->data = data;
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (middle), GDK_BUTTON_MIDDLE);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (middle), GTK_PHASE_CAPTURE);
  g_signal_connect (middle, "pressed", G_CALLBACK (on_middle_pressed), refusal);
  gtk_widget_add_controller (text, GTK_EVENT_CONTROLLER (middle));
  g_signal_connect_data (text, "paste-clipboard", G_CALLBACK (on_paste), refusal, refusal_free, 0);
  take_no_drops (text);
}
