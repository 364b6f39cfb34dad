/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/ks-steps.h"

typedef struct
{
  GTask *task;      /* owned */
  const KsStep *at; /* borrowed: the row that runs */
  gboolean committed;
} Run;

static gboolean go_on (Run *run, GObject *source, GAsyncResult *result);

static void
run_free (Run *run)
{
  g_object_unref (run->task);
  g_free (run);
}

static void
on_step_ready (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;

  if (!go_on (run, source, result))
    run_free (run);
}

/* Enters the row at hand, or the next one that is to run. TRUE: it waits, and on_step_ready() will be called. */
static gboolean
enter (Run *run)
{
  GCancellable *cancellable = g_task_get_cancellable (run->task);
  gpointer op = g_task_get_task_data (run->task);

  while (run->at->end != NULL && run->at->when != NULL && !run->at->when (op))
    run->at++;
  if (run->at->end == NULL)
    {
      g_task_return_boolean (run->task, TRUE);
      return FALSE;
    }
  if (run->at->committed && !run->committed)
    {
      if (g_task_return_error_if_cancelled (run->task))
        return FALSE;
      run->committed = TRUE;
      g_task_set_check_cancellable (run->task, FALSE);
    }
  if (!run->committed && g_task_return_error_if_cancelled (run->task))
    return FALSE;

  if (run->at->begin == NULL)
    return go_on (run, NULL, NULL);

  g_debug ("step %s", run->at->name);
  run->at->begin (op, run->committed ? NULL : cancellable, on_step_ready, run);
  return TRUE;
}

/* Ends the row at hand and enters the one that its verdict names. */
static gboolean
go_on (Run *run, GObject *source, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  KsStepVerdict verdict = run->at->end (g_task_get_task_data (run->task), source, result, &error);

  g_assert ((verdict == KS_STEP_FAIL) == (error != NULL));
  g_assert (verdict != KS_STEP_SKIP || run->at[1].end != NULL);

  switch (verdict)
    {
    case KS_STEP_FAIL:
      g_task_return_error (run->task, g_steal_pointer (&error));
      return FALSE;
    case KS_STEP_AGAIN:
      return enter (run);
    case KS_STEP_DONE:
      g_task_return_boolean (run->task, TRUE);
      return FALSE;
    case KS_STEP_SKIP:
    case KS_STEP_NEXT:
    default:
      run->at += verdict == KS_STEP_SKIP ? 2 : 1;
      return enter (run);
    }
}

static gboolean
on_started (gpointer data)
{
  Run *run = data;

  if (!enter (run))
    run_free (run);
  return G_SOURCE_REMOVE;
}

void
ks_steps_run (GTask *task, const KsStep *steps)
{
  Run *run = g_new0 (Run, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_return_if_fail (G_IS_TASK (task) && steps->end != NULL);

  run->task = task;
  run->at = steps;

  /* From the main loop, so that a first row without a wait cannot call the
   * caller back from inside its own call. */
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, on_started, run, NULL);
  g_source_set_static_name (source, "ks_steps_run");
  g_source_attach (source, g_task_get_context (task));
}

void
ks_steps_start (const KsStep *steps,
                gpointer op,
                GDestroyNotify op_free,
                gpointer source,
                const char *name,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  GTask *task = g_task_new (source, cancellable, callback, user_data);

  g_task_set_name (task, name);
  g_task_set_task_data (task, op, op_free);
  ks_steps_run (task, steps);
}
