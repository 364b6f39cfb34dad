/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-room-facts.h"

#include "base/ks-steps.h"
#include "engine/history/ks-room-private.h"
#include "matrix/ks-api-rooms.h"
#include "matrix/ks-matrix-error.h"

/* Asks.
 *
 *   1. encryption
 *   2. name
 *   3. alias
 *   4. members  left out, as the next, if those have given a name
 *   5. gone     those who were there, if nobody else is
 *
 * Whichever gives the name, or would have come before the others, ends it and takes all into
 * the room. */

typedef struct
{
  KsHttp *http;  /* owned */
  char *user_id; /* owned */
  KsRoom *room;  /* owned */
  KsRoomEncryption encryption;
  JsonObject *name; /* owned; NULL: none */
  KsRoomName found;
} Facts;

static void
facts_free (gpointer data)
{
  Facts *facts = data;

  g_clear_pointer (&facts->name, json_object_unref);
  ks_room_name_clear (&facts->found);
  g_object_unref (facts->room);
  g_object_unref (facts->http);
  g_free (facts->user_id);
  g_free (facts);
}

gboolean
ks_room_facts_error_concerns_all (const GError *error)
{
  return error->domain != KS_MATRIX_ERROR || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NO_SUCH_SERVER)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNAUTHORIZED);
}

static KsStepVerdict
take (Facts *facts)
{
  ks_room_take_facts (facts->room, &facts->found, facts->encryption);
  return KS_STEP_DONE;
}

/* One question had no answer. Takes @failure. FALSE with @error set: nor will another. */
static gboolean
go_on_without (GError *failure, GError **error)
{
  if (ks_room_facts_error_concerns_all (failure))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  g_debug ("a part of a room stays unknown: %s", failure->message);
  g_error_free (failure);
  return TRUE;
}

static void
get_state (Facts *facts, const char *type, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_rooms_get_state_async (facts->http, ks_room_get_room_id (facts->room), type, cancellable, ready,
                                run);
}

static void
get_encryption (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  get_state (data, "m.room.encryption", cancellable, ready, run);
}

static KsStepVerdict
got_encryption (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Facts *facts = data;
  g_autoptr (JsonObject) content = NULL;
  GError *failure = NULL;

  if (ks_api_rooms_get_state_finish (KS_HTTP (http), result, &content, &failure))
    facts->encryption = content != NULL ? KS_ROOM_ENCRYPTION_ON : KS_ROOM_ENCRYPTION_OFF;
  else if (go_on_without (failure, error))
    facts->encryption = KS_ROOM_ENCRYPTION_UNKNOWN;
  else
    return KS_STEP_FAIL;
  return KS_STEP_NEXT;
}

static void
get_name (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  get_state (data, "m.room.name", cancellable, ready, run);
}

static KsStepVerdict
got_name (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Facts *facts = data;
  GError *failure = NULL;

  if (ks_api_rooms_get_state_finish (KS_HTTP (http), result, &facts->name, &failure))
    return KS_STEP_NEXT;
  return go_on_without (failure, error) ? take (facts) : KS_STEP_FAIL;
}

static void
get_alias (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  get_state (data, "m.room.canonical_alias", cancellable, ready, run);
}

static KsStepVerdict
got_alias (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Facts *facts = data;
  g_autoptr (JsonObject) alias = NULL;
  GError *failure = NULL;
  gboolean answered = ks_api_rooms_get_state_finish (KS_HTTP (http), result, &alias, &failure);

  if (!answered && !go_on_without (failure, error))
    return KS_STEP_FAIL;
  if (ks_room_name_from_state (facts->name, alias, &facts->found) || !answered)
    return take (facts);
  return KS_STEP_NEXT;
}

static void
get_members (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Facts *facts = data;

  ks_api_rooms_get_members_async (facts->http, ks_room_get_room_id (facts->room), FALSE, cancellable, ready,
                                  run);
}

static KsStepVerdict
got_members (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Facts *facts = data;
  GError *failure = NULL;
  g_autoptr (GPtrArray) members = ks_api_rooms_get_members_finish (KS_HTTP (http), result, &failure);

  if (members == NULL)
    return go_on_without (failure, error) ? take (facts) : KS_STEP_FAIL;
  ks_room_name_from_members (members, facts->user_id, &facts->found);
  return facts->found.kind == KS_ROOM_NAME_EMPTY ? KS_STEP_NEXT : take (facts);
}

static void
get_gone (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Facts *facts = data;

  ks_api_rooms_get_members_async (facts->http, ks_room_get_room_id (facts->room), TRUE, cancellable, ready,
                                  run);
}

static KsStepVerdict
got_gone (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Facts *facts = data;
  GError *failure = NULL;
  g_autoptr (GPtrArray) members = ks_api_rooms_get_members_finish (KS_HTTP (http), result, &failure);

  if (members == NULL)
    return go_on_without (failure, error) ? take (facts) : KS_STEP_FAIL;
  ks_room_name_clear (&facts->found);
  ks_room_name_from_members (members, facts->user_id, &facts->found);
  return take (facts);
}

static const KsStep steps[] = {
  { .name = "encryption", .begin = get_encryption, .end = got_encryption },
  { .name = "name", .begin = get_name, .end = got_name },
  { .name = "alias", .begin = get_alias, .end = got_alias },
  { .name = "members", .begin = get_members, .end = got_members },
  { .name = "gone", .begin = get_gone, .end = got_gone },
  { 0 },
};

void
ks_room_facts_ask_async (KsHttp *http,
                         const char *user_id,
                         KsRoom *room,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  Facts *facts = g_new0 (Facts, 1);

  facts->http = g_object_ref (http);
  facts->user_id = g_strdup (user_id);
  facts->room = g_object_ref (room);
  ks_steps_start (steps, facts, facts_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_room_facts_ask_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
