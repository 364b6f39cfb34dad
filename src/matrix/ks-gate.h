/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Holds a stream back: while the gate is closed the next chunk is not read, and the
 * sender has to wait. For readers that pass on what they get to somebody slower than
 * the line. One stream at a time. Main context only.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct KsGate KsGate;

KsGate *ks_gate_new (void) G_GNUC_WARN_UNUSED_RESULT; /* open */
KsGate *ks_gate_ref (KsGate *gate);
void ks_gate_unref (KsGate *gate); /* NULL is allowed */

void ks_gate_close (KsGate *gate);
void ks_gate_open (KsGate *gate);
gboolean ks_gate_is_open (KsGate *gate);

/* Waits until the gate is open. The only error is G_IO_ERROR_CANCELLED. */
void ks_gate_wait_async (KsGate *gate,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
gboolean ks_gate_wait_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsGate, ks_gate_unref)

G_END_DECLS
