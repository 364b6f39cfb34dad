/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs of KsRecovery: room keys to and from files. Neither needs the server.
 */
#pragma once

#include "engine/key-file/ks-export-keys.h"
#include "engine/key-file/ks-import-keys.h"
#include "engine/recovery/ks-recovery.h"

G_BEGIN_DECLS

/* Exports the room keys that are here: see ks_export_keys_async(). The signal "exporting" (two
 * guint64, keys done and in all; 0: not known) tells how far it is. Works also where the profile
 * was opened to be read only.
 *
 * Errors: those of ks_export_keys_async(); G_IO_ERROR_PENDING: an export or import is under way. */
void ks_recovery_export_keys_async (KsRecovery *self,
                                    const char *room_id,
                                    GFile *file,
                                    KsSecret *phrase,
                                    KsExportFlags flags,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

/* @report may be NULL. */
gboolean ks_recovery_export_keys_finish (KsRecovery *self,
                                         GAsyncResult *result,
                                         KsExportReport *report,
                                         GError **error);

/* Imports room keys: see ks_import_keys_async(). The signal "importing" (three guint64: keys read,
 * bytes read, bytes of the file) tells how far it is; before the first, the phrase is tried. What
 * was imported is pending for the backup (see engine/backup/), as the signal "keys-changed" says.
 *
 * Errors: those of ks_import_keys_async(); G_IO_ERROR_PENDING: an export or import is under way. */
void ks_recovery_import_keys_async (KsRecovery *self,
                                    GFile *file,
                                    KsSecret *phrase,
                                    KsImportFlags flags,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

/* @report: see ks_import_keys_finish(). */
gboolean
ks_recovery_import_keys_finish (KsRecovery *self, GAsyncResult *result, KsKeyReport **report, GError **error);

G_END_DECLS
