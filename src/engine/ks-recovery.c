/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/ks-recovery-private.h"

#include "base/ks-steps.h"
#include "engine/secrets/ks-key-description.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-api-account-data.h"
#include "matrix/ks-api-backup.h"
#include "matrix/ks-api-keys.h"
#include "matrix/ks-json.h"
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

/* Looks what the account has on the server.
 *
 *   1. default   which key secret storage is encrypted to
 *   2. key       whether anybody could tell that a key is the right one
 *   3. secret    whether each of the four is there under it (a request each)
 *   4. identity  the cross-signing keys and this session's own
 *   5. backup    the current version
 *
 * Only reads. A stop anywhere leaves the snapshot before as it was. */

typedef struct
{
  KsRecovery *recovery;     /* owned */
  KsRecoverySnapshot *seen; /* owned */
  KsSecretName at;          /* the secret that is asked for */
} Refresh;

static void
refresh_free (gpointer data)
{
  Refresh *refresh = data;

  snapshot_free (refresh->seen);
  g_object_unref (refresh->recovery);
  g_free (refresh);
}

static void
get_default (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsRecovery *self = ((Refresh *) op)->recovery;

  ks_api_account_data_get_async (self->http, self->user_id, KS_DEFAULT_KEY_TYPE, cancellable, ready, run);
}

static KsStepVerdict
got_default (gpointer op, GObject *http, GAsyncResult *result, GError **error)
{
  Refresh *refresh = op;
  g_autoptr (JsonObject) content = NULL;
  const char *key = NULL;

  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &content, error))
    return KS_STEP_FAIL;
  /* An empty object or key is how other clients switch secret storage off. */
  if (!ks_json_get_string (content, "key", &key) || key[0] == '\0')
    return KS_STEP_SKIP; /* "key" */
  refresh->seen->default_key_id = g_strdup (key);
  return KS_STEP_NEXT;
}

static void
get_key (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Refresh *refresh = op;
  KsRecovery *self = refresh->recovery;
  g_autofree char *type = g_strconcat (KS_KEY_TYPE_PREFIX, refresh->seen->default_key_id, NULL);

  ks_api_account_data_get_async (self->http, self->user_id, type, cancellable, ready, run);
}

static KsStepVerdict
got_key (gpointer op, GObject *http, GAsyncResult *result, GError **error)
{
  Refresh *refresh = op;
  g_autoptr (JsonObject) content = NULL;
  g_autoptr (KsKeyDescription) description = NULL;

  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &content, error))
    return KS_STEP_FAIL;
  refresh->seen->key_described = ks_key_description_read (content, &description) == KS_KEY_DESCRIPTION_OK;
  return KS_STEP_NEXT;
}

static void
get_secret (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Refresh *refresh = op;
  KsRecovery *self = refresh->recovery;

  ks_api_account_data_get_async (self->http, self->user_id, ks_secret_name_to_string (refresh->at),
                                 cancellable, ready, run);
}

static KsStepVerdict
got_secret (gpointer op, GObject *http, GAsyncResult *result, GError **error)
{
  Refresh *refresh = op;
  g_autoptr (JsonObject) content = NULL;
  g_autoptr (KsEncryptedSecret) secret = NULL;
  const char *key_id = refresh->seen->default_key_id;

  if (!ks_api_account_data_get_finish (KS_HTTP (http), result, &content, error))
    return KS_STEP_FAIL;
  refresh->seen->stored[refresh->at] =
      key_id != NULL && ks_encrypted_secret_read (content, key_id, &secret) == KS_KEY_DESCRIPTION_OK;
  return ++refresh->at < KS_N_SECRETS ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static void
get_identity (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsRecovery *self = ((Refresh *) op)->recovery;
  const char *user_ids[] = { self->user_id, NULL };

  ks_api_keys_query_async (self->http, user_ids, cancellable, ready, run);
}

static KsStepVerdict
got_identity (gpointer op, GObject *http, GAsyncResult *result, GError **error)
{
  Refresh *refresh = op;
  KsRecovery *self = refresh->recovery;
  g_autoptr (KsKeysQuery) query = ks_api_keys_query_finish (KS_HTTP (http), result, error);
  JsonObject *devices = NULL;
  JsonObject *key = NULL;

  if (query == NULL)
    return KS_STEP_FAIL;
  refresh->seen->published[KS_SECRET_MASTER] = ks_json_get_object (query->master_keys, self->user_id, &key);
  refresh->seen->published[KS_SECRET_SELF_SIGNING] =
      ks_json_get_object (query->self_signing_keys, self->user_id, &key);
  refresh->seen->published[KS_SECRET_USER_SIGNING] =
      ks_json_get_object (query->user_signing_keys, self->user_id, &key);
  ks_json_get_object (query->device_keys, self->user_id, &devices);
  refresh->seen->device_published = ks_json_get_object (devices, self->device_id, &key);
  return KS_STEP_NEXT;
}

static void
get_backup (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_backup_get_version_async (((Refresh *) op)->recovery->http, NULL, cancellable, ready, run);
}

static KsStepVerdict
got_backup (gpointer op, GObject *http, GAsyncResult *result, GError **error)
{
  Refresh *refresh = op;
  g_autoptr (KsBackupVersion) version = NULL;

  if (!ks_api_backup_get_version_finish (KS_HTTP (http), result, &version, error))
    return KS_STEP_FAIL;
  if (version != NULL)
    {
      refresh->seen->backup_version = g_strdup (version->version);
      refresh->seen->backup_etag = g_strdup (version->etag);
      refresh->seen->backup_count = version->count;
      refresh->seen->backup_readable = g_str_equal (version->algorithm, KS_BACKUP_ALGORITHM);
    }
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { "default", get_default, got_default, FALSE }, { "key", get_key, got_key, FALSE },
  { "secret", get_secret, got_secret, FALSE },    { "identity", get_identity, got_identity, FALSE },
  { "backup", get_backup, got_backup, FALSE },    { NULL, NULL, NULL, FALSE },
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
  refresh->seen = g_new0 (KsRecoverySnapshot, 1);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, refresh, refresh_free);
  ks_steps_run (task, steps);
}

gboolean
ks_recovery_refresh_finish (KsRecovery *self, GAsyncResult *result, GError **error)
{
  Refresh *refresh = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) failure = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &failure))
    {
      snapshot_free (self->snapshot);
      self->snapshot = g_steal_pointer (&refresh->seen);
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
