/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-attachment-save.h"

#include "ui/ks-choose-file.h"

#include <glib/gi18n.h>

struct _KsAttachmentSave
{
  GObject parent;

  KsTimeline *timeline;      /* owned */
  KsAttachment *attachment;  /* owned */
  GCancellable *cancellable; /* owned; NULL: it does not run */
  KsAttachmentSaveState state;
  guint64 received;
  GFile *file;     /* owned; NULL: it was not run */
  char *file_name; /* owned */
  GError *failure; /* owned */
};

G_DEFINE_FINAL_TYPE (KsAttachmentSave, ks_attachment_save, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

KsAttachment *
ks_attachment_save_get_attachment (KsAttachmentSave *self)
{
  return self->attachment;
}

KsAttachmentSaveState
ks_attachment_save_get_state (KsAttachmentSave *self)
{
  return self->state;
}

guint64
ks_attachment_save_get_received (KsAttachmentSave *self)
{
  return self->received;
}

const char *
ks_attachment_save_get_file_name (KsAttachmentSave *self)
{
  return self->state == KS_ATTACHMENT_SAVE_DONE ? self->file_name : NULL;
}

GFile *
ks_attachment_save_get_file (KsAttachmentSave *self)
{
  return self->state == KS_ATTACHMENT_SAVE_DONE ? self->file : NULL;
}

const GError *
ks_attachment_save_get_failure (KsAttachmentSave *self)
{
  return self->failure;
}

static void
set_state (KsAttachmentSave *self, KsAttachmentSaveState state)
{
  self->state = state;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_progress (guint64 received, gpointer data)
{
  KsAttachmentSave *self = data;

  self->received = received;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_saved (GObject *timeline, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsAttachmentSave) self = data;
  g_autoptr (GError) error = NULL;

  g_clear_object (&self->cancellable);
  if (ks_timeline_save_attachment_finish (KS_TIMELINE (timeline), result, &error))
    {
      set_state (self, KS_ATTACHMENT_SAVE_DONE);
      return;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      set_state (self, KS_ATTACHMENT_SAVE_IDLE);
      return;
    }
  g_message ("an attachment could not be saved: %s", error->message);
  self->failure = g_steal_pointer (&error);
  set_state (self, KS_ATTACHMENT_SAVE_FAILED);
}

void
ks_attachment_save_run (KsAttachmentSave *self, GFile *file)
{
  const char *path = g_file_peek_path (file);

  if (self->state == KS_ATTACHMENT_SAVE_RUNNING)
    return;
  g_clear_error (&self->failure);
  g_clear_pointer (&self->file_name, g_free);
  g_set_object (&self->file, file);
  self->received = 0;
  if (path == NULL)
    {
      self->failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "not on this computer");
      set_state (self, KS_ATTACHMENT_SAVE_FAILED);
      return;
    }
  self->file_name = g_filename_display_basename (path);
  self->cancellable = g_cancellable_new ();
  ks_timeline_save_attachment_async (self->timeline, self->attachment, path, TRUE, on_progress, self,
                                     self->cancellable, on_saved, g_object_ref (self));
  set_state (self, KS_ATTACHMENT_SAVE_RUNNING);
}

static void
on_chosen (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsAttachmentSave) self = data;
  g_autoptr (GFile) file = ks_choose_file_to_save_finish (result);

  if (file != NULL)
    ks_attachment_save_run (self, file);
}

void
ks_attachment_save_ask (KsAttachmentSave *self, GtkWindow *parent)
{
  ks_choose_file_to_save_async (parent, _ ("Save Attachment"), ks_attachment_get_name (self->attachment),
                                on_chosen, g_object_ref (self));
}

void
ks_attachment_save_cancel (KsAttachmentSave *self)
{
  g_cancellable_cancel (self->cancellable);
}

static void
ks_attachment_save_finalize (GObject *object)
{
  KsAttachmentSave *self = KS_ATTACHMENT_SAVE (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->timeline);
  g_clear_pointer (&self->attachment, ks_attachment_unref);
  g_clear_error (&self->failure);
  g_clear_object (&self->file);
  g_free (self->file_name);
  G_OBJECT_CLASS (ks_attachment_save_parent_class)->finalize (object);
}

static void
ks_attachment_save_class_init (KsAttachmentSaveClass *class)
{
  G_OBJECT_CLASS (class)->finalize = ks_attachment_save_finalize;
  signals[CHANGED] = g_signal_new ("changed", KS_TYPE_ATTACHMENT_SAVE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
}

static void
ks_attachment_save_init (KsAttachmentSave *self)
{
}

KsAttachmentSave *
ks_attachment_save_new (KsTimeline *timeline, KsAttachment *attachment)
{
  KsAttachmentSave *self = g_object_new (KS_TYPE_ATTACHMENT_SAVE, NULL);

  self->timeline = g_object_ref (timeline);
  self->attachment = ks_attachment_ref (attachment);
  return self;
}
