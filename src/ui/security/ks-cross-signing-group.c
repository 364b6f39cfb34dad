/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/security/ks-cross-signing-group.h"

#include "ui/security/ks-found-text.h"

#include <glib/gi18n.h>

#define N_KEYS (KS_N_SECRETS - 1)

/* The columns of the grid. */
enum
{
  ON_SERVER,
  IN_STORAGE,
  HERE,
  N_PLACES
};

struct _KsCrossSigningGroup
{
  AdwPreferencesGroup parent;

  AdwActionRow *session_row;
  GtkImage *session_icon;
  GtkLabel *session_label;
  GtkListBoxRow *keys_row;
  GtkGrid *keys;
  GtkImage *cells[N_KEYS][N_PLACES]; /* borrowed: the grid's */
};

G_DEFINE_FINAL_TYPE (KsCrossSigningGroup, ks_cross_signing_group, ADW_TYPE_PREFERENCES_GROUP)

typedef enum
{
  CELL_NO,
  CELL_YES,
  CELL_OTHER, /* there, but not the half of what the server publishes */
  N_CELL_STATES
} CellState;

/* %s is the name of a key. */
static const char *const names[N_PLACES][N_CELL_STATES] = {
  [ON_SERVER] = { N_ ("%s: not on the server"), N_ ("%s: on the server"), NULL },
  [IN_STORAGE] = { N_ ("%s: not in secret storage"), N_ ("%s: in secret storage"), NULL },
  [HERE] = { N_ ("%s: not here"), N_ ("%s: here"), N_ ("%s: here, but another one than on the server") },
};

static void
show_cell (KsCrossSigningGroup *self, int key, int place, CellState state)
{
  static const char *const icons[] = { "window-close-symbolic", "emblem-ok-symbolic",
                                       "dialog-warning-symbolic" };
  static const char *const looks[] = { "dim-label", "success", "warning" };
  const char *classes[] = { looks[state], NULL };
  GtkImage *cell = self->cells[key][place];
  g_autofree char *name = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  name = g_strdup_printf (_ (names[place][state]), ks_found_text_key ((KsSecretName) key));
#pragma GCC diagnostic pop
  gtk_image_set_from_icon_name (cell, icons[state]);
  gtk_widget_set_css_classes (GTK_WIDGET (cell), classes);
  gtk_widget_set_tooltip_text (GTK_WIDGET (cell), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static gboolean
is_there (const KsRecoverySnapshot *seen)
{
  for (int i = 0; i < N_KEYS; i++)
    if (seen->published[i] || seen->stored[i] || seen->here[i])
      return TRUE;
  return FALSE;
}

static void
show_session (
    KsCrossSigningGroup *self, const char *icon, const char *look, const char *word, const char *text)
{
  const char *classes[] = { look, NULL };

  gtk_image_set_from_icon_name (self->session_icon, icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->session_icon), classes);
  gtk_widget_set_visible (GTK_WIDGET (self->session_icon), icon != NULL);
  gtk_label_set_label (self->session_label, word);
  adw_action_row_set_subtitle (self->session_row, text);
}

void
ks_cross_signing_group_show (KsCrossSigningGroup *self, const KsRecoverySnapshot *seen)
{
  gboolean there = seen != NULL && is_there (seen);

  gtk_widget_set_visible (GTK_WIDGET (self), seen != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->keys_row), there);
  if (!there)
    {
      show_session (self, NULL, NULL, _ ("Not Set Up"), _ ("Comes with Secure Backup"));
      return;
    }
  if (seen->device_verified)
    show_session (self, "emblem-default-symbolic", "success", _ ("Verified"),
                  _ ("Others can trust this session"));
  else
    show_session (self, "dialog-warning-symbolic", "warning", _ ("Not Verified"),
                  _ ("Others see it as untrusted"));
  for (int i = 0; i < N_KEYS; i++)
    {
      show_cell (self, i, ON_SERVER, seen->published[i] ? CELL_YES : CELL_NO);
      show_cell (self, i, IN_STORAGE, seen->stored[i] ? CELL_YES : CELL_NO);
      show_cell (self, i, HERE, !seen->here[i] ? CELL_NO : seen->matches[i] ? CELL_YES : CELL_OTHER);
    }
}

static void
ks_cross_signing_group_class_init (KsCrossSigningGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/security/ks-cross-signing-group.ui");
  gtk_widget_class_bind_template_child (widget_class, KsCrossSigningGroup, session_row);
  gtk_widget_class_bind_template_child (widget_class, KsCrossSigningGroup, session_icon);
  gtk_widget_class_bind_template_child (widget_class, KsCrossSigningGroup, session_label);
  gtk_widget_class_bind_template_child (widget_class, KsCrossSigningGroup, keys_row);
  gtk_widget_class_bind_template_child (widget_class, KsCrossSigningGroup, keys);
}

static void
ks_cross_signing_group_init (KsCrossSigningGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (int key = 0; key < N_KEYS; key++)
    {
      GtkWidget *name = gtk_label_new (ks_found_text_key ((KsSecretName) key));

      gtk_label_set_xalign (GTK_LABEL (name), 0);
      gtk_label_set_wrap (GTK_LABEL (name), TRUE);
      gtk_grid_attach (self->keys, name, 0, key + 1, 1, 1);
      for (int place = 0; place < N_PLACES; place++)
        {
          GtkWidget *cell = gtk_image_new ();

          self->cells[key][place] = GTK_IMAGE (cell);
          gtk_grid_attach (self->keys, cell, place + 1, key + 1, 1, 1);
        }
    }
}
