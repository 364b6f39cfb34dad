/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A backup on the server that room keys are uploaded to.
 */
#pragma once

#include "engine/backup/ks-upload.h"
#include "engine/engine-fixture.h"
#include "matrix/ks-matrix-error.h"

G_BEGIN_DECLS

typedef struct UploadFixture UploadFixture;

struct UploadFixture
{
  EngineFixture engine;
  KsSecret *private_key; /* owned: the backup's */
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  char *version;                          /* owned */
  GCancellable *cancellable;              /* owned */
  void (*on_progress) (UploadFixture *f); /* NULL: nothing */
  guint64 done;                           /* as told last */
  guint64 total;
};

void upload_set_up (UploadFixture *f, gconstpointer data);
void upload_tear_down (UploadFixture *f, gconstpointer data);

/* Another version, by another client. */
char *upload_make_version (UploadFixture *f, const uint8_t public_key[KS_BACKUP_KEY_SIZE]);

gboolean upload (UploadFixture *f, GCancellable *cancellable, KsUploaded *sum, GError **error);

/* How many batches the server has seen. */
guint upload_count_puts (UploadFixture *f);

/* What the store says of the version, and how many keys are really in it. */
void upload_assert_counts (UploadFixture *f, guint64 pending, guint64 refused, gint64 on_server);
void upload_assert_on_server (UploadFixture *f, const KsStoredRoomKey *key, gboolean there);

/* The path of one entry. */
char *upload_entry_path (UploadFixture *f, const KsStoredRoomKey *key);

G_END_DECLS
