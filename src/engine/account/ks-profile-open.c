/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-profile-private.h"

#include "base/ks-steps.h"
#include "store/ks-store-error.h"
#include "store/ks-store-key-file.h"
#include "store/ks-store-key-lock.h"
#include "store/ks-store-key.h"

/* Opens the profile.
 *
 *   1. database  opened, or begun; a damaged one is mended and the old set aside
 *   2. slots     where the store key is kept; none: the database is new, and they are
 *                looked at once more when nobody else can make a key for it
 *   3. look up   the key in the keyring
 *   4. keep      only if the database is new: a new key goes into the keyring first,
 *                because sealing with a key that is kept nowhere loses everything
 *   5. unseal    the store is opened with the key, or the new key is set
 *   6. account   the current one, if there is one
 *
 * With --store-key-file, reading (or making) that file stands for 3 and 4; in
 * memory a new key does.
 *
 * Stopped after 4 the keyring has a key that seals nothing; the next run takes it. */

typedef struct
{
  KsProfile *profile; /* owned */
  KsProfileOpenFlags flags;
  KsStoreKeySlotKind slot;
  char *directory;      /* owned; NULL: in memory */
  KsDatabase *database; /* owned; NULL before 1 */
  gboolean new_store;
  gboolean key_file_failed;
  KsStoreKeyLock *lock; /* owned; NULL unless the database is new and on disk */
  KsSecret *key;        /* owned */
} Open;

static void
open_free (gpointer data)
{
  Open *op = data;

  ks_secret_unref (op->key);
  ks_store_key_lock_free (op->lock);
  g_clear_object (&op->database);
  g_free (op->directory);
  g_object_unref (op->profile);
  g_free (op);
}

static void
open_database (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Open *op = data;
  KsDatabaseFlags flags = KS_DATABASE_READ_WRITE;

  if (op->flags & KS_PROFILE_OPEN_START_AFRESH)
    flags |= KS_DATABASE_START_AFRESH;
  if (op->flags & KS_PROFILE_OPEN_READ_ONLY)
    flags |= KS_DATABASE_READ_ONLY;
  ks_database_open_async (op->directory, flags, cancellable, ready, run);
}

static KsStepVerdict
database_opened (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Open *op = data;
  const KsSalvaged *salvaged;

  op->database = ks_database_open_finish (result, error);
  if (op->database == NULL)
    return KS_STEP_FAIL;
  salvaged = ks_database_get_salvaged (op->database);
  if (salvaged != NULL)
    g_message ("the database was damaged and set aside as %s; %" G_GUINT64_FORMAT
               " rows carried over, %" G_GUINT64_FORMAT " lost, %" G_GUINT64_FORMAT " tables not whole",
               salvaged->path, salvaged->rows, salvaged->lost, salvaged->gaps);
  return KS_STEP_NEXT;
}

static void
list_slots (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_store_key_list_slots_async (((Open *) data)->database, cancellable, ready, run);
}

static KsStepVerdict
slots_listed (gpointer data, GObject *database, GAsyncResult *result, GError **error)
{
  Open *op = data;
  g_autoptr (GPtrArray) slots = ks_store_key_list_slots_finish (KS_DATABASE (database), result, error);

  if (slots == NULL)
    return KS_STEP_FAIL;
  op->new_store = slots->len == 0;
  if (!op->new_store || op->directory == NULL || op->lock != NULL)
    return KS_STEP_NEXT;
  if (op->flags & KS_PROFILE_OPEN_READ_ONLY)
    {
      /* Whoever only looks must not leave a key in the keyring. */
      g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND, "the database is empty");
      return KS_STEP_FAIL;
    }
  op->lock = ks_store_key_lock_take (ks_database_get_directory (op->database), error);
  return op->lock != NULL ? KS_STEP_AGAIN : KS_STEP_FAIL;
}

static void
look_up (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Open *op = data;

  ks_keyring_lookup_async (ks_profile_get_keyring (op->profile), KS_KEYRING_STORE_KEY, NULL, NULL,
                           (op->flags & KS_PROFILE_OPEN_INTERACTIVE) != 0, cancellable, ready, run);
}

static KsStepVerdict
looked_up (gpointer data, GObject *keyring, GAsyncResult *result, GError **error)
{
  Open *op = data;
  g_autoptr (GError) failure = NULL;

  op->key = ks_keyring_lookup_finish (KS_KEYRING (keyring), result, &failure);
  if (op->key != NULL)
    return KS_STEP_SKIP; /* "keep" */
  if (op->new_store && g_error_matches (failure, KS_KEYRING_ERROR, KS_KEYRING_ERROR_NOT_FOUND))
    {
      op->key = ks_secret_new_random (KS_STORE_KEY_SIZE);
      return KS_STEP_NEXT;
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
keep (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Open *op = data;

  ks_keyring_store_async (ks_profile_get_keyring (op->profile), KS_KEYRING_STORE_KEY, NULL, NULL, op->key,
                          (op->flags & KS_PROFILE_OPEN_INTERACTIVE) != 0, cancellable, ready, run);
}

static KsStepVerdict
kept (gpointer data, GObject *keyring, GAsyncResult *result, GError **error)
{
  return ks_keyring_store_finish (KS_KEYRING (keyring), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
read_file (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Open *op = data;

  ks_store_key_file_load_async (ks_profile_get_store_key_file (op->profile), op->new_store, cancellable,
                                ready, run);
}

static KsStepVerdict
file_read (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Open *op = data;

  g_autoptr (GError) failure = NULL;

  op->key = ks_store_key_file_load_finish (result, &failure);
  if (op->key != NULL)
    return KS_STEP_NEXT;
  op->key_file_failed = TRUE;
  /* "Not found" is what a profile without data is called. */
  if (g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED, "the file with the store key is gone");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static KsStepVerdict
make_key (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  ((Open *) data)->key = ks_secret_new_random (KS_STORE_KEY_SIZE);
  return KS_STEP_NEXT;
}

static void
unseal (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Open *op = data;

  if (op->new_store)
    ks_store_key_create_async (op->database, op->slot, "", op->key, cancellable, ready, run);
  else
    ks_store_key_open_async (op->database, op->slot, "", op->key, cancellable, ready, run);
}

static KsStepVerdict
unsealed (gpointer data, GObject *database, GAsyncResult *result, GError **error)
{
  Open *op = data;
  g_autoptr (GError) failure = NULL;
  gboolean done = op->new_store ? ks_store_key_create_finish (KS_DATABASE (database), result, &failure)
                                : ks_store_key_open_finish (KS_DATABASE (database), result, &failure);

  if (done)
    return KS_STEP_NEXT;
  op->key_file_failed = op->slot == KS_STORE_KEY_SLOT_FILE
                        && (g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY)
                            || g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND));
  /* No file was ever a key to this store; "not found" is what a profile without data is
   * called. */
  if (op->key_file_failed && failure->code == KS_STORE_ERROR_NOT_FOUND)
    g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY, failure->message);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
load_account (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Open *op = data;

  ks_profile_adopt (op->profile, op->database, op->flags);
  ks_profile_load_account_async (op->profile, cancellable, ready, run);
}

static KsStepVerdict
account_loaded (gpointer data, GObject *profile, GAsyncResult *result, GError **error)
{
  return ks_profile_load_account_finish (KS_PROFILE (profile), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep keyring_steps[] = {
  { .name = "database", .begin = open_database, .end = database_opened },
  { .name = "slots", .begin = list_slots, .end = slots_listed },
  { .name = "look up", .begin = look_up, .end = looked_up },
  { .name = "keep", .begin = keep, .end = kept },
  { .name = "unseal", .begin = unseal, .end = unsealed },
  { .name = "account", .begin = load_account, .end = account_loaded },
  { 0 },
};

static const KsStep file_steps[] = {
  { .name = "database", .begin = open_database, .end = database_opened },
  { .name = "slots", .begin = list_slots, .end = slots_listed },
  { .name = "read", .begin = read_file, .end = file_read },
  { .name = "unseal", .begin = unseal, .end = unsealed },
  { .name = "account", .begin = load_account, .end = account_loaded },
  { 0 },
};

static const KsStep memory_steps[] = {
  { .name = "database", .begin = open_database, .end = database_opened },
  { .name = "slots", .begin = list_slots, .end = slots_listed },
  { .name = "make", .end = make_key },
  { .name = "unseal", .begin = unseal, .end = unsealed },
  { .name = "account", .begin = load_account, .end = account_loaded },
  { 0 },
};

KsProfileState
ks_profile_state_of_keyring (const GError *error)
{
  switch ((KsKeyringErrorCode) error->code)
    {
    case KS_KEYRING_ERROR_ABSENT:
      return KS_PROFILE_KEYRING_ABSENT;
    case KS_KEYRING_ERROR_LOCKED:
      return KS_PROFILE_KEYRING_LOCKED;
    case KS_KEYRING_ERROR_DENIED:
      return KS_PROFILE_KEYRING_DENIED;
    case KS_KEYRING_ERROR_NO_ANSWER:
      return KS_PROFILE_KEYRING_NO_ANSWER;
    case KS_KEYRING_ERROR_NOT_FOUND:
      return KS_PROFILE_KEY_LOST;
    case KS_KEYRING_ERROR_FAILED:
    default:
      return KS_PROFILE_FAILED;
    }
}

/* What a failed opening means for the person. */
static KsProfileState
state_of (const Open *op, const GError *failure)
{
  if (failure->domain == KS_KEYRING_ERROR)
    return ks_profile_state_of_keyring (failure);
  /* A keyring that was emptied and then got the key of another profile of the same
   * name is the same to a person as one that was emptied. */
  if (op->slot == KS_STORE_KEY_SLOT_KEYRING
      && g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY))
    return KS_PROFILE_KEY_LOST;
  return op->key_file_failed ? KS_PROFILE_KEY_FILE_FAILED : KS_PROFILE_FAILED;
}

/* The operation as its caller sees it: most failures are states. */
static void
on_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  KsProfile *self = KS_PROFILE (source);
  Open *op = g_task_get_task_data (G_TASK (result));
  GError *failure = NULL;
  KsProfileState state = KS_PROFILE_READY;
  gboolean failed;

  if (!g_task_propagate_boolean (G_TASK (result), &failure))
    {
      ks_profile_adopt (self, NULL, KS_PROFILE_OPEN_QUIETLY);
      state = state_of (op, failure);
    }
  failed = state == KS_PROFILE_FAILED || state == KS_PROFILE_KEY_FILE_FAILED;
  ks_profile_settle (self, state, failed ? failure : NULL);
  if (failed)
    {
      g_task_return_error (task, failure);
      return;
    }
  g_clear_error (&failure);
  g_task_return_boolean (task, TRUE);
}

void
ks_profile_open_async (KsProfile *self,
                       KsProfileOpenFlags flags,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *outer = g_task_new (self, cancellable, callback, user_data);
  GTask *task = g_task_new (self, cancellable, on_opened, outer);
  Open *op = g_new0 (Open, 1);
  GError *error = NULL;

  op->profile = g_object_ref (self);
  op->flags = flags;
  g_task_set_name (outer, G_STRFUNC);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, open_free);
  ks_profile_adopt (self, NULL, flags);
  op->slot =
      ks_profile_get_store_key_file (self) != NULL ? KS_STORE_KEY_SLOT_FILE : KS_STORE_KEY_SLOT_KEYRING;

  if ((flags & KS_PROFILE_OPEN_IN_MEMORY) == 0)
    op->directory = ks_database_prepare_directory (ks_profile_get_directory (self), &error);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  if (flags & KS_PROFILE_OPEN_IN_MEMORY)
    ks_steps_run (task, memory_steps);
  else if (op->slot == KS_STORE_KEY_SLOT_FILE)
    ks_steps_run (task, file_steps);
  else
    ks_steps_run (task, keyring_steps);
}

gboolean
ks_profile_open_finish (KsProfile *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
