/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history-fixture.h"

#include "matrix/ks-json.h"

#include <string.h>

/* One member of what the server answers to @body. */
static char *
post (HistoryFixture *f,
      const char *method,
      const char *path,
      const char *token,
      const char *body,
      const char *member)
{
  g_autofree char *text = hs_fixture_request (f->engine.server, method, path, token, body, NULL);
  g_autoptr (JsonObject) answer = ks_json_parse_object (text, strlen (text), NULL);
  const char *value;

  g_assert_true (ks_json_get_string (answer, member, &value));
  return g_strdup (value);
}

char *
history_make_room (HistoryFixture *f, const char *name)
{
  g_autofree char *body =
      g_strdup_printf ("{\"name\":\"%s\",\"preset\":\"public_chat\",\"initial_state\":[{\"type\":"
                       "\"m.room.encryption\",\"content\":{\"algorithm\":\"m.megolm.v1.aes-sha2\"}}]}",
                       name);

  return post (f, "POST", "/_matrix/client/v3/createRoom", f->engine.observer, body, "room_id");
}

void
history_set_up (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *join = NULL;

  engine_set_up (&f->engine, NULL);
  f->bob = hs_fixture_register (f->engine.server, "bob", "a password", NULL);
  f->room_id = history_make_room (f, "A room");
  join = g_strconcat ("/_matrix/client/v3/join/", f->room_id, NULL);
  g_free (post (f, "POST", join, f->bob, "{}", "room_id"));
  sender_init (&f->session);
  f->rooms = ks_account_get_rooms (ks_profile_get_account (f->engine.profile));
  {
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;

    ks_rooms_load_async (f->rooms, NULL, engine_done, &result);
    ks_rooms_load_finish (f->rooms, engine_wait (&result), &error);
    g_assert_no_error (error);
  }
  f->timeline = ks_rooms_open (f->rooms, ks_rooms_find (f->rooms, f->room_id));
}

void
history_tear_down (HistoryFixture *f, gconstpointer data)
{
  g_clear_object (&f->timeline);
  sender_clear (&f->session);
  g_free (f->room_id);
  g_free (f->bob);
  engine_tear_down (&f->engine, NULL);
}

char *
history_send (HistoryFixture *f, const char *token, const char *type, const char *content)
{
  g_autofree char *path =
      g_strdup_printf ("/_matrix/client/v3/rooms/%s/send/%s/t%u", f->room_id, type, f->n_sent++);

  return post (f, "PUT", path, token != NULL ? token : f->engine.observer, content, "event_id");
}

char *
history_seal_plain (Sender *session, const char *plain, const char *relation)
{
  g_autofree char *ciphertext = sender_encrypt (session, plain);

  return g_strdup_printf ("{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"session_id\":\"%s\",\"sender_key\":"
                          "\"" HISTORY_SENDER_KEY "\",\"device_id\":\"D\",\"ciphertext\":\"%s\"%s%s}",
                          session->id, ciphertext, relation != NULL ? ",\"m.relates_to\":" : "",
                          relation != NULL ? relation : "");
}

char *
history_seal (HistoryFixture *f, const char *token, const char *content, const char *relation)
{
  g_autofree char *plain = g_strdup_printf ("{\"type\":\"m.room.message\",\"room_id\":\"%s\",\"content\":%s}",
                                            f->room_id, content);
  g_autofree char *sealed = history_seal_plain (&f->session, plain, relation);

  return history_send (f, token, "m.room.encrypted", sealed);
}

char *
history_text (const char *body)
{
  GString *json = g_string_new ("{\"msgtype\":\"m.text\",\"body\":");

  g_assert_true (ks_json_append_string (json, body));
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

char *
history_say (HistoryFixture *f, const char *body)
{
  g_autofree char *content = history_text (body);

  return history_seal (f, NULL, content, NULL);
}

void
history_change_session (HistoryFixture *f)
{
  sender_clear (&f->session);
  sender_init (&f->session);
}

void
history_put_key (HistoryFixture *f, guint32 index, KsRoomKeyProvenance provenance)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  KsStoredRoomKey *key = engine_make_key (f->room_id, index);
  g_autoptr (KsRoomKey) own = sender_accept (&f->session);

  g_assert_true (ks_room_key_export (own, index, key->session_key));
  g_free (key->session_id);
  key->session_id = g_strdup (f->session.id);
  key->provenance = provenance;
  g_ptr_array_add (keys, key);
  engine_put_keys (&f->engine, keys);
}

gboolean
history_load (HistoryFixture *f, guint limit, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_timeline_load_older_async (f->timeline, limit, NULL, engine_done, &result);
  return ks_timeline_load_older_finish (f->timeline, engine_wait (&result), error);
}

KsTimelineItem *
history_item (HistoryFixture *f, guint position)
{
  g_autoptr (KsTimelineItem) item = g_list_model_get_item (G_LIST_MODEL (f->timeline), position);

  g_assert_nonnull (item);
  return item;
}

KsTimelineItem *
history_assert_unreadable (HistoryFixture *f, KsUnreadable reason)
{
  g_autoptr (GError) error = NULL;
  KsTimelineItem *item;

  history_load (f, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->timeline)), ==, 1);
  item = history_item (f, 0);
  g_assert_cmpint (ks_timeline_item_get_kind (item), ==, KS_TIMELINE_UNREADABLE);
  g_assert_cmpint (ks_timeline_item_get_reason (item), ==, reason);
  g_assert_null (ks_timeline_item_get_body (item));
  g_assert_cmpint (ks_timeline_item_get_authenticity (item), ==, KS_AUTHENTICITY_NONE);
  return item;
}

void
history_answer_messages (HistoryFixture *f, guint nth, const char *body)
{
  g_autoptr (GString) rule = g_string_new (NULL);

  g_string_printf (rule,
                   "{\"method\":\"GET\",\"path\":\"/messages\",\"nth\":%u,\"action\":\"answer\",\"body\":",
                   nth);
  g_assert_true (ks_json_append_string (rule, body));
  g_string_append_c (rule, '}');
  hs_fixture_rule (f->engine.server, rule->str);
}

void
history_wait_for (KsTimelineItem *item, KsUnreadable reason)
{
  while (ks_timeline_item_get_reason (item) != reason)
    g_main_context_iteration (NULL, TRUE);
}
