/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-api-sync.h"

#include "matrix/ks-http-answer.h"

#include <string.h>

/* What is not asked for need not be read. Inline, because a filter that was uploaded
 * would be one more thing that can be lost. */
#define FILTER                                                                             \
  "{\"account_data\":{\"types\":[]},\"presence\":{\"types\":[]},\"room\":{\"rooms\":[],"   \
  "\"account_data\":{\"types\":[]},\"ephemeral\":{\"types\":[]},\"state\":{\"types\":[]}," \
  "\"timeline\":{\"limit\":1,\"types\":[]}}}"

void
ks_sync_answer_free (KsSyncAnswer *answer)
{
  if (answer == NULL)
    return;
  g_free (answer->next_batch);
  g_ptr_array_unref (answer->to_device);
  g_free (answer);
}

void
ks_api_sync_async (KsHttp *http,
                   const char *since,
                   guint wait,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (KsRequest) request = ks_request_new ("GET", "/_matrix/client/v3/sync", NULL);
  g_autofree char *timeout = g_strdup_printf ("%u", wait);

  ks_request_add_query (request, "filter", FILTER);
  ks_request_add_query (request, "since", since);
  ks_request_add_query (request, "timeout", timeout);
  ks_request_set_limit (request, KS_REQUEST_LIMIT_ROOM);
  ks_http_send_async (http, request, cancellable, callback, user_data);
}

static void
unref_secret (gpointer secret)
{
  ks_secret_unref (secret);
}

/* FALSE: the section is not what it has to be. One that is absent is empty. */
static gboolean
read_events (JsonObject *answer, GPtrArray *events)
{
  JsonObject *section;
  JsonArray *array;

  if (!ks_json_optional_object (answer, "to_device", &section)
      || !ks_json_optional_array (section, "events", &array))
    return FALSE;
  if (array == NULL)
    return TRUE;
  if (json_array_get_length (array) > KS_SYNC_MAX_EVENTS)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *event;
      g_autofree char *text = NULL;
      gsize size;

      if (!ks_json_element_object (array, i, &event) || (text = ks_json_to_text (event, &size, NULL)) == NULL)
        return FALSE;
      g_ptr_array_add (events, ks_secret_new_copy (text, size));
    }
  return TRUE;
}

KsSyncAnswer *
ks_api_sync_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) object = ks_http_send_finish (http, result, error);
  g_autoptr (KsSyncAnswer) answer = NULL;
  JsonObject *counts;
  const char *next_batch;

  if (object == NULL)
    return NULL;
  answer = g_new0 (KsSyncAnswer, 1);
  answer->to_device = g_ptr_array_new_with_free_func (unref_secret);
  if (!ks_json_get_string (object, "next_batch", &next_batch) || next_batch[0] == '\0'
      || !read_events (object, answer->to_device))
    {
      ks_http_bad_answer (error, "a sync");
      return NULL;
    }
  answer->next_batch = g_strdup (next_batch);
  if (!ks_json_get_object (object, "device_one_time_keys_count", &counts)
      || !ks_json_get_integer (counts, "signed_curve25519", &answer->one_time_count))
    answer->one_time_count = -1;
  return g_steal_pointer (&answer);
}
