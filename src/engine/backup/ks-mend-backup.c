/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/backup/ks-mend-backup.h"

#include "base/ks-steps.h"
#include "matrix/ks-api-backup.h"
#include "matrix/ks-matrix-error.h"

/* Mends.
 *
 *   1. forget  that the keys are in the backup: those that are missing or spoilt, or all
 *   2. delete  what is spoilt, one after another. A server keeps an entry unless another
 *              one looks better by what is written beside it, and one that does not open
 *              with the backup's own key, or has less in it than is here, is of use to
 *              nobody
 *
 * Stopped anywhere, the keys are here and pending: the next upload goes on. */

typedef struct
{
  KsHttp *http;      /* owned */
  KsKeyStore *keys;  /* owned */
  char *version;     /* owned */
  KsDrillLoss *loss; /* owned */
  GPtrArray *listed; /* owned; elements borrowed from loss */
  guint at;          /* the spoilt one at hand */
} Mend;

static void
mend_free (gpointer data)
{
  Mend *mend = data;

  g_ptr_array_unref (mend->listed);
  ks_drill_loss_free (mend->loss);
  g_free (mend->version);
  g_object_unref (mend->keys);
  g_object_unref (mend->http);
  g_free (mend);
}

static void
forget (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Mend *mend = data;

  g_message ("the backup lost room keys: %s are offered again", mend->loss->many ? "all" : "those");
  if (mend->loss->many)
    ks_key_store_reset_marks_async (mend->keys, mend->version, cancellable, ready, run);
  else
    ks_key_store_unmark_async (mend->keys, mend->version, mend->listed, cancellable, ready, run);
}

static KsStepVerdict
forgotten (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Mend *mend = data;

  if (mend->loss->many ? !ks_key_store_reset_marks_finish (KS_KEY_STORE (store), result, error)
                       : !ks_key_store_unmark_finish (KS_KEY_STORE (store), result, error))
    return KS_STEP_FAIL;
  return mend->loss->spoilt->len > 0 ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
delete_entry (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Mend *mend = data;
  const KsStoredRoomKey *key = g_ptr_array_index (mend->loss->spoilt, mend->at);

  ks_api_backup_delete_keys_async (mend->http, mend->version, key->room_id, key->session_id, cancellable,
                                   ready, run);
}

static KsStepVerdict
entry_deleted (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Mend *mend = data;

  if (!ks_api_backup_delete_keys_finish (KS_HTTP (http), result, NULL, NULL, error))
    return KS_STEP_FAIL;
  return ++mend->at < mend->loss->spoilt->len ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "forget", .begin = forget, .end = forgotten },
  { .name = "delete", .begin = delete_entry, .end = entry_deleted },
  { 0 },
};

void
ks_mend_backup_async (KsHttp *http,
                      KsKeyStore *keys,
                      const char *version,
                      KsDrillLoss *loss,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  Mend *mend = g_new0 (Mend, 1);

  mend->http = g_object_ref (http);
  mend->keys = g_object_ref (keys);
  mend->version = g_strdup (version);
  mend->loss = loss;
  mend->listed = g_ptr_array_new ();
  for (guint i = 0; i < loss->missing->len; i++)
    g_ptr_array_add (mend->listed, g_ptr_array_index (loss->missing, i));
  for (guint i = 0; i < loss->spoilt->len; i++)
    g_ptr_array_add (mend->listed, g_ptr_array_index (loss->spoilt, i));
  ks_steps_start (steps, mend, mend_free, http, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_mend_backup_finish (KsHttp *http, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
