/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/ks-recovery-private.h"

#include "engine/ks-server-look.h"
#include "engine/secrets/ks-key-description.h"
#include "matrix/ks-matrix-error.h"

struct _KsRecovery
{
  GObject parent;

  KsHttp *http;    /* owned */
  char *user_id;   /* owned */
  char *device_id; /* owned */
  KsRecoveryState state;
  KsRecoverySnapshot *snapshot; /* owned; NULL before the first refresh */
};

G_DEFINE_FINAL_TYPE (KsRecovery, ks_recovery, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (KsRecoveryState,
                    ks_recovery_state,
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_OFFLINE, "offline"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_NOT_SET_UP, "not-set-up"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_LOCKED, "locked"),
                    G_DEFINE_ENUM_VALUE (KS_RECOVERY_INCOMPLETE, "incomplete"))

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
snapshot_free (KsRecoverySnapshot *snapshot)
{
  if (snapshot == NULL)
    return;
  g_free (snapshot->default_key_id);
  g_free (snapshot->backup_version);
  g_free (snapshot->backup_etag);
  g_free (snapshot);
}

static KsRecoveryState
state_of (const KsRecoverySnapshot *seen)
{
  gboolean any = seen->default_key_id != NULL || seen->backup_version != NULL;
  gboolean all = seen->key_described && seen->backup_readable;

  for (int i = 0; i < KS_N_SECRETS; i++)
    all = all && seen->stored[i];
  for (int i = 0; i < KS_N_SECRETS - 1; i++)
    {
      any = any || seen->published[i];
      all = all && seen->published[i];
    }
  if (!any)
    return KS_RECOVERY_NOT_SET_UP;
  return all ? KS_RECOVERY_LOCKED : KS_RECOVERY_INCOMPLETE;
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

/* What can be said about @look without believing any of it. */
static KsRecoverySnapshot *
snapshot_of (const KsServerLook *look)
{
  KsRecoverySnapshot *seen = g_new0 (KsRecoverySnapshot, 1);
  g_autoptr (KsKeyDescription) description = NULL;

  seen->default_key_id = g_strdup (look->default_key_id);
  seen->key_described = ks_key_description_read (look->description, &description) == KS_KEY_DESCRIPTION_OK;
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsEncryptedSecret) secret = NULL;

      seen->stored[i] = look->default_key_id != NULL
                        && ks_encrypted_secret_read (look->secrets[i], look->default_key_id, &secret)
                               == KS_KEY_DESCRIPTION_OK;
    }
  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    seen->published[i] = look->identity_keys[i] != NULL;
  seen->device_published = look->device != NULL;
  if (look->version != NULL)
    {
      seen->backup_version = g_strdup (look->version->version);
      seen->backup_etag = g_strdup (look->version->etag);
      seen->backup_count = look->version->count;
      seen->backup_readable = g_str_equal (look->version->algorithm, KS_BACKUP_ALGORITHM);
    }
  return seen;
}

static void
on_looked (GObject *http, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  KsServerLook *look = ks_server_look_finish (KS_HTTP (http), result, &error);

  if (look == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, look, (GDestroyNotify) ks_server_look_free);
}

void
ks_recovery_refresh_async (KsRecovery *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  ks_server_look_async (self->http, self->user_id, self->device_id, cancellable, on_looked, task);
}

gboolean
ks_recovery_refresh_finish (KsRecovery *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (KsServerLook) look = g_task_propagate_pointer (G_TASK (result), &failure);

  if (look != NULL)
    {
      snapshot_free (self->snapshot);
      self->snapshot = snapshot_of (look);
      set_state (self, state_of (self->snapshot));
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

  snapshot_free (self->snapshot);
  g_object_unref (self->http);
  g_free (self->user_id);
  g_free (self->device_id);
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
}

static void
ks_recovery_init (KsRecovery *self)
{
}

KsRecovery *
ks_recovery_new (KsHttp *http, const char *user_id, const char *device_id)
{
  KsRecovery *self = g_object_new (KS_TYPE_RECOVERY, NULL);

  self->http = g_object_ref (http);
  self->user_id = g_strdup (user_id);
  self->device_id = g_strdup (device_id);
  return self;
}
