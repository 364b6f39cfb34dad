/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The backup versions before the current one. The specification has no list of them; servers that count the
 * versions of an account, as Synapse does, can be asked for one after another. Others draw the numbers from a
 * counter of the whole server, as tuwunel does: there only a version that is known by its name is found.
 */
#pragma once

#include "matrix/ks-api-backup.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* Each costs a request. Whoever has made more new backups than this has the key of a later one. */
#define KS_OLDER_VERSIONS_MAX 20

/* Whether @version is the one that is looked for. */
typedef gboolean (*KsOlderVersionCheck) (const KsBackupVersion *version, gpointer data);

/* Asks for @known first (the version that this session knew to be it; NULL: none), then for the versions before
 * @current, the latest first, until @check says that one is it. One that is gone is passed over. @data must
 * outlive the call. Only reads. */
void ks_older_version_find_async (KsHttp *http,
                                  const KsBackupVersion *current,
                                  const char *known,
                                  KsOlderVersionCheck check,
                                  gpointer data,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

/* FALSE: with KS_MATRIX_ERROR. TRUE: @version is it, for the caller to free, or NULL: none was. @cut: it may be
 * one that was not asked for, or of which the answer made no sense; FALSE where the server has said that @known
 * is gone. */
gboolean ks_older_version_find_finish (
    KsHttp *http, GAsyncResult *result, KsBackupVersion **version, gboolean *cut, GError **error);

G_END_DECLS
