/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which key of an account is it that a person gave? Finds out what there is to try it on,
 * tries it, and says what it is if it does not fit.
 */
#pragma once

#include "engine/identity/ks-server-look.h"
#include "engine/unlock/ks-find-key.h"

G_BEGIN_DECLS

typedef struct
{
  GPtrArray *locks;      /* owned: KsKeyLock elements: all that there is; with those of older backups, if it
                            fits nothing else */
  const KsKeyLock *lock; /* borrowed from them: what it fits */
  KsFoundKey *found;     /* owned */
} KsKeyMatch;

void ks_key_match_free (KsKeyMatch *match); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyMatch, ks_key_match_free)

/* @look: borrowed until the callback. Only reads. Errors besides those of
 * ks_find_key_async(): KS_RECOVERY_ERROR_NOT_SET_UP: there is nothing to try it on;
 * _UNSUPPORTED: nothing that is described in a known way, or too many keys to try it on all of them;
 * _OLD_KEY: the account had such a key or phrase once; KS_MATRIX_ERROR. */
void ks_match_key_async (KsHttp *http,
                         const char *user_id,
                         const KsServerLook *look,
                         KsSecret *text,
                         KsKeyEntrySource source,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
KsKeyMatch *ks_match_key_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
