/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-statement.h"

#include <string.h>

#include "store/store-fixture.h"

static const KsSealPlace place = { "journal", "payload_sealed", { "@a:example.org", "DEVICE", "set-up" } };

static const char insert_sql[] =
    "INSERT INTO journal (account_id, kind, step, payload_sealed, created, updated)"
    " VALUES (:account_id, :kind, :step, :payload_sealed, 0, 0)";

/* Runs @func on a fresh, unlocked database with one account, whose id is 1. */
static void
run_on_database (KsDatabaseFunc func)
{
  char *directory = store_directory_new ();
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) account = store_add_account (database, "@a:example.org", "DEVICE");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (account->id, ==, 1);
  g_assert_true (store_run (database, func, NULL, &error));
  g_assert_no_error (error);
  store_close (database);
  store_directory_free (directory);
}

static KsStatement *
prepare (KsTransaction *transaction, const char *sql)
{
  g_autoptr (GError) error = NULL;
  KsStatement *statement = ks_transaction_prepare (transaction, sql, &error);

  g_assert_no_error (error);
  return statement;
}

static void
insert_row (KsTransaction *transaction, const KsSealPlace *where, const char *kind, const char *payload)
{
  g_autoptr (KsStatement) insert = prepare (transaction, insert_sql);
  g_autoptr (GError) error = NULL;

  ks_statement_bind_int64 (insert, ":account_id", 1);
  ks_statement_bind_text (insert, ":kind", kind);
  ks_statement_bind_text (insert, ":step", "J");
  ks_statement_bind_sealed (insert, ":payload_sealed", where, payload, strlen (payload));
  g_assert_true (ks_statement_execute (insert, &error));
  g_assert_no_error (error);
}

static gboolean
round_trip (KsTransaction *transaction, gpointer data, GError **error)
{
  g_autoptr (KsStatement) select = NULL;
  g_autoptr (KsSecret) secret = NULL;
  g_autofree guint8 *bytes = NULL;
  gsize size;

  insert_row (transaction, &place, "set-up", "payload");
  g_assert_cmpint (ks_transaction_get_changes (transaction), ==, 1);
  select = prepare (transaction, "SELECT payload_sealed, step, account_id, NULL FROM journal WHERE id = :id");
  ks_statement_bind_int64 (select, ":id", ks_transaction_get_last_id (transaction));
  g_assert_cmpint (ks_statement_step (select, error), ==, KS_STATEMENT_ROW);
  secret = ks_statement_get_sealed (select, 0, &place, error);
  g_assert_cmpmem (ks_secret_bytes (secret), ks_secret_size (secret), "payload", 7);
  bytes = ks_statement_get_sealed_bytes (select, 0, &place, &size, error);
  g_assert_cmpmem (bytes, size, "payload", 7);
  g_assert_cmpstr (ks_statement_get_text (select, 1), ==, "J");
  g_assert_null (ks_statement_get_text (select, 2));
  g_assert_cmpint (ks_statement_get_int64 (select, 1), ==, 0);
  g_assert_null (ks_statement_get_text (select, 3));
  g_assert_null (ks_statement_get_blob (select, 3, &size));
  g_assert_cmpint (ks_statement_step (select, error), ==, KS_STATEMENT_DONE);
  return TRUE;
}

static void
test_sealed_round_trip (void)
{
  run_on_database (round_trip);
}

static gboolean
places (KsTransaction *transaction, gpointer data, GError **error)
{
  static const KsSealPlace others[] = {
    { "accounts", "payload_sealed", { "@a:example.org", "DEVICE", "set-up" } },
    { "journal", "other_sealed", { "@a:example.org", "DEVICE", "set-up" } },
    { "journal", "payload_sealed", { "@b:example.org", "DEVICE", "set-up" } },
    { "journal", "payload_sealed", { "@a:example.orgD", "EVICE", "set-up" } },
    { "journal", "payload_sealed", { "@a:example.org", "DEVICE", "set-u", "p" } },
    { "journal", "payload_sealed", { "@a:example.org", "DEVICE" } },
    { "journal", "payload_sealed", { "@a:example.org", "DEVICE", "set-up", "" } },
  };
  g_autoptr (KsStatement) select = NULL;

  insert_row (transaction, &place, "set-up", "payload");
  select = prepare (transaction, "SELECT payload_sealed FROM journal");
  g_assert_cmpint (ks_statement_step (select, error), ==, KS_STATEMENT_ROW);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GError) local = NULL;
      gsize size;

      g_assert_null (ks_statement_get_sealed (select, 0, &others[i], &local));
      g_assert_error (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
      g_clear_error (&local);
      g_assert_null (ks_statement_get_sealed_bytes (select, 0, &others[i], &size, &local));
      g_assert_error (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
    }
  return TRUE;
}

static void
test_sealed_opens_in_its_place_only (void)
{
  run_on_database (places);
}

static gboolean
in_the_clear (KsTransaction *transaction, gpointer data, GError **error)
{
  g_autoptr (KsStatement) by_name = prepare (transaction, insert_sql);
  g_autoptr (KsStatement) disguise = prepare (transaction, insert_sql);
  g_autoptr (KsStatement) by_trick =
      prepare (transaction, "UPDATE accounts SET access_token_sealed = :token WHERE id = 1");
  g_autoptr (KsStatement) wrong_way = prepare (transaction, "SELECT :name");
  g_autoptr (GError) local = NULL;
  static const char text[] = "a token of a length that would do, in the clear";
  static const char disguised[] = "KsS1 a token that even looks sealed to the column";

  /* The parameter refuses what is not sealed … */
  ks_statement_bind_blob (by_name, ":payload_sealed", text, sizeof text);
  g_assert_false (ks_statement_execute (by_name, &local));
  g_assert_error (local, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  g_clear_error (&local);
  ks_statement_bind_text (by_name, ":payload_sealed", text);
  g_assert_cmpint (ks_statement_step (by_name, &local), ==, KS_STATEMENT_FAILED);
  g_clear_error (&local);
  ks_statement_bind_int64 (disguise, ":account_id", 1);
  ks_statement_bind_text (disguise, ":kind", "set-up");
  ks_statement_bind_text (disguise, ":step", "J");
  ks_statement_bind_blob (disguise, ":payload_sealed", disguised, sizeof disguised);
  g_assert_false (ks_statement_execute (disguise, &local));
  g_clear_error (&local);

  /* … and, where it is called otherwise, the column does. */
  ks_statement_bind_blob (by_trick, ":token", text, sizeof text);
  g_assert_false (ks_statement_execute (by_trick, &local));
  g_assert_error (local, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  g_clear_error (&local);
  ks_statement_bind_text (by_trick, ":token", "KsS1 but this is text, which no CHECK should take");
  g_assert_false (ks_statement_execute (by_trick, &local));
  g_clear_error (&local);

  ks_statement_bind_sealed (wrong_way, ":name", &place, text, sizeof text);
  g_assert_false (ks_statement_execute (wrong_way, &local));
  return TRUE;
}

static void
test_sealed_column_takes_nothing_in_the_clear (void)
{
  run_on_database (in_the_clear);
}

static gboolean
mistakes (KsTransaction *transaction, gpointer data, GError **error)
{
  g_autoptr (KsStatement) select = prepare (transaction, "SELECT :a");
  g_autoptr (GError) local = NULL;

  g_assert_null (ks_transaction_prepare (transaction, "SELECT nonsense FROM nowhere", &local));
  g_assert_error (local, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  g_clear_error (&local);
  ks_statement_bind_int64 (select, ":b", 1);
  g_assert_cmpint (ks_statement_step (select, &local), ==, KS_STATEMENT_FAILED);
  g_assert_error (local, KS_STORE_ERROR, KS_STORE_ERROR_FAILED);
  return TRUE;
}

static void
test_mistakes_are_errors (void)
{
  run_on_database (mistakes);
}

static gboolean
reuse (KsTransaction *transaction, gpointer data, GError **error)
{
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (KsStatement) one = prepare (transaction, "SELECT :value");
      g_autoptr (KsStatement) two = prepare (transaction, "SELECT :value");

      /* Nothing of an earlier use is left in it. */
      g_assert_cmpint (ks_statement_step (one, error), ==, KS_STATEMENT_ROW);
      g_assert_null (ks_statement_get_text (one, 0));
      ks_statement_bind_text (two, ":value", "x");
      g_assert_cmpint (ks_statement_step (two, error), ==, KS_STATEMENT_ROW);
      g_assert_cmpstr (ks_statement_get_text (two, 0), ==, "x");
    }
  return TRUE;
}

static void
test_statements_are_used_again (void)
{
  run_on_database (reuse);
}

static gboolean
flip (KsTransaction *transaction, gpointer data, GError **error)
{
  g_autoptr (KsStatement) select = NULL;
  g_autoptr (KsStatement) put = NULL;
  g_autofree guint8 *sealed = NULL;
  const void *blob;
  gsize size;

  insert_row (transaction, &place, "set-up", "payload");
  select = prepare (transaction, "SELECT payload_sealed FROM journal");
  g_assert_cmpint (ks_statement_step (select, error), ==, KS_STATEMENT_ROW);
  blob = ks_statement_get_blob (select, 0, &size);
  sealed = g_memdup2 (blob, size);
  g_clear_pointer (&select, ks_statement_free);
  put = prepare (transaction, "SELECT :blob");
  for (gsize i = 0; i < size; i++)
    {
      g_autoptr (GError) local = NULL;

      sealed[i] ^= 0x20;
      ks_statement_bind_blob (put, ":blob", sealed, size);
      g_assert_cmpint (ks_statement_step (put, error), ==, KS_STATEMENT_ROW);
      g_assert_null (ks_statement_get_sealed (put, 0, &place, &local));
      g_assert_error (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
      g_clear_pointer (&put, ks_statement_free);
      put = prepare (transaction, "SELECT :blob");
      sealed[i] ^= 0x20;
    }
  for (gsize cut = 0; cut < size; cut++)
    {
      g_autoptr (KsStatement) shorter = prepare (transaction, "SELECT :blob");
      g_autoptr (GError) local = NULL;

      ks_statement_bind_blob (shorter, ":blob", sealed, cut);
      g_assert_cmpint (ks_statement_step (shorter, error), ==, KS_STATEMENT_ROW);
      g_assert_null (ks_statement_get_sealed (shorter, 0, &place, &local));
      g_assert_error (local, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
    }
  return TRUE;
}

static void
test_each_byte_of_a_sealed_value_counts (void)
{
  run_on_database (flip);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
  g_test_add_func ("/statement/sealed-round-trip", test_sealed_round_trip);
  g_test_add_func ("/statement/sealed-opens-in-its-place-only", test_sealed_opens_in_its_place_only);
  g_test_add_func ("/statement/sealed-column-takes-nothing-in-the-clear",
                   test_sealed_column_takes_nothing_in_the_clear);
  g_test_add_func ("/statement/mistakes-are-errors", test_mistakes_are_errors);
  g_test_add_func ("/statement/statements-are-used-again", test_statements_are_used_again);
  g_test_add_func ("/statement/each-byte-of-a-sealed-value-counts", test_each_byte_of_a_sealed_value_counts);
  return g_test_run ();
}
