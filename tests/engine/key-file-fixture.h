/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Room-key files for tests of the engine: beside a profile, made byte by byte
 * (crypto/key-file-text.h) or exported, and imported.
 */
#pragma once

#include "crypto/key-file-text.h"
#include "engine/key-file/ks-key-file-error.h"
#include "engine/recovery/ks-recovery-key-file.h"
#include "engine/upload-fixture.h"
#include "matrix/ks-json.h"

G_BEGIN_DECLS

/* A Curve25519 key. */
#define KEY_FILE_LINK "EbnPwk3n3H8pyC2pXkv3aGxbM8GbGT3T4gnC4mVyiUg"

#define KEY_FILE_PHRASE "seven silver sails"

/* Where the files of a test are: a directory of their own, which is made. */
char *key_file_directory (EngineFixture *f);
char *key_file_path (EngineFixture *f, const char *name);

/* How many files there are, hidden ones too. */
guint key_file_count_files (EngineFixture *f);

/* A file of @name with @text in it; its path. */
char *key_file_save (EngineFixture *f, const char *name, const void *text, gsize size);

/* The same with an encrypted file of @plain, of one round. */
char *key_file_save_plain (EngineFixture *f, const char *name, const char *plain);

/* Room keys of two rooms, ENGINE_ROOM and another one, which are nowhere yet. */
GPtrArray *key_file_make_keys (guint n);

/* A list of the sessions of @keys, as a file has it. */
char *key_file_list (GPtrArray *keys);

/* The sessions of a file, as anybody reads them. */
JsonArray *key_file_sessions (const char *path);

gboolean key_file_export (EngineFixture *f,
                          const char *room_id,
                          const char *path,
                          KsExportFlags flags,
                          GCancellable *cancellable,
                          KsExportReport *report,
                          GError **error);

KsKeyReport *key_file_import (EngineFixture *f,
                              const char *path,
                              const char *phrase,
                              KsImportFlags flags,
                              GCancellable *cancellable,
                              GError **error);

/* The import fails with @code, and nothing has changed. */
void key_file_assert_refused (EngineFixture *f, const char *path, const char *phrase, int code);

/* How many keys are here. */
guint64 key_file_count_keys (EngineFixture *f);

/* The key that is here for the session of @key; NULL: none. */
KsStoredRoomKey *key_file_key_here (EngineFixture *f, const KsStoredRoomKey *key);

G_END_DECLS
