/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One batch of an upload (ks-upload.h): what it sends, and what it makes of the answer.
 */
#pragma once

#include "engine/backup/ks-upload.h"

G_BEGIN_DECLS

/* In keys. A first batch is small enough to go up a slow line in some seconds. The largest,
 * of 2 MB, costs no more memory than is free after any start, and larger ones are hardly
 * faster: what a request costs besides its keys is spread over enough of them. */
#define KS_UPLOAD_FIRST_BATCH 500
#define KS_UPLOAD_MAX_BATCH 2000

/* What batches of one upload leave to the next. */
typedef struct
{
  KsHttp *http;     /* owned */
  KsKeyStore *keys; /* owned */
  char *version;    /* owned */
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  guint size;         /* of the next batch */
  gint64 after;       /* the key in the store behind which it begins */
  gint64 count;       /* what the server said last it has; -1: nothing yet */
  gboolean audited;   /* it lost keys once, and all were offered again */
  guint waits;        /* times in a row that it asked to wait */
  guint refusals;     /* times in a row that it refused a batch of one key */
  gboolean moved;     /* something was sent or put aside since the store's first key */
  gboolean exhausted; /* nothing was, from the store's first key to its last */
  KsUploaded sum;
} KsUploadState;

/* Sends one batch, or finds that there is none left. @state must outlive the call. */
void ks_upload_batch_async (KsUploadState *state,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ks_upload_batch_finish (GAsyncResult *result, GError **error);

G_END_DECLS
