/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "crypto/ks-secret.h"
#include "ui/ks-application.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>

int
main (int argc, char **argv)
{
  const struct rlimit no_core = { 0, 0 };
  g_autoptr (KsApplication) application = NULL;

  /* A core file would hold every key in clear. (PR_SET_DUMPABLE would cut the app
   * off from the portals.) */
  setrlimit (RLIMIT_CORE, &no_core);
  /* A file that may not grow further is a disk that is full, and told as one. */
  signal (SIGXFSZ, SIG_IGN);
  if (!ks_secret_init ())
    {
      g_printerr ("keepsake: this machine cannot keep secrets in memory\n");
      return 1;
    }

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  application = ks_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
