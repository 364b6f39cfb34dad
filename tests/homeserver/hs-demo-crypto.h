/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a client would have encrypted before it was lost: secret storage and the entries of a
 * key backup (client-server API, "Secret storage", "Server-side key backups"). For the demo,
 * whose keys everybody knows.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* 32 bytes that are the same in every run, made from a name. */
void hs_demo_key (const char *name, guint8 key[32]);

/* Unpadded base64. */
char *hs_demo_base64 (const guint8 *bytes, gsize size);

/* The description of a key of secret storage, and a secret under it. */
JsonObject *hs_demo_describe (const guint8 key[32]);
JsonObject *hs_demo_seal (const guint8 key[32], const char *name, const char *secret);

/* Seals room keys for a backup: all with one ephemeral key, or a demo of many would not start at
 * once. */
typedef struct
{
  guint8 public_key[32];
  guint8 ephemeral[32];
  guint8 keys[80]; /* AES key, MAC key, IV */
} HsDemoBackup;

void hs_demo_backup_init (HsDemoBackup *self, const guint8 private_key[32]);

/* "session_data" as JSON text. */
char *hs_demo_backup_seal (const HsDemoBackup *self, const char *plain);

G_END_DECLS
