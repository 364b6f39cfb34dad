/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What tests of the engine begin with: the test homeserver behind the fault proxy, a
 * profile on the disk that is signed in to it, and room keys by the thousand. Whatever
 * goes wrong in here ends the test program.
 */
#pragma once

#include "engine/account/ks-account-private.h"
#include "engine/account/ks-profile-private.h"
#include "engine/recovery/ks-recovery.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/set-up/ks-set-up.h"

#include "homeserver/hs-fixture.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

#define ENGINE_PASSWORD "a password for tests"
#define ENGINE_PATIENCE 2000 /* milliseconds */
#define ENGINE_USER "@alice:localhost"
#define ENGINE_ROOM "!room:localhost"
#define ENGINE_DATA "/_matrix/client/v3/user/@alice:localhost/account_data/"
#define ENGINE_BACKUP "/_matrix/client/v3/room_keys/version"
#define ENGINE_DEFAULT_KEY ENGINE_DATA "m.secret_storage.default_key"

typedef struct
{
  HsFixture *server;    /* owned */
  char *top;            /* owned: of everything on the disk */
  KsProfile *profile;   /* owned */
  char *observer;       /* owned: the token of another session of the same user */
  KsKeyStore *keys;     /* owned: of the account */
  KsDatabase *database; /* borrowed, like all below */
  KsHttp *http;
  KsRecovery *recovery;
  KsSetUp *set_up;
  const char *device_id;
} EngineFixture;

void engine_set_up (EngineFixture *f, gconstpointer data);
void engine_tear_down (EngineFixture *f, gconstpointer data);

/* As if the program had ended and been started again. */
void engine_restart (EngineFixture *f);

/* As if the program had been removed with all its data and installed again: a new session
 * of the same user. */
void engine_reinstall (EngineFixture *f);

/* A callback for any asynchronous call, with a GAsyncResult * at NULL as user data; and
 * what waits for it. */
void engine_done (GObject *source, GAsyncResult *result, gpointer data);
GAsyncResult *engine_wait (GAsyncResult **result);

/* A path of the homeserver, past the proxy and as another session of the user. What is
 * read is NULL if the server does not have it. */
char *engine_read (EngineFixture *f, const char *path);
void engine_write (EngineFixture *f, const char *path, const char *json);
JsonObject *engine_read_object (EngineFixture *f, const char *path);

/* Removes all rules of the proxy. */
void engine_no_rules (EngineFixture *f);

/* A valid room key of a session of its own, for any ratchet is one. */
KsStoredRoomKey *engine_make_key (const char *room_id, guint32 first_index);

/* @n of them into the store, from ENGINE_ROOM and others; as they were made, if @made is
 * not NULL. */
void engine_add_keys (EngineFixture *f, guint n, GPtrArray **made);
void engine_put_keys (EngineFixture *f, GPtrArray *keys);

/* Counts of the store; each may be NULL. */
void engine_count (EngineFixture *f, const char *version, guint64 *pending, guint64 *refused);

/* The three calls of a set-up. @phrase NULL: a generated key. */
gboolean engine_make_security_key (EngineFixture *f, const char *phrase, GError **error);
gboolean engine_note_saved (EngineFixture *f, GError **error);
gboolean engine_run (EngineFixture *f, GCancellable *cancellable, GError **error);

/* All of them, each successful. The Security Key, for the caller to unref. */
KsSecret *engine_set_up_whole (EngineFixture *f);

/* As accounts of 2019 are: a backup that another client has made, and nothing else. Its private key,
 * for the caller to unref. */
KsSecret *engine_make_backup_alone (EngineFixture *f);

KsRecoveryState engine_refresh (EngineFixture *f);

/* Calls @func when a step @name (NULL: any) of any operation is entered for the @nth time
 * (1) from now on, before it does anything; once. A @func of NULL calls it off. */
void engine_at_step (const char *name, guint nth, void (*func) (gpointer data), gpointer data);

/* A warning of another's library that begins so does not end the test. Both are static. */
void engine_pass_over_warning (const char *domain, const char *start);

/* Runs SQL on the profile's database. */
void engine_sql (EngineFixture *f, const char *sql);

G_END_DECLS
