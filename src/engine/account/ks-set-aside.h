/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A database that was set aside, opened once more: a copy of it, mended, in the profile's directory. The
 * file itself is never touched.
 */
#pragma once

#include "engine/account/ks-profile.h"
#include "store/ks-database.h"

G_BEGIN_DECLS

typedef struct
{
  char *directory;      /* owned: of the copy */
  KsDatabase *database; /* owned: the copy, with its store key at hand */
} KsSetAside;

void ks_set_aside_free (KsSetAside *aside); /* removes the copy; NULL is allowed */

/* Opens @file: a Keepsake database, whole or damaged, with its -wal if that lies beside it; with the store
 * key, or the store-key file, of @profile, which is ready.
 *
 * KS_KEY_FILE_ERROR: there is no such file, or it is none that can be read. KS_STORE_ERROR_WRONG_KEY: it is
 * sealed with a key that is not here. _DAMAGED: nothing in it can be read. _NEWER: a newer version wrote it.
 * _FULL: there is no room for the copy. Others of KS_STORE_ERROR; G_IO_ERROR_CANCELLED. */
void ks_set_aside_open_async (KsProfile *profile,
                              GFile *file,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
KsSetAside *ks_set_aside_open_finish (KsProfile *profile, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsSetAside, ks_set_aside_free)

G_END_DECLS
