/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/account/ks-account-page.h"

#include "ui/account/ks-leave.h"
#include "ui/ks-error-text.h"
#include "ui/ks-toast.h"

#include <glib/gi18n.h>

struct _KsAccountPage
{
  AdwBin parent;

  AdwAvatar *avatar;
  GtkLabel *name_label;
  GtkLabel *user_id_label;
  AdwActionRow *homeserver_row;
  AdwActionRow *session_row;
  AdwActionRow *session_id_row;
  AdwActionRow *sign_out_row;

  KsAccount *account;        /* owned; NULL: nobody is signed in */
  GCancellable *cancellable; /* owned: of what is under way for the account */
};

G_DEFINE_FINAL_TYPE (KsAccountPage, ks_account_page, ADW_TYPE_BIN)

static void
show_account (KsAccountPage *self)
{
  const char *user_id = ks_account_get_user_id (self->account);
  const char *name = ks_account_get_display_name (self->account);

  adw_avatar_set_text (self->avatar, name != NULL ? name : user_id + 1);
  gtk_label_set_label (self->name_label, name != NULL ? name : user_id);
  gtk_label_set_label (self->user_id_label, user_id);
  gtk_widget_set_visible (GTK_WIDGET (self->user_id_label), name != NULL);
  adw_action_row_set_subtitle (self->homeserver_row, ks_account_get_homeserver (self->account));
  adw_action_row_set_subtitle (self->session_row, ks_account_get_session_name (self->account));
  adw_action_row_set_subtitle (self->session_id_row, ks_account_get_device_id (self->account));
}

static void
on_account_changed (KsAccountPage *self)
{
  show_account (self);
}

static void
set_busy (KsAccountPage *self, gboolean busy)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->sign_out_row), !busy);
}

void
ks_account_page_set_account (KsAccountPage *self, KsAccount *account)
{
  if (self->account != NULL)
    {
      g_cancellable_cancel (self->cancellable);
      g_clear_object (&self->cancellable);
      g_signal_handlers_disconnect_by_data (self->account, self);
      g_clear_object (&self->account);
    }
  set_busy (self, FALSE);
  if (account == NULL)
    return;
  self->account = g_object_ref (account);
  self->cancellable = g_cancellable_new ();
  g_signal_connect_object (account, "notify", G_CALLBACK (on_account_changed), self, G_CONNECT_SWAPPED);
  show_account (self);
}

static void
on_copy_clicked (GtkButton *button, KsAccountPage *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          ks_account_get_device_id (self->account));
  ks_toast (GTK_WIDGET (self), _ ("Copied"));
}

static void
on_left (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsAccountPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (ks_leave_finish (result, &error))
    return; /* the window goes back to "Welcome" by itself */
  set_busy (self, FALSE);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  text = ks_error_text (error);
  ks_toast (GTK_WIDGET (self), text);
}

void
ks_account_page_sign_out (KsAccountPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->account == NULL || !gtk_widget_get_sensitive (GTK_WIDGET (self->sign_out_row)))
    return;
  set_busy (self, TRUE);
  ks_leave_async (GTK_WINDOW (root), self->account, self->cancellable, on_left, g_object_ref (self));
}

static void
on_sign_out_activated (AdwActionRow *row, KsAccountPage *self)
{
  ks_account_page_sign_out (self);
}

static void
ks_account_page_dispose (GObject *object)
{
  KsAccountPage *self = KS_ACCOUNT_PAGE (object);

  if (self->account != NULL)
    {
      g_cancellable_cancel (self->cancellable);
      g_clear_object (&self->cancellable);
      g_clear_object (&self->account);
    }
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_ACCOUNT_PAGE);
  G_OBJECT_CLASS (ks_account_page_parent_class)->dispose (object);
}

static void
ks_account_page_class_init (KsAccountPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_account_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/account/ks-account-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsAccountPage, avatar);
  gtk_widget_class_bind_template_child (widget_class, KsAccountPage, name_label);
  gtk_widget_class_bind_template_child (widget_class, KsAccountPage, user_id_label);
  gtk_widget_class_bind_template_child (widget_class, KsAccountPage, homeserver_row);
  gtk_widget_class_bind_template_child (widget_class, KsAccountPage, session_row);
  gtk_widget_class_bind_template_child (widget_class, KsAccountPage, session_id_row);
  gtk_widget_class_bind_template_child (widget_class, KsAccountPage, sign_out_row);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_sign_out_activated);
}

static void
ks_account_page_init (KsAccountPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
