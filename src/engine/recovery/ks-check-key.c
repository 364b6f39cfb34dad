/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-check-key.h"

#include "base/ks-steps.h"
#include "crypto/ks-signing.h"
#include "engine/backup/ks-backup-auth.h"
#include "engine/backup/ks-drill.h"
#include "engine/identity/ks-server-look.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"

/* Checks.
 *
 *   1. look   at all that is there
 *   2. open   the four secrets, and compare them with what is published
 *   3. drill  some of the room keys
 *
 * Only reads. */

typedef struct
{
  KsHttp *http;       /* owned */
  KsKeyStore *keys;   /* owned */
  char *user_id;      /* owned */
  char *device_id;    /* owned */
  KsSecret *key;      /* owned */
  KsServerLook *seen; /* owned */
  guint checked;
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  ks_server_look_free (check->seen);
  ks_secret_unref (check->key);
  g_free (check->device_id);
  g_free (check->user_id);
  g_object_unref (check->keys);
  g_object_unref (check->http);
  g_free (check);
}

static KsStepVerdict
fail (GError **error, KsRecoveryError code, const char *message)
{
  g_set_error_literal (error, KS_RECOVERY_ERROR, (int) code, message);
  return KS_STEP_FAIL;
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Check *check = data;

  ks_server_look_async (check->http, check->user_id, check->device_id, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Check *check = data;

  check->seen = ks_server_look_finish (KS_HTTP (http), result, error);
  if (check->seen == NULL)
    return KS_STEP_FAIL;
  if (check->seen->default_key_id == NULL || check->seen->version == NULL)
    return fail (error, KS_RECOVERY_ERROR_NOT_SET_UP, "there is no secret storage, or no backup");
  return KS_STEP_NEXT;
}

/* Is @value the private half of what is published? */
static gboolean
matches (Check *check, int name, const KsSecret *value)
{
  uint8_t public_key[KS_SIGNING_PUBLIC_KEY_SIZE];

  if (name == KS_SECRET_BACKUP)
    return ks_backup_auth_trust (check->seen->version, check->user_id, value, NULL) == KS_BACKUP_TRUST_KEY;
  return check->seen->identity.published[name] && ks_signing_public_key (value, public_key)
         && ks_bytes_equal (public_key, check->seen->identity.keys[name], sizeof public_key);
}

static KsStepVerdict
open_secrets (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Check *check = data;
  guint opened = 0;
  guint matching = 0;

  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autoptr (KsSecret) value = NULL;
      KsStoredSecretResult stored =
          ks_secret_storage_open (check->seen->secrets[i], ks_secret_name_to_string ((KsSecretName) i),
                                  check->seen->default_key_id, check->key, &value);

      if (stored != KS_STORED_SECRET_OK && stored != KS_STORED_SECRET_ODD)
        continue;
      opened++;
      matching += matches (check, i, value) ? 1 : 0;
    }
  if (opened == 0)
    return fail (error, KS_RECOVERY_ERROR_WRONG_KEY, "the key opens none of the secrets");
  if (opened < KS_N_SECRETS)
    return fail (error, KS_RECOVERY_ERROR_CORRUPT, "the key does not open all of the secrets");
  if (matching < KS_N_SECRETS)
    return fail (error, KS_RECOVERY_ERROR_CORRUPT, "what the key opens is not what is published");
  return KS_STEP_NEXT;
}

static void
drill (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Check *check = data;

  ks_drill_async (check->http, check->keys, check->user_id, check->seen->default_key_id,
                  check->seen->version->version, check->key, cancellable, ready, run);
}

static KsStepVerdict
drilled (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Check *check = data;

  return ks_drill_finish (KS_HTTP (http), result, &check->checked, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "open", .end = open_secrets },
  { .name = "drill", .begin = drill, .end = drilled },
  { 0 },
};

void
ks_check_key_async (KsHttp *http,
                    KsKeyStore *keys,
                    const char *user_id,
                    const char *device_id,
                    KsSecret *key,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  Check *check = g_new0 (Check, 1);

  check->http = g_object_ref (http);
  check->keys = g_object_ref (keys);
  check->user_id = g_strdup (user_id);
  check->device_id = g_strdup (device_id);
  check->key = ks_secret_ref (key);
  ks_steps_start (steps, check, check_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_check_key_finish (KsHttp *http, GAsyncResult *result, guint *checked, GError **error)
{
  Check *check = g_task_get_task_data (G_TASK (result));

  if (checked != NULL)
    *checked = check->checked;
  return g_task_propagate_boolean (G_TASK (result), error);
}
