/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Saving one attachment: it goes on whether or not its row is on the screen, and keeps how
 * it ended.
 */
#pragma once

#include "engine/history/ks-timeline.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  KS_ATTACHMENT_SAVE_IDLE,
  KS_ATTACHMENT_SAVE_RUNNING,
  KS_ATTACHMENT_SAVE_DONE,
  KS_ATTACHMENT_SAVE_FAILED,
} KsAttachmentSaveState;

#define KS_TYPE_ATTACHMENT_SAVE (ks_attachment_save_get_type ())
G_DECLARE_FINAL_TYPE (KsAttachmentSave, ks_attachment_save, KS, ATTACHMENT_SAVE, GObject)

/* Signal "changed": state or progress. */

KsAttachmentSave *ks_attachment_save_new (KsTimeline *timeline, KsAttachment *attachment)
    G_GNUC_WARN_UNUSED_RESULT;

KsAttachment *ks_attachment_save_get_attachment (KsAttachmentSave *self); /* borrowed */
KsAttachmentSaveState ks_attachment_save_get_state (KsAttachmentSave *self);

/* Bytes that have arrived. */
guint64 ks_attachment_save_get_received (KsAttachmentSave *self);

/* The file's name as it can be shown, of one that is DONE; else NULL. Borrowed. */
const char *ks_attachment_save_get_file_name (KsAttachmentSave *self);

/* Why it FAILED; else NULL. Borrowed. */
const GError *ks_attachment_save_get_failure (KsAttachmentSave *self);

/* To @file, which the person has agreed to replace if it is there. Nothing while it runs. */
void ks_attachment_save_run (KsAttachmentSave *self, GFile *file);

/* Asks the person where to, and runs. */
void ks_attachment_save_ask (KsAttachmentSave *self, GtkWindow *parent);

/* Where it is, of one that is DONE; else NULL. Borrowed. */
GFile *ks_attachment_save_get_file (KsAttachmentSave *self);

/* The person doesn't want it any more. */
void ks_attachment_save_cancel (KsAttachmentSave *self);

G_END_DECLS
