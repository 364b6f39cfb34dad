/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-journal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store-fixture.h"

typedef struct
{
  char *directory;
  KsDatabase *database;
  KsAccountRecord *account;
  KsJournal *journal;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = store_directory_new ();
  fixture->database = store_open (fixture->directory);
  fixture->account = store_add_account (fixture->database, "@alice:example.org", "ONE");
  fixture->journal = ks_journal_new (fixture->database, fixture->account);
}

static void
close_all (Fixture *fixture)
{
  g_assert_finalize_object (fixture->journal);
  store_close (fixture->database);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close_all (fixture);
  ks_account_record_free (fixture->account);
  store_directory_free (fixture->directory);
}

static gboolean
begin (KsJournal *journal, const char *kind, const char *payload, GError **error)
{
  g_autoptr (KsSecret) secret = ks_secret_new_copy (payload, strlen (payload));
  g_autoptr (GAsyncResult) result = NULL;

  ks_journal_begin_async (journal, kind, "J", secret, NULL, store_on_ready, &result);
  return ks_journal_begin_finish (journal, store_wait (&result), error);
}

static gboolean
update (KsJournal *journal, const char *kind, const char *step, const char *payload, GError **error)
{
  g_autoptr (KsSecret) secret = payload == NULL ? NULL : ks_secret_new_copy (payload, strlen (payload));
  g_autoptr (GAsyncResult) result = NULL;

  ks_journal_update_async (journal, kind, step, secret, NULL, store_on_ready, &result);
  return ks_journal_update_finish (journal, store_wait (&result), error);
}

static gboolean
end (KsJournal *journal, const char *kind, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_journal_end_async (journal, kind, NULL, store_on_ready, &result);
  return ks_journal_end_finish (journal, store_wait (&result), error);
}

static KsJournalEntry *
get (KsJournal *journal, const char *kind, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_journal_get_async (journal, kind, NULL, store_on_ready, &result);
  return ks_journal_get_finish (journal, store_wait (&result), error);
}

static void
assert_entry (KsJournal *journal, const char *kind, const char *step, const char *payload)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsJournalEntry) entry = get (journal, kind, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (entry->kind, ==, kind);
  g_assert_cmpstr (entry->step, ==, step);
  g_assert_cmpmem (ks_secret_bytes (entry->payload), ks_secret_size (entry->payload), payload,
                   strlen (payload));
  g_assert_cmpint (entry->created, >, 0);
  g_assert_cmpint (entry->updated, >=, entry->created);
}

/* Kills itself, as its mode says, within the writing of an update or right
 * after its acknowledgement. Every acknowledged one was printed before. */
static gboolean
die (KsTransaction *transaction, gpointer data, GError **error)
{
  g_autoptr (KsStatement) statement =
      ks_transaction_prepare (transaction, "UPDATE journal SET step = 'never acknowledged'", error);

  g_assert_true (ks_statement_execute (statement, error));
  kill (getpid (), SIGKILL);
  return TRUE;
}

static void
child (const char *directory, const char *mode)
{
  KsDatabase *database = store_open (directory);
  KsAccountRecord account = { .id = 1,
                              .user_id = (char *) "@alice:example.org",
                              .device_id = (char *) "ONE" };
  g_autoptr (KsJournal) journal = ks_journal_new (database, &account);

  for (int i = 0; i < 20; i++)
    {
      g_autofree char *step = g_strdup_printf ("%d", i);
      g_autofree char *payload = g_strdup_printf ("payload %d", i);

      g_assert_true (i == 0 ? begin (journal, "set-up", payload, NULL)
                            : update (journal, "set-up", step, payload, NULL));
      printf ("%d\n", i);
      fflush (stdout);
    }
  if (g_str_equal (mode, "within"))
    store_run (database, die, NULL, NULL);
  kill (getpid (), SIGKILL);
}

static void
test_life (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsJournalEntry) none = NULL;

  g_assert_true (begin (fixture->journal, "set-up", "first", &error));
  assert_entry (fixture->journal, "set-up", "J", "first");
  g_assert_true (update (fixture->journal, "set-up", "U", NULL, &error));
  assert_entry (fixture->journal, "set-up", "U", "first");
  g_assert_true (update (fixture->journal, "set-up", "1", "second", &error));
  assert_entry (fixture->journal, "set-up", "1", "second");
  g_assert_true (end (fixture->journal, "set-up", &error));
  g_assert_true (end (fixture->journal, "set-up", &error));
  none = get (fixture->journal, "set-up", &error);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
}

static void
test_one_of_a_kind (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (update (fixture->journal, "set-up", "1", "x", &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (begin (fixture->journal, "set-up", "mine", &error));
  g_assert_false (begin (fixture->journal, "set-up", "theirs", &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS);
  g_clear_error (&error);
  assert_entry (fixture->journal, "set-up", "J", "mine");
  g_assert_true (begin (fixture->journal, "restore", "other", &error));
  assert_entry (fixture->journal, "set-up", "J", "mine");
  assert_entry (fixture->journal, "restore", "J", "other");
}

static void
test_list_needs_no_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (KsJournalEntry) closed = NULL;

  g_assert_true (begin (fixture->journal, "set-up", "a", NULL));
  g_assert_true (begin (fixture->journal, "restore", "b", NULL));
  close_all (fixture);
  fixture->database = store_try_open (fixture->directory, KS_DATABASE_READ_WRITE, NULL);
  fixture->journal = ks_journal_new (fixture->database, fixture->account);

  ks_journal_list_async (fixture->journal, NULL, store_on_ready, &result);
  entries = ks_journal_list_finish (fixture->journal, store_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 2);
  g_assert_cmpstr (((KsJournalEntry *) entries->pdata[0])->kind, ==, "set-up");
  g_assert_null (((KsJournalEntry *) entries->pdata[0])->payload);
  closed = get (fixture->journal, "set-up", &error);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_false (update (fixture->journal, "set-up", "1", "x", &error));
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED);
  g_clear_object (&result);
}

static void
test_payload_moved_to_another_kind (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsJournalEntry) moved = NULL;

  g_assert_true (begin (fixture->journal, "set-up", "new", NULL));
  g_assert_true (begin (fixture->journal, "reset", "old", NULL));
  close_all (fixture);
  store_sql (fixture->directory, "UPDATE journal SET payload_sealed ="
                                 " (SELECT payload_sealed FROM journal WHERE kind = 'reset')");
  fixture->database = store_open (fixture->directory);
  fixture->journal = ks_journal_new (fixture->database, fixture->account);
  assert_entry (fixture->journal, "reset", "J", "old");
  moved = get (fixture->journal, "set-up", &error);
  g_assert_null (moved);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
}

/* What the child acknowledged last is what is there. */
static void
play_kill (Fixture *fixture, const char *when)
{
  g_autofree char *output = NULL;
  g_auto (GStrv) lines = NULL;
  g_autofree char *payload = NULL;
  guint count;

  close_all (fixture);
  g_assert_cmpint (store_run_child (fixture->directory, when, &output), ==, SIGKILL);
  lines = g_strsplit (g_strchomp (output), "\n", -1);
  count = g_strv_length (lines);
  g_assert_cmpuint (count, ==, 20);
  payload = g_strconcat ("payload ", lines[count - 1], NULL);

  fixture->database = store_open (fixture->directory);
  fixture->journal = ks_journal_new (fixture->database, fixture->account);
  g_assert_null (ks_database_get_salvaged (fixture->database));
  assert_entry (fixture->journal, "set-up", lines[count - 1], payload);
}

static void
test_killed_within_an_update (Fixture *fixture, gconstpointer data)
{
  play_kill (fixture, "within");
}

static void
test_killed_after_an_acknowledgement (Fixture *fixture, gconstpointer data)
{
  play_kill (fixture, "after");
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, child);
#define ADD(name, func) g_test_add ("/journal/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("life", test_life);
  ADD ("one-of-a-kind", test_one_of_a_kind);
  ADD ("list-needs-no-key", test_list_needs_no_key);
  ADD ("payload-moved-to-another-kind", test_payload_moved_to_another_kind);
  ADD ("killed-within-an-update", test_killed_within_an_update);
  ADD ("killed-after-an-acknowledgement", test_killed_after_an_acknowledgement);
#undef ADD
  return g_test_run ();
}
