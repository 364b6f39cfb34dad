/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two accounts in one database, for the stores of one account's rows: what every one of
 * them must hold is asked here.
 */
#pragma once

#include "store/store-fixture.h"

G_BEGIN_DECLS

typedef struct
{
  char *directory;
  KsDatabase *database;
  KsAccountRecord *alice;
  KsAccountRecord *bob;
} AccountFixture;

void account_fixture_set_up (AccountFixture *fixture, gconstpointer data);
void account_fixture_tear_down (AccountFixture *fixture, gconstpointer data);

/* Closes the database, runs @sql on it (NULL: none) and opens it again; @unlock: with the
 * store key at hand. */
void
account_fixture_reopen (AccountFixture *fixture, const char *sql, KsDatabaseFlags flags, gboolean unlock);

/* Removes Alice's account, and asserts that rows of @table (bob's) are left as @left. */
void account_fixture_remove_alice (AccountFixture *fixture, const char *table, const char *left);

/* Asserts that no file holds @text, while all that was written is in them. */
void account_fixture_assert_not_in_files (AccountFixture *fixture, const char *text);

KsSecret *secret_from_text (const char *text) G_GNUC_WARN_UNUSED_RESULT;
void assert_secret (const KsSecret *secret, const char *text);

G_END_DECLS
