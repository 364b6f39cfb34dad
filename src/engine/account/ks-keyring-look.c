/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-keyring-look.h"

#include "engine/account/ks-profile-private.h"

typedef struct
{
  KsProfileState state;
  gboolean has_security_key;
} Look;

static void
on_looked_up (GObject *keyring, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Look *look = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (KsSecret) key = ks_keyring_lookup_finish (KS_KEYRING (keyring), result, &error);

  look->has_security_key = key != NULL;
  if (error != NULL && error->domain != KS_KEYRING_ERROR)
    {
      g_task_return_error (task, error);
      return;
    }
  look->state = error == NULL || error->code == KS_KEYRING_ERROR_NOT_FOUND
                    ? KS_PROFILE_READY
                    : ks_profile_state_of_keyring (error);
  g_clear_error (&error);
  g_task_return_boolean (task, TRUE);
}

void
ks_keyring_look_async (KsProfile *profile,
                       const char *user_id,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = g_task_new (profile, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, g_new0 (Look, 1), g_free);
  ks_keyring_lookup_async (ks_profile_get_keyring (profile), KS_KEYRING_SECURITY_KEY, user_id, NULL, FALSE,
                           cancellable, on_looked_up, task);
}

gboolean
ks_keyring_look_finish (KsProfile *profile,
                        GAsyncResult *result,
                        KsProfileState *state,
                        gboolean *has_security_key,
                        GError **error)
{
  Look *look = g_task_get_task_data (G_TASK (result));

  *state = look->state;
  *has_security_key = look->has_security_key;
  return g_task_propagate_boolean (G_TASK (result), error);
}
