/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can go wrong with a room-key file, as far as somebody decides by it. Messages are for
 * logs and hold no secret.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  /* The file as such, read or written. */
  KS_KEY_FILE_ERROR_EXISTS,     /* there is a file with something in it, or there came one */
  KS_KEY_FILE_ERROR_LINK,       /* a symbolic link: who knows what would be written to */
  KS_KEY_FILE_ERROR_NOT_A_FILE, /* a directory, a device … */
  KS_KEY_FILE_ERROR_NOT_LOCAL,  /* nothing that has a path on this computer */
  KS_KEY_FILE_ERROR_NOT_FOUND,  /* no such file; for writing: no such directory */
  KS_KEY_FILE_ERROR_DENIED,     /* may not be written or read: permissions, read-only medium */
  KS_KEY_FILE_ERROR_FULL,       /* no space left, or no more is allowed */
  KS_KEY_FILE_ERROR_FAILED,     /* the medium failed, or what is not known here */

  /* Exporting. After each of them there is no file. */
  KS_KEY_FILE_ERROR_NOTHING,       /* no room key is here that could be exported */
  KS_KEY_FILE_ERROR_NONE_WRITABLE, /* there are some, and every one would have been left out */
  KS_KEY_FILE_ERROR_DIFFERS,       /* read back, it does not hold what was written */

  /* Importing. After each of them nothing was changed. */
  KS_KEY_FILE_ERROR_WRONG_PHRASE,    /* not the file's phrase, or the file was changed: see KsKeyFileResult */
  KS_KEY_FILE_ERROR_DAMAGED,         /* cut short, or changed since it was written */
  KS_KEY_FILE_ERROR_UNKNOWN_VERSION, /* of a later kind of file */
  KS_KEY_FILE_ERROR_BAD_ITERATIONS,  /* the phrase is to be hashed out of all bounds, or not at all */
  KS_KEY_FILE_ERROR_CHANGED,         /* it was changed while it was read */
  KS_KEY_FILE_ERROR_NOT_ROOM_KEYS,   /* it opens, to something that is no list of room keys */
  KS_KEY_FILE_ERROR_UNUSABLE,        /* some of its keys cannot be used: see the report; the rest can be
                                        had with KS_IMPORT_ACCEPT_FAILURES */

  /* Importing what is no room-key file. */
  KS_KEY_FILE_ERROR_SECURITY_KEY,  /* it holds a Security Key: that unlocks Secure Backup */
  KS_KEY_FILE_ERROR_NOT_ENCRYPTED, /* room keys that everybody can read: no phrase protects them */
  KS_KEY_FILE_ERROR_BACKUP,        /* a copy of a server's key backup */
  KS_KEY_FILE_ERROR_SET_ASIDE,     /* a database of ours, which asks for no phrase: account/ks-bring-in.h */
  KS_KEY_FILE_ERROR_DATABASE,      /* a database of another program */
  KS_KEY_FILE_ERROR_EMPTY,         /* nothing is in it */
  KS_KEY_FILE_ERROR_OTHER,         /* something else */
} KsKeyFileError;

#define KS_KEY_FILE_ERROR (ks_key_file_error_quark ())
GQuark ks_key_file_error_quark (void);

/* Sets @error to what errno says of @path. */
void ks_key_file_error_set_errno (const char *path, GError **error);

G_END_DECLS
