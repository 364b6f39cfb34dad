/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/welcome/ks-verify-page.h"

#include "engine/recovery/ks-recovery-unlock.h"

struct _KsVerifyPage
{
  AdwBin parent;

  GtkButton *keyring_button;
  AdwActionRow *key_row;

  GCancellable *cancellable; /* owned: ends with the page */
};

G_DEFINE_FINAL_TYPE (KsVerifyPage, ks_verify_page, ADW_TYPE_BIN)

gboolean
ks_verify_page_is_due (KsRecoveryState state, gboolean looked)
{
  return looked && state == KS_RECOVERY_LOCKED;
}

static gboolean
ks_verify_page_grab_focus (GtkWidget *widget)
{
  KsVerifyPage *self = KS_VERIFY_PAGE (widget);
  gboolean keyring = gtk_widget_get_visible (GTK_WIDGET (self->keyring_button));

  return gtk_widget_grab_focus (keyring ? GTK_WIDGET (self->keyring_button) : GTK_WIDGET (self->key_row));
}

static void
on_keyring_known (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsVerifyPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean has_key = FALSE;

  if (!ks_recovery_has_key_in_keyring_finish (KS_RECOVERY (recovery), result, &has_key, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      g_message ("whether the keyring has the key is not known: %s", error->message);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->keyring_button), has_key);
  /* The first way has the focus, unless the person has moved it. */
  if (has_key && gtk_widget_has_focus (GTK_WIDGET (self->key_row)))
    gtk_widget_grab_focus (GTK_WIDGET (self->keyring_button));
}

void
ks_verify_page_set_recovery (KsVerifyPage *self, KsRecovery *recovery)
{
  gtk_widget_set_visible (GTK_WIDGET (self->keyring_button), FALSE);
  ks_recovery_has_key_in_keyring_async (recovery, self->cancellable, on_keyring_known, g_object_ref (self));
}

static void
ks_verify_page_dispose (GObject *object)
{
  g_cancellable_cancel (KS_VERIFY_PAGE (object)->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_VERIFY_PAGE);
  G_OBJECT_CLASS (ks_verify_page_parent_class)->dispose (object);
}

static void
ks_verify_page_finalize (GObject *object)
{
  g_object_unref (KS_VERIFY_PAGE (object)->cancellable);
  G_OBJECT_CLASS (ks_verify_page_parent_class)->finalize (object);
}

static void
ks_verify_page_class_init (KsVerifyPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_verify_page_dispose;
  G_OBJECT_CLASS (class)->finalize = ks_verify_page_finalize;
  widget_class->grab_focus = ks_verify_page_grab_focus;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/welcome/ks-verify-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsVerifyPage, keyring_button);
  gtk_widget_class_bind_template_child (widget_class, KsVerifyPage, key_row);
}

static void
ks_verify_page_init (KsVerifyPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
