/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-replay-guard.h"

#include "crypto/ks-keyed-hash.h"

#include <string.h>

/* Of SHA-256: who wants another event to pass for the noted one has to find its match. */
#define DIGEST_SIZE 15

struct KsReplayGuard
{
  GHashTable *sessions; /* owned: session ID → Session */
  GHashTable *messages; /* owned: Noted, as a set */
};

typedef struct
{
  guint32 number;
  char *sender; /* owned; NULL: several are said to have it */
} Session;

typedef struct
{
  guint32 session;
  guint32 index;
  guint8 digest[DIGEST_SIZE];
  guint8 clashed; /* another event has come for it: which of them is the lie, nobody can tell */
} Noted;

static void
session_free (gpointer data)
{
  Session *session = data;

  g_free (session->sender);
  g_free (session);
}

static guint
noted_hash (gconstpointer data)
{
  const Noted *noted = data;

  const guint32 place[] = { noted->session, noted->index }; /* the index is the sender's choice */

  return (guint) ks_keyed_hash (place, sizeof place);
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

  guard->sessions = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, session_free);
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

static Session *
find_session (KsReplayGuard *guard, const char *session_id, const char *sender)
{
  Session *session = g_hash_table_lookup (guard->sessions, session_id);

  if (session == NULL)
    {
      session = g_new0 (Session, 1);
      session->number = g_hash_table_size (guard->sessions) + 1;
      session->sender = g_strdup (sender);
      g_hash_table_insert (guard->sessions, g_strdup (session_id), session);
    }
  return session;
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

KsReplayVerdict
ks_replay_guard_note (KsReplayGuard *guard,
                      const char *session_id,
                      guint32 index,
                      const char *event_id,
                      const char *sender,
                      gint64 time)
{
  Session *session = find_session (guard, session_id, sender);
  Noted noted = { .session = session->number, .index = index };
  Noted *before = g_hash_table_lookup (guard->messages, &noted);

  digest (event_id, time, noted.digest);
  if (before != NULL && memcmp (before->digest, noted.digest, DIGEST_SIZE) != 0)
    before->clashed = 1;
  if (before != NULL && before->clashed)
    return KS_REPLAY_PLAYED_TWICE;
  if (before == NULL)
    g_hash_table_add (guard->messages, g_memdup2 (&noted, sizeof noted));
  if (g_strcmp0 (session->sender, sender) == 0)
    return KS_REPLAY_NONE;
  g_clear_pointer (&session->sender, g_free);
  return KS_REPLAY_OTHER_SENDER;
}
