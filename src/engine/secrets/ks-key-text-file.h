/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file that a person keeps the Security Key in: its text on one line and nothing
 * else, because Element takes no more than 128 bytes and no other characters. It knows
 * neither the account nor whether the key fits.
 */
#pragma once

#include <gio/gio.h>

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

/* What a person can do something about. Messages are for logs and hold no secret. */
typedef enum
{
  KS_KEY_TEXT_FILE_ERROR_EXISTS,     /* there is a file with something else in it, or there came one */
  KS_KEY_TEXT_FILE_ERROR_LINK,       /* a symbolic link: who knows what it leads to */
  KS_KEY_TEXT_FILE_ERROR_NOT_A_FILE, /* a directory, a device … */
  KS_KEY_TEXT_FILE_ERROR_NOT_LOCAL,  /* nothing that has a path on this computer */
  KS_KEY_TEXT_FILE_ERROR_NOT_FOUND,  /* no such file; for saving: no such directory */
  KS_KEY_TEXT_FILE_ERROR_DENIED,     /* may not be written or read: permissions, read-only medium */
  KS_KEY_TEXT_FILE_ERROR_FULL,       /* no space left, or no more is allowed */
  KS_KEY_TEXT_FILE_ERROR_DIFFERS,    /* it does not hold what was just written to it */
  KS_KEY_TEXT_FILE_ERROR_NOT_A_KEY,  /* it can be read, and holds no Security Key */
  KS_KEY_TEXT_FILE_ERROR_TOO_LARGE,  /* larger than KS_KEY_TEXT_FILE_LARGEST: not read */
  KS_KEY_TEXT_FILE_ERROR_FAILED,     /* the medium failed, or what is not known here */
} KsKeyTextFileError;

#define KS_KEY_TEXT_FILE_ERROR (ks_key_text_file_error_quark ())
GQuark ks_key_text_file_error_quark (void);

#define KS_KEY_TEXT_FILE_LARGEST 65536 /* bytes */

typedef enum
{
  KS_KEY_TEXT_FILE_KEEP = 0,         /* never touch a file that holds something else */
  KS_KEY_TEXT_FILE_REPLACE = 1 << 0, /* the person agreed to lose what is in it */
} KsKeyTextFileFlags;

/* Saves @key (32 bytes): for its owner only (0600), written and synced before it has its
 * name, so that @file is never half a key; then read back and compared. A kill leaves
 * nothing of it where the file system can do that (ks-whole-file.h), and what it leaves
 * elsewhere the next save in the same directory sweeps. A file
 * that holds the same key already is made its owner's only and synced, is otherwise left as it
 * is and counts as saved; an empty one holds nothing to lose. Where nothing but the file itself may be written (what
 * a portal hands out), it is written in place, and nobody else can read it from then on
 * where there are permissions. An error leaves no other file behind, and what was
 * there before as it was, except in place.
 *
 * Works in a thread. Cancelling has an effect before the first byte is written only.
 *
 * Finish returns the key as it was read back from @file, or NULL with
 * KS_KEY_TEXT_FILE_ERROR. */
void ks_key_text_file_save_async (GFile *file,
                                  KsSecret *key,
                                  KsKeyTextFileFlags flags,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
KsSecret *ks_key_text_file_save_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads a Security Key, in whatever white space. Symbolic links are followed: the person
 * chose the file. Works in a thread. */
void ks_key_text_file_load_async (GFile *file,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
KsSecret *ks_key_text_file_load_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads all that is in a file, whatever it is, up to KS_KEY_TEXT_FILE_LARGEST bytes: for
 * ks_recovery_unlock_async() to look for a key in. Otherwise like loading. */
void ks_key_text_file_read_async (GFile *file,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
KsSecret *ks_key_text_file_read_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A name to propose: "security-key-alice-example.org.txt", of at most
 * KS_KEY_TEXT_FILE_NAME_LENGTH bytes, all in [A-Za-z0-9._-]. */
char *ks_key_text_file_name (const char *user_id) G_GNUC_WARN_UNUSED_RESULT;
#define KS_KEY_TEXT_FILE_NAME_LENGTH 120

G_END_DECLS
