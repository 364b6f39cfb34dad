/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/restore/ks-restore-memory.h"

#include "crypto/ks-keyed-hash.h"

#include <string.h>

/* What one restore has shown. */
typedef struct
{
  GHashTable *unusable; /* owned: "session room", as a set */
  gboolean whole;       /* what is neither here nor in the set is not in the backup */
} Seen;

struct KsRestoreMemory
{
  Seen *all;         /* owned; NULL: all keys were not restored yet */
  GHashTable *rooms; /* owned: room ID → Seen, of rooms restored since */
};

static void
seen_free (gpointer data)
{
  Seen *seen = data;

  if (seen == NULL)
    return;
  g_hash_table_unref (seen->unusable);
  g_free (seen);
}

/* The form of session IDs is not certain here, but what could be mistaken for another pair
 * only explains a key that is missing. */
static char *
name_of (const char *room_id, const char *session_id)
{
  return g_strconcat (session_id, " ", room_id, NULL);
}

static Seen *
seen_new (const KsKeyReport *report, gboolean whole)
{
  Seen *seen = g_new0 (Seen, 1);

  seen->unusable = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < report->failures->len; i++)
    {
      const KsKeyFailure *failure = report->failures->pdata[i];

      g_hash_table_add (seen->unusable, name_of (failure->room_id, failure->session_id));
    }
  /* Of more failures than are kept nobody knows which they were. */
  seen->whole = whole && ks_key_report_get_failed (report) <= report->failures->len;
  return seen;
}

KsRestoreMemory *
ks_restore_memory_new (void)
{
  KsRestoreMemory *memory = g_new0 (KsRestoreMemory, 1);

  memory->rooms = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, seen_free);
  return memory;
}

void
ks_restore_memory_free (KsRestoreMemory *memory)
{
  if (memory == NULL)
    return;
  seen_free (memory->all);
  g_hash_table_unref (memory->rooms);
  g_free (memory);
}

void
ks_restore_memory_note (KsRestoreMemory *memory,
                        const char *room_id,
                        const KsKeyReport *report,
                        gboolean whole)
{
  Seen *seen = seen_new (report, whole);

  if (room_id != NULL)
    {
      g_hash_table_replace (memory->rooms, g_strdup (room_id), seen);
      return;
    }
  seen_free (memory->all);
  memory->all = seen;
  g_hash_table_remove_all (memory->rooms);
}

KsMissingKey
ks_restore_memory_explain (const KsRestoreMemory *memory, const char *room_id, const char *session_id)
{
  g_autofree char *name = name_of (room_id, session_id);
  const Seen *seen = g_hash_table_lookup (memory->rooms, room_id);

  if (seen == NULL)
    seen = memory->all;
  if (seen == NULL)
    return KS_MISSING_KEY_NOT_KNOWN;
  if (g_hash_table_contains (seen->unusable, name))
    return KS_MISSING_KEY_UNUSABLE;
  return seen->whole ? KS_MISSING_KEY_NOT_IN_BACKUP : KS_MISSING_KEY_NOT_KNOWN;
}
