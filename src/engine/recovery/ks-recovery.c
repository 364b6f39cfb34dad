/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-private.h"

#include "engine/recovery/ks-check-key.h"
#include "engine/recovery/ks-recovery-facts.h"
#include "engine/recovery/ks-recovery-state.h"
#include "engine/set-up/ks-set-up-private.h"

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

void
ks_recovery_set_state (KsRecovery *self, KsRecoveryState state)
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

const char *
ks_next_step_to_string (KsNextStep step)
{
  switch (step)
    {
    case KS_NEXT_STEP_NONE:
      return "none";
    case KS_NEXT_STEP_SET_UP:
      return "set-up";
    case KS_NEXT_STEP_UNLOCK:
      return "unlock";
    case KS_NEXT_STEP_REPAIR:
      return "repair";
    case KS_NEXT_STEP_ACCEPT_IDENTITY:
      return "accept-identity";
    case KS_NEXT_STEP_RETRY:
      return "retry";
    case KS_NEXT_STEP_OTHER_SESSION:
      return "other-session";
    default:
      g_return_val_if_reached (NULL);
    }
}

KsNextStep
ks_recovery_get_next_step (KsRecovery *self)
{
  g_return_val_if_fail (KS_IS_RECOVERY (self), KS_NEXT_STEP_RETRY);

  if (self->snapshot == NULL)
    return KS_NEXT_STEP_RETRY;
  return ks_recovery_snapshot_to_next_step (self->snapshot, self->state, self->plan);
}

gboolean
ks_recovery_is_backup_open (KsRecovery *self)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (self);

  return seen != NULL && seen->backup_version != NULL && seen->backup_readable
         && seen->matches[KS_SECRET_BACKUP];
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
    ks_recovery_set_state (self, KS_RECOVERY_SETTING_UP);
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
  ks_repair_plan_free (self->plan);
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
  g_signal_new ("repairing", KS_TYPE_RECOVERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_INT);
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
