/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/keyring-fixture.h"

#include <string.h>

#define BUS_NAME "org.freedesktop.secrets"

static GDBusConnection *session_bus;

static gboolean
has_owner (void)
{
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_sync (session_bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                   "org.freedesktop.DBus", "NameHasOwner", g_variant_new ("(s)", BUS_NAME),
                                   NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  gboolean owned;

  g_variant_get (answer, "(b)", &owned);
  return owned;
}

static void
wait_for_owner (gboolean owned)
{
  gint64 give_up = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (has_owner () != owned)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, give_up);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (2000);
    }
}

void
keyring_stop_service (KeyringFixture *fixture)
{
  if (fixture->service == NULL)
    return;
  g_subprocess_force_exit (fixture->service);
  g_assert_true (g_subprocess_wait (fixture->service, NULL, NULL));
  g_clear_object (&fixture->service);
  wait_for_owner (FALSE);
}

void
keyring_start_mock (KeyringFixture *fixture)
{
  g_autofree char *script =
      g_build_filename (g_getenv ("KS_SOURCE_ROOT"), "tests", "store", "secret-service-mock.py", NULL);
  g_autoptr (GError) error = NULL;

  fixture->service = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "/usr/bin/python3", script, NULL);
  g_assert_no_error (error);
  wait_for_owner (TRUE);
}

void
keyring_set_up_nothing (KeyringFixture *fixture, gconstpointer data)
{
  fixture->keyring = ks_keyring_new ("default");
  ks_keyring_set_timeout (fixture->keyring, PATIENT);
}

void
keyring_set_up_mock (KeyringFixture *fixture, gconstpointer data)
{
  keyring_set_up_nothing (fixture, data);
  keyring_start_mock (fixture);
}

void
keyring_set_up_real (KeyringFixture *fixture, gconstpointer data)
{
  g_autofree char *program = g_find_program_in_path ("gnome-keyring-daemon");
  gboolean unlocked = g_str_equal (data, "unlocked");
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;

  keyring_set_up_nothing (fixture, data);
  if (program == NULL)
    return;
  fixture->directory = store_directory_new ();
  g_subprocess_launcher_setenv (launcher, "HOME", fixture->directory, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", fixture->directory, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", fixture->directory, TRUE);
  fixture->service = g_subprocess_launcher_spawn (launcher, &error, program, "--foreground",
                                                  "--components=secrets", unlocked ? "--unlock" : NULL, NULL);
  g_assert_no_error (error);
  if (unlocked)
    g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (fixture->service), "test", 4, NULL,
                                              NULL, NULL));
  g_output_stream_close (g_subprocess_get_stdin_pipe (fixture->service), NULL, NULL);
  wait_for_owner (TRUE);
}

void
keyring_tear_down (KeyringFixture *fixture, gconstpointer data)
{
  keyring_stop_service (fixture);
  g_clear_object (&fixture->keyring);
  if (fixture->directory != NULL)
    store_directory_free (fixture->directory);
}

void
keyring_control (const char *name, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) nothing =
      g_dbus_connection_call_sync (session_bus, BUS_NAME, "/org/freedesktop/secrets",
                                   "io.github.keepsake.Mock", "Set", g_variant_new ("(ss)", name, value),
                                   NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (nothing);
}

void
keyring_assert_mock (const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_sync (session_bus, BUS_NAME, "/org/freedesktop/secrets",
                                   "io.github.keepsake.Mock", "Get", g_variant_new ("(s)", name), NULL,
                                   G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  const char *value;

  g_assert_no_error (error);
  g_variant_get (answer, "(&s)", &value);
  g_assert_cmpstr (value, ==, expected);
}

KsKeyringState
keyring_probe (KsKeyring *keyring)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsKeyringState state;

  ks_keyring_probe_async (keyring, NULL, store_on_ready, &result);
  ks_keyring_probe_finish (keyring, store_wait (&result), &state, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ks_keyring_get_state (keyring), ==, state);
  return state;
}

gboolean
keyring_store (
    KeyringFixture *fixture, const char *device_id, const char *text, gboolean interactive, GError **error)
{
  g_autoptr (KsSecret) secret = ks_secret_new_copy (text, strlen (text));
  g_autoptr (GAsyncResult) result = NULL;

  ks_keyring_store_async (fixture->keyring, KS_KEYRING_SECURITY_KEY, ALICE, device_id, secret, interactive,
                          NULL, store_on_ready, &result);
  return ks_keyring_store_finish (fixture->keyring, store_wait (&result), error);
}

KsSecret *
keyring_lookup (KsKeyring *keyring,
                KsKeyringKind kind,
                const char *user,
                const char *device,
                gboolean interactive,
                GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_keyring_lookup_async (keyring, kind, user, device, interactive, NULL, store_on_ready, &result);
  return ks_keyring_lookup_finish (keyring, store_wait (&result), error);
}

void
keyring_assert_stored (KeyringFixture *fixture, const char *device_id, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) secret =
      keyring_lookup (fixture->keyring, KS_KEYRING_SECURITY_KEY, ALICE, device_id, FALSE, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (ks_secret_bytes (secret), ks_secret_size (secret), text, strlen (text));
  g_assert_cmpint (ks_keyring_get_state (fixture->keyring), ==, KS_KEYRING_READY);
}

void
keyring_assert_lookup_fails (KeyringFixture *fixture,
                             const char *device_id,
                             gboolean interactive,
                             KsKeyringErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) secret =
      keyring_lookup (fixture->keyring, KS_KEYRING_SECURITY_KEY, ALICE, device_id, interactive, &error);

  g_assert_null (secret);
  g_assert_error (error, KS_KEYRING_ERROR, (int) code);
}

void
keyring_assert_store_fails (KeyringFixture *fixture, gboolean interactive, KsKeyringErrorCode code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (keyring_store (fixture, "ONE", "another key", interactive, &error));
  g_assert_error (error, KS_KEYRING_ERROR, (int) code);
}

gboolean
keyring_clear (KeyringFixture *fixture, const char *device_id, gboolean interactive, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_keyring_clear_async (fixture->keyring, KS_KEYRING_SECURITY_KEY, ALICE, device_id, interactive, NULL,
                          store_on_ready, &result);
  return ks_keyring_clear_finish (fixture->keyring, store_wait (&result), error);
}

int
keyring_run_tests (void)
{
  g_autoptr (GTestDBus) bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  int status;

  g_test_dbus_up (bus);
  session_bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_dbus_connection_set_exit_on_close (session_bus, FALSE);
  status = g_test_run ();
  g_test_dbus_stop (bus);
  g_object_unref (session_bus);
  return status;
}
