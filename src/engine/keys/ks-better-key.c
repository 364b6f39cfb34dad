/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/keys/ks-better-key.h"

#include "crypto/ks-room-key.h"
#include "engine/keys/ks-key-origin.h"

#include <string.h>

KsBetterKeyCounts *
ks_better_key_counts_new (void)
{
  KsBetterKeyCounts *counts = g_new0 (KsBetterKeyCounts, 1);

  counts->conflict = g_ptr_array_new_with_free_func (g_free);
  return counts;
}

void
ks_better_key_counts_free (gpointer data)
{
  KsBetterKeyCounts *counts = data;

  g_ptr_array_unref (counts->conflict);
  g_free (counts);
}

static KsRoomKeyOrder
compare (const KsStoredRoomKey *offered, const KsStoredRoomKey *here)
{
  g_autoptr (KsRoomKey) ours = NULL;
  g_autoptr (KsRoomKey) theirs = NULL;

  /* The same bytes are the usual case of a restore that goes on. */
  if (offered->session_key_size == here->session_key_size
      && ks_bytes_equal (offered->session_key, here->session_key, here->session_key_size))
    return KS_ROOM_KEY_EQUAL;
  if (ks_room_key_import (here->session_key, here->session_key_size, here->session_id,
                          strlen (here->session_id), &ours)
      != KS_ROOM_KEY_OK)
    return KS_ROOM_KEY_BETTER; /* than what cannot be used */
  if (ks_room_key_import (offered->session_key, offered->session_key_size, offered->session_id,
                          strlen (offered->session_id), &theirs)
      != KS_ROOM_KEY_OK)
    return KS_ROOM_KEY_UNCONNECTED;
  return ks_room_key_compare (theirs, ours);
}

/* Whether what is said of where @offered comes from is worth more than what is said of @here, which
 * is the same session. What its sender or another session of the person has said stands; of what
 * anybody can have written, that which says more. */
static gboolean
tells_more (const KsStoredRoomKey *offered, const KsStoredRoomKey *here)
{
  gboolean written = here->provenance >= KS_ROOM_KEY_BACKUP && offered->provenance >= KS_ROOM_KEY_BACKUP;
  guint known_here = written ? ks_key_origin_known (here) : 0;
  guint known = written ? ks_key_origin_known (offered) : 0;

  return known != known_here ? known > known_here : offered->provenance < here->provenance;
}

/* What is known of the key that is here, for the one that takes its place: they are the same
 * session, proven by the ratchet that both have in common. */
static void
inherit_origin (KsStoredRoomKey *offered, const KsStoredRoomKey *here)
{
  if (tells_more (offered, here))
    return;
  offered->provenance = here->provenance;
  g_free (offered->sender_key);
  offered->sender_key = g_strdup (here->sender_key);
  g_free (offered->claimed_ed25519);
  offered->claimed_ed25519 = g_strdup (here->claimed_ed25519);
  g_free (offered->forwarding_chain);
  offered->forwarding_chain = g_strdup (here->forwarding_chain);
  offered->shared_history = here->shared_history;
}

/* The same ratchet from the same place on. */
static KsRoomKeyMerge
merge_equal (const KsStoredRoomKey *here, KsStoredRoomKey *offered)
{
  /* The backup that it comes from has it: it need not go up there again. */
  if (offered->backed_up_version != NULL
      && g_strcmp0 (offered->backed_up_version, here->backed_up_version) != 0)
    {
      inherit_origin (offered, here);
      return KS_ROOM_KEY_REPLACE;
    }
  if (here->provenance < KS_ROOM_KEY_BACKUP || !tells_more (offered, here))
    return KS_ROOM_KEY_KEEP;
  /* Of this one it is known where it comes from, without which no other client takes it. */
  g_free (offered->backed_up_version);
  offered->backed_up_version = g_strdup (here->backed_up_version);
  return KS_ROOM_KEY_REPLACE;
}

static KsRoomKeyMerge
merge_worse (const KsStoredRoomKey *here, KsStoredRoomKey *offered)
{
  /* The backup has less than what is here, whatever the mark says: it has to go up. */
  if (offered->backed_up_version == NULL
      || g_strcmp0 (offered->backed_up_version, here->backed_up_version) != 0)
    return KS_ROOM_KEY_KEEP;
  g_clear_pointer (&offered->backed_up_version, g_free);
  memcpy (offered->session_key, here->session_key, here->session_key_size);
  offered->first_index = here->first_index;
  inherit_origin (offered, here);
  return KS_ROOM_KEY_REPLACE;
}

KsRoomKeyMerge
ks_better_key_merge (const KsStoredRoomKey *here, KsStoredRoomKey *offered, gpointer data)
{
  KsBetterKeyCounts uncounted = { 0 };
  KsBetterKeyCounts *counts = data != NULL ? data : &uncounted;

  switch (compare (offered, here))
    {
    case KS_ROOM_KEY_BETTER:
      counts->better++;
      inherit_origin (offered, here);
      return KS_ROOM_KEY_REPLACE;
    case KS_ROOM_KEY_EQUAL:
      counts->here++;
      return merge_equal (here, offered);
    case KS_ROOM_KEY_WORSE:
      counts->here++;
      return merge_worse (here, offered);
    case KS_ROOM_KEY_UNCONNECTED:
    case KS_ROOM_KEY_OTHER:
    default:
      if (counts->conflict != NULL)
        g_ptr_array_add (counts->conflict, g_strdup (offered->session_id));
      return KS_ROOM_KEY_BOTH;
    }
}

static void
report_conflict (GPtrArray *keys, const char *session_id, KsKeyReport *report)
{
  for (guint i = 0; i < keys->len; i++)
    {
      const KsStoredRoomKey *key = keys->pdata[i];

      if (g_str_equal (key->session_id, session_id))
        {
          ks_key_report_add_failure (report, key->room_id, key->session_id, KS_KEY_CONFLICT);
          return;
        }
    }
}

void
ks_better_key_counts_report (const KsBetterKeyCounts *counts,
                             const KsKeyStorePut *put,
                             GPtrArray *keys,
                             KsKeyReport *report)
{
  guint judged = put->added + put->elsewhere + counts->better + counts->here + counts->conflict->len;

  report->added += put->added;
  /* The rest took the place of keys that do not open any more, which nobody was asked about. */
  report->better += counts->better + (keys->len - judged);
  report->here += counts->here;
  for (guint i = 0; put->elsewhere > 0 && i < keys->len; i++)
    {
      const KsStoredRoomKey *key = keys->pdata[i];

      if (key->elsewhere)
        ks_key_report_add_failure (report, key->room_id, key->session_id, KS_KEY_WRONG_ROOM);
    }
  for (guint i = 0; i < counts->conflict->len; i++)
    report_conflict (keys, counts->conflict->pdata[i], report);
}
