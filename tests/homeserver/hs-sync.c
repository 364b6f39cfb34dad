/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-sync.h"

#include <stdlib.h>
#include <string.h>

/* Synapse gives an answer again to the same request within this time, stale as
 * it may be: who starts over without a token meets old to-device messages. */
#define CACHE_SECONDS 120
#define MAX_TO_DEVICE 100

typedef struct
{
  char *text; /* owned */
  gint64 time;
} Cached;

/* A position: of the stream, and of the to-device messages, which may lag behind
 * because an answer holds so many of them and no more. */
typedef struct
{
  gboolean initial;
  gint64 stream, to_device;
} Since;

static void
cached_free (Cached *cached)
{
  g_free (cached->text);
  g_free (cached);
}

GHashTable *
hs_sync_cache_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) cached_free);
}

static gboolean
parse_since (const char *text, Since *since)
{
  char *end;

  *since = (Since){ .initial = text == NULL };
  if (text == NULL)
    return TRUE;
  if (text[0] != 's')
    return FALSE;
  since->stream = strtoll (text + 1, &end, 10);
  if (end == text + 1 || *end != '_')
    return FALSE;
  since->to_device = strtoll (end + 1, &end, 10);
  return *end == '\0';
}

/* FALSE: answered. */
static gboolean
read_filter (HsRequest *request, HsFilter *filter)
{
  const char *text = hs_request_query (request, "filter");
  g_autofree char *stored = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (text != NULL && text[0] != '{')
    {
      stored = hs_database_text (request->server->db, "SELECT content FROM filter WHERE user = ? AND id = ?",
                                 "si", request->user, (gint64) strtoll (text, NULL, 10));
      if (stored == NULL)
        {
          hs_reply_error (request, 400, "M_INVALID_PARAM", "No such filter");
          return FALSE;
        }
      text = stored;
    }
  node = json_from_string (text != NULL ? text : "{}", NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      hs_reply_error (request, 400, "M_NOT_JSON", "Invalid filter JSON");
      return FALSE;
    }
  filter->object = json_node_dup_object (node);
  return TRUE;
}

static JsonArray *
account_data (HsRequest *request, HsFilter *filter, Since *since)
{
  JsonArray *events = json_array_new ();
  g_autoptr (HsRows) rows =
      hs_database_query (request->server->db,
                         "SELECT type, content FROM account_data WHERE user = ? AND room = '' AND stream > ?"
                         " ORDER BY stream",
                         "si", request->user, since->stream);

  while (hs_rows_next (rows))
    if (hs_filter_takes_type (filter, "account_data", hs_rows_text (rows, 0)))
      json_array_add_object_element (events, hs_object ("type", 's', hs_rows_text (rows, 0), "content", 't',
                                                        hs_rows_text (rows, 1), NULL));
  if (since->initial && hs_filter_takes_type (filter, "account_data", "m.push_rules"))
    json_array_add_object_element (events, hs_object ("type", 's', "m.push_rules", "content", 't',
                                                      "{\"global\":{}}", NULL));
  return events;
}

/* What came with the last answer is acknowledged by asking on from there. */
static JsonArray *
to_device (HsRequest *request, Since *since, gint64 *last)
{
  JsonArray *events = json_array_new ();
  g_autoptr (HsRows) rows = NULL;

  hs_database_run (request->server->db, "DELETE FROM to_device WHERE user = ? AND device = ? AND stream <= ?",
                   "ssi", request->user, request->device, since->to_device);
  rows =
      hs_database_query (request->server->db,
                         "SELECT content, stream FROM to_device WHERE user = ? AND device = ? ORDER BY stream"
                         " LIMIT ?",
                         "ssi", request->user, request->device, (gint64) MAX_TO_DEVICE);
  while (hs_rows_next (rows))
    {
      json_array_add_object_element (events, hs_json_parse_object (hs_rows_text (rows, 0)));
      *last = hs_rows_int (rows, 1);
    }
  return events;
}

static JsonArray *
unused_fallback_key_types (HsRequest *request)
{
  JsonArray *types = json_array_new ();
  g_autoptr (HsRows) rows = hs_database_query (request->server->db,
                                               "SELECT algorithm FROM fallback_key WHERE user = ? AND device "
                                               "= ? AND NOT used ORDER BY 1",
                                               "ss", request->user, request->device);

  while (hs_rows_next (rows))
    json_array_add_string_element (types, hs_rows_text (rows, 0));
  return types;
}

/* Leaves empty sections out, as Synapse does. */
static gboolean
add_events (JsonObject *answer, const char *section, JsonArray *events)
{
  gboolean any = json_array_get_length (events) > 0;

  if (any)
    json_object_set_object_member (answer, section, hs_object ("events", 'a', json_array_ref (events), NULL));
  json_array_unref (events);
  return any;
}

static gboolean
add_device_lists (HsRequest *request, JsonObject *answer, Since *since)
{
  static const char *const names[] = { "changed", "left" };
  g_autoptr (JsonObject) lists = NULL;

  if (since->initial)
    return FALSE;
  lists = hs_device_list_changes (request->server, request->user, since->stream);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (json_array_get_length (hs_object_array (lists, names[i])) == 0)
      json_object_remove_member (lists, names[i]);
  if (json_object_get_size (lists) == 0)
    return FALSE;
  json_object_set_object_member (answer, "device_lists", json_object_ref (lists));
  return TRUE;
}

/* The answer as of now. @any: it says anything. */
static JsonObject *
build (HsRequest *request, HsFilter *filter, Since *since, gboolean *any)
{
  gint64 now = hs_database_last_stream (request->server->db);
  gint64 last = now;
  JsonArray *messages = to_device (request, since, &last);
  g_autofree char *next_batch = NULL;
  JsonObject *answer, *rooms;

  if (json_array_get_length (messages) < MAX_TO_DEVICE)
    last = now;
  next_batch = g_strdup_printf ("s%" G_GINT64_FORMAT "_%" G_GINT64_FORMAT, now, last);
  answer = hs_object ("next_batch", 's', next_batch, NULL);
  *any = since->initial;
  *any |= add_events (answer, "account_data", account_data (request, filter, since));
  *any |= add_events (answer, "to_device", messages);
  *any |= add_device_lists (request, answer, since);
  json_object_set_object_member (answer, "device_one_time_keys_count",
                                 hs_one_time_key_counts (request->server, request->user, request->device));
  json_object_set_array_member (answer, "device_unused_fallback_key_types",
                                unused_fallback_key_types (request));
  rooms = hs_sync_rooms (request, filter, since->stream, now, next_batch);
  if (rooms != NULL)
    json_object_set_object_member (answer, "rooms", rooms);
  *any |= rooms != NULL;
  return answer;
}

static char *
cache_key (HsRequest *request)
{
  const char *const names[] = { "since", "filter", "timeout", "full_state" };
  GString *key = g_string_new (request->token);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = hs_request_query (request, names[i]);

      g_string_append_printf (key, "\n%s", value != NULL ? value : "");
    }
  return g_string_free (key, FALSE);
}

static gboolean
is_stale (gpointer key, gpointer cached, gpointer now)
{
  return ((Cached *) cached)->time + CACHE_SECONDS * G_USEC_PER_SEC < *(gint64 *) now;
}

static gboolean
reply_from_cache (HsRequest *request)
{
  gint64 now = g_get_monotonic_time ();
  g_autofree char *key = cache_key (request);
  Cached *cached;

  g_hash_table_foreach_remove (request->server->syncs, is_stale, &now);
  cached = g_hash_table_lookup (request->server->syncs, key);
  if (cached != NULL)
    hs_reply_text (request, 200, g_strdup (cached->text));
  return cached != NULL;
}

static void
reply_and_cache (HsRequest *request, JsonObject *answer)
{
  const char *since = hs_request_query (request, "since");
  char *text = hs_json_text (answer);

  if (g_strcmp0 (since, hs_object_string (answer, "next_batch")) != 0)
    {
      Cached *cached = g_new0 (Cached, 1);

      cached->text = g_strdup (text);
      cached->time = g_get_monotonic_time ();
      g_hash_table_replace (request->server->syncs, cache_key (request), cached);
    }
  hs_reply_text (request, 200, text);
}

/* TRUE: answered. @at_last: even if there is nothing to say. */
static gboolean
try_to_answer (HsRequest *request, gboolean at_last)
{
  HsFilter filter = { 0 };
  Since since;
  gboolean any;
  JsonObject *answer;

  if (!parse_since (hs_request_query (request, "since"), &since))
    {
      hs_reply_error (request, 400, "M_UNKNOWN", "Invalid stream token");
      return TRUE;
    }
  if (!read_filter (request, &filter))
    return TRUE;
  answer = build (request, &filter, &since, &any);
  json_object_unref (filter.object);
  if (!any && !at_last)
    {
      json_object_unref (answer);
      return FALSE;
    }
  if (any)
    reply_and_cache (request, answer);
  else
    hs_reply_text (request, 200, hs_json_text (answer));
  json_object_unref (answer);
  return TRUE;
}

static gint64
timeout_of (HsRequest *request)
{
  const char *text = hs_request_query (request, "timeout");

  return text != NULL ? strtoll (text, NULL, 10) : 0;
}

static gboolean
on_timeout (gpointer data)
{
  HsRequest *request = data;

  request->timeout = 0;
  g_ptr_array_remove (request->server->waiting, request);
  try_to_answer (request, TRUE);
  hs_request_free (request);
  return G_SOURCE_REMOVE;
}

static void
answer_sync (HsRequest *request)
{
  gint64 timeout = timeout_of (request);

  if (reply_from_cache (request) || try_to_answer (request, timeout <= 0))
    return;
  request->waiting = TRUE;
  request->timeout = g_timeout_add ((guint) MIN (timeout, G_MAXINT), on_timeout, request);
  g_ptr_array_add (request->server->waiting, request);
}

static gboolean
on_wake (gpointer data)
{
  HsServer *server = data;
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&server->waiting);

  server->wake = 0;
  server->waiting = g_ptr_array_new ();
  for (guint i = 0; i < waiting->len; i++)
    {
      HsRequest *request = g_ptr_array_index (waiting, i);

      if (try_to_answer (request, FALSE))
        hs_request_free (request);
      else
        g_ptr_array_add (server->waiting, request);
    }
  return G_SOURCE_REMOVE;
}

void
hs_server_wake (HsServer *self)
{
  if (self->wake == 0)
    self->wake = g_idle_add (on_wake, self);
}

void
hs_sync_drop_waiting (HsServer *server)
{
  for (guint i = 0; i < server->waiting->len; i++)
    hs_request_free (g_ptr_array_index (server->waiting, i));
  g_ptr_array_set_size (server->waiting, 0);
}

const HsRoute hs_sync_routes[] = {
  { "GET", "sync", HS_AUTH, answer_sync },
  { 0 },
};
