/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/security/ks-cryptography-group.h"

#include "ui/ks-toast.h"

#include <glib/gi18n.h>

struct _KsCryptographyGroup
{
  AdwPreferencesGroup parent;

  AdwActionRow *session_id_row;
  AdwActionRow *session_key_row;

  char *session_id;  /* owned; NULL before there is one */
  char *session_key; /* owned */
};

G_DEFINE_FINAL_TYPE (KsCryptographyGroup, ks_cryptography_group, ADW_TYPE_PREFERENCES_GROUP)

char *
ks_cryptography_group_text (const char *session_key)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; session_key[i] != '\0'; i++)
    {
      if (i > 0 && i % 4 == 0)
        g_string_append_c (text, ' ');
      g_string_append_c (text, session_key[i]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
ks_cryptography_group_show (KsCryptographyGroup *self, const char *session_id, const char *session_key)
{
  g_autofree char *text = session_key != NULL ? ks_cryptography_group_text (session_key) : NULL;

  g_free (self->session_id);
  self->session_id = g_strdup (session_id);
  g_free (self->session_key);
  self->session_key = g_strdup (session_key);
  adw_action_row_set_subtitle (self->session_id_row, session_id);
  adw_action_row_set_subtitle (self->session_key_row, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->session_key_row), text != NULL);
}

static void
copy (KsCryptographyGroup *self, const char *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  ks_toast (GTK_WIDGET (self), _ ("Copied"));
}

static void
on_copy_id_clicked (GtkButton *button, KsCryptographyGroup *self)
{
  copy (self, self->session_id);
}

/* Without the blanks: as programs write it. */
static void
on_copy_key_clicked (GtkButton *button, KsCryptographyGroup *self)
{
  copy (self, self->session_key);
}

static void
ks_cryptography_group_finalize (GObject *object)
{
  KsCryptographyGroup *self = KS_CRYPTOGRAPHY_GROUP (object);

  g_free (self->session_id);
  g_free (self->session_key);
  G_OBJECT_CLASS (ks_cryptography_group_parent_class)->finalize (object);
}

static void
ks_cryptography_group_class_init (KsCryptographyGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = ks_cryptography_group_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/security/ks-cryptography-group.ui");
  gtk_widget_class_bind_template_child (widget_class, KsCryptographyGroup, session_id_row);
  gtk_widget_class_bind_template_child (widget_class, KsCryptographyGroup, session_key_row);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_id_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_key_clicked);
}

static void
ks_cryptography_group_init (KsCryptographyGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
