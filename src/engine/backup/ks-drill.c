/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-drill.h"

#include "base/ks-steps.h"
#include "crypto/ks-room-key.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/backup/ks-backup-entry.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-api-account-data.h"
#include "matrix/ks-api-backup.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

/* The drill.
 *
 *   1. secret   the backup's private key, from secret storage
 *   2. version  is that the key of the backup?
 *   3. count    the keys here, to pick among them
 *   4. look     at one that is in the backup (below), some times over
 *   5. judge    whether any was lost
 *
 * Only reads. */

/* How many keys of the store are read to find one that is in the backup, and how often. */
#define PICK_AMONG 64
#define MAX_LOOKS (4 * KS_DRILL_SAMPLE)

typedef struct
{
  KsHttp *http;                 /* owned */
  KsKeyStore *keys;             /* owned */
  char *user_id;                /* owned */
  char *key_id;                 /* owned */
  char *version;                /* owned */
  KsSecret *key;                /* owned */
  KsSecret *private_key;        /* owned: the backup's */
  KsBackupDecryptor *decryptor; /* owned */
  gint64 on_server;             /* keys that the server says it has */
  guint64 total;
  guint64 marked; /* of them, as being in the backup */
  guint tried;
  guint checked;
  KsDrillLoss *loss;     /* owned */
  GHashTable *seen;      /* owned: the places in the store of the keys that were looked at */
  gint64 first;          /* the place of the first that was; 0 before */
  gint64 after;          /* where the next pick begins */
  gboolean whole;        /* the pick has been at the store's beginning */
  gboolean exhausted;    /* there is none in the whole store */
  KsStoredRoomKey *here; /* owned: the one that is looked at */
} Drill;

static void
free_key (gpointer key)
{
  ks_stored_room_key_free (key);
}

static KsDrillLoss *
loss_new (void)
{
  KsDrillLoss *loss = g_new0 (KsDrillLoss, 1);

  loss->missing = g_ptr_array_new_with_free_func (free_key);
  loss->spoilt = g_ptr_array_new_with_free_func (free_key);
  return loss;
}

void
ks_drill_loss_free (KsDrillLoss *loss)
{
  if (loss == NULL)
    return;
  g_ptr_array_unref (loss->missing);
  g_ptr_array_unref (loss->spoilt);
  g_free (loss);
}

static void
drill_free (gpointer data)
{
  Drill *drill = data;

  ks_stored_room_key_free (drill->here);
  ks_drill_loss_free (drill->loss);
  g_hash_table_unref (drill->seen);
  ks_backup_decryptor_free (drill->decryptor);
  ks_secret_unref (drill->private_key);
  ks_secret_unref (drill->key);
  g_free (drill->version);
  g_free (drill->key_id);
  g_free (drill->user_id);
  g_object_unref (drill->keys);
  g_object_unref (drill->http);
  g_free (drill);
}

static KsStepVerdict
fail (GError **error, KsRecoveryError code, const char *message)
{
  g_set_error_literal (error, KS_RECOVERY_ERROR, (int) code, message);
  return KS_STEP_FAIL;
}

static void
get_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Drill *drill = data;

  ks_api_account_data_get_async (drill->http, drill->user_id, ks_secret_name_to_string (KS_SECRET_BACKUP),
                                 cancellable, ready, run);
}

static KsStepVerdict
got_secret (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Drill *drill = data;
  g_autoptr (JsonObject) content = NULL;

  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &content, error))
    return KS_STEP_FAIL;
  switch (ks_secret_storage_open (content, ks_secret_name_to_string (KS_SECRET_BACKUP), drill->key_id,
                                  drill->key, &drill->private_key))
    {
    case KS_STORED_SECRET_OK:
    case KS_STORED_SECRET_ODD:
      drill->decryptor = ks_backup_decryptor_new (drill->private_key);
      return KS_STEP_NEXT;
    case KS_STORED_SECRET_WRONG_KEY:
      return fail (error, KS_RECOVERY_ERROR_WRONG_KEY, "the Security Key does not open the backup's key");
    case KS_STORED_SECRET_ABSENT:
    case KS_STORED_SECRET_BAD:
    case KS_STORED_SECRET_NO_KEY:
    default:
      return fail (error, KS_RECOVERY_ERROR_CORRUPT, "the backup's key is not in secret storage");
    }
}

static void
get_version (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_backup_get_version_async (((Drill *) data)->http, NULL, cancellable, ready, run);
}

static KsStepVerdict
got_version (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Drill *drill = data;
  g_autoptr (KsBackupVersion) version = NULL;

  if (!ks_api_backup_get_version_finish (KS_HTTP (http), result, &version, error))
    return KS_STEP_FAIL;
  if (version == NULL || !g_str_equal (version->version, drill->version)
      || ks_backup_auth_trust (version, drill->user_id, drill->private_key, NULL) != KS_BACKUP_TRUST_KEY)
    return fail (error, KS_RECOVERY_ERROR_UNTRUSTED, "the current backup is not the one of this key");
  drill->on_server = version->count;
  return KS_STEP_NEXT;
}

static void
count (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Drill *drill = data;

  ks_key_store_count_async (drill->keys, drill->version, cancellable, ready, run);
}

static KsStepVerdict
counted (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Drill *drill = data;

  guint64 pending;
  guint64 refused;

  if (!ks_key_store_count_finish (KS_KEY_STORE (store), result, &drill->total, &pending, &refused, error))
    return KS_STEP_FAIL;
  drill->marked = drill->total - pending - refused;
  return drill->total > 0 ? KS_STEP_NEXT : KS_STEP_DONE;
}

/* One look.
 *
 *   1. pick   a key that is in the backup and was not looked at, behind a random place in
 *             the store, or else from its beginning; if none was found yet, from wherever
 *             there is one
 *   2. fetch  its entry, open it and compare
 */

static void
begin_pick (Drill *drill)
{
  drill->tried++;
  drill->after = 0;
  drill->whole = TRUE;
  if (drill->first > 0)
    {
      guint64 random;

      ks_random (&random, sizeof random);
      drill->after = drill->first - 1 + (gint64) (random % drill->total);
      drill->whole = FALSE;
    }
}

static void
pick (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Drill *drill = data;

  ks_key_store_list_pending_async (drill->keys, NULL, drill->after, PICK_AMONG, cancellable, ready, run);
}

/* Takes the first of @keys that will do. FALSE: there is none. */
static gboolean
take_one (Drill *drill, GPtrArray *keys)
{
  for (guint i = 0; i < keys->len; i++)
    {
      KsStoredRoomKey *key = g_ptr_array_index (keys, i);

      if (g_strcmp0 (key->backed_up_version, drill->version) == 0
          && !g_hash_table_contains (drill->seen, &key->id))
        {
          drill->here = g_ptr_array_steal_index (keys, i);
          g_hash_table_add (drill->seen, g_memdup2 (&drill->here->id, sizeof drill->here->id));
          if (drill->first == 0)
            drill->first = drill->here->id;
          return TRUE;
        }
    }
  return FALSE;
}

static KsStepVerdict
picked (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Drill *drill = data;
  KsKeyStoreList list;
  g_autoptr (GPtrArray) keys = ks_key_store_list_pending_finish (KS_KEY_STORE (store), result, &list, error);

  if (keys == NULL)
    return KS_STEP_FAIL;
  g_clear_pointer (&drill->here, ks_stored_room_key_free);
  g_ptr_array_set_free_func (keys, (GDestroyNotify) ks_stored_room_key_free);
  if (take_one (drill, keys))
    return KS_STEP_NEXT;
  if (drill->first == 0 && list.last > 0)
    {
      drill->after = list.last;
      return KS_STEP_AGAIN;
    }
  if (!drill->whole)
    {
      drill->after = 0;
      drill->whole = TRUE;
      return KS_STEP_AGAIN;
    }
  drill->exhausted = drill->first == 0;
  return KS_STEP_DONE;
}

static void
fetch (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Drill *drill = data;

  ks_api_backup_get_key_async (drill->http, drill->version, drill->here->room_id, drill->here->session_id,
                               cancellable, ready, run);
}

/* What the entry brings back, beside what is here. */
static KsRoomKeyOrder
compare (const KsStoredRoomKey *here, const KsStoredRoomKey *there)
{
  KsRoomKey *key_here = NULL;
  KsRoomKey *key_there = NULL;
  gsize length = strlen (here->session_id);
  KsRoomKeyOrder order = KS_ROOM_KEY_UNCONNECTED;

  if (ks_room_key_import (here->session_key, here->session_key_size, here->session_id, length, &key_here)
          == KS_ROOM_KEY_OK
      && ks_room_key_import (there->session_key, there->session_key_size, here->session_id, length,
                             &key_there)
             == KS_ROOM_KEY_OK)
    order = ks_room_key_compare (key_there, key_here);
  ks_room_key_free (key_here);
  ks_room_key_free (key_there);
  return order;
}

static KsStepVerdict
fetched (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Drill *drill = data;
  g_autoptr (GError) failure = NULL;
  g_autoptr (JsonObject) entry = ks_api_backup_get_key_finish (KS_HTTP (http), result, &failure);
  g_autoptr (KsStoredRoomKey) there = NULL;

  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_FOUND))
    {
      g_ptr_array_add (drill->loss->missing, g_steal_pointer (&drill->here));
      return KS_STEP_DONE;
    }
  if (entry == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  if (ks_backup_entry_open_json (entry, drill->here->room_id, drill->here->session_id, drill->decryptor,
                                 &there)
      != KS_BACKUP_ENTRY_OK)
    {
      g_ptr_array_add (drill->loss->spoilt, g_steal_pointer (&drill->here));
      return KS_STEP_DONE;
    }
  switch (compare (drill->here, there))
    {
    case KS_ROOM_KEY_EQUAL:
    case KS_ROOM_KEY_BETTER:
      drill->checked++;
      return KS_STEP_DONE;
    case KS_ROOM_KEY_WORSE:
      g_ptr_array_add (drill->loss->spoilt, g_steal_pointer (&drill->here));
      return KS_STEP_DONE;
    case KS_ROOM_KEY_UNCONNECTED:
    case KS_ROOM_KEY_OTHER:
    default:
      /* Which of the two is the right one nobody can tell from here. */
      g_clear_pointer (&drill->loss, ks_drill_loss_free);
      return fail (error, KS_RECOVERY_ERROR_CORRUPT,
                   "an entry of the backup is another key than the one here");
    }
}

static const KsStep look_steps[] = {
  { .name = "pick", .begin = pick, .end = picked },
  { .name = "fetch", .begin = fetch, .end = fetched },
  { 0 },
};

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  begin_pick (data);
  ks_steps_start (look_steps, data, NULL, NULL, G_STRFUNC, cancellable, ready, run);
}

static guint
count_lost (const Drill *drill)
{
  return drill->loss->missing->len + drill->loss->spoilt->len;
}

static KsStepVerdict
looked (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Drill *drill = data;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  return !drill->exhausted && drill->checked + count_lost (drill) < KS_DRILL_SAMPLE
                 && drill->tried < MAX_LOOKS && drill->tried < drill->total
             ? KS_STEP_AGAIN
             : KS_STEP_NEXT;
}

static KsStepVerdict
judge (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Drill *drill = data;
  guint lost = count_lost (drill);
  gboolean too_few = (guint64) drill->on_server < drill->marked;

  /* The server's count has the keys of other sessions in it too: one that is large enough
   * proves nothing. One that is too small does, whatever the sample was. */
  if (lost == 0 && !too_few)
    return KS_STEP_NEXT;
  drill->loss->many = too_few || lost > drill->checked;
  g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT,
               "%u of %u room keys are not in the backup as they were stored", lost, lost + drill->checked);
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "secret", .begin = get_secret, .end = got_secret },
  { .name = "version", .begin = get_version, .end = got_version },
  { .name = "count", .begin = count, .end = counted },
  { .name = "look", .begin = look, .end = looked },
  { .name = "judge", .end = judge },
  { 0 },
};

void
ks_drill_async (KsHttp *http,
                KsKeyStore *keys,
                const char *user_id,
                const char *key_id,
                const char *version,
                KsSecret *key,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  Drill *drill = g_new0 (Drill, 1);

  drill->http = g_object_ref (http);
  drill->keys = g_object_ref (keys);
  drill->user_id = g_strdup (user_id);
  drill->key_id = g_strdup (key_id);
  drill->version = g_strdup (version);
  drill->key = ks_secret_ref (key);
  drill->loss = loss_new ();
  drill->seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  ks_steps_start (steps, drill, drill_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_drill_finish (KsHttp *http, GAsyncResult *result, guint *checked, GError **error)
{
  Drill *drill = g_task_get_task_data (G_TASK (result));

  if (checked != NULL)
    *checked = drill->checked;
  return g_task_propagate_boolean (G_TASK (result), error);
}

KsDrillLoss *
ks_drill_take_loss (GAsyncResult *result)
{
  Drill *drill = g_task_get_task_data (G_TASK (result));

  return drill->loss != NULL && count_lost (drill) > 0 ? g_steal_pointer (&drill->loss) : NULL;
}
