/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/ks-window.h"

#include "engine/account/ks-account-life.h"
#include "ui/key-file/ks-key-file-dialog.h"
#include "ui/ks-dialog-size.h"
#include "ui/ks-window-drop.h"
#include "ui/ks-window-memory.h"
#include "ui/main/ks-main-view.h"
#include "ui/repair/ks-repair-dialog.h"
#include "ui/repair/ks-repair-due.h"
#include "ui/restore/ks-restore-dialog.h"
#include "ui/set-up/ks-set-up-dialog.h"
#include "ui/sign-in/ks-sign-in-page.h"
#include "ui/trouble/ks-set-aside-notice.h"
#include "ui/trouble/ks-trouble-page.h"
#include "ui/welcome/ks-protect-page.h"
#include "ui/welcome/ks-verify-page.h"
#include "ui/welcome/ks-welcome-page.h"

struct _KsWindow
{
  AdwApplicationWindow parent;

  GtkStack *stage;
  GtkStack *plain_pages;
  GtkButton *plain_back;
  GtkMenuButton *plain_menu;
  KsTroublePage *trouble_page;
  KsWelcomePage *welcome_page;
  KsProtectPage *protect_page;
  KsVerifyPage *verify_page;
  KsSignInPage *sign_in_page;
  KsMainView *main_view;

  GtkDropTarget *drop;       /* borrowed */
  KsProfile *profile;        /* owned */
  GCancellable *cancellable; /* owned: ends with the window */
  gboolean opening;          /* the profile is being opened; what it is then is no news yet */
  gboolean started_over;     /* what was set aside, was so because the person said so */
  gboolean key_missing;      /* and nobody can read it */
  guint first_look_timeout;  /* just signed in, and the server's answer is awaited; else 0 */
};

G_DEFINE_FINAL_TYPE (KsWindow, ks_window, ADW_TYPE_APPLICATION_WINDOW)

/* The one column before an account is there. */

static void
show_plain (KsWindow *self, const char *page)
{
  GtkWidget *child = gtk_stack_get_child_by_name (self->plain_pages, page);
  gboolean can_go_back = g_str_equal (page, "sign-in");

  gtk_stack_set_visible_child_name (self->stage, "plain");
  gtk_stack_set_visible_child_name (self->plain_pages, page);
  gtk_widget_set_visible (GTK_WIDGET (self->plain_back), can_go_back);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.back", can_go_back);
  ks_main_view_set_menu_primary (self->main_view, FALSE);
  gtk_menu_button_set_primary (self->plain_menu, TRUE);
  gtk_widget_grab_focus (child);
}

/* Following the profile. */

/* What can be done where: @in_main, in the sidebar and its pages; @account, for one that is
 * shown, there or on a page of its own. */
static void
allow_actions (KsWindow *self, gboolean sign_in, gboolean in_main, gboolean account)
{
  static const char *const of_main[] = { "win.back", "win.page", "win.refresh", "win.verify",
                                         "win.export-keys" };

  for (gsize i = 0; i < G_N_ELEMENTS (of_main); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), of_main[i], in_main);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.sign-in", sign_in);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.set-up", account);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.repair", account);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.without-key", account);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.restore", account);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.unlock", account);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.restore-from-keyring", account);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.import-keys", account);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.later", account && !in_main);
  ks_window_drop_allow (self->drop, sign_in || account);
}

/* The sidebar and its pages, of the account that was taken. */
static void
show_main (KsWindow *self)
{
  g_autofree char *page = ks_window_memory_get_page ();
  const char *set_aside = self->key_missing ? NULL : ks_profile_get_set_aside (self->profile);
  g_autofree char *notice = set_aside != NULL ? ks_set_aside_notice (set_aside, self->started_over) : NULL;

  allow_actions (self, FALSE, TRUE, TRUE);
  gtk_menu_button_set_primary (self->plain_menu, FALSE);
  ks_main_view_set_menu_primary (self->main_view, TRUE);
  gtk_stack_set_visible_child_name (self->stage, "main");
  ks_main_view_show_page (self->main_view, page);
  ks_main_view_set_notice (self->main_view, notice);
}

/* A page that offers what Secure Backup needs, without the sidebar. */
static void
show_offer (KsWindow *self, const char *page)
{
  /* First, for a button that can do nothing takes no focus. */
  allow_actions (self, FALSE, FALSE, TRUE);
  show_plain (self, page);
}

static void
show_verify (KsWindow *self)
{
  ks_verify_page_set_recovery (self->verify_page,
                               ks_account_get_recovery (ks_profile_get_account (self->profile)));
  show_offer (self, "verify");
}

/* After signing in, the page before stays, with its spinner, until the server has said
 * whether there is Secure Backup; then comes either page, and none that goes away again. */

#define FIRST_LOOK_SECONDS 10

static void
end_first_look (KsWindow *self, gboolean looked)
{
  KsRecoveryState state =
      ks_recovery_get_state (ks_account_get_recovery (ks_profile_get_account (self->profile)));

  g_clear_handle_id (&self->first_look_timeout, g_source_remove);
  ks_sign_in_page_reset (self->sign_in_page);
  if (ks_protect_page_is_due (state, looked))
    show_offer (self, "protect");
  else if (ks_verify_page_is_due (state, looked))
    show_verify (self);
  else
    show_main (self);
}

static void
on_looked (KsWindow *self, gboolean looked)
{
  if (self->first_look_timeout != 0)
    end_first_look (self, looked);
}

static gboolean
on_first_look_over (gpointer data)
{
  KsWindow *self = data;

  self->first_look_timeout = 0;
  end_first_look (self, FALSE);
  return G_SOURCE_REMOVE;
}

/* @account may be NULL. */
static void
take_account (KsWindow *self, KsAccount *account)
{
  g_clear_handle_id (&self->first_look_timeout, g_source_remove);
  if (account != NULL)
    {
      ks_account_start (account);
      g_signal_handlers_disconnect_by_data (ks_account_get_life (account), self);
      g_signal_connect_object (ks_account_get_life (account), "looked", G_CALLBACK (on_looked), self,
                               G_CONNECT_SWAPPED);
    }
  ks_main_view_set_account (self->main_view, self->profile, account);
}

static void
begin_first_look (KsWindow *self)
{
  allow_actions (self, FALSE, FALSE, FALSE);
  take_account (self, ks_profile_get_account (self->profile));
  self->first_look_timeout = g_timeout_add_seconds (FIRST_LOOK_SECONDS, on_first_look_over, self);
}

static void
follow_profile (KsWindow *self)
{
  KsProfileState state = ks_profile_get_state (self->profile);
  KsAccount *account = ks_profile_get_account (self->profile);
  gboolean signed_in = state == KS_PROFILE_READY && account != NULL;

  take_account (self, signed_in ? account : NULL);
  if (signed_in)
    {
      show_main (self);
      return;
    }
  allow_actions (self, state == KS_PROFILE_READY, FALSE, FALSE);
  if (state == KS_PROFILE_CLOSED)
    show_plain (self, "opening");
  else if (state == KS_PROFILE_READY)
    show_plain (self, "welcome");
  else
    {
      ks_trouble_page_set_profile (self->trouble_page, self->profile);
      show_plain (self, "trouble");
    }
}

static void
on_profile_account_changed (KsWindow *self)
{
  if (self->opening)
    return;
  if (ks_profile_get_account (self->profile) != NULL)
    begin_first_look (self);
  else
    follow_profile (self);
}

static void
on_profile_opened (GObject *profile, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!ks_profile_open_finish (KS_PROFILE (profile), result, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      g_message ("the profile cannot be opened: %s", error->message);
    }
  /* Also when the state is as it was: the person asked again and wants an answer. */
  self->opening = FALSE;
  follow_profile (self);
}

static void
open_profile (KsWindow *self, KsProfileOpenFlags flags)
{
  /* A second click while the page slides away: two that set the data aside at once. */
  if (self->opening)
    return;
  self->opening = TRUE;
  self->started_over = (flags & KS_PROFILE_OPEN_START_AFRESH) != 0;
  self->key_missing = self->started_over && ks_profile_get_state (self->profile) != KS_PROFILE_FAILED;
  show_plain (self, "opening");
  ks_profile_open_async (self->profile, flags, self->cancellable, on_profile_opened, g_object_ref (self));
}

static void
on_trouble_open (KsTroublePage *page, guint flags, KsWindow *self)
{
  open_profile (self, (KsProfileOpenFlags) flags);
}

/* Actions. */

static void
activate_sign_in (GtkWidget *widget, const char *name, GVariant *parameter)
{
  show_plain (KS_WINDOW (widget), "sign-in");
}

static void
activate_back (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsWindow *self = KS_WINDOW (widget);

  if (g_str_equal (gtk_stack_get_visible_child_name (self->stage), "main"))
    {
      ks_main_view_go_back (self->main_view);
      return;
    }
  ks_sign_in_page_reset (self->sign_in_page);
  show_plain (self, "welcome");
}

static void
activate_page (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ks_main_view_show_page (KS_WINDOW (widget)->main_view, g_variant_get_string (parameter, NULL));
}

static void
activate_refresh (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ks_main_view_refresh (KS_WINDOW (widget)->main_view);
}

/* What a dialog of Secure Backup is about is behind it; whatever becomes of it, the page says
 * how things stand. */
static void
show_on_security (KsWindow *self, GtkWindow *dialog)
{
  if (!g_str_equal (gtk_stack_get_visible_child_name (self->stage), "main"))
    {
      show_main (self);
      ks_main_view_show_page (self->main_view, "security");
    }
  g_signal_connect_object (dialog, "destroy", G_CALLBACK (ks_security_page_refresh),
                           ks_main_view_get_security_page (self->main_view), G_CONNECT_SWAPPED);
  ks_dialog_size_fit (dialog, GTK_WINDOW (self));
  gtk_window_present (dialog);
}

static void
activate_set_up (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsWindow *self = KS_WINDOW (widget);
  KsAccount *account = ks_profile_get_account (self->profile);

  show_on_security (self, GTK_WINDOW (ks_set_up_dialog_new (GTK_WINDOW (self), self->profile, account)));
}

static void
activate_verify (GtkWidget *widget, const char *name, GVariant *parameter)
{
  show_verify (KS_WINDOW (widget));
}

static void
activate_repair (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsWindow *self = KS_WINDOW (widget);
  KsAccount *account = ks_profile_get_account (self->profile);

  /* The page behind it has offered it, and may have been wrong since. */
  if (ks_repair_is_due (ks_account_get_recovery (account)))
    show_on_security (self, GTK_WINDOW (ks_repair_dialog_new (GTK_WINDOW (self), account, FALSE)));
  else
    ks_main_view_refresh (self->main_view);
}

static void
activate_without_key (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsWindow *self = KS_WINDOW (widget);
  KsAccount *account = ks_profile_get_account (self->profile);

  show_on_security (self, GTK_WINDOW (ks_repair_dialog_new (GTK_WINDOW (self), account, TRUE)));
}

static KsRestoreJob *
restore_job (KsWindow *self)
{
  return ks_account_life_get_restore (ks_account_get_life (ks_profile_get_account (self->profile)));
}

static KsRestoreDialog *
unlock_dialog_new (KsWindow *self)
{
  return ks_restore_dialog_new_unlock (GTK_WINDOW (self), ks_profile_get_account (self->profile),
                                       restore_job (self));
}

static void
activate_unlock (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsWindow *self = KS_WINDOW (widget);

  show_on_security (self, GTK_WINDOW (unlock_dialog_new (self)));
}

static void
activate_restore (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsWindow *self = KS_WINDOW (widget);

  show_on_security (self, GTK_WINDOW (ks_restore_dialog_new (GTK_WINDOW (self),
                                                             ks_profile_get_account (self->profile),
                                                             restore_job (self))));
}

static void
activate_restore_from_keyring (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsWindow *self = KS_WINDOW (widget);
  KsRestoreDialog *dialog = unlock_dialog_new (self);

  show_on_security (self, GTK_WINDOW (dialog));
  ks_restore_dialog_use_keyring (dialog);
}

static void
activate_export_keys (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsWindow *self = KS_WINDOW (widget);

  show_on_security (self, GTK_WINDOW (ks_key_file_dialog_new_export (GTK_WINDOW (self), self->profile)));
}

static void
activate_import_keys (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsWindow *self = KS_WINDOW (widget);

  show_on_security (self,
                    GTK_WINDOW (ks_key_file_dialog_new_import (GTK_WINDOW (self), self->profile,
                                                               g_variant_get_string (parameter, NULL))));
}

static void
activate_later (GtkWidget *widget, const char *name, GVariant *parameter)
{
  show_main (KS_WINDOW (widget));
}

static gboolean
ks_window_close_request (GtkWindow *window)
{
  ks_window_memory_save (window);
  return GTK_WINDOW_CLASS (ks_window_parent_class)->close_request (window);
}

static void
ks_window_dispose (GObject *object)
{
  KsWindow *self = KS_WINDOW (object);

  g_clear_handle_id (&self->first_look_timeout, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->profile);
  G_OBJECT_CLASS (ks_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, KsWindow, stage);
  gtk_widget_class_bind_template_child (widget_class, KsWindow, plain_pages);
  gtk_widget_class_bind_template_child (widget_class, KsWindow, plain_back);
  gtk_widget_class_bind_template_child (widget_class, KsWindow, plain_menu);
  gtk_widget_class_bind_template_child (widget_class, KsWindow, trouble_page);
  gtk_widget_class_bind_template_child (widget_class, KsWindow, welcome_page);
  gtk_widget_class_bind_template_child (widget_class, KsWindow, protect_page);
  gtk_widget_class_bind_template_child (widget_class, KsWindow, verify_page);
  gtk_widget_class_bind_template_child (widget_class, KsWindow, sign_in_page);
  gtk_widget_class_bind_template_child (widget_class, KsWindow, main_view);
}

static void
ks_window_class_init (KsWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_window_dispose;
  GTK_WINDOW_CLASS (class)->close_request = ks_window_close_request;

  g_type_ensure (KS_TYPE_MAIN_VIEW);
  g_type_ensure (KS_TYPE_SIGN_IN_PAGE);
  g_type_ensure (KS_TYPE_TROUBLE_PAGE);
  g_type_ensure (KS_TYPE_WELCOME_PAGE);
  g_type_ensure (KS_TYPE_PROTECT_PAGE);
  g_type_ensure (KS_TYPE_VERIFY_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/ks-window.ui");
  bind_children (widget_class);

  gtk_widget_class_install_action (widget_class, "win.sign-in", NULL, activate_sign_in);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, activate_back);
  gtk_widget_class_install_action (widget_class, "win.page", "s", activate_page);
  gtk_widget_class_install_action (widget_class, "win.refresh", NULL, activate_refresh);
  gtk_widget_class_install_action (widget_class, "win.set-up", NULL, activate_set_up);
  gtk_widget_class_install_action (widget_class, "win.repair", NULL, activate_repair);
  gtk_widget_class_install_action (widget_class, "win.without-key", NULL, activate_without_key);
  gtk_widget_class_install_action (widget_class, "win.restore", NULL, activate_restore);
  gtk_widget_class_install_action (widget_class, "win.unlock", NULL, activate_unlock);
  gtk_widget_class_install_action (widget_class, "win.restore-from-keyring", NULL,
                                   activate_restore_from_keyring);
  gtk_widget_class_install_action (widget_class, "win.verify", NULL, activate_verify);
  gtk_widget_class_install_action (widget_class, "win.export-keys", NULL, activate_export_keys);
  gtk_widget_class_install_action (widget_class, "win.import-keys", "s", activate_import_keys);
  gtk_widget_class_install_action (widget_class, "win.later", NULL, activate_later);
}

static void
ks_window_init (KsWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  g_signal_connect (self->trouble_page, "open", G_CALLBACK (on_trouble_open), self);
  ks_main_view_set_menu (self->main_view, gtk_menu_button_get_menu_model (self->plain_menu));
}

KsWindow *
ks_window_new (GtkApplication *application, KsProfile *profile)
{
  KsWindow *self = g_object_new (KS_TYPE_WINDOW, "application", application, NULL);

  self->profile = g_object_ref (profile);
  self->drop = ks_window_drop_new (GTK_WINDOW (self), profile);
  ks_sign_in_page_set_profile (self->sign_in_page, profile);
  g_signal_connect_object (profile, "notify::account", G_CALLBACK (on_profile_account_changed), self,
                           G_CONNECT_SWAPPED);
  ks_window_memory_restore (GTK_WINDOW (self));
  follow_profile (self);
  open_profile (self, KS_PROFILE_OPEN_QUIETLY);
  return self;
}
