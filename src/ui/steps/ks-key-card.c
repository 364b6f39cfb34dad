/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/steps/ks-key-card.h"

#include "crypto/ks-recovery-key.h"

#include <glib/gi18n.h>

struct _KsKeyCard
{
  GtkWidget parent;

  GtkLabel *label; /* NULL once disposed of */
};

G_DEFINE_FINAL_TYPE (KsKeyCard, ks_key_card, GTK_TYPE_WIDGET)

/* As wide as any four groups, and no five: with what the spacing of blanks may add where
 * the line is broken. */
#define FOUR_GROUPS "0000 0000 0000 0000 00"
#define GROUP_LENGTH 5 /* characters, with the blank */

/* The width of a line. Not by max-width-chars of the label: it counts in characters of the
 * language, and Chinese ones are twice as wide as those of a key. */
static int
measure_line (KsKeyCard *self)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self->label), FOUR_GROUPS);
  int width;

  pango_layout_set_attributes (layout, gtk_label_get_attributes (self->label));
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

static GtkSizeRequestMode
ks_key_card_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ks_key_card_measure (GtkWidget *widget,
                     GtkOrientation orientation,
                     int for_size,
                     int *minimum,
                     int *natural,
                     int *minimum_baseline,
                     int *natural_baseline)
{
  KsKeyCard *self = KS_KEY_CARD (widget);
  GtkWidget *label = GTK_WIDGET (self->label);
  int line = measure_line (self);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      gtk_widget_measure (label, orientation, -1, minimum, NULL, NULL, NULL);
      *natural = MAX (line, *minimum);
    }
  else
    gtk_widget_measure (label, orientation, for_size < 0 ? line : MIN (for_size, line), minimum, natural,
                        NULL, NULL);
}

static void
ks_key_card_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KsKeyCard *self = KS_KEY_CARD (widget);
  int line = MIN (width, measure_line (self));
  GtkAllocation middle = { .x = (width - line) / 2, .width = line, .height = height };

  gtk_widget_size_allocate (GTK_WIDGET (self->label), &middle, -1);
}

/* A label that gets the focus selects all of itself, and what is selected every app can read and
 * the middle button pastes: that is for the person to do. GTK knows no other switch for it. */
#define SELECT_ON_FOCUS "gtk-label-select-on-focus"

static void
ks_key_card_map (GtkWidget *widget)
{
  g_object_set (gtk_widget_get_settings (widget), SELECT_ON_FOCUS, FALSE, NULL);
  GTK_WIDGET_CLASS (ks_key_card_parent_class)->map (widget);
}

static void
ks_key_card_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ks_key_card_parent_class)->unmap (widget);
  gtk_settings_reset_property (gtk_widget_get_settings (widget), SELECT_ON_FOCUS);
}

void
ks_key_card_set_key (KsKeyCard *self, const KsSecret *key)
{
  char text[KS_RECOVERY_KEY_LENGTH + 1] = "";

  if (self->label == NULL)
    return;
  gtk_label_set_label (self->label, key != NULL && ks_recovery_key_format (key, text) ? text : "");
  ks_wipe (text, sizeof text);
}

static void
ks_key_card_dispose (GObject *object)
{
  KsKeyCard *self = KS_KEY_CARD (object);

  ks_key_card_set_key (self, NULL);
  g_clear_pointer ((GtkWidget **) &self->label, gtk_widget_unparent);
  G_OBJECT_CLASS (ks_key_card_parent_class)->dispose (object);
}

static void
ks_key_card_class_init (KsKeyCardClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_key_card_dispose;
  widget_class->map = ks_key_card_map;
  widget_class->unmap = ks_key_card_unmap;
  widget_class->get_request_mode = ks_key_card_get_request_mode;
  widget_class->measure = ks_key_card_measure;
  widget_class->size_allocate = ks_key_card_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "box");
}

static void
ks_key_card_init (KsKeyCard *self)
{
  GtkWidget *label = gtk_label_new (NULL);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_line_height_new (1.5));
  /* Wider blanks, so that the groups are seen as such. */
  for (guint end = GROUP_LENGTH; end < KS_RECOVERY_KEY_LENGTH; end += GROUP_LENGTH)
    {
      PangoAttribute *space = pango_attr_letter_spacing_new (10 * PANGO_SCALE);

      space->start_index = end - 1;
      space->end_index = end;
      pango_attr_list_insert (attributes, space);
    }
  self->label = GTK_LABEL (label);
  gtk_label_set_attributes (self->label, attributes);
  gtk_label_set_selectable (self->label, TRUE);
  gtk_label_set_justify (self->label, GTK_JUSTIFY_CENTER);
  gtk_label_set_wrap (self->label, TRUE);
  gtk_widget_add_css_class (label, "ks-key");
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  _ ("Security Key"), -1);
  gtk_widget_set_parent (label, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "ks-key-card");
}
