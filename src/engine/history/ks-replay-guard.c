/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-replay-guard.h"

#include <string.h>

/* Of SHA-256: who wants another event to pass for the noted one has to find its match. */
#define DIGEST_SIZE 16

struct KsReplayGuard
{
  GHashTable *sessions; /* owned: session ID → its number, from 1 on */
  GHashTable *messages; /* owned: Noted, as a set */
};

typedef struct
{
  guint32 session;
  guint32 index;
  guint8 digest[DIGEST_SIZE];
} Noted;

static guint
noted_hash (gconstpointer data)
{
  const Noted *noted = data;

  return noted->session * 2654435761u ^ noted->index;
}

static gboolean
noted_equal (gconstpointer a, gconstpointer b)
{
  const Noted *one = a;
  const Noted *other = b;

  return one->session == other->session && one->index == other->index;
}

KsReplayGuard *
ks_replay_guard_new (void)
{
  KsReplayGuard *guard = g_new0 (KsReplayGuard, 1);

  guard->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guard->messages = g_hash_table_new_full (noted_hash, noted_equal, g_free, NULL);
  return guard;
}

void
ks_replay_guard_free (KsReplayGuard *guard)
{
  if (guard == NULL)
    return;
  g_hash_table_unref (guard->sessions);
  g_hash_table_unref (guard->messages);
  g_free (guard);
}

static guint32
number_of (KsReplayGuard *guard, const char *session_id)
{
  guint32 number = GPOINTER_TO_UINT (g_hash_table_lookup (guard->sessions, session_id));

  if (number == 0)
    {
      number = g_hash_table_size (guard->sessions) + 1;
      g_hash_table_insert (guard->sessions, g_strdup (session_id), GUINT_TO_POINTER (number));
    }
  return number;
}

static void
digest (const char *event_id, gint64 time, guint8 out[DIGEST_SIZE])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 whole[32];
  gsize size = sizeof whole;

  g_checksum_update (sum, (const guchar *) &time, sizeof time);
  g_checksum_update (sum, (const guchar *) event_id, (gssize) strlen (event_id));
  g_checksum_get_digest (sum, whole, &size);
  memcpy (out, whole, DIGEST_SIZE);
}

gboolean
ks_replay_guard_note (
    KsReplayGuard *guard, const char *session_id, guint32 index, const char *event_id, gint64 time)
{
  Noted noted = { .session = number_of (guard, session_id), .index = index };
  const Noted *before = g_hash_table_lookup (guard->messages, &noted);

  digest (event_id, time, noted.digest);
  if (before != NULL)
    return memcmp (before->digest, noted.digest, DIGEST_SIZE) == 0;
  g_hash_table_add (guard->messages, g_memdup2 (&noted, sizeof noted));
  return TRUE;
}
