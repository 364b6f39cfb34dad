/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-attachment-card.h"

#include "ui/ks-error-text.h"
#include "ui/ks-show-in-files.h"

#include <glib/gi18n.h>

struct _KsAttachmentCard
{
  AdwBin parent;

  GtkImage *icon;
  GtkLabel *name;
  GtkLabel *text;
  GtkProgressBar *bar;
  GtkButton *save_button;
  GtkButton *show_button;
  GtkButton *cancel_button;

  KsAttachmentSave *save; /* owned; NULL: none is shown */
  gulong changed;
};

G_DEFINE_FINAL_TYPE (KsAttachmentCard, ks_attachment_card, ADW_TYPE_BIN)

static const char *
icon_of (KsAttachmentKind kind)
{
  switch (kind)
    {
    case KS_ATTACHMENT_IMAGE:
      return "image-x-generic-symbolic";
    case KS_ATTACHMENT_VIDEO:
      return "video-x-generic-symbolic";
    case KS_ATTACHMENT_AUDIO:
      return "audio-x-generic-symbolic";
    case KS_ATTACHMENT_FILE:
    default:
      return "text-x-generic-symbolic";
    }
}

static const char *
kind_text (KsAttachmentKind kind)
{
  switch (kind)
    {
    case KS_ATTACHMENT_IMAGE:
      return _ ("Image");
    case KS_ATTACHMENT_VIDEO:
      return _ ("Video");
    case KS_ATTACHMENT_AUDIO:
      return _ ("Sound");
    case KS_ATTACHMENT_FILE:
    default:
      return _ ("File");
    }
}

/* "Image · 1.2 MB". The size is the sender's word. */
static char *
describe (const KsAttachment *attachment)
{
  const char *kind = kind_text (ks_attachment_get_kind (attachment));
  gint64 size = ks_attachment_get_size (attachment);
  g_autofree char *bytes = size >= 0 ? g_format_size ((guint64) size) : NULL;

  return bytes != NULL ? g_strdup_printf ("%s · %s", kind, bytes) : g_strdup (kind);
}

static char *
describe_progress (KsAttachmentSave *save)
{
  g_autofree char *bytes = g_format_size (ks_attachment_save_get_received (save));

  /* Translators: %s is a size such as "1.2 MB". */
  return g_strdup_printf (_ ("Saving: %s"), bytes);
}

static char *
describe_state (KsAttachmentSave *save)
{
  const KsAttachment *attachment = ks_attachment_save_get_attachment (save);

  switch (ks_attachment_save_get_state (save))
    {
    case KS_ATTACHMENT_SAVE_RUNNING:
      return describe_progress (save);
    case KS_ATTACHMENT_SAVE_DONE:
      /* Translators: %s is the name of a file. */
      return g_strdup_printf (_ ("Saved as %s"), ks_attachment_save_get_file_name (save));
    case KS_ATTACHMENT_SAVE_FAILED:
      return ks_error_text_attachment (ks_attachment_save_get_failure (save));
    case KS_ATTACHMENT_SAVE_IDLE:
    default:
      if (!ks_attachment_get_usable (attachment))
        return g_strdup (_ ("The message doesn't tell where this file is, so it can't be saved."));
      return describe (attachment);
    }
}

static void
show_progress (KsAttachmentCard *self)
{
  gint64 size = ks_attachment_get_size (ks_attachment_save_get_attachment (self->save));
  guint64 received = ks_attachment_save_get_received (self->save);

  if (size > 0)
    gtk_progress_bar_set_fraction (self->bar, MIN ((double) received / (double) size, 1));
  else
    gtk_progress_bar_pulse (self->bar);
}

static void
update (KsAttachmentCard *self)
{
  const KsAttachment *attachment = ks_attachment_save_get_attachment (self->save);
  gboolean running = ks_attachment_save_get_state (self->save) == KS_ATTACHMENT_SAVE_RUNNING;
  gboolean done = ks_attachment_save_get_state (self->save) == KS_ATTACHMENT_SAVE_DONE;
  g_autofree char *text = describe_state (self->save);

  gtk_image_set_from_icon_name (self->icon, icon_of (ks_attachment_get_kind (attachment)));
  gtk_label_set_label (self->name, ks_attachment_get_name (attachment));
  gtk_label_set_label (self->text, text);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), running);
  gtk_widget_set_visible (GTK_WIDGET (self->save_button),
                          !running && !done && ks_attachment_get_usable (attachment));
  gtk_widget_set_visible (GTK_WIDGET (self->show_button), done);
  gtk_widget_set_visible (GTK_WIDGET (self->cancel_button), running);
  if (running)
    show_progress (self);
}

void
ks_attachment_card_set_save (KsAttachmentCard *self, KsAttachmentSave *save)
{
  if (self->save != NULL)
    g_clear_signal_handler (&self->changed, self->save);
  g_set_object (&self->save, save);
  if (save == NULL)
    return;
  self->changed = g_signal_connect_swapped (save, "changed", G_CALLBACK (update), self);
  update (self);
}

KsAttachmentSave *
ks_attachment_card_get_save (KsAttachmentCard *self)
{
  return self->save;
}

static void
activate_save (GtkWidget *widget, const char *name, GVariant *parameter)
{
  /* The row may show another message by the time the file is chosen. */
  ks_attachment_save_ask (KS_ATTACHMENT_CARD (widget)->save, GTK_WINDOW (gtk_widget_get_root (widget)));
}

static void
activate_show (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GFile *file = ks_attachment_save_get_file (KS_ATTACHMENT_CARD (widget)->save);

  if (file != NULL)
    ks_show_in_files (GTK_WINDOW (gtk_widget_get_root (widget)), file);
}

static void
activate_cancel (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ks_attachment_save_cancel (KS_ATTACHMENT_CARD (widget)->save);
}

static void
ks_attachment_card_dispose (GObject *object)
{
  ks_attachment_card_set_save (KS_ATTACHMENT_CARD (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_ATTACHMENT_CARD);
  G_OBJECT_CLASS (ks_attachment_card_parent_class)->dispose (object);
}

static void
ks_attachment_card_class_init (KsAttachmentCardClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_attachment_card_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/history/ks-attachment-card.ui");
  gtk_widget_class_bind_template_child (widget_class, KsAttachmentCard, icon);
  gtk_widget_class_bind_template_child (widget_class, KsAttachmentCard, name);
  gtk_widget_class_bind_template_child (widget_class, KsAttachmentCard, text);
  gtk_widget_class_bind_template_child (widget_class, KsAttachmentCard, bar);
  gtk_widget_class_bind_template_child (widget_class, KsAttachmentCard, save_button);
  gtk_widget_class_bind_template_child (widget_class, KsAttachmentCard, show_button);
  gtk_widget_class_bind_template_child (widget_class, KsAttachmentCard, cancel_button);
  gtk_widget_class_install_action (widget_class, "attachment.save", NULL, activate_save);
  gtk_widget_class_install_action (widget_class, "attachment.show", NULL, activate_show);
  gtk_widget_class_install_action (widget_class, "attachment.cancel", NULL, activate_cancel);
}

static void
ks_attachment_card_init (KsAttachmentCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
