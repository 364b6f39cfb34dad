/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-share-text.h"

#include "ui/ks-number-text.h"

#include <glib/gi18n.h>

char *
ks_share_text (guint readable, guint total, KsShareScope scope)
{
  g_autofree char *some = ks_number_text (readable);
  g_autofree char *all = ks_number_text (total);

  if (total == 0)
    return g_strdup (scope == KS_SHARE_OF_ALL ? _ ("No messages") : _ ("Not looked at yet"));
  switch (scope)
    {
    case KS_SHARE_OF_ALL:
      if (readable == total)
        return g_strdup_printf (g_dngettext (NULL, "%s message, readable", "All %s messages readable", total),
                                all);
      if (readable == 0)
        return g_strdup_printf (g_dngettext (NULL, "%s message, not readable", "None of %s messages readable",
                                             total),
                                all);
      /* Translators: numbers of messages. */
      return g_strdup_printf (g_dngettext (NULL, "%s of %s message readable", "%s of %s messages readable",
                                           total),
                              some, all);
    case KS_SHARE_OF_THESE:
      /* Translators: numbers of messages, those that are shown just now. */
      return g_strdup_printf (g_dngettext (NULL, "%s of this %s message readable",
                                           "%s of these %s messages readable", total),
                              some, all);
    case KS_SHARE_OF_NEWEST:
    default:
      /* Translators: numbers of messages. */
      return g_strdup_printf (g_dngettext (NULL, "%s of the newest %s message readable",
                                           "%s of the newest %s messages readable", total),
                              some, all);
    }
}

char *
ks_share_text_timeline (KsTimeline *timeline)
{
  guint readable = ks_timeline_get_n_readable (timeline);
  guint total = readable + ks_timeline_get_n_unreadable (timeline);
  KsShareScope scope = KS_SHARE_OF_NEWEST;

  if (total == 0)
    return g_strdup ("");
  if (ks_timeline_get_has_newer (timeline))
    scope = KS_SHARE_OF_THESE;
  else if (ks_timeline_get_at_start (timeline))
    scope = KS_SHARE_OF_ALL;
  return ks_share_text (readable, total, scope);
}

char *
ks_share_text_percent (guint readable, guint total)
{
  guint percent;

  if (total == 0)
    return g_strdup ("");
  percent = (guint) ((guint64) readable * 100 / total);
  if (percent == 0 && readable > 0)
    percent = 1;
  /* Translators: %u is a number from 0 to 100. */
  return g_strdup_printf (_ ("%u%%"), percent);
}

char *
ks_share_text_room (KsRoom *room)
{
  const char *name = ks_room_get_name (room);
  guint others = ks_room_get_n_others (room);
  g_autofree char *number = ks_number_text (others);

  if (ks_room_get_name_kind (room) == KS_ROOM_NAME_EMPTY)
    /* Translators: %s is who was in a room that everybody else has left. */
    return g_strdup_printf (_ ("Empty room (was %s)"), name);
  if (ks_room_get_name_kind (room) != KS_ROOM_NAME_PEOPLE || others == 0)
    return g_strdup (name);
  /* Translators: a list of names of people, and a number. */
  return g_strdup_printf (g_dngettext (NULL, "%s and %s more", "%s and %s more", others), name, number);
}
