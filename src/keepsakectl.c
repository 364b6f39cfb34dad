/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli.h"
#include "crypto/ks-secret.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int
main (int argc, char **argv)
{
  const struct rlimit no_core = { 0, 0 };

  /* A core file would hold every key in clear, and so would a debugger's view. */
  setrlimit (RLIMIT_CORE, &no_core);
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  /* A file that may not grow further is a disk that is full, and told as one. */
  signal (SIGXFSZ, SIG_IGN);
  if (!ks_secret_init ())
    {
      g_printerr ("keepsakectl: this machine cannot keep secrets in memory\n");
      return KS_CLI_FAILED;
    }

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  return ks_cli_run (argc, argv);
}
