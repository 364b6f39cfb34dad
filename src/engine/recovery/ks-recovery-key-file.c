/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/recovery/ks-recovery-key-file.h"

#include "engine/recovery/ks-recovery-turn.h"

typedef struct
{
  KsRecoveryTurn turn;
  KsRecovery *recovery; /* owned */
  KsExportReport exported;
  KsKeyReport *imported; /* owned; NULL: nothing to report */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_recovery_turn_end (&op->turn);
  ks_key_report_free (op->imported);
  g_object_unref (op->recovery);
  g_free (op);
}

/* NULL: another one is under way, as @task has told already. */
static Op *
begin (KsRecovery *self, GTask *task)
{
  Op *op = g_new0 (Op, 1);

  op->recovery = g_object_ref (self);
  g_task_set_task_data (task, op, op_free);
  return ks_recovery_turn_take (&op->turn, &self->key_file, task) ? op : NULL;
}

static void
end (GTask *task, gboolean done, GError *error)
{
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_exporting (guint64 keys, guint64 expected, gpointer data)
{
  g_signal_emit_by_name (data, "exporting", keys, expected);
}

static void
on_exported (GObject *keys, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Op *op = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean done = ks_export_keys_finish (KS_KEY_STORE (keys), result, &op->exported, &error);

  end (task, done, error);
}

void
ks_recovery_export_keys_async (KsRecovery *self,
                               const char *room_id,
                               GFile *file,
                               KsSecret *phrase,
                               KsExportFlags flags,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  /* What was written is written, whoever changed their mind just then. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_name (task, G_STRFUNC);
  if (begin (self, task) != NULL)
    ks_export_keys_async (self->keys, room_id, file, phrase, flags, on_exporting, self, cancellable,
                          on_exported, g_steal_pointer (&task));
}

gboolean
ks_recovery_export_keys_finish (KsRecovery *self,
                                GAsyncResult *result,
                                KsExportReport *report,
                                GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  ks_recovery_turn_end (&op->turn);
  if (report != NULL)
    *report = op->exported;
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_importing (guint64 keys, guint64 done, guint64 size, gpointer data)
{
  g_signal_emit_by_name (data, "importing", keys, done, size);
}

static void
on_imported (GObject *keys, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Op *op = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean done = ks_import_keys_finish (KS_KEY_STORE (keys), result, &op->imported, &error);

  if (done)
    g_signal_emit_by_name (op->recovery, "keys-changed");
  end (task, done, error);
}

void
ks_recovery_import_keys_async (KsRecovery *self,
                               GFile *file,
                               KsSecret *phrase,
                               KsImportFlags flags,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_check_cancellable (task, FALSE);
  g_task_set_name (task, G_STRFUNC);
  if (begin (self, task) != NULL)
    ks_import_keys_async (self->keys, file, phrase, flags, on_importing, self, cancellable, on_imported,
                          g_steal_pointer (&task));
}

gboolean
ks_recovery_import_keys_finish (KsRecovery *self, GAsyncResult *result, KsKeyReport **report, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  ks_recovery_turn_end (&op->turn);
  if (report != NULL)
    *report = g_steal_pointer (&op->imported);
  return g_task_propagate_boolean (G_TASK (result), error);
}
