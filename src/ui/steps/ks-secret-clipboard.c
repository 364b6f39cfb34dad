/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/steps/ks-secret-clipboard.h"

#include "crypto/ks-recovery-key.h"

struct KsSecretClipboard
{
  GdkClipboard *clipboard;      /* owned */
  GdkContentProvider *provider; /* owned; NULL unless the secret may still be there */
  guint timeout;
  gboolean left; /* nobody has it but its time */
};

/* KDE's, which other clipboard histories honour too. */
#define HINT_TYPE "x-kde-passwordManagerHint"

/* Its time is over. */
static void
take_back (KsSecretClipboard *self)
{
  if (self->left)
    ks_secret_clipboard_free (self);
  else
    ks_secret_clipboard_clear (self);
}

/* GTK hands the clipboard to whatever keeps it for later, unless it is empty by then. */
static void
on_shutdown (GApplication *application, KsSecretClipboard *self)
{
  take_back (self);
}

KsSecretClipboard *
ks_secret_clipboard_new (GdkClipboard *clipboard)
{
  KsSecretClipboard *self = g_new0 (KsSecretClipboard, 1);

  self->clipboard = g_object_ref (clipboard);
  if (g_application_get_default () != NULL)
    g_signal_connect (g_application_get_default (), "shutdown", G_CALLBACK (on_shutdown), self);
  return self;
}

void
ks_secret_clipboard_free (KsSecretClipboard *self)
{
  if (self == NULL)
    return;
  ks_secret_clipboard_clear (self);
  if (g_application_get_default () != NULL)
    g_signal_handlers_disconnect_by_data (g_application_get_default (), self);
  g_object_unref (self->clipboard);
  g_free (self);
}

void
ks_secret_clipboard_leave (KsSecretClipboard *self)
{
  if (self != NULL && self->timeout != 0)
    self->left = TRUE;
  else
    ks_secret_clipboard_free (self);
}

void
ks_secret_clipboard_clear (KsSecretClipboard *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->provider != NULL && gdk_clipboard_get_content (self->clipboard) == self->provider)
    gdk_clipboard_set_content (self->clipboard, NULL);
  g_clear_object (&self->provider);
}

static gboolean
on_time_over (gpointer data)
{
  KsSecretClipboard *self = data;

  self->timeout = 0;
  take_back (self);
  return G_SOURCE_REMOVE;
}

void
ks_secret_clipboard_copy (KsSecretClipboard *self, KsSecret *text)
{
  g_autoptr (GBytes) bytes =
      g_bytes_new_with_free_func (ks_secret_bytes (text), ks_secret_size (text),
                                  (GDestroyNotify) ks_secret_unref, ks_secret_ref (text));
  g_autoptr (GBytes) hint = g_bytes_new_static ("secret", 6);
  GdkContentProvider *providers[3];

  ks_secret_clipboard_clear (self);
  /* As bytes: a string in a GValue would be copied to where nobody wipes it. */
  providers[0] = gdk_content_provider_new_for_bytes ("text/plain;charset=utf-8", bytes);
  providers[1] = gdk_content_provider_new_for_bytes ("text/plain", bytes);
  providers[2] = gdk_content_provider_new_for_bytes (HINT_TYPE, hint);
  self->provider = gdk_content_provider_new_union (providers, G_N_ELEMENTS (providers));
  if (!gdk_clipboard_set_content (self->clipboard, self->provider))
    g_message ("the clipboard cannot be had");
  self->timeout = g_timeout_add_seconds (KS_SECRET_CLIPBOARD_SECONDS, on_time_over, self);
}

void
ks_secret_clipboard_copy_key (KsSecretClipboard *self, const KsSecret *key)
{
  char text[KS_RECOVERY_KEY_LENGTH + 1];
  g_autoptr (KsSecret) secret = NULL;

  if (!ks_recovery_key_format (key, text))
    return;
  secret = ks_secret_new_copy (text, KS_RECOVERY_KEY_LENGTH);
  ks_wipe (text, sizeof text);
  ks_secret_clipboard_copy (self, secret);
}
