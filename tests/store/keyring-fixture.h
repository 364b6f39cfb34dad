/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the keyring's tests have in common: a private bus, a Secret Service on it (a
 * real gnome-keyring, or secret-service-mock.py) and the verbs as calls that wait.
 */
#pragma once

#include "store/ks-keyring.h"
#include "store/store-fixture.h"

G_BEGIN_DECLS

#define ALICE "@alice:example.org"

/* Long enough for a slow machine where an answer is awaited, short where none is. */
#define PATIENT 20000
#define IMPATIENT 200

typedef struct
{
  GSubprocess *service; /* owned, or NULL */
  char *directory;      /* owned, or NULL: the real keyring's files */
  KsKeyring *keyring;   /* owned */
} KeyringFixture;

/* Runs all tests on a bus where nothing is started by itself. */
int keyring_run_tests (void);

/* Ends what set-up started, and starts the mock, waiting for the bus name. */
void keyring_stop_service (KeyringFixture *fixture);
void keyring_start_mock (KeyringFixture *fixture);
/* For g_test_add(): no service at all; the mock; gnome-keyring, as @data says "unlocked"
 * or "locked" (where nobody ever made a keyring), with service NULL if it is not installed. */
void keyring_set_up_nothing (KeyringFixture *fixture, gconstpointer data);
void keyring_set_up_mock (KeyringFixture *fixture, gconstpointer data);
void keyring_set_up_real (KeyringFixture *fixture, gconstpointer data);
void keyring_tear_down (KeyringFixture *fixture, gconstpointer data);
/* The mock's settings and counters: see its own words. */
void keyring_control (const char *name, const char *value);
void keyring_assert_mock (const char *name, const char *expected);
/* The verbs, for the Security Key of ALICE where nothing else is said. */
KsKeyringState keyring_probe (KsKeyring *keyring);
gboolean keyring_store (
    KeyringFixture *fixture, const char *device_id, const char *text, gboolean interactive, GError **error);
KsSecret *keyring_lookup (KsKeyring *keyring,
                          KsKeyringKind kind,
                          const char *user,
                          const char *device,
                          gboolean interactive,
                          GError **error);
void keyring_assert_stored (KeyringFixture *fixture, const char *device_id, const char *text);
void keyring_assert_lookup_fails (KeyringFixture *fixture,
                                  const char *device_id,
                                  gboolean interactive,
                                  KsKeyringErrorCode code);
void keyring_assert_store_fails (KeyringFixture *fixture, gboolean interactive, KsKeyringErrorCode code);
gboolean keyring_clear (KeyringFixture *fixture, const char *device_id, gboolean interactive, GError **error);

G_END_DECLS
