/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-only-here.h"

#include "engine/engine-fixture.h"

#define KEYS 4
#define ALL_KEYS "/_matrix/client/v3/room_keys/keys?version=1"

static KsOnlyHere
look (EngineFixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsAccount *account = ks_profile_get_account (f->profile);
  KsOnlyHere found;

  ks_only_here_look_async (account, NULL, engine_done, &result);
  ks_only_here_look_finish (account, engine_wait (&result), &found, &error);
  g_assert_no_error (error);
  return found;
}

static void
set_up_whole (EngineFixture *f)
{
  g_autoptr (KsSecret) key = NULL;

  engine_add_keys (f, KEYS, NULL);
  key = engine_set_up_whole (f);
}

static void
test_nothing_in_a_new_session (EngineFixture *f, gconstpointer data)
{
  KsOnlyHere found = look (f);

  g_assert_true (found.asked);
  g_assert_true (ks_only_here_is_nothing (&found));
}

static void
test_keys_without_a_backup (EngineFixture *f, gconstpointer data)
{
  KsOnlyHere found;

  engine_add_keys (f, KEYS, NULL);
  found = look (f);
  g_assert_cmpuint (found.keys, ==, KEYS);
  g_assert_false (ks_only_here_is_nothing (&found));
}

/* A backup that this session has not opened may be anybody's. */
static void
test_keys_beside_a_backup_that_is_locked (EngineFixture *f, gconstpointer data)
{
  set_up_whole (f);
  engine_reinstall (f);
  engine_add_keys (f, KEYS, NULL);
  g_assert_cmpuint (look (f).keys, ==, KEYS);
}

/* Threat A23: whoever signs out is not told that a backup has what its server lost since,
 * however long ago this session looked. */
static void
test_keys_that_the_server_lost_later (EngineFixture *f, gconstpointer data)
{
  KsOnlyHere found;

  set_up_whole (f);
  engine_refresh (f);
  found = look (f);
  g_assert_true (ks_only_here_is_nothing (&found));
  g_free (hs_fixture_request (f->server, "DELETE", ALL_KEYS, f->observer, NULL, NULL));
  g_assert_cmpuint (look (f).keys, ==, KEYS);
}

static void
test_server_that_cannot_be_asked (EngineFixture *f, gconstpointer data)
{
  KsOnlyHere found;

  set_up_whole (f);
  engine_refresh (f);
  hs_fixture_rule (f->server, "{\"times\":0,\"action\":\"cut\"}");
  found = look (f);
  g_assert_false (found.asked);
  g_assert_cmpuint (found.keys, ==, KEYS);
  /* What it may have lost is here alone. */
  g_assert_true (found.secrets);
}

/* One answer that fails says nothing of what the others would. */
static void
test_secrets_beside_any_answer_that_fails (EngineFixture *f, gconstpointer data)
{
  static const char *const paths[] = { "secret_storage.default_key", "m.cross_signing.master",
                                       "m.megolm_backup.v1", "keys/query", "room_keys/version" };
  static const char *const answers[] = { "\"action\":\"answer\",\"status\":500,\"body\":\"{}\"",
                                         "\"action\":\"answer\",\"status\":200,\"body\":\"<html>\"" };

  set_up_whole (f);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (answers); j++)
      {
        g_autofree char *rule = g_strdup_printf ("{\"path\":\"%s\",\"times\":0,%s}", paths[i], answers[j]);
        KsOnlyHere found;

        hs_fixture_rule (f->server, rule);
        found = look (f);
        g_assert_true (found.secrets);
        g_assert_false (ks_only_here_is_nothing (&found));
        hs_fixture_clear_rules (f->server);
        found = look (f);
        g_assert_true (ks_only_here_is_nothing (&found));
      }
}

/* What a server does not show, and secret storage does not have, may be shown again. */
static void
test_secrets_of_what_is_not_shown (EngineFixture *f, gconstpointer data)
{
  KsOnlyHere found;

  set_up_whole (f);
  engine_write (f, ENGINE_DATA "m.megolm_backup.v1", "{}");
  g_free (hs_fixture_request (f->server, "DELETE", "/_matrix/client/v3/room_keys/version/1", f->observer,
                              NULL, NULL));
  found = look (f);
  g_assert_true (found.asked);
  g_assert_true (found.secrets);
}

static void
answer (EngineFixture *f, const char *path, const char *body)
{
  g_autofree char *escaped = g_strescape (body, NULL);
  g_autofree char *rule =
      g_strdup_printf ("{\"path\":\"%s$\",\"times\":0,\"action\":\"answer\",\"body\":\"%s\"}", path, escaped);

  hs_fixture_rule (f->server, rule);
}

#define VERSION(auth_data)                                                                                   \
  "{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":" auth_data ",\"version\":\"7\"," \
  "\"etag\":\"1\",\"count\":3}"
#define FOREIGN "{\"public_key\":\"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo\"}"

/* An odd answer does not make a private key useless that storage has lost; nor does another key of
 * whomever, which is told apart, because the person may have made it. */
static void
test_secrets_of_what_is_shown_as_another (EngineFixture *f, gconstpointer data)
{
  static const char *const odd[] = { VERSION ("{}"), VERSION ("{\"public_key\":\"x\"}") };
  static const char *const secrets[] = { "m.cross_signing.master", "m.cross_signing.self_signing",
                                         "m.cross_signing.user_signing" };
  KsOnlyHere found;

  set_up_whole (f);
  engine_write (f, ENGINE_DATA "m.megolm_backup.v1", "{}");
  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      answer (f, "room_keys/version", odd[i]);
      found = look (f);
      g_assert_true (found.secrets && !found.replaced);
      hs_fixture_clear_rules (f->server);
    }
  answer (f, "room_keys/version", VERSION (FOREIGN));
  found = look (f);
  g_assert_true (found.secrets && found.replaced);
  hs_fixture_clear_rules (f->server);

  for (gsize i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      g_autofree char *path = g_strconcat (ENGINE_DATA, secrets[i], NULL);

      engine_write (f, path, "{}");
    }
  answer (f, "keys/query",
          "{\"device_keys\":{},\"master_keys\":{\"" ENGINE_USER "\":{}},\"self_signing_keys\":{\"" ENGINE_USER
          "\":{}}}");
  found = look (f);
  g_assert_true (found.secrets && !found.replaced);
}

/* What was put there since the key has opened it may be anything. */
static void
test_secrets_that_were_changed (EngineFixture *f, gconstpointer data)
{
  KsOnlyHere found;

  set_up_whole (f);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autofree char *path = g_strconcat (ENGINE_DATA, ks_secret_name_to_string ((KsSecretName) i), NULL);
      g_autofree char *before = engine_read (f, path);
      g_autofree char *name =
          g_strdup_printf (ENGINE_DATA "%s",
                           ks_secret_name_to_string ((KsSecretName) ((i + 1) % KS_N_SECRETS)));
      g_autofree char *another = engine_read (f, name);

      engine_write (f, path, another);
      found = look (f);
      g_assert_true (found.secrets && found.changed);
      g_assert_cmpuint (found.keys, ==, KEYS);
      engine_write (f, path, before);
      found = look (f);
      g_assert_true (ks_only_here_is_nothing (&found));
    }
}

/* Nobody waits for ever to be asked whether they want to leave. */
static void
test_server_that_never_answers (EngineFixture *f, gconstpointer data)
{
  KsOnlyHere found;
  gint64 begun;

  set_up_whole (f);
  ks_http_set_patience (f->http, 60000);
  hs_fixture_rule (f->server, "{\"times\":0,\"action\":\"hold\"}");
  begun = g_get_monotonic_time ();
  found = look (f);
  g_assert_false (found.asked);
  g_assert_true (found.secrets);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 30 * G_USEC_PER_SEC);
}

static void
add_event (EngineFixture *f, KsInboxKind kind)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_inbox_event_free);
  g_autoptr (KsSecret) json = ks_secret_new_copy ("{}", 2);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsInbox *inbox = ks_account_get_inbox (ks_profile_get_account (f->profile));
  gboolean full;

  g_ptr_array_add (events, ks_inbox_event_new (kind, json));
  ks_inbox_add_async (inbox, events, "place", NULL, engine_done, &result);
  g_assert_true (ks_inbox_add_finish (inbox, engine_wait (&result), &full, &error));
}

/* Only those that may bring a key are worth a warning. */
static void
test_events_that_nobody_has_read (EngineFixture *f, gconstpointer data)
{
  KsOnlyHere found;

  add_event (f, KS_INBOX_WITHHELD);
  add_event (f, KS_INBOX_VERIFICATION);
  found = look (f);
  g_assert_true (ks_only_here_is_nothing (&found));
  add_event (f, KS_INBOX_SEALED);
  found = look (f);
  g_assert_cmpuint (found.unread, ==, 1);
  g_assert_false (ks_only_here_is_nothing (&found));
}

static void
test_set_up_that_is_not_finished (EngineFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KsOnlyHere found;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (look (f).setting_up);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  found = look (f);
  g_assert_true (found.setting_up);
  g_assert_false (ks_only_here_is_nothing (&found));
}

/* The private half of the backup is in this session alone once secret storage has lost it. */
static void
test_backup_key_that_is_stored_nowhere (EngineFixture *f, gconstpointer data)
{
  KsOnlyHere found;

  set_up_whole (f);
  engine_write (f, ENGINE_DATA "m.megolm_backup.v1", "{}");
  found = look (f);
  g_assert_true (found.secrets);
  g_assert_cmpuint (found.keys, ==, KEYS);
}

static void
test_secrets_under_another_key (EngineFixture *f, gconstpointer data)
{
  KsOnlyHere found;

  set_up_whole (f);
  engine_write (f, ENGINE_DEFAULT_KEY, "{\"key\":\"elsewhere\"}");
  found = look (f);
  g_assert_true (found.secrets);
  g_assert_cmpuint (found.keys, ==, KEYS);
}

/* Keys of another session may hide a loss behind the count: it is told as the server's word. */
static void
test_what_is_backed_up_is_counted (EngineFixture *f, gconstpointer data)
{
  set_up_whole (f);
  g_assert_cmpuint (look (f).backed_up, ==, KEYS);
}

#define ADD(name, test) \
  g_test_add ("/only-here/" name, EngineFixture, NULL, engine_set_up, test, engine_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("nothing", test_nothing_in_a_new_session);
  ADD ("no-backup", test_keys_without_a_backup);
  ADD ("locked", test_keys_beside_a_backup_that_is_locked);
  ADD ("lost-later", test_keys_that_the_server_lost_later);
  ADD ("not-asked", test_server_that_cannot_be_asked);
  ADD ("any-answer-that-fails", test_secrets_beside_any_answer_that_fails);
  ADD ("not-shown", test_secrets_of_what_is_not_shown);
  ADD ("shown-as-another", test_secrets_of_what_is_shown_as_another);
  ADD ("changed", test_secrets_that_were_changed);
  ADD ("no-answer", test_server_that_never_answers);
  ADD ("unread", test_events_that_nobody_has_read);
  ADD ("setting-up", test_set_up_that_is_not_finished);
  ADD ("not-stored", test_backup_key_that_is_stored_nowhere);
  ADD ("other-default-key", test_secrets_under_another_key);
  ADD ("backed-up", test_what_is_backed_up_is_counted);
  return g_test_run ();
}
