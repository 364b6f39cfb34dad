/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/ks-recovery-private.h"

#include "base/ks-steps.h"
#include "crypto/ks-olm-account.h"
#include "engine/ks-check-key.h"
#include "engine/ks-recovery-facts.h"
#include "engine/set-up/ks-set-up-private.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-store-error.h"

G_DEFINE_FINAL_TYPE (KsRecovery, ks_recovery, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (KsRecoveryState,
                    ks_recovery_state,
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_OFFLINE, "offline"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_NOT_SET_UP, "not-set-up"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_SETTING_UP, "setting-up"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_LOCKED, "locked"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_INCOMPLETE, "incomplete"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_READY, "ready"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_UNTRUSTED, "untrusted"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_CONFLICT, "conflict"))

enum
{
  PROP_STATE = 1,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

const char *
ks_secret_name_to_string (KsSecretName name)
{
  switch (name)
    {
    case KS_SECRET_MASTER:
      return "m.cross_signing.master";
    case KS_SECRET_SELF_SIGNING:
      return "m.cross_signing.self_signing";
    case KS_SECRET_USER_SIGNING:
      return "m.cross_signing.user_signing";
    case KS_SECRET_BACKUP:
      return "m.megolm_backup.v1";
    default:
      g_return_val_if_reached (NULL);
    }
}

static void
set_state (KsRecovery *self, KsRecoveryState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

KsRecoveryState
ks_recovery_get_state (KsRecovery *self)
{
  g_return_val_if_fail (KS_IS_RECOVERY (self), KS_RECOVERY_UNKNOWN);

  return self->state;
}

const KsRecoverySnapshot *
ks_recovery_get_snapshot (KsRecovery *self)
{
  g_return_val_if_fail (KS_IS_RECOVERY (self), NULL);

  return self->snapshot;
}

gboolean
ks_recovery_is_other_key (KsRecovery *self, const KsSecret *key)
{
  const KsKeyDescription *description;

  g_return_val_if_fail (KS_IS_RECOVERY (self), FALSE);

  description = self->description;
  return description != NULL && description->has_check
         && ks_aes_hmac_check_key (key, description->iv, description->iv_size, description->mac,
                                   sizeof description->mac)
                == KS_AES_HMAC_BAD_MAC;
}

KsSetUp *
ks_recovery_get_set_up (KsRecovery *self)
{
  g_return_val_if_fail (KS_IS_RECOVERY (self), NULL);

  return self->set_up;
}

gboolean
ks_recovery_is_setting_up (KsRecovery *self)
{
  KsSetUpStage stage = ks_set_up_get_stage (self->set_up);

  return stage == KS_SET_UP_KEY_SAVED || stage == KS_SET_UP_RUNNING;
}

static void
on_set_up_stage_changed (KsRecovery *self)
{
  if (ks_recovery_is_setting_up (self))
    set_state (self, KS_RECOVERY_SETTING_UP);
}

/* Collects what there is to know.
 *
 *   1. set-up   whether an earlier start left one to go on with
 *   2. look     at the server
 *   3. secret   each of the four, here
 *   4. record   what this session knew before
 *   5. olm      this session's own keys
 *   6. count    the room keys here, and those that the current backup lacks
 *
 * Only reads. A stop anywhere leaves the snapshot before as it was. */

typedef struct
{
  KsRecovery *recovery; /* owned */
  KsRecoveryFacts facts;
  guint number; /* of those that have begun */
  int at;       /* the secret that is asked for */
} Refresh;

static void
refresh_free (gpointer data)
{
  Refresh *refresh = data;

  ks_recovery_facts_clear (&refresh->facts);
  g_object_unref (refresh->recovery);
  g_free (refresh);
}

/* What is not here, or cannot be opened, is not here. */
static gboolean
is_absent (const GError *error)
{
  return g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND)
         || g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED)
         || g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
}

static KsStepVerdict
next_unless (GError *failure, GError **error)
{
  if (failure == NULL || is_absent (failure))
    {
      g_clear_error (&failure);
      return KS_STEP_NEXT;
    }
  g_propagate_error (error, failure);
  return KS_STEP_FAIL;
}

static void
load_set_up (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_set_up_load_async (((Refresh *) data)->recovery->set_up, cancellable, ready, run);
}

static KsStepVerdict
set_up_loaded (gpointer data, GObject *set_up, GAsyncResult *result, GError **error)
{
  GError *failure = NULL;

  ks_set_up_load_finish (KS_SET_UP (set_up), result, &failure);
  return next_unless (failure, error);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsRecovery *self = ((Refresh *) data)->recovery;

  ks_server_look_async (self->http, self->user_id, self->device_id, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Refresh *refresh = data;

  refresh->facts.look = ks_server_look_finish (KS_HTTP (http), result, error);
  return refresh->facts.look != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
get_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Refresh *refresh = data;

  ks_secret_store_get_async (refresh->recovery->secret_store,
                             ks_secret_name_to_string ((KsSecretName) refresh->at), cancellable, ready, run);
}

static KsStepVerdict
got_secret (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Refresh *refresh = data;
  GError *failure = NULL;

  refresh->facts.secrets[refresh->at] =
      ks_secret_store_get_finish (KS_SECRET_STORE (store), result, &failure);
  if (next_unless (failure, error) == KS_STEP_FAIL)
    return KS_STEP_FAIL;
  return ++refresh->at < KS_N_SECRETS ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static void
get_record (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_store_get_async (((Refresh *) data)->recovery->recovery_store, cancellable, ready, run);
}

static KsStepVerdict
got_record (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Refresh *refresh = data;
  GError *failure = NULL;

  refresh->facts.record = ks_recovery_store_get_finish (KS_RECOVERY_STORE (store), result, &failure);
  return next_unless (failure, error);
}

static void
load_olm (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_olm_store_load_async (((Refresh *) data)->recovery->olm_store, cancellable, ready, run);
}

static KsStepVerdict
olm_loaded (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Refresh *refresh = data;
  GError *failure = NULL;
  g_autoptr (KsSecret) pickle = ks_olm_store_load_finish (KS_OLM_STORE (store), result, NULL, &failure);
  KsOlmAccount *account = NULL;

  if (pickle != NULL && ks_olm_account_unpickle (pickle, &account) == KS_OLM_ACCOUNT_OK)
    refresh->facts.device_key = g_strdup (ks_olm_account_ed25519 (account));
  ks_olm_account_free (account);
  return next_unless (failure, error);
}

static void
count (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Refresh *refresh = data;
  const KsBackupVersion *version = refresh->facts.look->version;

  ks_key_store_count_async (refresh->recovery->keys, version != NULL ? version->version : NULL, cancellable,
                            ready, run);
}

static KsStepVerdict
counted (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  KsRecoveryFacts *facts = &((Refresh *) data)->facts;

  return ks_key_store_count_finish (KS_KEY_STORE (store), result, &facts->total, &facts->pending,
                                    &facts->refused, error)
             ? KS_STEP_NEXT
             : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { "set-up", load_set_up, set_up_loaded, FALSE },
  { "look", look, looked, FALSE },
  { "secret", get_secret, got_secret, FALSE },
  { "record", get_record, got_record, FALSE },
  { "olm", load_olm, olm_loaded, FALSE },
  { "count", count, counted, FALSE },
  { NULL, NULL, NULL, FALSE },
};

void
ks_recovery_refresh_async (KsRecovery *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Refresh *refresh = g_new0 (Refresh, 1);

  refresh->recovery = g_object_ref (self);
  refresh->number = ++self->asked;
  refresh->facts.user_id = self->user_id;
  refresh->facts.device_id = self->device_id;
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, refresh, refresh_free);
  ks_steps_run (task, steps);
}

/* What cannot be used is as good as none. */
static void
take_description (KsRecovery *self, JsonObject *content)
{
  g_clear_pointer (&self->description, ks_key_description_free);
  if (ks_key_description_read (content, &self->description) != KS_KEY_DESCRIPTION_OK)
    self->description = NULL;
}

gboolean
ks_recovery_refresh_finish (KsRecovery *self, GAsyncResult *result, GError **error)
{
  Refresh *refresh = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) failure = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &failure))
    {
      /* One that began later has seen more. */
      if (refresh->number < self->shown)
        return TRUE;
      self->shown = refresh->number;
      ks_recovery_snapshot_free (self->snapshot);
      self->snapshot = ks_recovery_facts_judge (&refresh->facts);
      take_description (self, refresh->facts.look->description);
      set_state (self, ks_recovery_is_setting_up (self)
                           ? KS_RECOVERY_SETTING_UP
                           : ks_recovery_snapshot_to_state (self->snapshot, refresh->facts.record != NULL));
      g_signal_emit_by_name (self, "refreshed");
      return TRUE;
    }
  if (g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK)
      || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER)
      || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED))
    set_state (self, KS_RECOVERY_OFFLINE);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static void
on_key_checked (GObject *http, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  guint checked;

  if (ks_check_key_finish (KS_HTTP (http), result, &checked, &error))
    g_task_return_int (task, checked);
  else
    g_task_return_error (task, error);
}

void
ks_recovery_check_key_async (KsRecovery *self,
                             KsSecret *key,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  ks_check_key_async (self->http, self->keys, self->user_id, self->device_id, key, cancellable,
                      on_key_checked, task);
}

gboolean
ks_recovery_check_key_finish (KsRecovery *self, GAsyncResult *result, guint *checked, GError **error)
{
  gssize n = g_task_propagate_int (G_TASK (result), error);

  if (n >= 0 && checked != NULL)
    *checked = (guint) n;
  return n >= 0;
}

static void
on_keys_counted (GObject *store, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  guint64 total;

  if (ks_key_store_count_finish (KS_KEY_STORE (store), result, &total, NULL, NULL, &error))
    g_task_return_int (task, (gssize) total);
  else
    g_task_return_error (task, error);
}

void
ks_recovery_count_keys_async (KsRecovery *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  ks_key_store_count_async (self->keys, NULL, cancellable, on_keys_counted, task);
}

gboolean
ks_recovery_count_keys_finish (KsRecovery *self, GAsyncResult *result, guint64 *keys, GError **error)
{
  gssize n = g_task_propagate_int (G_TASK (result), error);

  *keys = (guint64) MAX (n, 0);
  return n >= 0;
}

static void
ks_recovery_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, (int) KS_RECOVERY (object)->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_recovery_finalize (GObject *object)
{
  KsRecovery *self = KS_RECOVERY (object);

  ks_restore_memory_free (self->restore_memory);
  ks_recovery_snapshot_free (self->snapshot);
  ks_key_description_free (self->description);
  g_clear_object (&self->keyring);
  g_object_unref (self->set_up);
  g_object_unref (self->journal);
  g_object_unref (self->keys);
  g_object_unref (self->olm_store);
  g_object_unref (self->recovery_store);
  g_object_unref (self->secret_store);
  g_free (self->device_id);
  g_free (self->user_id);
  g_object_unref (self->http);
  G_OBJECT_CLASS (ks_recovery_parent_class)->finalize (object);
}

static void
ks_recovery_class_init (KsRecoveryClass *class)
{
  G_OBJECT_CLASS (class)->get_property = ks_recovery_get_property;
  G_OBJECT_CLASS (class)->finalize = ks_recovery_finalize;

  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, KS_TYPE_RECOVERY_STATE, (int) KS_RECOVERY_UNKNOWN,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPERTIES, properties);

  g_signal_new ("restoring", KS_TYPE_RECOVERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                G_TYPE_POINTER, G_TYPE_UINT64);
  g_signal_new ("exporting", KS_TYPE_RECOVERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                G_TYPE_UINT64, G_TYPE_UINT64);
  g_signal_new ("importing", KS_TYPE_RECOVERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                G_TYPE_UINT64, G_TYPE_UINT64, G_TYPE_UINT64);
  g_signal_new ("refreshed", KS_TYPE_RECOVERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("keys-changed", KS_TYPE_RECOVERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_signal_new ("uploading", KS_TYPE_RECOVERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                G_TYPE_UINT64, G_TYPE_UINT64);
}

static void
ks_recovery_init (KsRecovery *self)
{
  self->restore_memory = ks_restore_memory_new ();
}

KsRecovery *
ks_recovery_new (KsHttp *http, KsDatabase *database, KsKeyring *keyring, const KsAccountRecord *account)
{
  KsRecovery *self = g_object_new (KS_TYPE_RECOVERY, NULL);

  self->http = g_object_ref (http);
  self->user_id = g_strdup (account->user_id);
  self->device_id = g_strdup (account->device_id);
  self->secret_store = ks_secret_store_new (database, account);
  self->recovery_store = ks_recovery_store_new (database, account);
  self->olm_store = ks_olm_store_new (database, account);
  self->keys = ks_key_store_new (database, account);
  if (keyring != NULL)
    self->keyring = g_object_ref (keyring);
  self->journal = ks_journal_new (database, account);
  self->set_up = ks_set_up_new (http, database, keyring, account);
  g_signal_connect_object (self->set_up, "notify::stage", G_CALLBACK (on_set_up_stage_changed), self,
                           G_CONNECT_SWAPPED);
  return self;
}
