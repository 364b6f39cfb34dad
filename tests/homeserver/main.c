/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keepsake-test-homeserver: see README.md.
 */

#include <errno.h>
#include <glib-unix.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hs-demo.h"
#include "hs-server.h"

typedef struct
{
  int port;
  char *database, *name, *secret, *requests;
  gboolean demo, exit_with_stdin;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->database);
  g_free (options->name);
  g_free (options->secret);
  g_free (options->requests);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port, "Port on 127.0.0.1; 0, the default: any", "N" },
    { "database", 0, 0, G_OPTION_ARG_FILENAME, &options->database, "Keep everything in FILE", "FILE" },
    { "server-name", 0, 0, G_OPTION_ARG_STRING, &options->name, "Name in user IDs (localhost)", "NAME" },
    { "secret", 0, 0, G_OPTION_ARG_STRING, &options->secret, "For registration (keepsake-tests)", "TEXT" },
    { "demo", 0, 0, G_OPTION_ARG_NONE, &options->demo, "Make the demo's accounts", NULL },
    { "requests", 0, 0, G_OPTION_ARG_FILENAME, &options->requests, "Write a JSON line per request", "FILE" },
    { "exit-with-stdin", 0, 0, G_OPTION_ARG_NONE, &options->exit_with_stdin, "End when standard input closes",
      NULL },
    { 0 },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- Matrix homeserver for tests and the demo");

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_description (context, HS_DEMO_ACCOUNTS);
  return g_option_context_parse (context, argc, argv, error);
}

static gboolean
on_signal (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_stdin (int fd, GIOCondition condition, gpointer loop)
{
  char ignored[256];

  if (read (fd, ignored, sizeof ignored) > 0)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static HsServer *
start (Options *options, GError **error)
{
  HsDatabase *db = hs_database_new (options->database, error);
  FILE *requests = NULL;

  if (db == NULL)
    return NULL;
  if (options->requests != NULL && (requests = fopen (options->requests, "ae")) == NULL)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", options->requests,
                   g_strerror (errno));
      sqlite3_close (db);
      return NULL;
    }
  return hs_server_new ((guint) options->port, db, options->name != NULL ? options->name : "localhost",
                        options->secret != NULL ? options->secret : "keepsake-tests", requests, error);
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (HsServer) server = NULL;

  if (sodium_init () < 0 || !parse (&options, &argc, &argv, &error)
      || (server = start (&options, &error)) == NULL)
    {
      g_printerr ("keepsake-test-homeserver: %s\n", error != NULL ? error->message : "libsodium");
      return 2;
    }
  if (options.demo)
    hs_demo_make (server);
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  if (options.exit_with_stdin)
    g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_stdin, loop);
  g_print ("READY %.*s\n", (int) strlen (server->url) - 1, server->url);
  fflush (stdout);
  g_main_loop_run (loop);
  return 0;
}
