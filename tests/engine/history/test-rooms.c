/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history-fixture.h"

#include "engine/history/ks-room-name.h"
#include "matrix/ks-api-rooms.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

#include <string.h>

static gboolean
load (HistoryFixture *f, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_rooms_load_async (f->rooms, NULL, engine_done, &result);
  return ks_rooms_load_finish (f->rooms, engine_wait (&result), error);
}

static void
test_rooms_have_names_and_stay_themselves (HistoryFixture *f, gconstpointer data)
{
  KsRoom *first = ks_rooms_find (f->rooms, f->room_id);
  g_autofree char *other = history_make_room (f, "Another \\u202e room\\n");
  g_autoptr (GError) error = NULL;
  KsRoom *second;

  g_assert_cmpstr (ks_room_get_name (first), ==, "A room");
  g_assert_cmpint (ks_room_get_name_kind (first), ==, KS_ROOM_NAME_GIVEN);
  g_assert_true (ks_room_get_encrypted (first) && ks_room_get_known (first));
  load (f, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->rooms)), ==, 2);
  g_assert_true (ks_rooms_find (f->rooms, f->room_id) == first);
  second = ks_rooms_find (f->rooms, other);
  /* Nothing of it turns the direction of what follows, or begins a line. */
  g_assert_cmpstr (ks_room_get_name (second), ==, "Another room");
}

static void
test_room_without_a_name_is_called_by_its_people (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *made = hs_fixture_request (f->engine.server, "POST", "/_matrix/client/v3/createRoom",
                                              f->engine.observer, "{\"invite\":[\"@bob:localhost\"]}", NULL);
  g_autoptr (JsonObject) answer = ks_json_parse_object (made, strlen (made), NULL);
  g_autoptr (GError) error = NULL;
  KsRoom *room;

  load (f, &error);
  g_assert_no_error (error);
  room = ks_rooms_find (f->rooms, json_object_get_string_member (answer, "room_id"));
  g_assert_cmpstr (ks_room_get_name (room), ==, "bob");
  g_assert_cmpint (ks_room_get_name_kind (room), ==, KS_ROOM_NAME_PEOPLE);
  g_assert_false (ks_room_get_encrypted (room));
}

/* A room that cannot be asked about does not keep the others from being known. */
static void
test_refused_room_stays_unknown (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *other = history_make_room (f, "Another");
  g_autofree char *local = g_strndup (other + 1, strcspn (other + 1, ":"));
  g_autofree char *rule =
      g_strdup_printf ("{\"path\":\"%s.*/state\",\"times\":0,\"action\":\"answer\","
                       "\"status\":403,\"body\":\"{\\\"errcode\\\":\\\"M_FORBIDDEN\\\"}\"}",
                       local);
  g_autofree char *third = history_make_room (f, "A third");
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->engine.server, rule);
  load (f, &error);
  g_assert_no_error (error);
  g_assert_false (ks_room_get_known (ks_rooms_find (f->rooms, other)));
  g_assert_cmpstr (ks_room_get_name (ks_rooms_find (f->rooms, other)), ==, other);
  g_assert_cmpstr (ks_room_get_name (ks_rooms_find (f->rooms, third)), ==, "A third");
}

/* The server answers with @status and @body when it is asked for @type of the room @room_id. */
static void
refuse_state (HistoryFixture *f, const char *room_id, const char *type, guint status, const char *body)
{
  g_autofree char *local = g_strndup (room_id + 1, strcspn (room_id + 1, ":"));
  g_autoptr (GString) rule = g_string_new (NULL);

  g_string_printf (rule,
                   "{\"path\":\"%s.*/%s\",\"times\":0,\"action\":\"answer\",\"status\":%u,\"body\":", local,
                   type, status);
  g_assert_true (ks_json_append_string (rule, body));
  g_string_append_c (rule, '}');
  hs_fixture_rule (f->engine.server, rule->str);
}

/* Not "not encrypted"; its name is known all the same. */
static void
test_encryption_that_cannot_be_asked_for_is_unknown (HistoryFixture *f, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *body;
  } ways[] = { { 403, "{\"errcode\":\"M_FORBIDDEN\"}" }, { 404, "{}" }, { 200, "[]" }, { 400, "" } };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *name = g_strdup_printf ("Room %u", (guint) i);
      g_autofree char *id = history_make_room (f, name);
      g_autoptr (GError) error = NULL;
      KsRoom *room;

      refuse_state (f, id, "m.room.encryption", ways[i].status, ways[i].body);
      load (f, &error);
      g_assert_no_error (error);
      room = ks_rooms_find (f->rooms, id);
      g_assert_cmpint (ks_room_get_encryption (room), ==, KS_ROOM_ENCRYPTION_UNKNOWN);
      g_assert_cmpstr (ks_room_get_name (room), ==, name);
      g_assert_false (ks_room_get_known (room));
      /* Once it is known, it is not forgotten because of a later refusal. */
      hs_fixture_clear_rules (f->engine.server);
      load (f, &error);
      g_assert_cmpint (ks_room_get_encryption (room), ==, KS_ROOM_ENCRYPTION_ON);
      g_assert_true (ks_room_get_known (room));
      refuse_state (f, id, "m.room.encryption", ways[i].status, ways[i].body);
      load (f, &error);
      g_assert_cmpint (ks_room_get_encryption (room), ==, KS_ROOM_ENCRYPTION_ON);
      hs_fixture_clear_rules (f->engine.server);
    }
}

/* The other way round; and one name does not stand for another that could not be asked for. */
static void
test_name_that_cannot_be_asked_for_hides_no_encryption (HistoryFixture *f, gconstpointer data)
{
  const char *const types[] = { "m.room.name", "m.room.canonical_alias", "members" };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *id = history_make_room (f, i == 2 ? "" : "A name");
      g_autoptr (GError) error = NULL;
      KsRoom *room;

      refuse_state (f, id, types[i], 403, "{\"errcode\":\"M_FORBIDDEN\"}");
      load (f, &error);
      g_assert_no_error (error);
      room = ks_rooms_find (f->rooms, id);
      g_assert_true (ks_room_get_encrypted (room));
      g_assert_cmpstr (ks_room_get_name (room), ==, i == 1 ? "A name" : id);
      hs_fixture_clear_rules (f->engine.server);
    }
}

/* There may be something to be read in it. */
static void
test_room_of_unknown_encryption_is_surveyed (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *id G_GNUC_UNUSED = g_steal_pointer (&f->room_id);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsRoom *room;

  f->room_id = history_make_room (f, "Another");
  g_free (history_say (f, "one"));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  refuse_state (f, f->room_id, "m.room.encryption", 403, "{\"errcode\":\"M_FORBIDDEN\"}");
  load (f, &error);
  g_assert_no_error (error);
  ks_rooms_survey_async (f->rooms, NULL, engine_done, &result);
  ks_rooms_survey_finish (f->rooms, engine_wait (&result), &error);
  g_assert_no_error (error);
  room = ks_rooms_find (f->rooms, f->room_id);
  g_assert_cmpint (ks_room_get_encryption (room), ==, KS_ROOM_ENCRYPTION_UNKNOWN);
  g_assert_cmpuint (ks_room_get_n_seen (room), ==, 1);
  g_assert_cmpuint (ks_room_get_n_readable (room), ==, 1);
}

static void
test_line_that_fails_is_an_error (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hs_fixture_rule (f->engine.server, "{\"path\":\"/state/\",\"times\":0,\"action\":\"cut\"}");
  g_assert_false (load (f, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK);
}

static void
test_survey_tells_how_much_can_be_read (HistoryFixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsRoom *room = ks_rooms_find (f->rooms, f->room_id);

  g_free (history_say (f, "one"));
  g_free (history_say (f, "two"));
  history_put_key (f, 1, KS_ROOM_KEY_BACKUP);
  g_assert_cmpuint (ks_room_get_n_seen (room), ==, 0);
  ks_rooms_survey_async (f->rooms, NULL, engine_done, &result);
  ks_rooms_survey_finish (f->rooms, engine_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ks_room_get_n_seen (room), ==, 2);
  g_assert_cmpuint (ks_room_get_n_readable (room), ==, 1);
  g_assert_cmpint (ks_room_get_last_time (room), >, 0);
}

/* --- names, without a server --- */

static void
add (GPtrArray *members, const char *user_id, const char *name, gboolean here)
{
  KsRoomMember *member = g_new0 (KsRoomMember, 1);

  member->user_id = g_strdup (user_id);
  member->display_name = g_strdup (name);
  member->here = here;
  g_ptr_array_add (members, member);
}

static void
assert_name (GPtrArray *members, const char *text, KsRoomNameKind kind, guint n_others)
{
  g_auto (KsRoomName) name = { 0 };

  ks_room_name_from_members (members, "@me:x", &name);
  g_assert_cmpstr (name.text, ==, text);
  g_assert_cmpint (name.kind, ==, kind);
  g_assert_cmpuint (name.n_others, ==, n_others);
}

static void
test_names_of_members (void)
{
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_room_member_free);

  assert_name (members, NULL, KS_ROOM_NAME_EMPTY, 0);
  add (members, "@me:x", "Me", TRUE);
  assert_name (members, NULL, KS_ROOM_NAME_EMPTY, 0);
  add (members, "@gone:x", "Gone", FALSE);
  assert_name (members, "Gone", KS_ROOM_NAME_EMPTY, 0);
  add (members, "@bob:x", "Bob", TRUE);
  assert_name (members, "Bob", KS_ROOM_NAME_PEOPLE, 0);
  /* Two of one name, and one without. */
  add (members, "@bob:y", "Bob", TRUE);
  add (members, "@carol:x", "\u200e", TRUE);
  assert_name (members, "Bob (@bob:x), Bob (@bob:y), @carol:x", KS_ROOM_NAME_PEOPLE, 0);
  add (members, "@d:x", "D", TRUE);
  add (members, "@e:x", "E", TRUE);
  add (members, "@f:x", "F", TRUE);
  add (members, "@g:x", "G", TRUE);
  assert_name (members, "Bob (@bob:x), Bob (@bob:y), @carol:x, D, E", KS_ROOM_NAME_PEOPLE, 2);
}

static void
test_names_of_state (void)
{
  g_autoptr (JsonObject) name = json_object_new ();
  g_autoptr (JsonObject) alias = json_object_new ();
  g_auto (KsRoomName) found = { 0 };

  g_assert_false (ks_room_name_from_state (NULL, NULL, &found));
  json_object_set_string_member (name, "name", "  ");
  json_object_set_string_member (alias, "alias", "#room:x");
  g_assert_true (ks_room_name_from_state (name, alias, &found));
  g_assert_cmpstr (found.text, ==, "#room:x");
  g_assert_cmpint (found.kind, ==, KS_ROOM_NAME_ALIAS);
  ks_room_name_clear (&found);
  json_object_set_string_member (name, "name", "A room");
  g_assert_true (ks_room_name_from_state (name, alias, &found));
  g_assert_cmpstr (found.text, ==, "A room");
  ks_room_name_clear (&found);
  json_object_set_int_member (name, "name", 7);
  g_assert_false (ks_room_name_from_state (name, NULL, &found));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/rooms/" name, HistoryFixture, NULL, history_set_up, function, history_tear_down)
  ADD ("names", test_rooms_have_names_and_stay_themselves);
  ADD ("people", test_room_without_a_name_is_called_by_its_people);
  ADD ("refused", test_refused_room_stays_unknown);
  ADD ("unknown/encryption", test_encryption_that_cannot_be_asked_for_is_unknown);
  ADD ("unknown/name", test_name_that_cannot_be_asked_for_hides_no_encryption);
  ADD ("unknown/survey", test_room_of_unknown_encryption_is_surveyed);
  ADD ("line", test_line_that_fails_is_an_error);
  ADD ("survey", test_survey_tells_how_much_can_be_read);
#undef ADD
  g_test_add_func ("/rooms/name/members", test_names_of_members);
  g_test_add_func ("/rooms/name/state", test_names_of_state);
  return g_test_run ();
}
