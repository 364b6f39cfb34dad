/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/ks-application.h"

#include "base/ks-log.h"
#include "engine/account/ks-profile.h"
#include "ui/ks-about.h"
#include "ui/ks-shortcuts.h"
#include "ui/ks-window.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

struct _KsApplication
{
  AdwApplication parent;

  char *profile_directory; /* owned; --profile, else NULL */
  char *store_key_file;    /* owned; --store-key-file, else NULL */
};

G_DEFINE_FINAL_TYPE (KsApplication, ks_application, ADW_TYPE_APPLICATION)

static void
activate_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ks_about_show (gtk_application_get_active_window (GTK_APPLICATION (data)));
}

static void
activate_shortcuts (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ks_shortcuts_show (gtk_application_get_active_window (GTK_APPLICATION (data)));
}

static void
activate_quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (data));

  /* Through the window, so that it can save what it remembers. */
  if (window != NULL)
    gtk_window_close (window);
}

static const GActionEntry actions[] = {
  { .name = "about", .activate = activate_about },
  { .name = "shortcuts", .activate = activate_shortcuts },
  { .name = "quit", .activate = activate_quit },
};

typedef struct
{
  const char *action;
  const char *accels[3];
} Accels;

static const Accels accels[] = {
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
  { "app.shortcuts", { "<Control>question" } },
  { "win.page::account", { "<Alt>1" } },
  { "win.page::security", { "<Alt>2" } },
  { "win.page::history", { "<Alt>3" } },
  { "win.back", { "<Alt>Left" } },
  { "win.refresh", { "F5", "<Control>r" } },
};

static gboolean
on_terminated (gpointer data)
{
  g_application_quit (data);
  return G_SOURCE_CONTINUE;
}

static void
ks_application_startup (GApplication *application)
{
  G_APPLICATION_CLASS (ks_application_parent_class)->startup (application);

  /* At the end of a desktop session, so that the database is closed properly. */
  g_unix_signal_add (SIGTERM, on_terminated, application);
  g_unix_signal_add (SIGINT, on_terminated, application);
  gtk_window_set_default_icon_name (APP_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions), application);
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action, accels[i].accels);
}

static void
ks_application_activate (GApplication *application)
{
  KsApplication *self = KS_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL)
    {
      g_autoptr (KsProfile) profile = ks_profile_new (self->profile_directory, self->store_key_file);

      window = GTK_WINDOW (ks_window_new (GTK_APPLICATION (self), profile));
    }
  gtk_window_present (window);
}

static const GOptionEntry options[] = {
  { "profile", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Keep all local data under DIR"), N_ ("DIR") },
  { "store-key-file", 0, 0, G_OPTION_ARG_FILENAME, NULL,
    N_ ("Keep the key of the local data in FILE instead of the desktop keyring"), N_ ("FILE") },
  { "verbose", 'v', 0, G_OPTION_ARG_NONE, NULL, N_ ("Log more, to standard error"), NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version and end"), NULL },
  { NULL, 0, 0, 0, NULL, NULL, NULL },
};

static int
ks_application_handle_local_options (GApplication *application, GVariantDict *given)
{
  KsApplication *self = KS_APPLICATION (application);

  if (g_variant_dict_contains (given, "version"))
    {
      g_print ("Keepsake " VERSION "\n");
      return 0;
    }
  ks_log_init (g_variant_dict_contains (given, "verbose"));
  g_variant_dict_lookup (given, "profile", "^ay", &self->profile_directory);
  g_variant_dict_lookup (given, "store-key-file", "^ay", &self->store_key_file);

  /* Another profile is another instance; the lock on the account keeps two of the
   * same one apart. */
  if (self->profile_directory != NULL || self->store_key_file != NULL)
    g_application_set_flags (application, g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  return -1;
}

static void
ks_application_finalize (GObject *object)
{
  KsApplication *self = KS_APPLICATION (object);

  g_free (self->profile_directory);
  g_free (self->store_key_file);
  G_OBJECT_CLASS (ks_application_parent_class)->finalize (object);
}

static void
ks_application_class_init (KsApplicationClass *class)
{
  G_OBJECT_CLASS (class)->finalize = ks_application_finalize;
  G_APPLICATION_CLASS (class)->startup = ks_application_startup;
  G_APPLICATION_CLASS (class)->activate = ks_application_activate;
  G_APPLICATION_CLASS (class)->handle_local_options = ks_application_handle_local_options;
}

static void
ks_application_init (KsApplication *self)
{
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

KsApplication *
ks_application_new (void)
{
  return g_object_new (KS_TYPE_APPLICATION, "application-id", APP_ID, "resource-base-path", RESOURCES, NULL);
}
