/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-old-key.h"

#include "base/ks-steps.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"
#include "engine/unlock/ks-find-key.h"
#include "matrix/ks-api-account-data.h"

#include <string.h>

/* Looks.
 *
 *   1. list  the descriptions of all keys that the account ever had
 *   2. find  which of them it fits, in a thread; left out if there are none
 *
 * Only reads. */

typedef struct
{
  KsHttp *http;      /* owned */
  KsKeyEntry *entry; /* owned; NULL once it is tried */
  GStrv tried;       /* owned */
  GPtrArray *locks;  /* owned: KsKeyLock elements */
  gboolean is_old;
} Op;

static void
free_lock (gpointer lock)
{
  ks_key_lock_free (lock);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  g_ptr_array_unref (op->locks);
  g_strfreev (op->tried);
  ks_key_entry_free (op->entry);
  g_object_unref (op->http);
  g_free (op);
}

static void
list (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_account_data_list_async (((Op *) data)->http, KS_KEY_TYPE_PREFIX, cancellable, ready, run);
}

static KsStepVerdict
listed (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (JsonObject) found = ks_api_account_data_list_finish (KS_HTTP (http), result, error);
  JsonObject *none[KS_N_SECRETS] = { NULL };
  g_autoptr (GList) types = NULL;

  if (found == NULL)
    return KS_STEP_FAIL;
  types = json_object_get_members (found);
  for (GList *type = types; type != NULL && op->locks->len < KS_OLD_KEY_MAX; type = type->next)
    {
      const char *key_id = (const char *) type->data + strlen (KS_KEY_TYPE_PREFIX);
      KsKeyLock *lock;

      if (!g_str_has_prefix (type->data, KS_KEY_TYPE_PREFIX)
          || g_strv_contains ((const char *const *) op->tried, key_id))
        continue;
      lock = ks_key_lock_new_storage (key_id, json_object_get_object_member (found, type->data), none);
      if (lock != NULL)
        g_ptr_array_add (op->locks, lock);
    }
  return op->locks->len > 0 ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
find (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_find_key_async (g_steal_pointer (&op->entry), op->locks, cancellable, ready, run);
}

static KsStepVerdict
found (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;
  g_autoptr (KsFoundKey) fits = ks_find_key_finish (result, &failure);

  op->is_old = fits != NULL;
  if (fits != NULL || failure->domain == KS_RECOVERY_ERROR)
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "list", .begin = list, .end = listed },
  { .name = "find old", .begin = find, .end = found },
  { 0 },
};

void
ks_old_key_look_async (KsHttp *http,
                       KsKeyEntry *entry,
                       GStrv tried,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->http = g_object_ref (http);
  op->entry = entry;
  op->tried = g_strdupv (tried);
  op->locks = g_ptr_array_new_with_free_func (free_lock);
  ks_steps_start (steps, op, op_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_old_key_look_finish (KsHttp *http, GAsyncResult *result, gboolean *is_old, GError **error)
{
  *is_old = ((Op *) g_task_get_task_data (G_TASK (result)))->is_old;
  return g_task_propagate_boolean (G_TASK (result), error);
}
