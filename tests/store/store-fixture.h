/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the store's tests have in common: a directory of their own, databases in it,
 * and waiting for asynchronous calls. It asserts; it does not return errors.
 */
#pragma once

#include <gio/gio.h>

#include "store/ks-account-store.h"
#include "store/ks-database.h"
#include "store/ks-store-key.h"

G_BEGIN_DECLS

/* Sets up the GLib test framework; in a process that was started by
 * store_run_child() runs the child function instead and never returns. */
typedef void (*StoreChildFunc) (const char *directory, const char *mode);
void store_test_init (int *argc, char ***argv, StoreChildFunc child);

/* Runs this program once more as a child with @directory and @mode and waits for its end.
 * Its standard output in @output, and the signal that ended it (0: none). */
int store_run_child (const char *directory, const char *mode, char **output);

/* A new directory, 0700, and its end with all that is in it. */
char *store_directory_new (void);
void store_directory_free (char *directory);

/* A callback that keeps the result in the GAsyncResult ** that is its data, and the
 * wait for it. */
void store_on_ready (GObject *source, GAsyncResult *result, gpointer data);
GAsyncResult *store_wait (GAsyncResult **result);

/* NULL with the error set if it does not open. */
KsDatabase *store_try_open (const char *directory, KsDatabaseFlags flags, GError **error);

/* Opens and, with the key of store_key(), unlocks. */
KsDatabase *store_open (const char *directory);
KsSecret *store_key (void);

/* Closes, waits for it and drops the reference. */
void store_close (KsDatabase *database);

gboolean store_run (KsDatabase *database, KsDatabaseFunc func, gpointer data, GError **error);

/* Adds and gets an account with the token "token of USER". */
KsAccountRecord *store_add_account (KsDatabase *database, const char *user_id, const char *device_id);

/* Runs SQL on the closed database of @directory, around all that KsDatabase does. */
void store_sql (const char *directory, const char *sql);

/* The first value of the first row of @sql, likewise. */
char *store_sql_text (const char *directory, const char *sql);

/* Names in @directory that begin with @prefix and end with @suffix. */
GPtrArray *store_list_files (const char *directory, const char *prefix, const char *suffix);

G_END_DECLS
