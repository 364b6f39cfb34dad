/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What tests of signing in begin with: the test homeserver behind the fault proxy, an account on
 * it, and a profile that nobody is signed in to. Whatever goes wrong in here ends the test.
 */
#pragma once

#include "engine/account/ks-sign-in.h"
#include "homeserver/hs-fixture.h"

G_BEGIN_DECLS

#define PASSWORD "a password for tests"

typedef struct
{
  HsFixture *server;  /* owned */
  char *directory;    /* owned */
  char *key_file;     /* owned */
  KsProfile *profile; /* owned */
  char *observer;     /* owned: the token of another session of the same user */
} SignInFixture;

void sign_in_set_up (SignInFixture *f, gconstpointer data);
void sign_in_tear_down (SignInFixture *f, gconstpointer data);

/* As if the program had ended and been started again. */
void sign_in_open_profile (SignInFixture *f);

/* A callback for any asynchronous call, with a GAsyncResult * at NULL as user data; and what
 * waits for it. */
void sign_in_done (GObject *source, GAsyncResult *result, gpointer data);
GAsyncResult *sign_in_wait (GAsyncResult **result);

/* How many sessions of Keepsake's the server lists. */
guint sign_in_count_sessions (SignInFixture *f);

/* The server answers the next request for @path with @body. */
void sign_in_answer (SignInFixture *f, const char *method, const char *path, guint status, const char *body);

/* Each waits for its end. "alice" is who there is. */
gboolean sign_in_as (
    SignInFixture *f, const char *user, const char *password, GCancellable *cancellable, GError **error);
gboolean sign_in (SignInFixture *f, const char *password, GCancellable *cancellable, GError **error);
gboolean sign_in_out (SignInFixture *f, GError **error);
gboolean sign_in_forget (SignInFixture *f, GCancellable *cancellable, GError **error);

G_END_DECLS
