/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What senders say of keys that this session does not get.
 */

#include "engine/history-fixture.h"

#include "store/ks-inbox.h"

#include <string.h>

#define OTHER_KEY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* @sender says @content. */
static void
receive (HistoryFixture *f, const char *sender, const char *content)
{
  KsAccountRecord record = { .id = 1,
                             .user_id = (char *) ENGINE_USER,
                             .device_id = (char *) f->engine.device_id };
  g_autoptr (KsInbox) inbox = ks_inbox_new (f->engine.database, &record);
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_inbox_event_free);
  g_autoptr (KsSecret) json = NULL;
  g_autofree char *event =
      g_strdup_printf ("{\"type\":\"m.room_key.withheld\",\"sender\":\"%s\",\"content\":%s}", sender,
                       content);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean full;

  json = ks_secret_new_copy (event, strlen (event));
  g_ptr_array_add (events, ks_inbox_event_new (KS_INBOX_WITHHELD, json));
  ks_inbox_add_async (inbox, events, "since", NULL, engine_done, &result);
  ks_inbox_add_finish (inbox, engine_wait (&result), &full, &error);
  g_assert_no_error (error);
}

static void
assert_explained (HistoryFixture *f, KsUnreadable reason, const char *code)
{
  ks_timeline_reset (f->timeline);
  g_assert_cmpstr (ks_timeline_item_get_withheld_code (history_assert_unreadable (f, reason)), ==, code);
}

/* Anybody can send that to anybody: only who sent the message can say that its key is kept back. */
static void
test_what_its_sender_keeps_back_is_said_to_be (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *content = g_strdup_printf ("{\"room_id\":\"%s\",\"session_id\":\"%s\","
                                              "\"code\":\"m.unverified\"}",
                                              f->room_id, f->session.id);

  g_free (history_say (f, "one"));
  receive (f, "@bob:localhost", content);
  assert_explained (f, KS_UNREADABLE_NO_KEY, NULL);
  receive (f, ENGINE_USER, content);
  assert_explained (f, KS_UNREADABLE_WITHHELD, "m.unverified");
}

#define NO_OLM(more) \
  "{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"code\":\"m.no_olm\",\"reason\":\"no olm session\"" more "}"
#define OF_KEY(key) ",\"sender_key\":\"" key "\""

/* The form of the specification: no room, no session, all that comes from that key. */
static void
test_sender_without_a_channel_explains_all_of_its_sessions (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  history_change_session (f);
  g_free (history_say (f, "two"));
  receive (f, ENGINE_USER, NO_OLM (OF_KEY (HISTORY_SENDER_KEY)));
  g_assert_true (history_load (f, 0, NULL));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->timeline)), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (ks_timeline_item_get_reason (history_item (f, i)), ==, KS_UNREADABLE_WITHHELD);
      g_assert_cmpstr (ks_timeline_item_get_withheld_code (history_item (f, i)), ==, "m.no_olm");
    }
}

/* Odd spellings of the same. */
static void
test_sender_without_a_channel_is_known_however_it_says_so (HistoryFixture *f, gconstpointer data)
{
  const char *const contents[] = {
    NO_OLM (OF_KEY (HISTORY_SENDER_KEY "=")),
    NO_OLM (OF_KEY (HISTORY_SENDER_KEY) ",\"room_id\":null,\"session_id\":null"),
    NO_OLM (OF_KEY (HISTORY_SENDER_KEY) ",\"room_id\":\"\",\"session_id\":\"\""),
    NO_OLM (OF_KEY (HISTORY_SENDER_KEY) ",\"room_id\":\"!x:y\""),
    NO_OLM (OF_KEY (HISTORY_SENDER_KEY) ",\"session_id\":7"),
  };

  g_free (history_say (f, "one"));
  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autoptr (KsTimeline) before G_GNUC_UNUSED = g_steal_pointer (&f->timeline);

      /* A timeline of an account that has heard of nothing yet. */
      engine_sql (&f->engine, "DELETE FROM to_device");
      engine_restart (&f->engine);
      f->rooms = ks_account_get_rooms (ks_profile_get_account (f->engine.profile));
      f->timeline = ks_rooms_open_id (f->rooms, f->room_id);
      assert_explained (f, KS_UNREADABLE_NO_KEY, NULL);
      receive (f, ENGINE_USER, contents[i]);
      assert_explained (f, KS_UNREADABLE_WITHHELD, "m.no_olm");
    }
}

/* It says nothing of other senders' keys, and other codes say nothing without a session. */
static void
test_what_explains_nothing_is_not_taken_for_a_reason (HistoryFixture *f, gconstpointer data)
{
  g_free (history_say (f, "one"));
  receive (f, "@bob:localhost", NO_OLM (OF_KEY (HISTORY_SENDER_KEY)));
  receive (f, ENGINE_USER, NO_OLM (OF_KEY (OTHER_KEY)));
  receive (f, ENGINE_USER, NO_OLM (""));
  receive (f, ENGINE_USER, NO_OLM (OF_KEY ("")));
  receive (f, ENGINE_USER, "{\"code\":\"m.unverified\"" OF_KEY (HISTORY_SENDER_KEY) "}");
  assert_explained (f, KS_UNREADABLE_NO_KEY, NULL);
  /* Nor is a message that can be read explained away. */
  receive (f, ENGINE_USER, NO_OLM (OF_KEY (HISTORY_SENDER_KEY)));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  ks_timeline_reset (f->timeline);
  g_assert_true (history_load (f, 0, NULL));
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "one");
}

/* What is said of the very session comes first. */
static void
test_word_on_the_session_comes_before_one_on_the_sender (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *content = g_strdup_printf ("{\"room_id\":\"%s\",\"session_id\":\"%s\","
                                              "\"code\":\"m.blacklisted\"}",
                                              f->room_id, f->session.id);

  g_free (history_say (f, "one"));
  receive (f, ENGINE_USER, content);
  receive (f, ENGINE_USER, NO_OLM (OF_KEY (HISTORY_SENDER_KEY)));
  assert_explained (f, KS_UNREADABLE_WITHHELD, "m.blacklisted");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/withheld/" name, HistoryFixture, NULL, history_set_up, function, history_tear_down)
  ADD ("session", test_what_its_sender_keeps_back_is_said_to_be);
  ADD ("no-olm", test_sender_without_a_channel_explains_all_of_its_sessions);
  ADD ("no-olm/spellings", test_sender_without_a_channel_is_known_however_it_says_so);
  ADD ("no-olm/nothing", test_what_explains_nothing_is_not_taken_for_a_reason);
  ADD ("order", test_word_on_the_session_comes_before_one_on_the_sender);
#undef ADD
  return g_test_run ();
}
