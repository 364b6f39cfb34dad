/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-inbox.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "store/account-fixture.h"

static void
take_event (GPtrArray *events, KsInboxKind kind, const char *text)
{
  g_autoptr (KsSecret) json = secret_from_text (text);

  g_ptr_array_add (events, ks_inbox_event_new (kind, json));
}

static gboolean
add (KsDatabase *database,
     const KsAccountRecord *account,
     const char *const *texts,
     const char *since,
     GError **error)
{
  g_autoptr (KsInbox) inbox = ks_inbox_new (database, account);
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_inbox_event_free);
  g_autoptr (GAsyncResult) result = NULL;
  gboolean full;

  for (guint i = 0; texts[i] != NULL; i++)
    take_event (events, KS_INBOX_SEALED, texts[i]);
  ks_inbox_add_async (inbox, events, since, NULL, store_on_ready, &result);
  return ks_inbox_add_finish (inbox, store_wait (&result), &full, error);
}

static GPtrArray *
list_kind (KsDatabase *database,
           const KsAccountRecord *account,
           KsInboxKind kind,
           gint64 after,
           guint limit,
           GError **error)
{
  g_autoptr (KsInbox) inbox = ks_inbox_new (database, account);
  g_autoptr (GAsyncResult) result = NULL;

  ks_inbox_list_async (inbox, kind, after, limit, NULL, store_on_ready, &result);
  return ks_inbox_list_finish (inbox, store_wait (&result), error);
}

static GPtrArray *
list (KsDatabase *database, const KsAccountRecord *account, gint64 after, guint limit, GError **error)
{
  return list_kind (database, account, KS_INBOX_SEALED, after, limit, error);
}

static gboolean
remove_events (
    KsDatabase *database, const KsAccountRecord *account, const gint64 *ids, guint n, GError **error)
{
  g_autoptr (KsInbox) inbox = ks_inbox_new (database, account);
  g_autoptr (GAsyncResult) result = NULL;

  ks_inbox_remove_async (inbox, ids, n, NULL, store_on_ready, &result);
  return ks_inbox_remove_finish (inbox, store_wait (&result), error);
}

static void
assert_since (KsDatabase *database, const KsAccountRecord *account, const char *since)
{
  g_autoptr (KsInbox) inbox = ks_inbox_new (database, account);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;

  ks_inbox_get_since_async (inbox, NULL, store_on_ready, &result);
  g_assert_true (ks_inbox_get_since_finish (inbox, store_wait (&result), &found, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, since);
}

static void
assert_count (KsDatabase *database, const KsAccountRecord *account, guint64 n)
{
  g_autoptr (KsInbox) inbox = ks_inbox_new (database, account);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 found = G_MAXUINT64;

  ks_inbox_count_async (inbox, NULL, store_on_ready, &result);
  g_assert_true (ks_inbox_count_finish (inbox, store_wait (&result), &found, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (found, ==, n);
}

/* @texts is what is there, in order; "?" stands for one that does not open. */
static void
assert_events (KsDatabase *database, const KsAccountRecord *account, const char *const *texts)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = list (database, account, 0, 100, &error);
  gint64 before = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (events->len, ==, g_strv_length ((char **) texts));
  assert_count (database, account, events->len);
  for (guint i = 0; i < events->len; i++)
    {
      const KsInboxEvent *event = events->pdata[i];

      g_assert_cmpint (event->id, >, before);
      g_assert_cmpint (event->received, >, 0);
      before = event->id;
      if (g_str_equal (texts[i], "?"))
        g_assert_null (event->json);
      else
        assert_secret (event->json, texts[i]);
    }
}

#define EVENTS(...) ((const char *const[]){ __VA_ARGS__, NULL })
static const char *const none[] = { NULL };

/* Dies right after an acknowledgement. */
static void
child (const char *directory, const char *mode)
{
  KsDatabase *database = store_open (directory);
  KsAccountRecord account = { .id = 1,
                              .user_id = (char *) "@alice:example.org",
                              .device_id = (char *) "ONE" };

  g_assert_true (add (database, &account, EVENTS ("a", "b"), "s1", NULL));
  kill (getpid (), SIGKILL);
}

static void
test_events_and_since (AccountFixture *fixture, gconstpointer data)
{
  assert_since (fixture->database, fixture->alice, NULL);
  assert_events (fixture->database, fixture->alice, none);
  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("{\"a\":1}", "{}"), "s1", NULL));
  g_assert_true (add (fixture->database, fixture->bob, EVENTS ("bob's"), "s9", NULL));
  g_assert_true (add (fixture->database, fixture->alice, none, "s2", NULL));
  assert_since (fixture->database, fixture->alice, "s2");
  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("{\"b\":2}"), "s3", NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, TRUE);
  assert_since (fixture->database, fixture->alice, "s3");
  assert_since (fixture->database, fixture->bob, "s9");
  assert_events (fixture->database, fixture->alice, EVENTS ("{\"a\":1}", "{}", "{\"b\":2}"));
  assert_events (fixture->database, fixture->bob, EVENTS ("bob's"));
}

/* Neither an event without the new position nor the position without its events. */
static void
test_all_or_nothing (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("first"), "s1", NULL));
  g_assert_false (add (fixture->database, fixture->alice, EVENTS ("second"), "", &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  g_clear_error (&error);
  account_fixture_reopen (fixture,
                          /* The second of two new events does not get past this. */
                          "CREATE UNIQUE INDEX hurdle ON to_device (account_id) WHERE id > 1",
                          KS_DATABASE_READ_WRITE, TRUE);
  g_assert_false (add (fixture->database, fixture->alice, EVENTS ("third", "fourth"), "s2", &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS);
  assert_since (fixture->database, fixture->alice, "s1");
  assert_events (fixture->database, fixture->alice, EVENTS ("first"));
}

static void
test_killed_after_an_acknowledgement (AccountFixture *fixture, gconstpointer data)
{
  store_close (fixture->database);
  g_assert_cmpint (store_run_child (fixture->directory, "add", NULL), ==, SIGKILL);
  fixture->database = store_open (fixture->directory);
  assert_since (fixture->database, fixture->alice, "s1");
  assert_events (fixture->database, fixture->alice, EVENTS ("a", "b"));
}

static void
test_list_in_parts (AccountFixture *fixture, gconstpointer data)
{
  const char *texts[251] = { NULL };
  gint64 after = 0;
  guint seen = 0;

  for (int i = 0; i < 250; i++)
    texts[i] = g_strdup_printf ("event %d", i);
  g_assert_true (add (fixture->database, fixture->alice, texts, "s1", NULL));
  for (;;)
    {
      g_autoptr (GPtrArray) part = list (fixture->database, fixture->alice, after, 100, NULL);

      for (guint i = 0; i < part->len; i++)
        {
          assert_secret (((KsInboxEvent *) part->pdata[i])->json, texts[seen++]);
          after = ((KsInboxEvent *) part->pdata[i])->id;
        }
      if (part->len < 100)
        break;
    }
  g_assert_cmpuint (seen, ==, 250);
  for (int i = 0; i < 250; i++)
    g_free ((char *) texts[i]);
}

static void
test_removed_for_good (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GPtrArray) later = NULL;
  gint64 ids[3];

  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("a", "b", "c"), "s1", NULL));
  events = list (fixture->database, fixture->alice, 0, 100, NULL);
  for (guint i = 0; i < 3; i++)
    ids[i] = ((KsInboxEvent *) events->pdata[i])->id;

  /* Not by another account. */
  g_assert_true (remove_events (fixture->database, fixture->bob, ids, 3, NULL));
  assert_events (fixture->database, fixture->alice, EVENTS ("a", "b", "c"));
  g_assert_true (remove_events (fixture->database, fixture->alice, ids, 0, NULL));
  g_assert_true (remove_events (fixture->database, fixture->alice, ids + 1, 1, NULL));
  assert_events (fixture->database, fixture->alice, EVENTS ("a", "c"));
  g_assert_true (remove_events (fixture->database, fixture->alice, ids, 3, NULL));
  assert_events (fixture->database, fixture->alice, none);
  assert_since (fixture->database, fixture->alice, "s1");

  /* An ID is not used again: who removes late removes nothing else. */
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, TRUE);
  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("d"), "s2", NULL));
  later = list (fixture->database, fixture->alice, 0, 100, NULL);
  g_assert_cmpint (((KsInboxEvent *) later->pdata[0])->id, >, ids[2]);
}

static void
test_locked (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("a"), "s1", NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_WRITE, FALSE);
  assert_since (fixture->database, fixture->alice, "s1");
  assert_count (fixture->database, fixture->alice, 1);
  events = list (fixture->database, fixture->alice, 0, 100, &error);
  g_assert_null (events);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_false (add (fixture->database, fixture->alice, EVENTS ("b"), "s2", &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  assert_since (fixture->database, fixture->alice, "s1");
}

/* One that does not open keeps its place, and can be removed. */
static void
test_events_swapped (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) events = NULL;
  gint64 ids[3];

  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("a", "b", "c"), "s1", NULL));
  account_fixture_reopen (fixture,
                          "UPDATE to_device SET event_sealed ="
                          " (SELECT event_sealed FROM to_device WHERE id = 1) WHERE id = 2",
                          KS_DATABASE_READ_WRITE, TRUE);
  assert_events (fixture->database, fixture->alice, EVENTS ("a", "?", "c"));
  events = list (fixture->database, fixture->alice, 0, 100, NULL);
  for (guint i = 0; i < 3; i++)
    ids[i] = ((KsInboxEvent *) events->pdata[i])->id;
  g_assert_true (remove_events (fixture->database, fixture->alice, ids + 1, 1, NULL));
  assert_events (fixture->database, fixture->alice, EVENTS ("a", "c"));
}

static void
test_event_of_another_account (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("alice's"), "s1", NULL));
  account_fixture_reopen (fixture, "UPDATE to_device SET account_id = 2", KS_DATABASE_READ_WRITE, TRUE);
  assert_events (fixture->database, fixture->bob, EVENTS ("?"));
}

static void
test_events_are_not_in_the_files (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("canary event"), "s1", NULL));
  account_fixture_assert_not_in_files (fixture, "canary");
}

static void
test_account_removed (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("a", "b"), "s1", NULL));
  g_assert_true (add (fixture->database, fixture->bob, EVENTS ("bob's"), "s2", NULL));
  account_fixture_remove_alice (fixture, "to_device", "1");
  assert_since (fixture->database, fixture->alice, NULL);
  assert_events (fixture->database, fixture->alice, none);
  assert_events (fixture->database, fixture->bob, EVENTS ("bob's"));
  g_assert_false (add (fixture->database, fixture->alice, EVENTS ("late"), "s3", &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
}

static void
test_read_only (AccountFixture *fixture, gconstpointer data)
{
  static const gint64 first = 1;
  g_autoptr (GError) error = NULL;

  g_assert_true (add (fixture->database, fixture->alice, EVENTS ("a"), "s1", NULL));
  account_fixture_reopen (fixture, NULL, KS_DATABASE_READ_ONLY, TRUE);
  g_assert_false (add (fixture->database, fixture->alice, EVENTS ("b"), "s2", &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (remove_events (fixture->database, fixture->alice, &first, 1, &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  assert_since (fixture->database, fixture->alice, "s1");
  assert_events (fixture->database, fixture->alice, EVENTS ("a"));
}

/* --- no kind gathers without bound --- */

/* Adds @n events of @kind to Alice's inbox, where what may bring a key can take @max_size. FALSE:
 * there is no room. */
static gboolean
add_kind (AccountFixture *fixture, KsInboxKind kind, guint n, const char *since, guint64 max_size)
{
  g_autoptr (KsInbox) inbox = ks_inbox_new (fixture->database, fixture->alice);
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_inbox_event_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean full = TRUE;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("%s %u", since, i);

      take_event (events, kind, text);
    }
  ks_inbox_set_max_size (inbox, max_size);
  ks_inbox_add_async (inbox, events, since, NULL, store_on_ready, &result);
  g_assert_true (ks_inbox_add_finish (inbox, store_wait (&result), &full, &error));
  g_assert_no_error (error);
  return !full;
}

static void
assert_first_of (AccountFixture *fixture, KsInboxKind kind, guint n, const char *first)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events =
      list_kind (fixture->database, fixture->alice, kind, 0, KS_INBOX_MAX_WITHHELD + 1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (events->len, ==, n);
  if (n > 0)
    {
      g_assert_cmpint (((KsInboxEvent *) events->pdata[0])->kind, ==, kind);
      assert_secret (((KsInboxEvent *) events->pdata[0])->json, first);
    }
}

/* The server keeps what there is no room for: neither what came before a flood is lost, nor what
 * comes after it. */
static void
test_full_of_what_may_bring_a_key (AccountFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) events = NULL;
  gint64 first;

  g_assert_true (add_kind (fixture, KS_INBOX_SEALED, 3, "s1", 1000));
  g_assert_false (add_kind (fixture, KS_INBOX_SEALED, 8, "s2", 1000));
  assert_since (fixture->database, fixture->alice, "s1");
  assert_events (fixture->database, fixture->alice, EVENTS ("s1 0", "s1 1", "s1 2"));
  g_assert_true (add_kind (fixture, KS_INBOX_SEALED, 3, "s2", 1000));
  g_assert_false (add_kind (fixture, KS_INBOX_SEALED, 3, "s3", 1000));
  /* Nor does it move for what brings none, if that comes with it. */
  g_assert_true (add_kind (fixture, KS_INBOX_WITHHELD, 20, "s3", 1000));
  assert_since (fixture->database, fixture->alice, "s3");
  g_assert_false (add_kind (fixture, KS_INBOX_SEALED, 3, "s4", 1000));
  assert_since (fixture->database, fixture->alice, "s3");
  /* Reading makes room. */
  events = list (fixture->database, fixture->alice, 0, 1, NULL);
  first = ((KsInboxEvent *) events->pdata[0])->id;
  g_assert_true (remove_events (fixture->database, fixture->alice, &first, 1, NULL));
  g_assert_false (add_kind (fixture, KS_INBOX_SEALED, 3, "s4", 1000));
  g_assert_true (add_kind (fixture, KS_INBOX_SEALED, 2, "s4", 1000));
  /* One account's room is not another's. */
  g_assert_true (add (fixture->database, fixture->bob, EVENTS ("bob's"), "s9", NULL));
}

/* They make room among themselves, and for nothing else. */
static void
test_flood_of_what_brings_no_key (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (add_kind (fixture, KS_INBOX_SEALED, 1, "s1", 1000));
  g_assert_true (add_kind (fixture, KS_INBOX_VERIFICATION, KS_INBOX_MAX_VERIFICATION - 1, "s2", 1000));
  g_assert_true (add_kind (fixture, KS_INBOX_WITHHELD, KS_INBOX_MAX_WITHHELD - 1, "s3", 1000));
  g_assert_true (add_kind (fixture, KS_INBOX_VERIFICATION, 3, "s4", 1000));
  assert_first_of (fixture, KS_INBOX_VERIFICATION, KS_INBOX_MAX_VERIFICATION, "s2 2");
  g_assert_true (add_kind (fixture, KS_INBOX_WITHHELD, 4, "s5", 1000));
  assert_first_of (fixture, KS_INBOX_WITHHELD, KS_INBOX_MAX_WITHHELD, "s3 3");
  assert_first_of (fixture, KS_INBOX_VERIFICATION, KS_INBOX_MAX_VERIFICATION, "s2 2");
  assert_events (fixture->database, fixture->alice, EVENTS ("s1 0"));
}

static void
test_verification_expires (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (add_kind (fixture, KS_INBOX_SEALED, 1, "s1", 1000));
  g_assert_true (add_kind (fixture, KS_INBOX_VERIFICATION, 2, "s2", 1000));
  g_assert_true (add_kind (fixture, KS_INBOX_WITHHELD, 1, "s3", 1000));
  account_fixture_reopen (fixture, "UPDATE to_device SET received = received - 599000",
                          KS_DATABASE_READ_WRITE, TRUE);
  g_assert_true (add_kind (fixture, KS_INBOX_SEALED, 0, "s4", 1000));
  assert_first_of (fixture, KS_INBOX_VERIFICATION, 2, "s2 0");
  account_fixture_reopen (fixture, "UPDATE to_device SET received = received - 1001", KS_DATABASE_READ_WRITE,
                          TRUE);
  g_assert_true (add_kind (fixture, KS_INBOX_SEALED, 0, "s5", 1000));
  assert_first_of (fixture, KS_INBOX_VERIFICATION, 0, NULL);
  assert_first_of (fixture, KS_INBOX_WITHHELD, 1, "s3 0");
  assert_events (fixture->database, fixture->alice, EVENTS ("s1 0"));
}

/* What came before kinds were told apart may be any, and may bring a key. */
static void
test_unsorted_counts_as_any (AccountFixture *fixture, gconstpointer data)
{
  g_assert_true (add_kind (fixture, KS_INBOX_SEALED, 6, "s1", 1000));
  account_fixture_reopen (fixture, "UPDATE to_device SET kind = 0", KS_DATABASE_READ_WRITE, TRUE);
  assert_events (fixture->database, fixture->alice, EVENTS ("s1 0", "s1 1", "s1 2", "s1 3", "s1 4", "s1 5"));
  g_assert_false (add_kind (fixture, KS_INBOX_SEALED, 6, "s2", 1000));
  account_fixture_reopen (fixture, "UPDATE to_device SET kind = 3 WHERE id > 2", KS_DATABASE_READ_WRITE,
                          TRUE);
  assert_events (fixture->database, fixture->alice, EVENTS ("s1 0", "s1 1"));
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, child);
#define ADD(name, func) \
  g_test_add ("/inbox/" name, AccountFixture, NULL, account_fixture_set_up, func, account_fixture_tear_down)
  ADD ("events-and-since", test_events_and_since);
  ADD ("all-or-nothing", test_all_or_nothing);
  ADD ("killed-after-an-acknowledgement", test_killed_after_an_acknowledgement);
  ADD ("list-in-parts", test_list_in_parts);
  ADD ("removed-for-good", test_removed_for_good);
  ADD ("locked", test_locked);
  ADD ("events-swapped", test_events_swapped);
  ADD ("event-of-another-account", test_event_of_another_account);
  ADD ("events-are-not-in-the-files", test_events_are_not_in_the_files);
  ADD ("account-removed", test_account_removed);
  ADD ("read-only", test_read_only);
  ADD ("full", test_full_of_what_may_bring_a_key);
  ADD ("flood", test_flood_of_what_brings_no_key);
  ADD ("verification-expires", test_verification_expires);
  ADD ("unsorted", test_unsorted_counts_as_any);
#undef ADD
  return g_test_run ();
}
