/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/steps/ks-step-page.h"

typedef struct
{
  GtkImage *icon;
  GtkLabel *heading;
  GtkLabel *description;
  AdwBin *content;

  char *forward_label; /* owned */
  gboolean complete;
  gboolean busy;
  gboolean forward_suggested;
} KsStepPagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (KsStepPage, ks_step_page, ADW_TYPE_BIN)

enum
{
  PROP_TITLE = 1,
  PROP_DESCRIPTION,
  PROP_ICON_NAME,
  PROP_CONTENT,
  PROP_COMPLETE,
  PROP_BUSY,
  PROP_FORWARD_LABEL,
  PROP_FORWARD_SUGGESTED,
  N_PROPS,
};
static GParamSpec *props[N_PROPS];

static guint go_on_signal;

static KsStepPagePrivate *
priv_of (KsStepPage *self)
{
  return ks_step_page_get_instance_private (self);
}

void
ks_step_page_shown (KsStepPage *self)
{
  if (KS_STEP_PAGE_GET_CLASS (self)->shown != NULL)
    KS_STEP_PAGE_GET_CLASS (self)->shown (self);
}

void
ks_step_page_wipe (KsStepPage *self)
{
  if (KS_STEP_PAGE_GET_CLASS (self)->wipe != NULL)
    KS_STEP_PAGE_GET_CLASS (self)->wipe (self);
}

void
ks_step_page_forward (KsStepPage *self)
{
  if (priv_of (self)->complete && !priv_of (self)->busy)
    KS_STEP_PAGE_GET_CLASS (self)->forward (self);
}

void
ks_step_page_go_on (KsStepPage *self)
{
  g_signal_emit (self, go_on_signal, 0);
}

gboolean
ks_step_page_get_complete (KsStepPage *self)
{
  return priv_of (self)->complete;
}

void
ks_step_page_set_complete (KsStepPage *self, gboolean complete)
{
  if (priv_of (self)->complete == complete)
    return;
  priv_of (self)->complete = complete;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_COMPLETE]);
}

gboolean
ks_step_page_get_busy (KsStepPage *self)
{
  return priv_of (self)->busy;
}

void
ks_step_page_set_busy (KsStepPage *self, gboolean busy)
{
  if (priv_of (self)->busy == busy)
    return;
  priv_of (self)->busy = busy;
  gtk_widget_set_sensitive (GTK_WIDGET (priv_of (self)->content), !busy);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BUSY]);
}

const char *
ks_step_page_get_forward_label (KsStepPage *self)
{
  return priv_of (self)->forward_label;
}

void
ks_step_page_set_forward_label (KsStepPage *self, const char *label)
{
  if (g_strcmp0 (priv_of (self)->forward_label, label) == 0)
    return;
  g_free (priv_of (self)->forward_label);
  priv_of (self)->forward_label = g_strdup (label);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FORWARD_LABEL]);
}

gboolean
ks_step_page_get_forward_suggested (KsStepPage *self)
{
  return priv_of (self)->forward_suggested;
}

void
ks_step_page_set_forward_suggested (KsStepPage *self, gboolean suggested)
{
  if (priv_of (self)->forward_suggested == suggested)
    return;
  priv_of (self)->forward_suggested = suggested;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FORWARD_SUGGESTED]);
}

const char *
ks_step_page_get_title (KsStepPage *self)
{
  return gtk_label_get_label (priv_of (self)->heading);
}

void
ks_step_page_set_title (KsStepPage *self, const char *title)
{
  gtk_label_set_label (priv_of (self)->heading, title);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TITLE]);
}

void
ks_step_page_set_description (KsStepPage *self, const char *description)
{
  gtk_label_set_label (priv_of (self)->description, description);
  gtk_widget_set_visible (GTK_WIDGET (priv_of (self)->description), description != NULL);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DESCRIPTION]);
}

void
ks_step_page_set_icon (KsStepPage *self, const char *icon_name, const char *style)
{
  const char *classes[] = { "ks-medallion", style, NULL };

  gtk_image_set_from_icon_name (priv_of (self)->icon, icon_name);
  gtk_widget_set_css_classes (GTK_WIDGET (priv_of (self)->icon), classes);
  gtk_widget_set_visible (GTK_WIDGET (priv_of (self)->icon), icon_name != NULL);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ICON_NAME]);
}

static void
ks_step_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KsStepPage *self = KS_STEP_PAGE (object);
  KsStepPagePrivate *priv = priv_of (self);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, ks_step_page_get_title (self));
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, gtk_label_get_label (priv->description));
      break;
    case PROP_ICON_NAME:
      g_value_set_string (value, gtk_image_get_icon_name (priv->icon));
      break;
    case PROP_CONTENT:
      g_value_set_object (value, adw_bin_get_child (priv->content));
      break;
    case PROP_COMPLETE:
      g_value_set_boolean (value, priv->complete);
      break;
    case PROP_BUSY:
      g_value_set_boolean (value, priv->busy);
      break;
    case PROP_FORWARD_LABEL:
      g_value_set_string (value, priv->forward_label);
      break;
    case PROP_FORWARD_SUGGESTED:
      g_value_set_boolean (value, priv->forward_suggested);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_step_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  KsStepPage *self = KS_STEP_PAGE (object);

  switch (id)
    {
    case PROP_TITLE:
      ks_step_page_set_title (self, g_value_get_string (value));
      break;
    case PROP_DESCRIPTION:
      ks_step_page_set_description (self, g_value_get_string (value));
      break;
    case PROP_ICON_NAME:
      ks_step_page_set_icon (self, g_value_get_string (value), "accent");
      break;
    case PROP_CONTENT:
      adw_bin_set_child (priv_of (self)->content, g_value_get_object (value));
      break;
    case PROP_COMPLETE:
      ks_step_page_set_complete (self, g_value_get_boolean (value));
      break;
    case PROP_BUSY:
      ks_step_page_set_busy (self, g_value_get_boolean (value));
      break;
    case PROP_FORWARD_LABEL:
      ks_step_page_set_forward_label (self, g_value_get_string (value));
      break;
    case PROP_FORWARD_SUGGESTED:
      ks_step_page_set_forward_suggested (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_step_page_dispose (GObject *object)
{
  /* No page takes its template apart: where a class and its parent both have one, GTK 4.8
   * takes the children of both apart with the first, and stumbles over the second. */
  ks_step_page_wipe (KS_STEP_PAGE (object));
  G_OBJECT_CLASS (ks_step_page_parent_class)->dispose (object);
}

static void
ks_step_page_finalize (GObject *object)
{
  g_free (priv_of (KS_STEP_PAGE (object))->forward_label);
  G_OBJECT_CLASS (ks_step_page_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  props[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, flags);
  props[PROP_ICON_NAME] = g_param_spec_string ("icon-name", NULL, NULL, NULL, flags);
  props[PROP_CONTENT] = g_param_spec_object ("content", NULL, NULL, GTK_TYPE_WIDGET, flags);
  props[PROP_COMPLETE] = g_param_spec_boolean ("complete", NULL, NULL, FALSE, flags);
  props[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, flags);
  props[PROP_FORWARD_LABEL] = g_param_spec_string ("forward-label", NULL, NULL, NULL, flags);
  props[PROP_FORWARD_SUGGESTED] = g_param_spec_boolean ("forward-suggested", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ks_step_page_class_init (KsStepPageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = ks_step_page_get_property;
  object_class->set_property = ks_step_page_set_property;
  object_class->dispose = ks_step_page_dispose;
  object_class->finalize = ks_step_page_finalize;
  class->forward = ks_step_page_go_on;
  install_properties (object_class);
  go_on_signal = g_signal_new ("go-on", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/steps/ks-step-page.ui");
  gtk_widget_class_bind_template_child_private (widget_class, KsStepPage, icon);
  gtk_widget_class_bind_template_child_private (widget_class, KsStepPage, heading);
  gtk_widget_class_bind_template_child_private (widget_class, KsStepPage, description);
  gtk_widget_class_bind_template_child_private (widget_class, KsStepPage, content);
}

static void
ks_step_page_init (KsStepPage *self)
{
  priv_of (self)->forward_suggested = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
}
