/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/key-file/ks-key-file-text.h"

#include "ui/ks-number-text.h"
#include "ui/restore/ks-restore-text.h"

#include <glib/gi18n.h>

const char *
ks_key_file_text_title (const KsKeyReport *report, gboolean imported)
{
  guint64 failed = ks_key_report_get_failed (report);

  if (!imported)
    return failed == report->total ? _ ("No Room Key Could Be Used") : _ ("Not All Can Be Used");
  if (report->total == 0)
    return _ ("Nothing Is in the File");
  if (failed == report->total)
    return _ ("No Room Key Could Be Used");
  return failed == 0 ? _ ("Room Keys Imported") : _ ("Not All Were Imported");
}

char *
ks_key_file_text_sentence (const KsKeyReport *report, gboolean imported)
{
  guint64 came = report->added + report->better;
  g_autofree char *failed = ks_number_text (ks_key_report_get_failed (report));
  g_autofree char *total = ks_number_text (report->total);
  g_autofree char *number = ks_number_text (came);

  if (!imported)
    /* Translators: both are numbers. */
    return g_strdup_printf (
        g_dngettext (NULL, "%s of %s room key in the file can't be used. Nothing was imported yet.",
                     "%s of %s room keys in the file can't be used. Nothing was imported yet.",
                     (gulong) report->total),
        failed, total);
  if (report->total == 0)
    return g_strdup (_ ("It opens with the phrase, and holds no room key."));
  if (came == 0 && report->here > 0)
    return g_strdup (_ ("No room key was new: what could be used was here already."));
  /* Translators: %s is a number. */
  return g_strdup_printf (g_dngettext (NULL, "%s room key came in.", "%s room keys came in.", (gulong) came),
                          number);
}

const char *
ks_key_file_text_reason (KsKeyReason reason)
{
  switch (reason)
    {
    case KS_KEY_MALFORMED:
      return _ ("Not complete in the file");
    case KS_KEY_WRONG_ROOM:
      return _ ("Here already, of another room");
    case KS_KEY_NOT_OURS:
    case KS_KEY_NO_KEY:
    case KS_KEY_OTHER_KIND:
    case KS_KEY_WRONG_ID:
    case KS_KEY_CONFLICT:
    case KS_KEY_N_REASONS:
    default:
      return ks_restore_text_reason (reason);
    }
}

const char *
ks_key_file_text_advice (KsKeyReason reason)
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
      return _ ("The app that exported them may still have them.");
    }
}

char *
ks_key_file_text_place (GFile *file)
{
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *folder_name = folder != NULL ? g_file_get_basename (folder) : NULL;
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autofree char *valid_folder = folder_name != NULL ? g_utf8_make_valid (folder_name, -1) : NULL;

  if (valid_folder == NULL)
    return g_steal_pointer (&valid);
  /* Translators: a file's name, and that of the folder it is in. */
  return g_strdup_printf (_ ("%s in %s"), valid, valid_folder);
}
