/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/main/ks-main-view.h"

#include "engine/account/ks-account-life.h"
#include "ui/account/ks-account-page.h"
#include "ui/history/ks-history-page.h"
#include "ui/history/ks-timeline-view.h"
#include "ui/ks-window-memory.h"

#include <glib/gi18n.h>

struct _KsMainView
{
  AdwBin parent;

  AdwLeaflet *leaflet;
  GtkMenuButton *menu_button;
  GtkListBox *sidebar_list;
  GtkLabel *sidebar_user_id;
  GtkButton *back_button;
  AdwWindowTitle *page_title;
  GtkRevealer *banner;
  GtkLabel *banner_label;
  GtkButton *banner_button;
  GtkImage *security_warning;
  GtkStack *pages;
  KsAccountPage *account_page;
  KsSecurityPage *security_page;
  KsHistoryPage *history_page;
  KsTimelineView *timeline_view;

  char *notice;              /* owned: what the person has not closed yet; NULL: nothing */
  KsAccount *account;        /* owned; NULL: nobody is signed in */
  gulong state_changed;      /* of its recovery */
  KsRestoreJob *restore;     /* owned: of its room keys; NULL without one */
  GCancellable *cancellable; /* owned: ends with the account; NULL without one */
};

G_DEFINE_FINAL_TYPE (KsMainView, ks_main_view, ADW_TYPE_BIN)

/* The sidebar and its pages. */

static GtkListBoxRow *
row_of_page (KsMainView *self, const char *page)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->sidebar_list, i)) != NULL; i++)
    if (g_strcmp0 (gtk_widget_get_name (GTK_WIDGET (row)), page) == 0)
      return row;
  return NULL;
}

/* A room that is open is a page behind "History", and no row's. */
static gboolean
is_in_room (KsMainView *self)
{
  return gtk_stack_get_visible_child (self->pages) == GTK_WIDGET (self->timeline_view);
}

static void
select_row (KsMainView *self)
{
  const char *page = is_in_room (self) ? "history" : gtk_stack_get_visible_child_name (self->pages);

  /* Folded, the sidebar is a page of its own, where nothing is open yet. */
  if (adw_leaflet_get_folded (self->leaflet))
    gtk_list_box_set_selection_mode (self->sidebar_list, GTK_SELECTION_NONE);
  else
    {
      gtk_list_box_set_selection_mode (self->sidebar_list, GTK_SELECTION_BROWSE);
      gtk_list_box_select_row (self->sidebar_list, row_of_page (self, page));
    }
}

static void
update_header (KsMainView *self)
{
  /* At the end of the window its parts go one by one, and tell of it. */
  GtkWidget *child = self->pages != NULL ? gtk_stack_get_visible_child (self->pages) : NULL;
  gboolean in_room;

  if (child == NULL)
    return;
  in_room = is_in_room (self);
  adw_window_title_set_title (self->page_title,
                              in_room ? ks_timeline_view_get_title (self->timeline_view)
                                      : gtk_stack_page_get_title (gtk_stack_get_page (self->pages, child)));
  adw_window_title_set_subtitle (self->page_title,
                                 in_room ? ks_timeline_view_get_subtitle (self->timeline_view) : "");
  gtk_widget_set_visible (GTK_WIDGET (self->back_button), in_room || adw_leaflet_get_folded (self->leaflet));
  /* A finger would go past "History". */
  adw_leaflet_set_can_navigate_back (self->leaflet, !in_room);
}

static void
show_child (KsMainView *self, GtkWidget *child)
{
  gtk_stack_set_visible_child (self->pages, child);
  if (!is_in_room (self))
    ks_timeline_view_close (self->timeline_view);
  adw_leaflet_set_visible_child_name (self->leaflet, "content");
  update_header (self);
  select_row (self);
}

void
ks_main_view_show_page (KsMainView *self, const char *name)
{
  GtkWidget *child = gtk_stack_get_child_by_name (self->pages, name);

  if (child == NULL || child == GTK_WIDGET (self->timeline_view))
    return;
  show_child (self, child);
  ks_window_memory_set_page (name);
}

static void
on_room_activated (KsHistoryPage *page, KsRoom *room, KsMainView *self)
{
  ks_timeline_view_open (self->timeline_view, room);
  show_child (self, GTK_WIDGET (self->timeline_view));
  gtk_widget_grab_focus (GTK_WIDGET (self->timeline_view));
}

void
ks_main_view_go_back (KsMainView *self)
{
  if (is_in_room (self))
    {
      show_child (self, GTK_WIDGET (self->history_page));
      gtk_widget_grab_focus (GTK_WIDGET (self->history_page));
    }
  else
    adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
on_leaflet_folded (AdwLeaflet *leaflet, GParamSpec *pspec, KsMainView *self)
{
  select_row (self);
  update_header (self);
}

static void
on_sidebar_activated (GtkListBox *list, GtkListBoxRow *row, KsMainView *self)
{
  ks_main_view_show_page (self, gtk_widget_get_name (GTK_WIDGET (row)));
}

/* The banner, and the sign in the sidebar. */

static KsRecoveryState
get_state (KsMainView *self)
{
  return self->account != NULL ? ks_recovery_get_state (ks_account_get_recovery (self->account))
                               : KS_RECOVERY_UNKNOWN;
}

static void
show_banner (KsMainView *self, const char *text, const char *button, const char *action)
{
  gtk_label_set_label (self->banner_label, text);
  gtk_button_set_label (self->banner_button, button);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->banner_button), action);
  gtk_revealer_set_reveal_child (self->banner, TRUE);
}

static void
update_banner (KsMainView *self)
{
  if (self->notice != NULL)
    show_banner (self, self->notice, _ ("Close"), "main.close-banner");
  else if (get_state (self) == KS_RECOVERY_LOCKED)
    show_banner (self, _ ("This session isn't verified"), _ ("Verify…"), "win.verify");
  else
    gtk_revealer_set_reveal_child (self->banner, FALSE);
}

static gboolean
needs_attention (KsRecoveryState state)
{
  return state == KS_RECOVERY_LOCKED || state == KS_RECOVERY_INCOMPLETE || state == KS_RECOVERY_UNTRUSTED
         || state == KS_RECOVERY_CONFLICT;
}

static void
show_attention (KsMainView *self, gboolean needed)
{
  GtkAccessible *row = GTK_ACCESSIBLE (row_of_page (self, "security"));

  gtk_widget_set_visible (GTK_WIDGET (self->security_warning), needed);
  /* Of a row its name is read, and not the signs in it. */
  if (needed)
    gtk_accessible_update_property (row, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, _ ("Needs Attention"), -1);
  else
    gtk_accessible_reset_property (row, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
}

static void
follow_state (KsMainView *self)
{
  show_attention (self, needs_attention (get_state (self)));
  update_banner (self);
}

void
ks_main_view_set_notice (KsMainView *self, const char *text)
{
  g_free (self->notice);
  self->notice = g_strdup (text);
  update_banner (self);
}

static void
activate_close_banner (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ks_main_view_set_notice (KS_MAIN_VIEW (widget), NULL);
}

/* The account. */

static void
on_account_refreshed (GObject *account, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  /* The names as they were known before stay on the page. */
  if (!ks_account_refresh_finish (KS_ACCOUNT (account), result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_info ("the account's names are not known: %s", error->message);
}

void
ks_main_view_refresh (KsMainView *self)
{
  if (self->account == NULL)
    return;
  ks_security_page_refresh (self->security_page);
  ks_account_refresh_async (self->account, self->cancellable, on_account_refreshed, NULL);
  /* The rooms are not asked for before they are to be seen. */
  if (is_in_room (self))
    ks_timeline_view_refresh (self->timeline_view, GTK_WIDGET (self->back_button));
  else if (gtk_widget_get_mapped (GTK_WIDGET (self->history_page)))
    ks_history_page_refresh (self->history_page);
}

static void
forget_account (KsMainView *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->account != NULL)
    g_clear_signal_handler (&self->state_changed, ks_account_get_recovery (self->account));
  if (self->restore != NULL)
    g_signal_handlers_disconnect_by_data (self->restore, self);
  g_clear_object (&self->restore);
  g_clear_object (&self->account);
}

static void
on_restore_changed (KsMainView *self)
{
  KsRestoreJobState state = ks_restore_job_get_state (self->restore);

  if (state != KS_RESTORE_JOB_IDLE && state != KS_RESTORE_JOB_RUNNING)
    ks_history_page_look_again (self->history_page);
}

/* An AdwPreferencesPage of libadwaita 1.2 hides what it scrolls with. */
static void
scroll_to_top (GtkWidget *widget)
{
  if (GTK_IS_SCROLLED_WINDOW (widget))
    {
      gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget)), 0);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    scroll_to_top (child);
}

void
ks_main_view_set_account (KsMainView *self, KsProfile *profile, KsAccount *account)
{
  /* Nobody has read yet what is said of this one. */
  if (account != self->account)
    scroll_to_top (GTK_WIDGET (self->pages));
  forget_account (self);
  ks_account_page_set_account (self->account_page, account);
  ks_security_page_set_account (self->security_page, profile, account);
  ks_timeline_view_set_account (self->timeline_view, account);
  ks_history_page_set_account (self->history_page, account);
  if (account != NULL)
    self->account = g_object_ref (account);
  follow_state (self);
  if (account == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  self->state_changed = g_signal_connect_swapped (ks_account_get_recovery (account), "notify::state",
                                                  G_CALLBACK (follow_state), self);
  self->restore = g_object_ref (ks_account_life_get_restore (ks_account_get_life (account)));
  g_signal_connect_swapped (self->restore, "notify::state", G_CALLBACK (on_restore_changed), self);
  gtk_label_set_label (self->sidebar_user_id, ks_account_get_user_id (account));
}

/* The menu. */

void
ks_main_view_set_menu (KsMainView *self, GMenuModel *menu)
{
  gtk_menu_button_set_menu_model (self->menu_button, menu);
}

void
ks_main_view_set_menu_primary (KsMainView *self, gboolean primary)
{
  gtk_menu_button_set_primary (self->menu_button, primary);
}

KsSecurityPage *
ks_main_view_get_security_page (KsMainView *self)
{
  return self->security_page;
}

static void
ks_main_view_dispose (GObject *object)
{
  forget_account (KS_MAIN_VIEW (object));
  G_OBJECT_CLASS (ks_main_view_parent_class)->dispose (object);
}

static void
ks_main_view_finalize (GObject *object)
{
  g_free (KS_MAIN_VIEW (object)->notice);
  G_OBJECT_CLASS (ks_main_view_parent_class)->finalize (object);
}

static void
ks_main_view_class_init (KsMainViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_main_view_dispose;
  G_OBJECT_CLASS (class)->finalize = ks_main_view_finalize;

  g_type_ensure (KS_TYPE_ACCOUNT_PAGE);
  g_type_ensure (KS_TYPE_HISTORY_PAGE);
  g_type_ensure (KS_TYPE_TIMELINE_VIEW);
  g_type_ensure (KS_TYPE_SECURITY_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/main/ks-main-view.ui");
  gtk_widget_class_bind_template_child (widget_class, KsMainView, leaflet);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, menu_button);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, sidebar_list);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, sidebar_user_id);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, back_button);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, page_title);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, banner);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, banner_label);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, banner_button);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, security_warning);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, pages);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, account_page);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, security_page);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, history_page);
  gtk_widget_class_bind_template_child (widget_class, KsMainView, timeline_view);
  gtk_widget_class_bind_template_callback (widget_class, on_leaflet_folded);
  gtk_widget_class_bind_template_callback (widget_class, on_room_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_sidebar_activated);
  gtk_widget_class_install_action (widget_class, "main.close-banner", NULL, activate_close_banner);
}

static void
ks_main_view_init (KsMainView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->timeline_view, "notify", G_CALLBACK (update_header), self,
                           G_CONNECT_SWAPPED);
}
