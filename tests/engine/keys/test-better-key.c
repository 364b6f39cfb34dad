/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/keys/ks-better-key.h"

#include "crypto/ks-room-key.h"
#include "engine/backup/ks-backup-entry.h"
#include "engine/engine-fixture.h"

#include <string.h>

/* A key that is here, and what an entry of the backup can make of it. */
typedef struct
{
  KsBackupEncryptor *encryptor; /* owned */
  KsBackupDecryptor *decryptor; /* owned */
  KsStoredRoomKey *here;        /* owned */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) private_key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  uint8_t public_key[KS_BACKUP_KEY_SIZE];

  g_assert_true (ks_backup_public_key (private_key, public_key));
  f->encryptor = ks_backup_encryptor_new (public_key);
  f->decryptor = ks_backup_decryptor_new (private_key);
  f->here = engine_make_key (ENGINE_ROOM, 7);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ks_backup_encryptor_free (f->encryptor);
  ks_backup_decryptor_free (f->decryptor);
  ks_stored_room_key_free (f->here);
}

/* The key that is here, but for @byte of its export; as it comes out of an entry that whoever
 * knows the public key can make. NULL: that is no key of this session any more. */
static KsStoredRoomKey *
forge (Fixture *f, gsize byte)
{
  g_autoptr (KsStoredRoomKey) forged = engine_make_key (ENGINE_ROOM, 7);
  g_autoptr (GString) json = g_string_new ("{");
  g_autoptr (JsonObject) sessions = NULL;
  KsStoredRoomKey *opened = NULL;

  g_free (forged->session_id);
  forged->session_id = g_strdup (f->here->session_id);
  memcpy (forged->session_key, f->here->session_key, KS_ROOM_KEY_EXPORT_SIZE);
  forged->session_key[byte] ^= 1;
  if (!ks_backup_entry_append (json, f->encryptor, forged))
    return NULL;
  g_string_append_c (json, '}');
  sessions = ks_json_parse_object (json->str, json->len, NULL);
  g_assert_cmpint (ks_backup_entry_open_json (json_object_get_object_member (sessions, forged->session_id),
                                              ENGINE_ROOM, forged->session_id, f->decryptor, &opened),
                   ==, KS_BACKUP_ENTRY_OK);
  return opened;
}

/* Threats A15 and A16: nothing in an entry proves where it is from. What reaches further back,
 * or less far, than what is here, and is not the same ratchet, never takes its place. */
static void
test_no_altered_byte_takes_the_place_of_what_is_here (Fixture *f, gconstpointer data)
{
  KsBetterKeyCounts *counts = ks_better_key_counts_new ();
  guint forgeries = 0;

  for (gsize i = 0; i < KS_ROOM_KEY_EXPORT_SIZE; i++)
    {
      g_autoptr (KsStoredRoomKey) forged = forge (f, i);

      if (forged == NULL)
        continue;
      forgeries++;
      g_assert_cmpint (ks_better_key_merge (f->here, forged, counts), ==, KS_ROOM_KEY_BOTH);
      g_assert_cmpuint (counts->conflict->len, ==, forgeries);
    }
  /* All but the version and the public key, which the session's ID is. */
  g_assert_cmpuint (forgeries, ==, KS_ROOM_KEY_EXPORT_SIZE - 1 - KS_ROOM_KEY_ID_SIZE);
  g_assert_cmpuint (counts->better + counts->here, ==, 0);
  ks_better_key_counts_free (counts);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/better-key/no-altered-byte-takes-the-place", Fixture, NULL, set_up,
              test_no_altered_byte_takes_the_place_of_what_is_here, tear_down);
  return g_test_run ();
}
