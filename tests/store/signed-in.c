/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/signed-in.h"

#include "store/ks-store-key-file.h"
#include "store/store-fixture.h"

static void
unlock (KsDatabase *database, const char *key_file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) loaded = NULL;
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (KsSecret) secret = NULL;

  ks_store_key_file_load_async (key_file, FALSE, NULL, store_on_ready, &loaded);
  secret = ks_store_key_file_load_finish (store_wait (&loaded), &error);
  g_assert_no_error (error);
  ks_store_key_open_async (database, KS_STORE_KEY_SLOT_FILE, "", secret, NULL, store_on_ready, &opened);
  ks_store_key_open_finish (database, store_wait (&opened), &error);
  g_assert_no_error (error);
}

KsDatabase *
signed_in_open (const char *profile, const char *key_file, KsAccountRecord **account)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsAccountStore) accounts = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  KsDatabase *database = store_try_open (profile, KS_DATABASE_READ_WRITE, &error);

  g_assert_no_error (error);
  unlock (database, key_file);
  accounts = ks_account_store_new (database);
  ks_account_store_get_async (accounts, 0, NULL, store_on_ready, &result);
  *account = ks_account_store_get_finish (accounts, store_wait (&result), &error);
  g_assert_no_error (error);
  return database;
}
