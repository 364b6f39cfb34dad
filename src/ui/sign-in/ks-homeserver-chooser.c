/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/sign-in/ks-homeserver-chooser.h"

#include "ui/ks-error-text.h"

#include <glib/gi18n.h>
#include <string.h>

/* How long typing must rest before the homeserver is looked for, in milliseconds. */
#define TYPING_PAUSE 700

struct _KsHomeserverChooser
{
  AdwBin parent;

  AdwActionRow *row;
  AdwEntryRow *entry;
  GtkSpinner *spinner;
  GtkImage *found;
  GtkImage *missing;

  char *typed;              /* owned; elsewhere; never NULL */
  char *asked;              /* owned; what it was found, or is looked for, by; NULL: nothing */
  gboolean own_address;     /* asked was entered here */
  GCancellable *looking;    /* owned; NULL unless it is looked for */
  KsHomeserver *homeserver; /* owned; NULL until found */
  char *problem;            /* owned; why it was not found */
  guint typing_timeout;
};

G_DEFINE_FINAL_TYPE (KsHomeserverChooser, ks_homeserver_chooser, ADW_TYPE_BIN)

static guint changed_signal;

/* An address that stands in the entry is not taken yet; the one that was found
 * before is not to be seen meanwhile. */
static gboolean
is_editing (KsHomeserverChooser *self)
{
  return gtk_widget_get_visible (GTK_WIDGET (self->entry));
}

static void
update (KsHomeserverChooser *self)
{
  const char *shown = "";

  if (self->homeserver != NULL)
    shown = self->homeserver->base_url;
  else if (self->looking != NULL)
    shown = _ ("Looking…");
  else if (self->problem != NULL)
    shown = _ ("Not found");
  adw_action_row_set_subtitle (self->row, shown);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->looking != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->found), self->homeserver != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->missing), self->problem != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->row), !is_editing (self));
  g_signal_emit (self, changed_signal, 0);
}

static void
forget (KsHomeserverChooser *self)
{
  g_cancellable_cancel (self->looking);
  g_clear_object (&self->looking);
  g_clear_handle_id (&self->typing_timeout, g_source_remove);
  g_clear_pointer (&self->homeserver, ks_homeserver_free);
  g_clear_pointer (&self->asked, g_free);
  g_clear_pointer (&self->problem, g_free);
  self->own_address = FALSE;
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsHomeserverChooser) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsHomeserver) homeserver = ks_find_homeserver_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->looking);
  if (homeserver == NULL)
    {
      self->problem = ks_error_text_homeserver (error, self->asked);
      /* So that the same words can be tried again. */
      g_clear_pointer (&self->asked, g_free);
    }
  self->homeserver = g_steal_pointer (&homeserver);
  update (self);
}

static void
look_for (KsHomeserverChooser *self, const char *typed, gboolean own_address)
{
  g_autofree char *stripped = g_strstrip (g_strdup (typed));

  if (g_strcmp0 (stripped, self->asked) == 0)
    return;
  forget (self);
  if (stripped[0] != '\0')
    {
      self->own_address = own_address;
      self->looking = g_cancellable_new ();
      self->asked = g_steal_pointer (&stripped);
      ks_find_homeserver_async (self->asked, self->looking, on_found, g_object_ref (self));
    }
  update (self);
}

/* "@alice" and "@alice:" are on the way to a user ID, and so may be "alice": nothing to look
 * for yet, and no name that a name server needs to hear of. */
static gboolean
is_complete (const char *typed)
{
  const char *colon = strchr (typed, ':');

  if (typed[0] == '@')
    return colon != NULL && colon[1] != '\0';
  return strpbrk (typed, ".:/") != NULL || g_str_equal (typed, "localhost");
}

/* Whoever wants to go on with such a name is told what is missing. */
static void
ask_for_server (KsHomeserverChooser *self)
{
  const char *begin = self->typed[0] == '@' ? self->typed + 1 : self->typed;
  g_autofree char *name = g_strndup (begin, strcspn (begin, ":"));

  forget (self);
  if (g_strstrip (name)[0] != '\0')
    /* Translators: %s is a user name. */
    self->problem = g_strdup_printf (_ ("Add your homeserver to the name, as in @%s:example.org."), name);
  update (self);
}

static gboolean
on_typing_rested (gpointer data)
{
  KsHomeserverChooser *self = data;

  self->typing_timeout = 0;
  if (is_complete (self->typed))
    look_for (self, self->typed, FALSE);
  return G_SOURCE_REMOVE;
}

const KsHomeserver *
ks_homeserver_chooser_get_homeserver (KsHomeserverChooser *self)
{
  return is_editing (self) ? NULL : self->homeserver;
}

gboolean
ks_homeserver_chooser_is_looking (KsHomeserverChooser *self)
{
  return self->looking != NULL || self->typing_timeout != 0;
}

gboolean
ks_homeserver_chooser_is_own_address (KsHomeserverChooser *self)
{
  return self->own_address;
}

const char *
ks_homeserver_chooser_get_problem (KsHomeserverChooser *self)
{
  return self->problem;
}

static void
on_edit_clicked (GtkButton *button, KsHomeserverChooser *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry),
                         self->homeserver != NULL ? self->homeserver->base_url : "");
  gtk_widget_set_visible (GTK_WIDGET (self->entry), TRUE);
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

/* An emptied entry goes back to what is found from the user ID. */
static void
take_entry (KsHomeserverChooser *self)
{
  g_autofree char *typed = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));

  gtk_widget_set_visible (GTK_WIDGET (self->entry), FALSE);
  if (typed[0] == '\0')
    look_for (self, self->typed, FALSE);
  else if (self->homeserver == NULL || !g_str_equal (typed, self->homeserver->base_url))
    look_for (self, typed, TRUE);
  update (self);
}

static void
on_entry_applied (AdwEntryRow *entry, KsHomeserverChooser *self)
{
  take_entry (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->row));
}

static void
activate_keep (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsHomeserverChooser *self = KS_HOMESERVER_CHOOSER (widget);

  gtk_widget_set_visible (GTK_WIDGET (self->entry), FALSE);
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->row));
}

void
ks_homeserver_chooser_set_typed (KsHomeserverChooser *self, const char *typed, gboolean now)
{
  gboolean same = g_str_equal (typed, self->typed);

  if (!same)
    {
      g_free (self->typed);
      self->typed = g_strdup (typed);
    }
  if (now && is_editing (self))
    take_entry (self);
  if (self->own_address)
    return;
  if (now)
    {
      g_clear_handle_id (&self->typing_timeout, g_source_remove);
      if (is_complete (self->typed))
        look_for (self, self->typed, FALSE);
      else
        ask_for_server (self);
      return;
    }
  if (same)
    return;
  forget (self);
  self->typing_timeout = g_timeout_add (TYPING_PAUSE, on_typing_rested, self);
  update (self);
}

void
ks_homeserver_chooser_reset (KsHomeserverChooser *self)
{
  forget (self);
  g_free (self->typed);
  self->typed = g_strdup ("");
  gtk_widget_set_visible (GTK_WIDGET (self->entry), FALSE);
  update (self);
}

static void
ks_homeserver_chooser_dispose (GObject *object)
{
  KsHomeserverChooser *self = KS_HOMESERVER_CHOOSER (object);

  forget (self);
  g_clear_pointer (&self->typed, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_HOMESERVER_CHOOSER);
  G_OBJECT_CLASS (ks_homeserver_chooser_parent_class)->dispose (object);
}

static void
ks_homeserver_chooser_class_init (KsHomeserverChooserClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_homeserver_chooser_dispose;
  changed_signal = g_signal_new ("changed", KS_TYPE_HOMESERVER_CHOOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/sign-in/ks-homeserver-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, KsHomeserverChooser, row);
  gtk_widget_class_bind_template_child (widget_class, KsHomeserverChooser, entry);
  gtk_widget_class_bind_template_child (widget_class, KsHomeserverChooser, spinner);
  gtk_widget_class_bind_template_child (widget_class, KsHomeserverChooser, found);
  gtk_widget_class_bind_template_child (widget_class, KsHomeserverChooser, missing);
  gtk_widget_class_install_action (widget_class, "homeserver.keep", NULL, activate_keep);
  gtk_widget_class_bind_template_callback (widget_class, on_edit_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_applied);
}

static void
ks_homeserver_chooser_init (KsHomeserverChooser *self)
{
  self->typed = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
}
