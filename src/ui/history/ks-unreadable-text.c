/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-unreadable-text.h"

#include "ui/ks-number-text.h"

#include <glib/gi18n.h>

gboolean
ks_unreadable_text_restore_helps (KsUnreadable reason)
{
  return reason == KS_UNREADABLE_NO_KEY || reason == KS_UNREADABLE_KEY_LATER
         || reason == KS_UNREADABLE_KEY_DAMAGED;
}

gboolean
ks_unreadable_text_is_refused (KsUnreadable reason)
{
  return reason == KS_UNREADABLE_NOT_AUTHENTIC || reason == KS_UNREADABLE_REPLAYED
         || reason == KS_UNREADABLE_WRONG_ROOM || reason == KS_UNREADABLE_WRONG_SENDER;
}

char *
ks_unreadable_text_title (KsUnreadable reason, guint n)
{
  g_autofree char *number = ks_number_text (n);

  if (ks_unreadable_text_is_refused (reason))
    return n == 1 ? g_strdup (_ ("This message is not shown"))
                  : g_strdup_printf (g_dngettext (NULL, "%s message is not shown",
                                                  "%s messages are not shown", n),
                                     number);
  if (n == 1)
    return g_strdup (_ ("This message can't be read"));
  return g_strdup_printf (g_dngettext (NULL, "%s message can't be read", "%s messages can't be read", n),
                          number);
}

/* Codes of "m.room_key.withheld" (Client-Server API, "Reporting that decryption keys are
 * withheld"). */
static const char *
withheld_text (const char *code)
{
  if (g_strcmp0 (code, "m.unverified") == 0)
    return _ ("The sender's app gives keys only to verified sessions, and this one was not verified then. "
              "Another session of yours may have the key; if none has, ask for it to be sent again.");
  if (g_strcmp0 (code, "m.blacklisted") == 0)
    return _ ("The sender has blocked this session, so it got no key. Ask the sender if you don't know why.");
  if (g_strcmp0 (code, "m.unauthorised") == 0)
    return _ ("The sender's app says that you may not read this, for example because it was sent before you "
              "joined the room. Nothing to do.");
  if (g_strcmp0 (code, "m.unavailable") == 0)
    return _ ("The sender's app doesn't have the key any more. Another session of yours may have it.");
  if (g_strcmp0 (code, "m.no_olm") == 0)
    return _ ("The sender's app could not reach this session in a safe way, so the key did not arrive. "
              "Another session of yours may have it; if none has, ask for it to be sent again.");
  return _ ("The sender's app did not give the key to this session. Another session of yours may have it; if "
            "none has, ask for it to be sent again.");
}

/* Of what was refused: the server, or somebody in the room, is not as it should be. */
static const char *
refused_text (KsUnreadable reason, guint n)
{
  switch (reason)
    {
    case KS_UNREADABLE_REPLAYED:
      return g_dngettext (
          NULL,
          "This was sent once, and the homeserver shows it again as if it were new. If you see this often, "
          "tell whoever runs the server.",
          "These were sent once, and the homeserver shows them again as if they were new. If you see this "
          "often, tell whoever runs the server.",
          n);
    case KS_UNREADABLE_WRONG_ROOM:
      return g_dngettext (NULL,
                          "It was written for another room and doesn't belong here. Don't rely on it; tell "
                          "whoever runs the server.",
                          "They were written for another room and don't belong here. Don't rely on them; "
                          "tell "
                          "whoever runs the server.",
                          n);
    case KS_UNREADABLE_WRONG_SENDER:
      return g_dngettext (
          NULL,
          "Its key belongs to another session than the one that it says it comes from. Somebody may "
          "be pretending; ask the sender in another way.",
          "Their key belongs to another session than the one that they say they come from. Somebody "
          "may be pretending; ask the sender in another way.",
          n);
    case KS_UNREADABLE_NOT_AUTHENTIC:
    default:
      return g_dngettext (NULL,
                          "It was changed on the way, or comes from somewhere else than it says. Ask the "
                          "sender to send it again.",
                          "They were changed on the way, or come from somewhere else than they say. Ask the "
                          "sender to send them again.",
                          n);
    }
}

const char *
ks_unreadable_text (KsUnreadable reason, const char *withheld_code, guint n)
{
  switch (reason)
    {
    case KS_UNREADABLE_NO_KEY:
      return g_dngettext (NULL, "Its key is not on this computer. Restoring from your backup may bring it.",
                          "Their key is not on this computer. Restoring from your backup may bring it.", n);
    case KS_UNREADABLE_NOT_IN_BACKUP:
      return g_dngettext (
          NULL,
          "Its key was not in your backup. A session that was signed in then may still have it: unlock "
          "Secure Backup there, then restore once more.",
          "Their key was not in your backup. A session that was signed in then may still have it: unlock "
          "Secure Backup there, then restore once more.",
          n);
    case KS_UNREADABLE_BACKUP_BAD:
      return _ ("Your backup has the key, but that entry is damaged or was not made for you. A session that "
                "can still read this may have a good one.");
    case KS_UNREADABLE_WITHHELD:
      return withheld_text (withheld_code);
    case KS_UNREADABLE_KEY_LATER:
      return _ ("The key on this computer opens only what was sent later, for example after you joined. Your "
                "backup or another session may have one that begins earlier.");
    case KS_UNREADABLE_KEY_DAMAGED:
      return _ ("The key on this computer is damaged. Restoring from your backup may bring it back.");
    case KS_UNREADABLE_MALFORMED:
      return g_dngettext (NULL,
                          "It isn't what an encrypted message has to be; the app that sent it has a fault. "
                          "Ask the sender to send it again.",
                          "They aren't what encrypted messages have to be; the app that sent them has a "
                          "fault. Ask the sender to send them again.",
                          n);
    case KS_UNREADABLE_OTHER_KIND:
      return g_dngettext (NULL,
                          "It is encrypted in a way that this version of Keepsake doesn't know. A newer one "
                          "may read it.",
                          "They are encrypted in a way that this version of Keepsake doesn't know. A newer "
                          "one may read them.",
                          n);
    case KS_UNREADABLE_NOT_AUTHENTIC:
    case KS_UNREADABLE_REPLAYED:
    case KS_UNREADABLE_WRONG_ROOM:
    case KS_UNREADABLE_WRONG_SENDER:
      return refused_text (reason, n);
    case KS_UNREADABLE_NOT:
    default:
      return "";
    }
}
