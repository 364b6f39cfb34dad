/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-proof-line.h"

#include <glib/gi18n.h>

struct _KsProofLine
{
  AdwBin parent;

  GtkImage *icon;
  GtkLabel *label;

  KsTimelineRows *rows; /* owned; NULL: none */
  gulong proof_changed;
};

G_DEFINE_FINAL_TYPE (KsProofLine, ks_proof_line, ADW_TYPE_BIN)

static const char *
text_of (KsTimelineProof proof)
{
  switch (proof)
    {
    case KS_TIMELINE_PROOF_OF_SOME:
      return _ ("Messages with this sign were opened with restored keys, which don't prove who sent them. "
                "That is usual.");
    case KS_TIMELINE_PROOF_OF_NONE:
      return _ ("These messages were opened with restored keys, which don't prove who sent them. That is "
                "usual.");
    case KS_TIMELINE_PROOF_OF_ALL:
    default:
      return "";
    }
}

static void
update (KsProofLine *self)
{
  KsTimelineProof proof =
      self->rows != NULL ? ks_timeline_rows_get_proof (self->rows) : KS_TIMELINE_PROOF_OF_ALL;

  gtk_label_set_label (self->label, text_of (proof));
  gtk_widget_set_visible (GTK_WIDGET (self), proof != KS_TIMELINE_PROOF_OF_ALL);
}

void
ks_proof_line_set_rows (KsProofLine *self, KsTimelineRows *rows)
{
  if (self->rows != NULL)
    g_clear_signal_handler (&self->proof_changed, self->rows);
  g_set_object (&self->rows, rows);
  if (rows != NULL)
    self->proof_changed = g_signal_connect_swapped (rows, "proof-changed", G_CALLBACK (update), self);
  update (self);
}

static void
ks_proof_line_dispose (GObject *object)
{
  KsProofLine *self = KS_PROOF_LINE (object);

  if (self->rows != NULL)
    g_clear_signal_handler (&self->proof_changed, self->rows);
  g_clear_object (&self->rows);
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_PROOF_LINE);
  G_OBJECT_CLASS (ks_proof_line_parent_class)->dispose (object);
}

static void
ks_proof_line_class_init (KsProofLineClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_proof_line_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/history/ks-proof-line.ui");
  gtk_widget_class_bind_template_child (widget_class, KsProofLine, icon);
  gtk_widget_class_bind_template_child (widget_class, KsProofLine, label);
}

static void
ks_proof_line_init (KsProofLine *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_image_set_from_icon_name (self->icon, KS_PROOF_LINE_ICON);
}
