/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-unlock-note-store.h"

#include "base/ks-steps.h"
#include "store/ks-store-error.h"

/* Saves.
 *
 *   1. begin   the row, where there is none
 *   2. update  the one that is there
 *
 * Each is one transaction: a stop leaves the note before, or this one. */

typedef struct
{
  KsJournal *journal; /* owned */
  KsSecret *payload;  /* owned */
} Save;

static void
save_free (gpointer data)
{
  Save *save = data;

  ks_secret_unref (save->payload);
  g_object_unref (save->journal);
  g_free (save);
}

static void
begin (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Save *save = data;

  ks_journal_begin_async (save->journal, KS_UNLOCK_NOTE_KIND, KS_UNLOCK_NOTE_STEP, save->payload, cancellable,
                          ready, run);
}

static KsStepVerdict
begun (gpointer data, GObject *journal, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (ks_journal_begin_finish (KS_JOURNAL (journal), result, &failure))
    return KS_STEP_DONE;
  if (g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_EXISTS))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
update (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Save *save = data;

  ks_journal_update_async (save->journal, KS_UNLOCK_NOTE_KIND, KS_UNLOCK_NOTE_STEP, save->payload,
                           cancellable, ready, run);
}

static KsStepVerdict
updated (gpointer data, GObject *journal, GAsyncResult *result, GError **error)
{
  return ks_journal_update_finish (KS_JOURNAL (journal), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep save_steps[] = {
  { .name = "begin note", .begin = begin, .end = begun },
  { .name = "update note", .begin = update, .end = updated },
  { 0 },
};

static void
on_ended (GObject *journal, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (ks_journal_end_finish (KS_JOURNAL (journal), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ks_unlock_note_save_async (KsJournal *journal,
                           const KsUnlockNote *note,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (journal, cancellable, callback, user_data);
  Save *save;

  g_task_set_name (task, G_STRFUNC);
  if (note == NULL)
    {
      ks_journal_end_async (journal, KS_UNLOCK_NOTE_KIND, cancellable, on_ended, task);
      return;
    }
  save = g_new0 (Save, 1);
  save->journal = g_object_ref (journal);
  save->payload = ks_unlock_note_write (note);
  g_task_set_task_data (task, save, save_free);
  ks_steps_run (task, save_steps);
}

gboolean
ks_unlock_note_save_finish (KsJournal *journal, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
free_note (gpointer note)
{
  ks_unlock_note_free (note);
}

static gboolean
is_absent (const GError *error)
{
  return g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND)
         || g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED)
         || g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
}

static void
on_got (GObject *journal, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (KsJournalEntry) entry = ks_journal_get_finish (KS_JOURNAL (journal), result, &error);

  if (entry != NULL)
    g_task_return_pointer (task, ks_unlock_note_read (entry->payload), free_note);
  else if (is_absent (error))
    {
      g_error_free (error);
      g_task_return_pointer (task, NULL, NULL);
    }
  else
    g_task_return_error (task, error);
}

void
ks_unlock_note_load_async (KsJournal *journal,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (journal, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  ks_journal_get_async (journal, KS_UNLOCK_NOTE_KIND, cancellable, on_got, task);
}

gboolean
ks_unlock_note_load_finish (KsJournal *journal, GAsyncResult *result, KsUnlockNote **note, GError **error)
{
  g_autoptr (GError) failure = NULL;

  *note = g_task_propagate_pointer (G_TASK (result), &failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
