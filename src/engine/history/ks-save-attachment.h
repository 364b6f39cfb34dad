/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetches an attachment and saves it as a file. What ks_timeline_save_attachment_async()
 * says holds here.
 */
#pragma once

#include "engine/history/ks-timeline.h"
#include "matrix/ks-http.h"

G_BEGIN_DECLS

void ks_save_attachment_async (KsHttp *http,
                               KsAttachment *attachment,
                               const char *path,
                               gboolean replace,
                               KsAttachmentFunc on_progress,
                               gpointer progress_data,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean ks_save_attachment_finish (KsHttp *http, GAsyncResult *result, GError **error);

G_END_DECLS
