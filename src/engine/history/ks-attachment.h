/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An image, a video, sound or a file that came with a message: what the message says of it,
 * and how to get it. All of it is hostile. It never changes; references may be kept and
 * dropped on any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is larger is not fetched, whatever the message says. */
#define KS_ATTACHMENT_MAX_SIZE (G_GINT64_CONSTANT (1) << 30)

typedef enum
{
  KS_ATTACHMENT_FILE,
  KS_ATTACHMENT_IMAGE,
  KS_ATTACHMENT_VIDEO,
  KS_ATTACHMENT_AUDIO,
} KsAttachmentKind;

typedef struct KsAttachment KsAttachment;

#define KS_TYPE_ATTACHMENT (ks_attachment_get_type ())
GType ks_attachment_get_type (void); /* boxed */

KsAttachment *ks_attachment_ref (KsAttachment *self);
void ks_attachment_unref (KsAttachment *self); /* NULL is allowed */

KsAttachmentKind ks_attachment_get_kind (const KsAttachment *self);

/* One line without any directory, fit to be shown and to be proposed as a file name; never
 * NULL or empty. */
const char *ks_attachment_get_name (const KsAttachment *self);

/* "image/png", as the sender says; NULL: not said. */
const char *ks_attachment_get_mimetype (const KsAttachment *self);

/* In bytes, as the sender says; -1: not said. */
gint64 ks_attachment_get_size (const KsAttachment *self);

/* Whether it is encrypted. What is not is fetched as it is, and nothing proves it. */
gboolean ks_attachment_get_encrypted (const KsAttachment *self);

/* FALSE: the message does not tell how to get it, or tells it wrongly; it cannot be saved. */
gboolean ks_attachment_get_usable (const KsAttachment *self);

/* Why it could not be saved: see ks_timeline_save_attachment_async(). */
typedef enum
{
  KS_ATTACHMENT_ERROR_UNUSABLE,  /* the message does not tell how to get it */
  KS_ATTACHMENT_ERROR_TOO_LARGE, /* more than KS_ATTACHMENT_MAX_SIZE */
  KS_ATTACHMENT_ERROR_CHANGED,   /* it is not what was sent: the hash is another one */
} KsAttachmentError;

#define KS_ATTACHMENT_ERROR (ks_attachment_error_quark ())
GQuark ks_attachment_error_quark (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsAttachment, ks_attachment_unref)

G_END_DECLS
