/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/key-file/ks-set-aside-text.h"

#include "ui/ks-number-text.h"
#include "ui/restore/ks-restore-text.h"

#include <glib/gi18n.h>

const char *
ks_set_aside_text_title (const KsKeyReport *report, guint secrets)
{
  guint64 failed = ks_key_report_get_failed (report);
  guint64 came = report->added + report->better;

  if (report->total == 0 && secrets == 0)
    return _ ("Nothing Is in the File");
  if (failed > 0)
    return failed == report->total ? _ ("No Room Key Could Be Used") : _ ("Not All Were Imported");
  if (came > 0)
    return _ ("Room Keys Imported");
  return secrets > 0 ? _ ("Private Keys Imported") : _ ("Nothing New in the File");
}

static char *
with_backup (guint64 came, gboolean backing_up)
{
  g_autofree char *number = ks_number_text (came);
  g_autofree char *sentence = NULL;

  /* Translators: %s is a number. */
  sentence =
      g_strdup_printf (g_dngettext (NULL, "%s room key came in.", "%s room keys came in.", (gulong) came),
                       number);
  return g_strconcat (sentence, " ",
                      backing_up
                          ? _ ("Keepsake is adding what your backup lacks.")
                          : _ ("They may not be in a backup yet. Security & Privacy shows how to add them."),
                      NULL);
}

char *
ks_set_aside_text_sentence (const KsKeyReport *report, guint secrets, gboolean backing_up)
{
  guint64 came = report->added + report->better;

  if (came > 0)
    return with_backup (came, backing_up);
  if (secrets > 0)
    return g_strdup (_ ("The file holds no room key that is new here, but private keys of your account "
                        "that this computer lacked."));
  if (report->total == 0)
    return g_strdup (_ ("The file opens, but no key in it can be read. Your history is as it was. "
                        "Restoring from your backup may bring back more."));
  if (report->here > 0)
    return g_strdup (_ ("You already had every key that can be used."));
  return g_strdup (_ ("What can be read in the file is of no use here. Your own keys were kept."));
}

const char *
ks_set_aside_text_advice (KsKeyReason reason)
{
  switch (reason)
    {
    case KS_KEY_OTHER_KIND:
    case KS_KEY_CONFLICT:
      return ks_restore_text_advice (reason);
    case KS_KEY_WRONG_ROOM:
      return _ ("Somebody may have changed the file. What was here was kept.");
    case KS_KEY_MALFORMED:
    case KS_KEY_NOT_OURS:
    case KS_KEY_NO_KEY:
    case KS_KEY_WRONG_ID:
    case KS_KEY_N_REASONS:
    default:
      return _ ("Your backup, or another device, may still have them.");
    }
}
