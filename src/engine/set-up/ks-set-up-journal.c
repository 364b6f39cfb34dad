/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A set-up's row in the journal: written, read at the next start, wiped at the end.
 */

#include "engine/set-up/ks-set-up-private.h"

#include "store/ks-store-error.h"

/* Writing. */

typedef struct
{
  KsSetUp *set_up; /* owned */
  char *step;      /* owned */
} Write;

static void
write_free (gpointer data)
{
  Write *write = data;

  g_object_unref (write->set_up);
  g_free (write->step);
  g_free (write);
}

static void
on_written (GObject *journal, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Write *write = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean ok = write->set_up->step == NULL ? ks_journal_begin_finish (KS_JOURNAL (journal), result, &error)
                                            : ks_journal_update_finish (KS_JOURNAL (journal), result, &error);

  if (!ok)
    {
      g_task_return_error (task, error);
      return;
    }
  g_free (write->set_up->step);
  write->set_up->step = g_steal_pointer (&write->step);
  g_task_return_boolean (task, TRUE);
}

void
ks_set_up_write_journal_async (KsSetUp *self,
                               const char *step,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Write *write = g_new0 (Write, 1);
  g_autoptr (KsSecret) payload = ks_set_up_secrets_write (self->secrets);

  write->set_up = g_object_ref (self);
  write->step = g_strdup (step);
  g_task_set_name (task, G_STRFUNC);
  /* The journal looks at the cancellable itself: what it has on the disk is never
   * "cancelled". */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, write, write_free);
  if (self->step == NULL)
    ks_journal_begin_async (self->journal, KS_SET_UP_KIND, step, payload, cancellable, on_written, task);
  else
    ks_journal_update_async (self->journal, KS_SET_UP_KIND, step, payload, cancellable, on_written, task);
}

gboolean
ks_set_up_write_journal_finish (KsSetUp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Ending. */

static void
on_ended (GObject *journal, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  KsSetUp *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!ks_journal_end_finish (KS_JOURNAL (journal), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_clear_pointer (&self->step, g_free);
  g_clear_pointer (&self->orphans, g_hash_table_unref);
  self->damaged = FALSE;
  g_task_return_boolean (task, TRUE);
}

void
ks_set_up_end_journal_async (KsSetUp *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_check_cancellable (task, FALSE);
  ks_journal_end_async (self->journal, KS_SET_UP_KIND, cancellable, on_ended, task);
}

gboolean
ks_set_up_end_journal_finish (KsSetUp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Loading. */

static void
on_loaded (GObject *journal, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  KsSetUp *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (KsJournalEntry) entry = ks_journal_get_finish (KS_JOURNAL (journal), result, &error);

  if (g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    {
      g_error_free (error);
      g_task_return_boolean (task, TRUE);
      return;
    }
  /* Of two that load at once the later must not take anything from under what the
   * earlier has made possible. */
  if (self->stage != KS_SET_UP_NONE || self->step != NULL)
    {
      g_clear_error (&error);
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (entry == NULL)
    {
      self->damaged = g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
      g_task_return_error (task, error);
      return;
    }
  ks_set_up_secrets_free (self->secrets);
  self->secrets = ks_set_up_secrets_read (entry->payload);
  self->damaged = self->secrets == NULL;
  if (self->damaged)
    {
      g_task_return_new_error (task, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED,
                               "the journal of the set-up cannot be read");
      return;
    }
  g_free (self->step);
  self->step = g_strdup (entry->step);
  ks_set_up_set_stage (self,
                       g_str_equal (entry->step, KS_SET_UP_MADE) ? KS_SET_UP_KEY_MADE : KS_SET_UP_KEY_SAVED);
  g_task_return_boolean (task, TRUE);
}

void
ks_set_up_load_async (KsSetUp *self,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  if (self->stage != KS_SET_UP_NONE)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  ks_journal_get_async (self->journal, KS_SET_UP_KIND, cancellable, on_loaded, task);
}

gboolean
ks_set_up_load_finish (KsSetUp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
