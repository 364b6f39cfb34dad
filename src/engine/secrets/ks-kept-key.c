/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-kept-key.h"

#include "crypto/ks-recovery-key.h"

static void
free_key (gpointer key)
{
  ks_secret_unref (key);
}

static void
on_looked_up (GObject *keyring, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) text = ks_keyring_lookup_finish (KS_KEYRING (keyring), result, &error);
  KsSecret *key = NULL;

  if (text != NULL)
    key = ks_recovery_key_parse ((const char *) ks_secret_bytes (text), ks_secret_size (text), NULL);
  if (text == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (key == NULL)
    g_task_return_new_error (task, KS_KEYRING_ERROR, KS_KEYRING_ERROR_FAILED,
                             "what the keyring keeps is no Security Key");
  else
    g_task_return_pointer (task, key, free_key);
}

void
ks_kept_key_read_async (KsKeyring *keyring,
                        const char *user_id,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (keyring, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  ks_keyring_lookup_async (keyring, KS_KEYRING_SECURITY_KEY, user_id, NULL, TRUE, cancellable, on_looked_up,
                           task);
}

KsSecret *
ks_kept_key_read_finish (KsKeyring *keyring, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ks_kept_key_store_async (KsKeyring *keyring,
                         const char *user_id,
                         const char *device_id,
                         KsSecret *key,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  char text[KS_RECOVERY_KEY_LENGTH + 1];
  g_autoptr (KsSecret) secret = NULL;

  if (!ks_recovery_key_format (key, text))
    g_assert_not_reached (); /* the caller's key has the size */
  secret = ks_secret_new_copy (text, KS_RECOVERY_KEY_LENGTH);
  ks_wipe (text, sizeof text);
  ks_keyring_store_async (keyring, KS_KEYRING_SECURITY_KEY, user_id, device_id, secret, TRUE, cancellable,
                          callback, user_data);
}
