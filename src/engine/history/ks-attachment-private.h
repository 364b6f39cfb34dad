/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How an attachment is read, and what is needed to fetch it.
 */
#pragma once

#include "crypto/ks-attachment-cipher.h"
#include "engine/history/ks-attachment.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define KS_ATTACHMENT_HASH_SIZE 32

struct KsAttachment
{
  gatomicrefcount references;
  KsAttachmentKind kind;
  char *name;     /* owned */
  char *mimetype; /* owned; NULL: not said */
  gint64 size;    /* -1: not said */
  char *uri;      /* owned: mxc; NULL: not usable */
  gboolean encrypted;
  uint8_t key[KS_ATTACHMENT_KEY_SIZE]; /* wiped at the end; too many of them for a KsSecret each */
  uint8_t iv[KS_ATTACHMENT_IV_SIZE];
  KsAttachmentCounter counter;
  uint8_t hash[KS_ATTACHMENT_HASH_SIZE]; /* SHA-256 of the file as the server has it */
};

/* Reads the content of a message of @msgtype ("m.sticker" for a sticker), from any thread.
 * NULL: a message of that kind has no attachment. */
KsAttachment *ks_attachment_read (JsonObject *content, const char *msgtype) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
