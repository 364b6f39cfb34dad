/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a file is that a person gave to be imported: recognised by its content, since nobody
 * remembers what they called it. Nothing is decrypted.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  KS_KEY_FILE_KIND_ROOM_KEYS,     /* exported room keys, with a phrase */
  KS_KEY_FILE_KIND_SECURITY_KEY,  /* holds a Security Key, or what was meant as one */
  KS_KEY_FILE_KIND_NOT_ENCRYPTED, /* room keys as JSON that everybody can read */
  KS_KEY_FILE_KIND_BACKUP,        /* a copy of a key backup as the server has it */
  KS_KEY_FILE_KIND_SET_ASIDE,     /* a database of ours: see engine/account/ks-bring-in.h */
  KS_KEY_FILE_KIND_DATABASE,      /* one of another program */
  KS_KEY_FILE_KIND_EMPTY,
  KS_KEY_FILE_KIND_OTHER,
} KsKeyFileKind;

/* Looks at the file open as @fd, from its start; the position does not matter and stays. -1:
 * errno says why it cannot be read. Blocking: for threads. */
int ks_key_file_kind_of (int fd);

/* Opens @path for reading; follows symbolic links, since the person chose the file. -1 with
 * KS_KEY_FILE_ERROR: no regular file, or none that may be read. Blocking. */
int ks_key_file_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What @file is. KS_KEY_FILE_ERROR, G_IO_ERROR_CANCELLED. */
void ks_key_file_look_async (GFile *file,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean ks_key_file_look_finish (GAsyncResult *result, KsKeyFileKind *kind, GError **error);

G_END_DECLS
