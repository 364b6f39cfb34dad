/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/live/ks-withheld.h"

#include "base/ks-steps.h"
#include "crypto/ks-keyed-hash.h"
#include "matrix/ks-api-rooms.h"
#include "matrix/ks-json.h"

#include <string.h>

#define TYPE "m.room_key.withheld"
/* Of no session: there is no way to send this one any key. */
#define NO_OLM "m.no_olm"

/* Events at a time: each takes guarded memory. */
#define BATCH 100
/* Of what came before kinds were told apart there may be any number. */
#define MAX_CODES KS_INBOX_MAX_WITHHELD

struct KsWithheld
{
  KsInbox *inbox;    /* owned */
  GHashTable *codes; /* owned: "session sender room" → code */
  GHashTable *cut;   /* owned: "key sender", as a set: whose sessions cannot reach this one */
  gint64 last;       /* the inbox's events up to this one are read */
};

KsWithheld *
ks_withheld_new (KsDatabase *database, const KsAccountRecord *account)
{
  KsWithheld *withheld = g_new0 (KsWithheld, 1);

  withheld->inbox = ks_inbox_new (database, account);
  withheld->codes = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, g_free);
  withheld->cut = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, NULL);
  return withheld;
}

void
ks_withheld_free (KsWithheld *withheld)
{
  if (withheld == NULL)
    return;
  g_object_unref (withheld->inbox);
  g_hash_table_unref (withheld->codes);
  g_hash_table_unref (withheld->cut);
  g_free (withheld);
}

/* What asks has a session ID in base64 and the sender of an event, neither with a space in it
 * that could make two of these one. */
static char *
key_of (const char *room_id, const char *sender, const char *session_id)
{
  return g_strconcat (session_id, " ", sender, " ", room_id, NULL);
}

const char *
ks_withheld_get_code (KsWithheld *withheld, const char *room_id, const char *sender, const char *session_id)
{
  g_autofree char *key = key_of (room_id, sender, session_id);

  return g_hash_table_lookup (withheld->codes, key);
}

/* Base64 with or without padding is the same key. */
static char *
key_of_session (const char *sender_key, const char *sender)
{
  g_autofree char *unpadded = g_strndup (sender_key, strcspn (sender_key, "="));

  return g_strconcat (unpadded, " ", sender, NULL);
}

gboolean
ks_withheld_is_cut_off (KsWithheld *withheld, const char *sender, const char *sender_key)
{
  g_autofree char *key = sender_key != NULL ? key_of_session (sender_key, sender) : NULL;

  return key != NULL && g_hash_table_contains (withheld->cut, key);
}

static gboolean
get_short (JsonObject *object, const char *name, const char **text)
{
  return ks_json_get_string (object, name, text) && (*text)[0] != '\0'
         && strlen (*text) <= KS_ROOMS_ID_MAX_SIZE;
}

static void
read_content (KsWithheld *withheld, JsonObject *content, const char *sender)
{
  const char *room_id, *session_id, *sender_key, *code;

  if (!get_short (content, "code", &code))
    return;
  if (get_short (content, "room_id", &room_id) && get_short (content, "session_id", &session_id))
    g_hash_table_replace (withheld->codes, key_of (room_id, sender, session_id), g_strdup (code));
  else if (g_str_equal (code, NO_OLM) && get_short (content, "sender_key", &sender_key))
    g_hash_table_add (withheld->cut, key_of_session (sender_key, sender));
}

static void
read_event (KsWithheld *withheld, const KsSecret *json)
{
  g_autoptr (JsonObject) event = NULL;
  const char *type, *sender;
  JsonObject *content;

  /* What came before kinds were told apart is mostly encrypted, and need not be parsed for that. */
  if (memmem (ks_secret_bytes (json), ks_secret_size (json), TYPE, strlen (TYPE)) == NULL
      || g_hash_table_size (withheld->codes) + g_hash_table_size (withheld->cut) >= MAX_CODES)
    return;
  event = ks_json_parse_object (ks_secret_bytes (json), ks_secret_size (json), NULL);
  if (ks_json_get_string (event, "type", &type) && g_str_equal (type, TYPE)
      && get_short (event, "sender", &sender) && ks_json_get_object (event, "content", &content))
    read_content (withheld, content, sender);
}

/* Reads: one row, until nothing is left. */

static void
list (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsWithheld *withheld = data;

  ks_inbox_list_async (withheld->inbox, KS_INBOX_WITHHELD, withheld->last, BATCH, cancellable, ready, run);
}

static KsStepVerdict
listed (gpointer data, GObject *inbox, GAsyncResult *result, GError **error)
{
  KsWithheld *withheld = data;
  g_autoptr (GPtrArray) events = ks_inbox_list_finish (KS_INBOX (inbox), result, error);

  if (events == NULL)
    return KS_STEP_FAIL;
  for (guint i = 0; i < events->len; i++)
    {
      const KsInboxEvent *event = events->pdata[i];

      withheld->last = event->id;
      if (event->json != NULL)
        read_event (withheld, event->json);
    }
  return events->len < BATCH ? KS_STEP_DONE : KS_STEP_AGAIN;
}

static const KsStep steps[] = {
  { .name = "list", .begin = list, .end = listed },
  { 0 },
};

void
ks_withheld_read_async (KsWithheld *withheld,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  ks_steps_start (steps, withheld, NULL, NULL, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_withheld_read_finish (KsWithheld *withheld, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
