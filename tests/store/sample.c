/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/sample.h"

#include "store/account-fixture.h"
#include "store/ks-inbox.h"
#include "store/ks-journal.h"
#include "store/ks-key-lookup.h"
#include "store/ks-olm-store.h"
#include "store/ks-recovery-store.h"
#include "store/ks-secret-store.h"

/* Makes @call, a finish function with @result and what follows it, of its async pair. */
#define FINISH(result, call)                \
  G_STMT_START                              \
  {                                         \
    g_autoptr (GError) finish_error = NULL; \
    GError **error = &finish_error;         \
    store_wait (&(result));                 \
    call;                                   \
    g_assert_no_error (finish_error);       \
    g_clear_object (&(result));             \
  }                                         \
  G_STMT_END

static KsRoomKeyMerge
want_both (const KsStoredRoomKey *here, KsStoredRoomKey *offered, gpointer data)
{
  return KS_ROOM_KEY_BOTH;
}

static void
put_room_key (KsDatabase *database, const KsAccountRecord *account)
{
  g_autoptr (KsKeyStore) store = ks_key_store_new (database, account);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_stored_room_key_free);
  KsStoredRoomKey *key = g_new0 (KsStoredRoomKey, 1);
  g_autoptr (GAsyncResult) result = NULL;

  key->room_id = g_strdup ("!room:example.org");
  key->session_id = g_strdup ("session");
  key->sender_key = g_strdup ("sender");
  key->provenance = KS_ROOM_KEY_BACKUP;
  key->session_key = (guint8 *) g_strdup ("session key");
  key->session_key_size = 11;
  g_ptr_array_add (keys, key);
  ks_key_store_put_async (store, keys, NULL, NULL, NULL, NULL, store_on_ready, &result);
  FINISH (result, ks_key_store_put_finish (store, result, NULL, error));
  ks_key_store_put_async (store, keys, want_both, NULL, NULL, NULL, store_on_ready, &result);
  FINISH (result, ks_key_store_put_finish (store, result, NULL, error));
  ks_key_store_mark_refused_async (store, "7", keys, NULL, store_on_ready, &result);
  FINISH (result, ks_key_store_mark_refused_finish (store, result, error));
}

/* What version 1 knew. */
static void
make_first (KsDatabase *database, const KsAccountRecord *account)
{
  g_autoptr (KsJournal) journal = ks_journal_new (database, account);
  g_autoptr (KsSecret) payload = secret_from_text ("payload");
  g_autoptr (GAsyncResult) result = NULL;

  ks_journal_begin_async (journal, "set-up", "J", payload, NULL, store_on_ready, &result);
  FINISH (result, ks_journal_begin_finish (journal, result, error));
  put_room_key (database, account);
}

/* And version 2. */
static void
make_second (KsDatabase *database, const KsAccountRecord *account)
{
  static const KsRecoveryRecord known = { .master_key = (char *) "master",
                                          .key_file = (char *) "key.txt",
                                          .storage_proof = (char *) "proof",
                                          .last_check_result = 3 };
  g_autoptr (KsOlmStore) olm = ks_olm_store_new (database, account);
  g_autoptr (KsInbox) inbox = ks_inbox_new (database, account);
  g_autoptr (KsSecretStore) secrets = ks_secret_store_new (database, account);
  g_autoptr (KsRecoveryStore) recovery = ks_recovery_store_new (database, account);
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) ks_inbox_event_free);
  g_autoptr (KsSecret) text = secret_from_text ("secret");
  const KsNamedSecret named = { "m.megolm_backup.v1", text };
  g_autoptr (GAsyncResult) result = NULL;
  gboolean full;

  ks_olm_store_save_async (olm, text, TRUE, NULL, store_on_ready, &result);
  FINISH (result, ks_olm_store_save_finish (olm, result, error));
  g_ptr_array_add (events, ks_inbox_event_new (KS_INBOX_SEALED, text));
  ks_inbox_add_async (inbox, events, "s1", NULL, store_on_ready, &result);
  FINISH (result, ks_inbox_add_finish (inbox, result, &full, error));
  ks_secret_store_put_async (secrets, &named, 1, NULL, store_on_ready, &result);
  FINISH (result, ks_secret_store_put_finish (secrets, result, error));
  ks_recovery_store_put_async (recovery, &known, NULL, store_on_ready, &result);
  FINISH (result, ks_recovery_store_put_finish (recovery, result, error));
}

void
sample_make (const char *directory)
{
  KsDatabase *database = store_open (directory);
  g_autoptr (KsAccountRecord) account = store_add_account (database, "@alice:example.org", "ONE");

  make_first (database, account);
  make_second (database, account);
  store_close (database);
}

/* And version 5. */
static void
assert_twin (KsDatabase *database, const KsAccountRecord *account)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  const KsLookedUpKey *looked_up;

  g_ptr_array_add (ids, (gpointer) "session");
  ks_key_lookup_async (database, account, "!room:example.org", ids, NULL, store_on_ready, &result);
  FINISH (result, found = ks_key_lookup_finish (database, result, error));
  looked_up = found->pdata[0];
  g_assert_nonnull (looked_up->twin);
  g_assert_cmpmem (looked_up->twin->session_key, looked_up->twin->session_key_size, "session key", 11);
}

static void
assert_first (KsDatabase *database, const KsAccountRecord *account, const char *refused_version)
{
  g_autoptr (KsJournal) journal = ks_journal_new (database, account);
  g_autoptr (KsKeyStore) keys = ks_key_store_new (database, account);
  g_autoptr (KsJournalEntry) entry = NULL;
  g_autoptr (KsStoredRoomKey) key = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  assert_secret (account->access_token, "token of @alice:example.org");
  ks_journal_get_async (journal, "set-up", NULL, store_on_ready, &result);
  FINISH (result, entry = ks_journal_get_finish (journal, result, error));
  assert_secret (entry->payload, "payload");
  ks_key_store_get_async (keys, "!room:example.org", "session", NULL, store_on_ready, &result);
  FINISH (result, key = ks_key_store_get_finish (keys, result, error));
  g_assert_cmpmem (key->session_key, key->session_key_size, "session key", 11);
  g_assert_cmpstr (key->refused_version, ==, refused_version);
}

static void
assert_second (KsDatabase *database, const KsAccountRecord *account, gint64 version)
{
  g_autoptr (KsOlmStore) olm = ks_olm_store_new (database, account);
  g_autoptr (KsInbox) inbox = ks_inbox_new (database, account);
  g_autoptr (KsSecretStore) secrets = ks_secret_store_new (database, account);
  g_autoptr (KsRecoveryStore) recovery = ks_recovery_store_new (database, account);
  g_autoptr (KsSecret) pickle = NULL;
  g_autoptr (KsSecret) secret = NULL;
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (KsRecoveryRecord) known = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *since = NULL;
  gboolean published;

  ks_olm_store_load_async (olm, NULL, store_on_ready, &result);
  FINISH (result, pickle = ks_olm_store_load_finish (olm, result, &published, error));
  assert_secret (pickle, "secret");
  g_assert_true (published);
  ks_inbox_get_since_async (inbox, NULL, store_on_ready, &result);
  FINISH (result, ks_inbox_get_since_finish (inbox, result, &since, error));
  g_assert_cmpstr (since, ==, "s1");
  ks_inbox_list_async (inbox, KS_INBOX_SEALED, 0, 10, NULL, store_on_ready, &result);
  FINISH (result, events = ks_inbox_list_finish (inbox, result, error));
  g_assert_cmpuint (events->len, ==, 1);
  assert_secret (((KsInboxEvent *) events->pdata[0])->json, "secret");
  ks_secret_store_get_async (secrets, "m.megolm_backup.v1", NULL, store_on_ready, &result);
  FINISH (result, secret = ks_secret_store_get_finish (secrets, result, error));
  assert_secret (secret, "secret");
  ks_recovery_store_get_async (recovery, NULL, store_on_ready, &result);
  FINISH (result, known = ks_recovery_store_get_finish (recovery, result, error));
  g_assert_cmpstr (known->master_key, ==, "master");
  g_assert_cmpint (known->last_check_result, ==, 3);
  g_assert_cmpstr (known->key_file, ==, version < 3 ? NULL : "key.txt");
  g_assert_cmpstr (known->storage_proof, ==, version < 9 ? NULL : "proof");
}

void
sample_assert (KsDatabase *database, gint64 version)
{
  g_autoptr (KsAccountStore) accounts = ks_account_store_new (database);
  g_autoptr (KsAccountRecord) account = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  ks_account_store_get_async (accounts, 0, NULL, store_on_ready, &result);
  FINISH (result, account = ks_account_store_get_finish (accounts, result, error));
  g_assert_cmpstr (account->user_id, ==, "@alice:example.org");
  assert_first (database, account, version < 2 ? NULL : "7");
  if (version >= 2)
    assert_second (database, account, version);
  if (version >= 5)
    assert_twin (database, account);
}
