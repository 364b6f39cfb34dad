/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starts the test homeserver, or a fault proxy in front of it, for a C test and
 * ends it again. Blocking calls, for tests only; it knows nothing of Keepsake.
 *
 * The programs are found through the environment variables KS_TEST_HOMESERVER
 * and KS_FAULT_PROXY, which Meson sets for every test that depends on them.
 * Whatever goes wrong here ends the test program with a message.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _HsFixture HsFixture;

/* A homeserver on a free port, in memory, or in the file @database. */
HsFixture *hs_fixture_new (const char *database);

/* Ends the server (and its proxy, if there is one) by its process ID. */
void hs_fixture_free (HsFixture *self);

/* "http://127.0.0.1:PORT", without a final slash: the proxy's if one was
 * started, else the homeserver's. Owned by @self. */
const char *hs_fixture_url (HsFixture *self);

/* Stands a fault proxy in front; hs_fixture_url() is the proxy's from now on. */
void hs_fixture_start_proxy (HsFixture *self);

/* Makes the account @user with @password. Returns an access token of its own
 * session (owned by the caller); @device_id may be NULL. */
char *hs_fixture_register (HsFixture *self, const char *user, const char *password, char **device_id);

/* Switches a lie on: the body of PUT /_keepsake/persona (see README.md). */
void hs_fixture_persona (HsFixture *self, const char *json);

/* Honest again. */
void hs_fixture_honest (HsFixture *self);

/* Adds a rule to the proxy: the body of POST /_proxy/rules. */
void hs_fixture_rule (HsFixture *self, const char *json);

/* An honest line again. */
void hs_fixture_clear_rules (HsFixture *self);

/* One request to the homeserver itself, past the proxy, with @token (or NULL)
 * and the JSON text @body (or NULL). Returns the body of the answer (owned by the
 * caller) and its status in @status, which may be NULL if it is to be 200. */
char *hs_fixture_request (HsFixture *self,
                          const char *method,
                          const char *path,
                          const char *token,
                          const char *body,
                          guint *status);

/* How many requests the homeserver has had whose "METHOD path" the regular
 * expression @pattern is found in. */
guint hs_fixture_count (HsFixture *self, const char *pattern);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HsFixture, hs_fixture_free)

G_END_DECLS
