/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-profile-private.h"

#include "base/ks-steps.h"
#include "engine/account/ks-account-private.h"
#include "store/ks-account-lock.h"
#include "store/ks-account-store.h"

#include <stdlib.h>
#include <string.h>

struct _KsProfile
{
  GObject parent;

  char *directory;      /* owned; NULL: the user's data directory */
  char *store_key_file; /* owned; NULL: the keyring keeps the store key */
  char *chosen;         /* owned; user ID; NULL: the current account */
  KsKeyring *keyring;   /* owned */
  char *lost_session;   /* owned; its device ID; NULL: none was lost */

  KsProfileState state;
  KsProfileOpenFlags flags; /* as it was opened */
  KsDatabase *database;     /* owned; NULL until opened */
  KsAccount *account;       /* owned; NULL: nobody is signed in */
  GError *error;            /* owned; set in the states that have failed */
};

G_DEFINE_FINAL_TYPE (KsProfile, ks_profile, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (KsProfileState,
                    ks_profile_state,
                    G_DEFINE_ENUM_VALUE (KS_PROFILE_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (KS_PROFILE_READY, "ready"),
                    G_DEFINE_ENUM_VALUE (KS_PROFILE_KEYRING_LOCKED, "keyring-locked"),
                    G_DEFINE_ENUM_VALUE (KS_PROFILE_KEYRING_ABSENT, "keyring-absent"),
                    G_DEFINE_ENUM_VALUE (KS_PROFILE_KEYRING_DENIED, "keyring-denied"),
                    G_DEFINE_ENUM_VALUE (KS_PROFILE_KEYRING_NO_ANSWER, "keyring-no-answer"),
                    G_DEFINE_ENUM_VALUE (KS_PROFILE_KEY_LOST, "key-lost"),
                    G_DEFINE_ENUM_VALUE (KS_PROFILE_KEY_FILE_FAILED, "key-file-failed"),
                    G_DEFINE_ENUM_VALUE (KS_PROFILE_FAILED, "failed"))

enum
{
  PROP_STATE = 1,
  PROP_ACCOUNT,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

KsProfileState
ks_profile_get_state (KsProfile *self)
{
  g_return_val_if_fail (KS_IS_PROFILE (self), KS_PROFILE_CLOSED);

  return self->state;
}

gboolean
ks_profile_is_in_memory (KsProfile *self)
{
  g_return_val_if_fail (KS_IS_PROFILE (self), FALSE);

  return (self->flags & KS_PROFILE_OPEN_IN_MEMORY) != 0;
}

void
ks_profile_choose_account (KsProfile *self, const char *user_id)
{
  g_return_if_fail (KS_IS_PROFILE (self));

  g_free (self->chosen);
  self->chosen = g_strdup (user_id);
}

KsAccount *
ks_profile_get_account (KsProfile *self)
{
  g_return_val_if_fail (KS_IS_PROFILE (self), NULL);

  return self->account;
}

const GError *
ks_profile_get_error (KsProfile *self)
{
  g_return_val_if_fail (KS_IS_PROFILE (self), NULL);

  return self->error;
}

const char *
ks_profile_get_set_aside (KsProfile *self)
{
  const KsSalvaged *salvaged;

  g_return_val_if_fail (KS_IS_PROFILE (self), NULL);

  salvaged = self->database != NULL ? ks_database_get_salvaged (self->database) : NULL;
  return salvaged != NULL ? salvaged->path : NULL;
}

KsDatabase *
ks_profile_get_database (KsProfile *self)
{
  return self->database;
}

KsKeyring *
ks_profile_get_keyring (KsProfile *self)
{
  return self->keyring;
}

static void
set_account (KsProfile *self, KsAccount *account)
{
  if (self->account != NULL && self->account != account)
    ks_account_stop (self->account);
  if (g_set_object (&self->account, account))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACCOUNT]);
}

static void
on_account_signed_out (KsProfile *self)
{
  set_account (self, NULL);
}

const char *
ks_profile_get_store_key_file (KsProfile *self)
{
  return self->store_key_file;
}

const char *
ks_profile_get_place (KsProfile *self)
{
  return self->database != NULL ? ks_database_get_directory (self->database) : NULL;
}

const char *
ks_profile_get_directory (KsProfile *self)
{
  return self->directory;
}

void
ks_profile_adopt (KsProfile *self, KsDatabase *database, KsProfileOpenFlags flags)
{
  set_account (self, NULL);
  g_clear_error (&self->error);
  g_set_object (&self->database, database);
  self->flags = flags;
}

void
ks_profile_settle (KsProfile *self, KsProfileState state, const GError *error)
{
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* What no server has given out. */
#define LOST_TOKEN "lost"

/* Takes the account over.
 *
 *   1. list   which one: the chosen one, or else the current one
 *   2. read   its row, with the token
 *
 * Changes nothing on disk. */

typedef struct
{
  KsProfile *profile;      /* owned */
  KsAccountRecord *record; /* owned: the account, without its token */
} Load;

static void
load_free (gpointer data)
{
  Load *op = data;

  ks_account_record_free (op->record);
  g_object_unref (op->profile);
  g_free (op);
}

static void
list_accounts (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  g_autoptr (KsAccountStore) store = ks_account_store_new (((Load *) data)->profile->database);

  ks_account_store_list_async (store, cancellable, ready, run);
}

static KsStepVerdict
accounts_listed (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Load *op = data;
  const char *chosen = op->profile->chosen;
  g_autoptr (GPtrArray) records = ks_account_store_list_finish (KS_ACCOUNT_STORE (store), result, error);

  if (records == NULL)
    return KS_STEP_FAIL;
  for (guint i = 0; i < records->len; i++)
    {
      const KsAccountRecord *record = g_ptr_array_index (records, i);

      if (chosen != NULL ? g_str_equal (record->user_id, chosen) : record->current)
        {
          op->record = ks_account_record_copy (record);
          return KS_STEP_NEXT;
        }
    }
  return KS_STEP_DONE; /* nobody is signed in */
}

static void
read_account (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Load *op = data;
  g_autoptr (KsAccountStore) store = ks_account_store_new (op->profile->database);

  ks_account_store_get_async (store, op->record->id, cancellable, ready, run);
}

/* The account as it was read. One whose token was lost with a page of the database is here all the
 * same, with all its keys: to the server its session is one that has ended. */
static KsAccountRecord *
take_record (Load *op, KsAccountStore *store, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;
  KsAccountRecord *record = ks_account_store_get_finish (store, result, &failure);

  if (record != NULL)
    return record;
  if (!g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  g_message ("the access token is damaged: %s", failure->message);
  op->record->access_token = ks_secret_new_copy (LOST_TOKEN, strlen (LOST_TOKEN));
  return g_steal_pointer (&op->record);
}

static KsStepVerdict
account_read (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  KsProfile *self = ((Load *) data)->profile;
  gboolean drives = (self->flags & (KS_PROFILE_OPEN_IN_MEMORY | KS_PROFILE_OPEN_READ_ONLY)) == 0;
  g_autoptr (KsAccountRecord) record = take_record (data, KS_ACCOUNT_STORE (store), result, error);
  g_autoptr (KsAccountLock) lock = NULL;
  g_autoptr (KsAccount) account = NULL;

  if (record == NULL)
    return KS_STEP_FAIL;
  if (drives)
    {
      lock = ks_account_lock_take (ks_database_get_directory (self->database), record->user_id,
                                   record->device_id, error);
      if (lock == NULL)
        return KS_STEP_FAIL;
    }
  account = ks_account_new (self->database, self->keyring, record, g_steal_pointer (&lock), error);
  if (account == NULL)
    return KS_STEP_FAIL;
  g_signal_connect_object (account, "signed-out", G_CALLBACK (on_account_signed_out), self,
                           G_CONNECT_SWAPPED);
  set_account (self, account);
  return KS_STEP_NEXT;
}

static const KsStep load_steps[] = {
  { .name = "list", .begin = list_accounts, .end = accounts_listed },
  { .name = "read", .begin = read_account, .end = account_read },
  { 0 },
};

void
ks_profile_load_account_async (KsProfile *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  Load *op = g_new0 (Load, 1);

  op->profile = g_object_ref (self);
  ks_steps_start (load_steps, op, load_free, self, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_profile_load_account_finish (KsProfile *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
ks_profile_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KsProfile *self = KS_PROFILE (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_ACCOUNT:
      g_value_set_object (value, self->account);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_profile_finalize (GObject *object)
{
  KsProfile *self = KS_PROFILE (object);

  if (self->account != NULL)
    ks_account_stop (self->account);
  g_clear_object (&self->account);
  g_clear_object (&self->database);
  g_clear_object (&self->keyring);
  g_clear_error (&self->error);
  g_free (self->directory);
  g_free (self->store_key_file);
  g_free (self->chosen);
  g_free (self->lost_session);
  G_OBJECT_CLASS (ks_profile_parent_class)->finalize (object);
}

static void
ks_profile_class_init (KsProfileClass *class)
{
  G_OBJECT_CLASS (class)->get_property = ks_profile_get_property;
  G_OBJECT_CLASS (class)->finalize = ks_profile_finalize;

  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, KS_TYPE_PROFILE_STATE, (int) KS_PROFILE_CLOSED,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_ACCOUNT] =
      g_param_spec_object ("account", NULL, NULL, KS_TYPE_ACCOUNT,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPERTIES, properties);
}

static void
ks_profile_init (KsProfile *self)
{
}

void
ks_profile_note_lost_session (KsProfile *self, const char *device_id)
{
  g_free (self->lost_session);
  self->lost_session = g_strdup (device_id);
}

char *
ks_profile_take_lost_session (KsProfile *self)
{
  return g_steal_pointer (&self->lost_session);
}

/* The one name of @directory, which need not be there yet, whatever links lead to it:
 * the keyring tells profiles apart by it, and a key that is looked for under another
 * name counts as lost. */
static char *
resolve (const char *directory)
{
  g_autofree char *absolute = g_canonicalize_filename (directory, NULL);
  char *resolved = realpath (absolute, NULL);
  g_autofree char *parent = NULL;
  g_autofree char *name = NULL;
  g_autofree char *above = NULL;

  if (resolved != NULL || g_str_equal (absolute, "/"))
    {
      char *copy = g_strdup (resolved != NULL ? resolved : absolute);

      free (resolved);
      return copy;
    }
  parent = g_path_get_dirname (absolute);
  name = g_path_get_basename (absolute);
  above = resolve (parent);
  return g_build_filename (above, name, NULL);
}

KsProfile *
ks_profile_new (const char *directory, const char *store_key_file)
{
  KsProfile *self = g_object_new (KS_TYPE_PROFILE, NULL);
  g_autofree char *absolute = directory != NULL ? resolve (directory) : NULL;

  self->keyring = ks_keyring_new (absolute != NULL ? absolute : "default");
  self->directory = g_steal_pointer (&absolute);
  self->store_key_file = g_strdup (store_key_file);
  return self;
}
