/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The backup versions before the current one. The specification has no list of them; servers that count
 * their versions can be asked for one after another.
 */
#pragma once

#include "matrix/ks-api-backup.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

/* Each costs a request. Whoever has made more new backups than this has the key of a later one. */
#define KS_OLDER_VERSIONS_MAX 20

/* Whether @version is the one that is looked for. */
typedef gboolean (*KsOlderVersionCheck) (const KsBackupVersion *version, gpointer data);

/* Asks for the versions before @current, the latest first, until @check says that one is it. One that is
 * gone, or that makes no sense, is passed over. @data must outlive the call. Only reads. */
void ks_older_version_find_async (KsHttp *http,
                                  const KsBackupVersion *current,
                                  KsOlderVersionCheck check,
                                  gpointer data,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

/* FALSE: with KS_MATRIX_ERROR. TRUE: @version is it, for the caller to free, or NULL: none was. */
gboolean ks_older_version_find_finish (KsHttp *http, GAsyncResult *result, char **version, GError **error);

G_END_DECLS
