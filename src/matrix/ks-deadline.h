/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A cancellable that is cancelled with the caller's, or when a time is over, and
 * that remembers which of the two it was. Main context only.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct KsDeadline KsDeadline;

/* @cancellable may be NULL; @milliseconds 0: no end. */
KsDeadline *ks_deadline_new (GCancellable *cancellable, guint milliseconds) G_GNUC_WARN_UNUSED_RESULT;
void ks_deadline_free (KsDeadline *deadline); /* NULL is allowed */

/* Borrowed. */
GCancellable *ks_deadline_get_cancellable (KsDeadline *deadline);

/* The time no longer counts. */
void ks_deadline_lift (KsDeadline *deadline);

/* The time begins anew, with this length; 0: no end. Not after it was over. */
void ks_deadline_restart (KsDeadline *deadline, guint milliseconds);

/* Whether the time was over first. */
gboolean ks_deadline_is_over (KsDeadline *deadline);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsDeadline, ks_deadline_free)

G_END_DECLS
