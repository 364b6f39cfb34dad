/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-sealed-message.h"

#include "base/ks-steps.h"
#include "crypto/ks-keyed-hash.h"
#include "crypto/ks-room-key.h"
#include "engine/keys/ks-better-key.h"
#include "matrix/ks-api-rooms.h"
#include "matrix/ks-json.h"

#include <string.h>

#define ALGORITHM "m.megolm.v1.aes-sha2"

/* In base64; no event is larger than 64 KiB. */
#define MAX_CIPHERTEXT 65536
#define MAX_KEY_LENGTH 64

KsSealedMessage *
ks_sealed_message_new (JsonObject *content, KsUnreadable *reason)
{
  KsSealedMessage *sealed;
  const char *algorithm, *session_id, *ciphertext, *sender_key;

  *reason = KS_UNREADABLE_MALFORMED;
  if (!ks_json_get_string (content, "algorithm", &algorithm))
    return NULL;
  if (!g_str_equal (algorithm, ALGORITHM))
    {
      *reason = KS_UNREADABLE_OTHER_KIND;
      return NULL;
    }
  if (!ks_json_get_string (content, "session_id", &session_id) || strlen (session_id) != KS_ROOM_KEY_ID_LENGTH
      || !ks_json_get_string (content, "ciphertext", &ciphertext) || strlen (ciphertext) > MAX_CIPHERTEXT)
    return NULL;
  /* Deprecated, and nothing is opened by it: what is no key is none. */
  if (ks_json_get_string (content, "sender_key", &sender_key)
      && (sender_key[0] == '\0' || strlen (sender_key) > MAX_KEY_LENGTH))
    sender_key = NULL;
  *reason = KS_UNREADABLE_NO_KEY;
  sealed = g_new0 (KsSealedMessage, 1);
  g_atomic_ref_count_init (&sealed->references);
  sealed->session_id = g_strdup (session_id);
  sealed->sender_key = g_strdup (sender_key);
  sealed->ciphertext = g_strdup (ciphertext);
  ks_relation_read (&sealed->wire, content);
  return sealed;
}

KsSealedMessage *
ks_sealed_message_ref (KsSealedMessage *sealed)
{
  g_atomic_ref_count_inc (&sealed->references);
  return sealed;
}

void
ks_sealed_message_unref (KsSealedMessage *sealed)
{
  if (sealed == NULL || !g_atomic_ref_count_dec (&sealed->references))
    return;
  g_free (sealed->session_id);
  g_free (sealed->sender_key);
  g_free (sealed->ciphertext);
  ks_relation_clear (&sealed->wire);
  g_free (sealed);
}

gsize
ks_sealed_message_get_size (const KsSealedMessage *sealed)
{
  return sizeof *sealed + strlen (sealed->ciphertext);
}

void
ks_opened_message_free (KsOpenedMessage *opened)
{
  if (opened == NULL)
    return;
  ks_message_free (opened->message);
  g_free (opened);
}

/* --- opening, in a thread --- */

/* Base64 with or without padding is the same key. */
static gboolean
is_same_key (const char *one, const char *other)
{
  gsize length = strcspn (one, "=");

  return length == strcspn (other, "=") && strncmp (one, other, length) == 0;
}

static KsUnreadable
read_plain (
    const uint8_t *plain, gsize size, const KsSealedMessage *sealed, const char *room_id, KsMessage **message)
{
  g_autoptr (JsonObject) object = ks_json_parse_object (plain, size, NULL);
  const char *type, *of_room;
  JsonObject *content;

  if (object == NULL || !ks_json_get_string (object, "type", &type) || strlen (type) > KS_ROOMS_ID_MAX_SIZE
      || !ks_json_get_object (object, "content", &content)
      || !ks_json_get_string (object, "room_id", &of_room))
    return KS_UNREADABLE_MALFORMED;
  /* What was said in one room is not to appear in another. */
  if (!g_str_equal (of_room, room_id))
    return KS_UNREADABLE_WRONG_ROOM;
  *message = ks_message_read (type, content, &sealed->wire);
  return *message != NULL ? KS_UNREADABLE_NOT : KS_UNREADABLE_MALFORMED;
}

static KsUnreadable
decrypt (KsRoomKey *key, const KsSealedMessage *sealed, const char *room_id, KsOpenedMessage *opened)
{
  uint8_t *plain;
  size_t size;
  KsUnreadable reason;

  switch (ks_room_key_decrypt (key, sealed->ciphertext, strlen (sealed->ciphertext), &plain, &size,
                               &opened->index))
    {
    case KS_ROOM_KEY_DECRYPTED:
      reason = read_plain (plain, size, sealed, room_id, &opened->message);
      ks_wipe (plain, size);
      g_free (plain);
      return reason;
    case KS_ROOM_KEY_TOO_EARLY:
      return KS_UNREADABLE_KEY_LATER;
    case KS_ROOM_KEY_NOT_AUTHENTIC:
      return KS_UNREADABLE_NOT_AUTHENTIC;
    case KS_ROOM_KEY_BAD_MESSAGE:
    case KS_ROOM_KEY_NOT_DECRYPTED:
    default:
      return KS_UNREADABLE_MALFORMED;
    }
}

/* A session at hand for all its messages. */
typedef struct
{
  const KsLookedUpKey *found; /* borrowed */
  KsRoomKey *key;             /* owned; NULL: none */
  KsRoomKey *twin;            /* owned; NULL: none */
  GPtrArray *others;          /* owned: KsRoomKey elements, as in found; NULL: not needed yet */
  gboolean key_proven;        /* by a message */
  gboolean twin_proven;
  const KsStoredRoomKey *other_proven; /* borrowed; NULL: none */
} Session;

static void
session_free (gpointer data)
{
  Session *session = data;

  ks_room_key_free (session->key);
  ks_room_key_free (session->twin);
  g_clear_pointer (&session->others, g_ptr_array_unref);
  g_free (session);
}

/* NULL: there is none, or it is damaged. */
static KsRoomKey *
import (const KsStoredRoomKey *stored)
{
  KsRoomKey *key;

  if (stored == NULL
      || ks_room_key_import (stored->session_key, stored->session_key_size, stored->session_id,
                             strlen (stored->session_id), &key)
             != KS_ROOM_KEY_OK)
    return NULL;
  return key;
}

static Session *
session_new (const KsLookedUpKey *found)
{
  Session *session = g_new0 (Session, 1);

  session->found = found;
  session->key = import (found->key);
  session->twin = import (found->twin);
  return session;
}

static KsUnreadable
open_with (KsRoomKey *key,
           const KsStoredRoomKey *stored,
           const KsSealedMessage *sealed,
           const char *room_id,
           KsOpenedMessage *opened)
{
  if (key == NULL)
    return KS_UNREADABLE_KEY_DAMAGED;
  if (sealed->sender_key != NULL && stored->sender_key != NULL && stored->sender_key[0] != '\0'
      && !is_same_key (sealed->sender_key, stored->sender_key))
    return KS_UNREADABLE_WRONG_SENDER;
  opened->authenticity =
      stored->provenance == KS_ROOM_KEY_DIRECT ? KS_AUTHENTICITY_SESSION : KS_AUTHENTICITY_NOT_GUARANTEED;
  return decrypt (key, sealed, room_id, opened);
}

static void
free_key (gpointer key)
{
  ks_room_key_free (key);
}

/* Tries the keys that are said to be of another room: nothing but a message tells. @reason is what
 * there is to say without them. */
static KsUnreadable
open_with_others (Session *session,
                  const KsSealedMessage *sealed,
                  const char *room_id,
                  KsUnreadable reason,
                  KsOpenedMessage *opened)
{
  GPtrArray *stored = session->found->others;

  if (session->others == NULL)
    {
      session->others = g_ptr_array_new_with_free_func (free_key);
      for (guint i = 0; i < stored->len; i++)
        g_ptr_array_add (session->others, import (stored->pdata[i]));
    }
  for (guint i = 0; i < stored->len; i++)
    {
      KsUnreadable now = open_with (session->others->pdata[i], stored->pdata[i], sealed, room_id, opened);

      if (now == KS_UNREADABLE_NOT)
        session->other_proven = stored->pdata[i];
      /* Whoever made the session has sealed the room with the message. */
      if (now == KS_UNREADABLE_NOT || now == KS_UNREADABLE_WRONG_ROOM)
        return now;
      if (now == KS_UNREADABLE_KEY_LATER && reason == KS_UNREADABLE_NO_KEY)
        reason = now;
    }
  return reason;
}

static KsUnreadable
open_one (Session *session, const KsSealedMessage *sealed, const char *room_id, KsOpenedMessage *opened)
{
  const KsLookedUpKey *found = session->found;
  KsUnreadable reason = found->damaged ? KS_UNREADABLE_KEY_DAMAGED : KS_UNREADABLE_NO_KEY;

  if (found->key != NULL)
    reason = open_with (session->key, found->key, sealed, room_id, opened);
  if (reason == KS_UNREADABLE_NOT)
    session->key_proven = TRUE;
  if (reason == KS_UNREADABLE_NOT || reason == KS_UNREADABLE_WRONG_ROOM)
    return reason;
  /* One of the two is made up. The right one is known by what it opens: who sent that has signed
   * it for nobody else's ratchet. */
  if (session->twin != NULL
      && open_with (session->twin, found->twin, sealed, room_id, opened) == KS_UNREADABLE_NOT)
    {
      session->twin_proven = TRUE;
      return KS_UNREADABLE_NOT;
    }
  return open_with_others (session, sealed, room_id, reason, opened);
}

/* --- the whole --- */

/* Opens.
 *
 *   1. keys    from the store, once for each session
 *   2. open    with them, in a thread
 *   3. prefer  the twins that did and were not the first; left out if there are none
 *   4. rooms   that the messages have proven; likewise
 *
 * That 3 or 4 fails, as in a store that is only read, is no error: the next reading tries again.
 * Nothing else is changed. */

typedef struct
{
  KsDatabase *database;     /* owned */
  KsAccountRecord *account; /* owned */
  char *room_id;            /* owned */
  GPtrArray *sealed;        /* owned */
  GPtrArray *found;         /* owned: KsLookedUpKey elements */
  GPtrArray *opened;        /* owned; NULL once it was given away */
  GPtrArray *proven;        /* owned: KsStoredRoomKey elements, borrowed from found: twins */
  GPtrArray *rooms;         /* owned: likewise, whose room was not proven before */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_object_unref (op->database);
  ks_account_record_free (op->account);
  g_free (op->room_id);
  g_ptr_array_unref (op->sealed);
  g_ptr_array_unref (op->proven);
  g_ptr_array_unref (op->rooms);
  g_clear_pointer (&op->found, g_ptr_array_unref);
  g_clear_pointer (&op->opened, g_ptr_array_unref);
  g_free (op);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (ks_keyed_str_hash, g_str_equal);

  for (guint i = 0; i < op->sealed->len; i++)
    {
      const KsSealedMessage *sealed = op->sealed->pdata[i];

      if (g_hash_table_add (seen, sealed->session_id))
        g_ptr_array_add (ids, g_strdup (sealed->session_id));
    }
  ks_key_lookup_async (op->database, op->account, op->room_id, ids, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer data, GObject *database, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->found = ks_key_lookup_finish (KS_DATABASE (database), result, error);
  return op->found != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

/* Who signs with two ratchets would have them change places for ever: what is first goes first. */
static void
note_session (Op *op, const Session *session)
{
  const KsLookedUpKey *found = session->found;
  const KsStoredRoomKey *opener = session->key_proven    ? found->key
                                  : session->twin_proven ? found->twin
                                                         : session->other_proven;

  if (opener != NULL && opener == found->twin)
    g_ptr_array_add (op->proven, found->twin);
  if (opener != NULL && (opener == session->other_proven || found->key->room_claim != KS_ROOM_CLAIM_PROVEN))
    g_ptr_array_add (op->rooms, (gpointer) opener);
}

static void
note_proven (Op *op, GHashTable *sessions)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    note_session (op, value);
}

static void
open_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Op *op = data;
  g_autoptr (GHashTable) sessions =
      g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, NULL, session_free);

  for (guint i = 0; i < op->found->len; i++)
    {
      const KsLookedUpKey *found = op->found->pdata[i];

      g_hash_table_insert (sessions, found->session_id, session_new (found));
    }
  for (guint i = 0; i < op->sealed->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      const KsSealedMessage *sealed = op->sealed->pdata[i];
      KsOpenedMessage *opened = g_new0 (KsOpenedMessage, 1);

      g_ptr_array_add (op->opened, opened);
      opened->reason =
          open_one (g_hash_table_lookup (sessions, sealed->session_id), sealed, op->room_id, opened);
      if (opened->reason != KS_UNREADABLE_NOT)
        opened->authenticity = KS_AUTHENTICITY_NONE;
    }
  note_proven (op, sessions);
  g_task_return_boolean (task, TRUE);
}

static void
open_all (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, run);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, data, NULL);
  g_task_run_in_thread (task, open_in_thread);
}

static KsStepVerdict
all_open (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  const Op *op = data;

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  if (op->proven->len > 0)
    return KS_STEP_NEXT;
  return op->rooms->len > 0 ? KS_STEP_SKIP : KS_STEP_DONE; /* "prefer" */
}

static void
prefer (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (KsKeyStore) keys = ks_key_store_new (op->database, op->account);

  ks_key_store_prefer_twins_async (keys, op->proven, cancellable, ready, run);
}

static KsStepVerdict
preferred (gpointer data, GObject *keys, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!ks_key_store_prefer_twins_finish (KS_KEY_STORE (keys), result, &failure))
    g_message ("keys that messages have proven stay in the second place: %s", failure->message);
  return ((Op *) data)->rooms->len > 0 ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
note_rooms (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (KsKeyStore) keys = ks_key_store_new (op->database, op->account);

  ks_key_store_note_rooms_async (keys, op->room_id, op->rooms, ks_better_key_merge, cancellable, ready, run);
}

static KsStepVerdict
rooms_noted (gpointer data, GObject *keys, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!ks_key_store_note_rooms_finish (KS_KEY_STORE (keys), result, &failure))
    g_info ("rooms that messages have proven are not noted: %s", failure->message);
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "keys", .begin = look, .end = looked },
  { .name = "open", .begin = open_all, .end = all_open },
  { .name = "prefer", .begin = prefer, .end = preferred },
  { .name = "rooms", .begin = note_rooms, .end = rooms_noted },
  { 0 },
};

void
ks_sealed_messages_open_async (KsDatabase *database,
                               const KsAccountRecord *account,
                               const char *room_id,
                               GPtrArray *sealed,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->database = g_object_ref (database);
  op->account = ks_account_record_copy (account);
  op->room_id = g_strdup (room_id);
  op->sealed = g_ptr_array_ref (sealed);
  op->opened = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_opened_message_free);
  op->proven = g_ptr_array_new ();
  op->rooms = g_ptr_array_new ();
  ks_steps_start (steps, op, op_free, database, G_STRFUNC, cancellable, callback, user_data);
}

GPtrArray *
ks_sealed_messages_open_finish (KsDatabase *database, GAsyncResult *result, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->opened) : NULL;
}
