/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is stored, found and removed, with a real gnome-keyring and with a mock that
 * lies. Locked keyrings and prompts are in test-keyring-prompts.c.
 */

#include "store/ks-keyring.h"

#include <stdio.h>

#include "store/keyring-fixture.h"

/* Asks for the state with no session bus at all. */
static void
child (const char *directory, const char *mode)
{
  g_autoptr (KsKeyring) keyring = NULL;

  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  keyring = ks_keyring_new ("default");
  printf ("%d", (int) keyring_probe (keyring));
}

static void
test_absent (KeyringFixture *fixture, gconstpointer data)
{
  g_autofree char *output = NULL;

  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_ABSENT);
  keyring_assert_lookup_fails (fixture, "ONE", TRUE, KS_KEYRING_ERROR_ABSENT);
  keyring_assert_store_fails (fixture, TRUE, KS_KEYRING_ERROR_ABSENT);
  g_assert_cmpint (ks_keyring_get_state (fixture->keyring), ==, KS_KEYRING_ABSENT);

  g_assert_cmpint (store_run_child ("/", "probe", &output), ==, 0);
  g_assert_cmpint (g_ascii_strtoll (output, NULL, 10), ==, KS_KEYRING_ABSENT);
}

static void
on_state_notified (GObject *object, GParamSpec *pspec, gpointer data)
{
  (*(guint *) data)++;
}

static void
check_store_key (KeyringFixture *fixture)
{
  g_autoptr (KsSecret) key = ks_secret_new_random (32);
  g_autoptr (KsSecret) found = NULL;
  g_autoptr (KsKeyring) other = ks_keyring_new ("/another/profile");
  g_autoptr (KsSecret) none = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_keyring_store_async (fixture->keyring, KS_KEYRING_STORE_KEY, NULL, NULL, key, FALSE, NULL,
                          store_on_ready, &result);
  ks_keyring_store_finish (fixture->keyring, store_wait (&result), &error);
  g_assert_no_error (error);
  found = keyring_lookup (fixture->keyring, KS_KEYRING_STORE_KEY, NULL, NULL, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (found, key));
  none = keyring_lookup (other, KS_KEYRING_STORE_KEY, NULL, NULL, FALSE, &error);
  g_assert_null (none);
  g_assert_error (error, KS_KEYRING_ERROR, KS_KEYRING_ERROR_NOT_FOUND);
}

/* What every Secret Service must do for us; played on the real one and on the mock. */
static void
test_items (KeyringFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint notified = 0;

  if (fixture->service == NULL)
    {
      g_test_skip ("gnome-keyring-daemon is not installed");
      return;
    }
  g_signal_connect (fixture->keyring, "notify::state", G_CALLBACK (on_state_notified), &notified);
  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_READY);
  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_READY);
  g_assert_cmpuint (notified, ==, 1);

  keyring_assert_lookup_fails (fixture, "ONE", FALSE, KS_KEYRING_ERROR_NOT_FOUND);
  keyring_store (fixture, "ONE", "EsTc LW2K", FALSE, &error);
  g_assert_no_error (error);
  keyring_assert_stored (fixture, "ONE", "EsTc LW2K");
  keyring_assert_stored (fixture, NULL, "EsTc LW2K");
  keyring_assert_lookup_fails (fixture, "TWO", FALSE, KS_KEYRING_ERROR_NOT_FOUND);

  /* The newest wins, of one device and of all. */
  g_assert_true (keyring_store (fixture, "ONE", "second", FALSE, &error));
  keyring_assert_stored (fixture, "ONE", "second");
  g_assert_true (keyring_store (fixture, "TWO", "third", FALSE, &error));
  keyring_assert_stored (fixture, NULL, "third");
  keyring_assert_stored (fixture, "ONE", "second");
  check_store_key (fixture);

  g_assert_true (keyring_clear (fixture, "TWO", FALSE, &error));
  keyring_assert_stored (fixture, NULL, "second");
  g_assert_true (keyring_clear (fixture, NULL, FALSE, &error));
  g_assert_true (keyring_clear (fixture, NULL, FALSE, &error));
  keyring_assert_lookup_fails (fixture, NULL, FALSE, KS_KEYRING_ERROR_NOT_FOUND);
}

static void
test_real_without_a_keyring (KeyringFixture *fixture, gconstpointer data)
{
  if (fixture->service == NULL)
    {
      g_test_skip ("gnome-keyring-daemon is not installed");
      return;
    }
  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_LOCKED);
  keyring_assert_store_fails (fixture, FALSE, KS_KEYRING_ERROR_LOCKED);
  keyring_assert_lookup_fails (fixture, "ONE", FALSE, KS_KEYRING_ERROR_LOCKED);
}

static void
test_what_a_person_sees (KeyringFixture *fixture, gconstpointer data)
{
  g_assert_true (keyring_store (fixture, "ONE", "key", FALSE, NULL));
  keyring_assert_mock ("labels", "Keepsake: Security Key of " ALICE);
  g_assert_true (keyring_store (fixture, "ONE", "key", FALSE, NULL));
  keyring_assert_mock ("items", "1");
}

static void
test_item_that_was_not_asked_for (KeyringFixture *fixture, gconstpointer data)
{
  static const char *const lies[] = { "user=@mallory:example.org", "device=TWO", "kind=store-key",
                                      "profile=/other", "xdg:schema=org.gnome.keyring.Note" };

  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      keyring_stop_service (fixture);
      keyring_start_mock (fixture);
      g_assert_true (keyring_store (fixture, "ONE", "key", FALSE, NULL));
      keyring_assert_stored (fixture, "ONE", "key");
      keyring_control ("attribute", lies[i]);
      keyring_assert_lookup_fails (fixture, "ONE", FALSE, KS_KEYRING_ERROR_NOT_FOUND);
      /* Nor is it ours to delete. */
      g_assert_true (keyring_clear (fixture, "ONE", FALSE, NULL));
      keyring_assert_mock ("items", "1");
    }
}

static void
test_other_than_stored (KeyringFixture *fixture, gconstpointer data)
{
  g_assert_true (keyring_store (fixture, "ONE", "old key", FALSE, NULL));
  keyring_control ("forge", "1");
  keyring_assert_store_fails (fixture, FALSE, KS_KEYRING_ERROR_FAILED);
  keyring_assert_mock ("items", "1");
  keyring_assert_stored (fixture, "ONE", "old key");
}

static void
test_old_item_that_stays (KeyringFixture *fixture, gconstpointer data)
{
  g_assert_true (keyring_store (fixture, "ONE", "old", FALSE, NULL));
  keyring_control ("keep", "1");
  g_assert_true (keyring_store (fixture, "ONE", "new", FALSE, NULL));
  keyring_assert_mock ("items", "2");
  keyring_assert_stored (fixture, "ONE", "new");
  keyring_control ("keep", "0");
  g_assert_true (keyring_store (fixture, "ONE", "newer", FALSE, NULL));
  keyring_assert_mock ("items", "1");
  keyring_assert_stored (fixture, "ONE", "newer");
}

static void
test_clock_set_back (KeyringFixture *fixture, gconstpointer data)
{
  g_assert_true (keyring_store (fixture, "ONE", "of the future", FALSE, NULL));
  keyring_control ("attribute", "serial=09000000000000000000");
  keyring_control ("keep", "1");
  g_assert_true (keyring_store (fixture, "ONE", "of today", FALSE, NULL));
  keyring_assert_stored (fixture, "ONE", "of today");
}

static void
test_service_restarted (KeyringFixture *fixture, gconstpointer data)
{
  g_assert_true (keyring_store (fixture, "ONE", "key", FALSE, NULL));
  keyring_stop_service (fixture);
  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_ABSENT);
  keyring_start_mock (fixture);
  g_assert_cmpint (keyring_probe (fixture->keyring), ==, KS_KEYRING_READY);
  keyring_assert_lookup_fails (fixture, "ONE", FALSE, KS_KEYRING_ERROR_NOT_FOUND);
  g_assert_true (keyring_store (fixture, "ONE", "key", FALSE, NULL));
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, child);
  g_test_add ("/keyring/absent", KeyringFixture, NULL, keyring_set_up_nothing, test_absent,
              keyring_tear_down);
  g_test_add ("/keyring/gnome-keyring/items", KeyringFixture, "unlocked", keyring_set_up_real, test_items,
              keyring_tear_down);
  g_test_add ("/keyring/gnome-keyring/without-a-keyring", KeyringFixture, "locked", keyring_set_up_real,
              test_real_without_a_keyring, keyring_tear_down);
#define ADD(name, func) \
  g_test_add ("/keyring/mock/" name, KeyringFixture, NULL, keyring_set_up_mock, func, keyring_tear_down)
  ADD ("items", test_items);
  ADD ("what-a-person-sees", test_what_a_person_sees);
  ADD ("item-that-was-not-asked-for", test_item_that_was_not_asked_for);
  ADD ("other-than-stored", test_other_than_stored);
  ADD ("old-item-that-stays", test_old_item_that_stays);
  ADD ("clock-set-back", test_clock_set_back);
  ADD ("service-restarted", test_service_restarted);
#undef ADD
  return keyring_run_tests ();
}
