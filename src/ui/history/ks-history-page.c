/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-history-page.h"

#include "engine/history/ks-rooms.h"
#include "engine/recovery/ks-recovery.h"
#include "ui/history/ks-room-row.h"
#include "ui/ks-error-text.h"
#include "ui/restore/ks-restore-dialog.h"

#include <glib/gi18n.h>

/* A spinner that is gone at once only flickers. In milliseconds. */
#define MOMENT 300

struct _KsHistoryPage
{
  AdwBin parent;

  GtkStack *stages;
  GtkSpinner *spinner;
  AdwStatusPage *failed_page;
  AdwPreferencesGroup *group;
  GtkSpinner *group_spinner;
  GtkButton *unlock_button;
  GtkButton *restore_button;
  GtkBox *trouble;
  GtkLabel *trouble_label;
  GtkListBox *list;

  KsAccount *account; /* owned; NULL: nobody is signed in */
  KsRooms *rooms;     /* owned: the account's */
  GHashTable *rows;   /* owned: KsRoom to its KsRoomRow, which may be NULL: nothing can be missing there */
  gulong rooms_changed;
  gulong state_changed;      /* of the account's recovery */
  GCancellable *cancellable; /* owned: of the question that is under way, else NULL */
  gboolean asked;            /* the server was asked since the account is here */
  gboolean again;            /* keys have arrived since the rooms were last looked at */
  GError *failure;           /* owned; why the last question had no answer, else NULL */
  guint moment;              /* a spinner is due; else 0 */
  KsRoom *read;              /* borrowed, weak: the one that was opened last */
};

G_DEFINE_FINAL_TYPE (KsHistoryPage, ks_history_page, ADW_TYPE_BIN)

enum
{
  ROOM_ACTIVATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* What is shown. */

static gboolean
has_rows (KsHistoryPage *self)
{
  return gtk_list_box_get_row_at_index (self->list, 0) != NULL;
}

static void
show_spinner (KsHistoryPage *self, gboolean show)
{
  gtk_spinner_set_spinning (self->spinner, show);
  gtk_spinner_set_spinning (self->group_spinner, show);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), show);
  gtk_widget_set_visible (GTK_WIDGET (self->group_spinner), show);
}

static gboolean
on_moment_over (gpointer data)
{
  KsHistoryPage *self = data;

  self->moment = 0;
  show_spinner (self, TRUE);
  return G_SOURCE_REMOVE;
}

static void
show_failure (KsHistoryPage *self)
{
  g_autofree char *text = self->failure != NULL ? ks_error_text (self->failure) : NULL;
  g_autofree char *markup = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->trouble), text != NULL);
  gtk_label_set_label (self->trouble_label, text != NULL ? text : "");
  adw_status_page_set_description (self->failed_page, markup);
}

static void
update (KsHistoryPage *self)
{
  gboolean locked =
      self->account != NULL && ks_restore_dialog_unlocks (ks_account_get_recovery (self->account));
  const char *stage = "rooms";

  if (!has_rows (self))
    stage = self->failure != NULL                       ? "failed"
            : self->cancellable != NULL || !self->asked ? "loading"
                                                        : "empty";
  if (self->cancellable == NULL)
    {
      g_clear_handle_id (&self->moment, g_source_remove);
      show_spinner (self, FALSE);
    }
  gtk_stack_set_visible_child_name (self->stages, stage);
  show_failure (self);
  gtk_widget_set_visible (GTK_WIDGET (self->unlock_button), locked);
  gtk_widget_set_visible (GTK_WIDGET (self->restore_button), !locked);
  adw_preferences_group_set_description (
      self->group, locked ? _ ("This session can't open the backup yet. Until it is unlocked, old messages "
                               "stay unreadable.")
                          : _ ("How much of each room this session can read"));
}

/* The rows. */

static int
compare_rows (GtkListBoxRow *a, GtkListBoxRow *b, gpointer data)
{
  KsRoom *first = ks_room_row_get_room (KS_ROOM_ROW (a));
  KsRoom *second = ks_room_row_get_room (KS_ROOM_ROW (b));
  gint64 first_time = ks_room_get_last_time (first);
  gint64 second_time = ks_room_get_last_time (second);
  int order = (first_time < second_time) - (first_time > second_time);

  if (order == 0)
    order = g_utf8_collate (ks_room_get_name (first), ks_room_get_name (second));
  return order != 0 ? order : g_strcmp0 (ks_room_get_room_id (first), ks_room_get_room_id (second));
}

/* Only what is encrypted has keys that could be missing; what the server does not say may be. */
static gboolean
may_miss_keys (KsRoom *room)
{
  return ks_room_get_encrypted (room) || ks_room_get_encryption (room) == KS_ROOM_ENCRYPTION_UNKNOWN;
}

static void
follow_room (KsHistoryPage *self, KsRoom *room)
{
  KsRoomRow *row = g_hash_table_lookup (self->rows, room);

  if (row != NULL && !may_miss_keys (room))
    {
      g_hash_table_insert (self->rows, g_object_ref (room), NULL);
      gtk_list_box_remove (self->list, GTK_WIDGET (row));
      update (self);
    }
  else if (row == NULL && may_miss_keys (room))
    {
      row = ks_room_row_new (room);
      g_hash_table_insert (self->rows, g_object_ref (room), row);
      gtk_list_box_append (self->list, GTK_WIDGET (row));
      update (self);
    }
  else if (row != NULL)
    /* Not gtk_list_box_row_changed(): the style of the first and the last row would stay where it was. */
    gtk_list_box_invalidate_sort (self->list);
}

static void
on_room_changed (KsRoom *room, GParamSpec *pspec, KsHistoryPage *self)
{
  follow_room (self, room);
}

static void
leave_room (KsHistoryPage *self, KsRoom *room, KsRoomRow *row)
{
  g_signal_handlers_disconnect_by_data (room, self);
  if (row != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
}

/* The few that are gone are not worth knowing their places. */
static void
on_rooms_changed (KsHistoryPage *self)
{
  g_autoptr (GHashTable) before = g_steal_pointer (&self->rows);
  GHashTableIter iter;
  gpointer room, row;

  self->rows = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  for (guint i = 0; self->rooms != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (self->rooms)); i++)
    {
      g_autoptr (KsRoom) here = g_list_model_get_item (G_LIST_MODEL (self->rooms), i);
      gboolean known = g_hash_table_contains (before, here);

      g_hash_table_insert (self->rows, g_object_ref (here), g_hash_table_lookup (before, here));
      g_hash_table_remove (before, here);
      if (!known)
        g_signal_connect (here, "notify", G_CALLBACK (on_room_changed), self);
      follow_room (self, here);
    }
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &room, &row))
    leave_room (self, room, row);
  update (self);
}

static void
on_row_activated (GtkListBox *list, KsRoomRow *row, KsHistoryPage *self)
{
  g_set_weak_pointer (&self->read, ks_room_row_get_room (row));
  g_signal_emit (self, signals[ROOM_ACTIVATED], 0, self->read);
}

/* Asking. */

/* @self asked, and the answer has come; FALSE: it is not waited for any more. Takes @error. */
static gboolean
end_question (KsHistoryPage *self, GObject *rooms, GError *error)
{
  if (rooms != (GObject *) self->rooms || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_error (&error);
      return FALSE;
    }
  if (error != NULL)
    g_message ("the rooms could not be looked at: %s", error->message);
  self->failure = error;
  return TRUE;
}

static void survey (KsHistoryPage *self);

static void
on_surveyed (GObject *rooms, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsHistoryPage) self = data;
  GError *error = NULL;

  ks_rooms_survey_finish (KS_ROOMS (rooms), result, &error);
  if (!end_question (self, rooms, error))
    return;
  g_clear_object (&self->cancellable);
  if (self->again && self->failure == NULL)
    {
      self->cancellable = g_cancellable_new ();
      survey (self);
    }
  update (self);
}

static void
survey (KsHistoryPage *self)
{
  self->again = FALSE;
  ks_rooms_survey_async (self->rooms, self->cancellable, on_surveyed, g_object_ref (self));
}

void
ks_history_page_look_again (KsHistoryPage *self)
{
  if (!self->asked)
    return;
  self->again = TRUE;
  if (self->cancellable != NULL)
    return;
  self->cancellable = g_cancellable_new ();
  survey (self);
}

static void
on_loaded (GObject *rooms, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsHistoryPage) self = data;
  GError *error = NULL;

  ks_rooms_load_finish (KS_ROOMS (rooms), result, &error);
  if (!end_question (self, rooms, error))
    return;
  if (self->failure != NULL)
    g_clear_object (&self->cancellable);
  else
    survey (self);
  update (self);
}

void
ks_history_page_refresh (KsHistoryPage *self)
{
  if (self->rooms == NULL || self->cancellable != NULL)
    return;
  self->cancellable = g_cancellable_new ();
  self->asked = TRUE;
  g_clear_error (&self->failure);
  self->moment = g_timeout_add (MOMENT, on_moment_over, self);
  ks_rooms_load_async (self->rooms, self->cancellable, on_loaded, g_object_ref (self));
  update (self);
}

static void
activate_retry (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ks_history_page_refresh (KS_HISTORY_PAGE (widget));
}

static void
forget_account (KsHistoryPage *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->moment, g_source_remove);
  g_clear_error (&self->failure);
  if (self->rooms != NULL)
    g_clear_signal_handler (&self->rooms_changed, self->rooms);
  if (self->account != NULL)
    g_clear_signal_handler (&self->state_changed, ks_account_get_recovery (self->account));
  g_clear_object (&self->rooms);
  g_clear_object (&self->account);
  self->asked = FALSE;
  self->again = FALSE;
}

void
ks_history_page_set_account (KsHistoryPage *self, KsAccount *account)
{
  forget_account (self);
  if (account != NULL)
    {
      self->account = g_object_ref (account);
      self->rooms = g_object_ref (ks_account_get_rooms (account));
      self->rooms_changed =
          g_signal_connect_swapped (self->rooms, "items-changed", G_CALLBACK (on_rooms_changed), self);
      self->state_changed = g_signal_connect_swapped (ks_account_get_recovery (account), "refreshed",
                                                      G_CALLBACK (update), self);
    }
  on_rooms_changed (self);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    ks_history_page_refresh (self);
}

/* Nobody's rooms are asked for before they are to be seen. */
static void
ks_history_page_map (GtkWidget *widget)
{
  KsHistoryPage *self = KS_HISTORY_PAGE (widget);

  GTK_WIDGET_CLASS (ks_history_page_parent_class)->map (widget);
  if (!self->asked)
    ks_history_page_refresh (self);
}

/* Whoever comes back from a room goes on from there. */
static gboolean
ks_history_page_grab_focus (GtkWidget *widget)
{
  KsHistoryPage *self = KS_HISTORY_PAGE (widget);
  GtkWidget *row = self->read != NULL ? g_hash_table_lookup (self->rows, self->read) : NULL;

  if (row == NULL)
    row = GTK_WIDGET (gtk_list_box_get_row_at_index (self->list, 0));
  return row != NULL && gtk_widget_grab_focus (row);
}

static void
ks_history_page_dispose (GObject *object)
{
  KsHistoryPage *self = KS_HISTORY_PAGE (object);
  GHashTableIter iter;
  gpointer room;

  forget_account (self);
  g_clear_weak_pointer (&self->read);
  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &room, NULL))
    g_signal_handlers_disconnect_by_data (room, self);
  g_hash_table_remove_all (self->rows);
  /* Being part of the template it would be let go of twice. */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_HISTORY_PAGE);
  G_OBJECT_CLASS (ks_history_page_parent_class)->dispose (object);
}

static void
ks_history_page_finalize (GObject *object)
{
  g_hash_table_unref (KS_HISTORY_PAGE (object)->rows);
  G_OBJECT_CLASS (ks_history_page_parent_class)->finalize (object);
}

static void
ks_history_page_class_init (KsHistoryPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_history_page_dispose;
  G_OBJECT_CLASS (class)->finalize = ks_history_page_finalize;
  widget_class->map = ks_history_page_map;
  widget_class->grab_focus = ks_history_page_grab_focus;
  signals[ROOM_ACTIVATED] = g_signal_new ("room-activated", KS_TYPE_HISTORY_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, KS_TYPE_ROOM);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/history/ks-history-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsHistoryPage, stages);
  gtk_widget_class_bind_template_child (widget_class, KsHistoryPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, KsHistoryPage, failed_page);
  gtk_widget_class_bind_template_child (widget_class, KsHistoryPage, group);
  gtk_widget_class_bind_template_child (widget_class, KsHistoryPage, group_spinner);
  gtk_widget_class_bind_template_child (widget_class, KsHistoryPage, unlock_button);
  gtk_widget_class_bind_template_child (widget_class, KsHistoryPage, restore_button);
  gtk_widget_class_bind_template_child (widget_class, KsHistoryPage, trouble);
  gtk_widget_class_bind_template_child (widget_class, KsHistoryPage, trouble_label);
  gtk_widget_class_bind_template_child (widget_class, KsHistoryPage, list);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_install_action (widget_class, "history.retry", NULL, activate_retry);
}

static void
ks_history_page_init (KsHistoryPage *self)
{
  self->rows = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_sort_func (self->list, compare_rows, NULL, NULL);
}
