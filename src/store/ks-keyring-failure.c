/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-keyring-failure.h"

#include <gio/gio.h>
#include <libsecret/secret.h>

/* Nobody owns the service's name, and starting it did not help. */
static gboolean
is_absent (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
         || (error->domain == G_DBUS_ERROR && error->code >= G_DBUS_ERROR_SPAWN_EXEC_FAILED
             && error->code <= G_DBUS_ERROR_SPAWN_NO_MEMORY);
}

KsStepVerdict
ks_keyring_fail (GError *cause, GError **error)
{
  g_autoptr (GError) owned = cause;
  KsKeyringErrorCode code = KS_KEYRING_ERROR_FAILED;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED) || cause->domain == KS_KEYRING_ERROR)
    {
      g_propagate_error (error, g_steal_pointer (&owned));
      return KS_STEP_FAIL;
    }
  if (is_absent (cause))
    code = KS_KEYRING_ERROR_ABSENT;
  else if (g_error_matches (cause, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
    code = KS_KEYRING_ERROR_LOCKED;
  else if (g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
           || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT)
           || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    code = KS_KEYRING_ERROR_NO_ANSWER;
  g_set_error (error, KS_KEYRING_ERROR, code, "the keyring: %s", cause->message);
  return KS_STEP_FAIL;
}

KsStepVerdict
ks_keyring_refuse (KsKeyringErrorCode code, const char *why, GError **error)
{
  g_set_error_literal (error, KS_KEYRING_ERROR, code, why);
  return KS_STEP_FAIL;
}

KsStepVerdict
ks_keyring_fail_to_connect (GError *cause, GError **error)
{
  if (cause->domain != G_IO_ERROR || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return ks_keyring_fail (cause, error);
  g_error_free (cause);
  return ks_keyring_refuse (KS_KEYRING_ERROR_ABSENT, "there is no session bus", error);
}
