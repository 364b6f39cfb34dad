/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs an operation of several steps: a table in running order instead of a
 * chain of nested callbacks. It knows nothing of what the steps do.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a step that has ended wants next. */
typedef enum
{
  KS_STEP_FAIL,  /* the step has set its error; the operation ends with it */
  KS_STEP_NEXT,  /* go on with the following row, or end well after the last */
  KS_STEP_SKIP,  /* leave out the following row and go on with the one after it */
  KS_STEP_AGAIN, /* run this row once more (the next batch of an upload) */
  KS_STEP_DONE,  /* end well here and now, leaving out the rows that follow */
} KsStepVerdict;

/* A row of the table.
 *
 * @when says whether the row is run at all; NULL: always. It only looks, and is asked each time that the row
 * is come to.
 *
 * @begin starts the step's asynchronous call and hands @ready and @run to it as
 * callback and user data; it is NULL for a step that waits for nothing.
 * @end finishes that call. @source and @result are NULL where @begin is NULL.
 *
 * From the first row that is @committed on, the operation no longer answers to
 * its cancellable: @begin is given NULL instead of it, and what the operation
 * returns is never replaced by G_IO_ERROR_CANCELLED. Set it on the row that
 * changes what others can see, and on all that follow (later rows count as
 * committed by themselves). */
typedef struct
{
  const char *name;
  gboolean (*when) (gpointer op);
  void (*begin) (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run);
  KsStepVerdict (*end) (gpointer op, GObject *source, GAsyncResult *result, GError **error);
  gboolean committed;
} KsStep;

/* Runs @steps, ended by a row of zeros, which must outlive the operation.
 *
 * Takes @task over. Its task data is the "op" that every step is given; the
 * results of the operation are kept there too, for the _finish function. The
 * task returns TRUE, or the error of the step that failed. A step is never
 * entered once the operation's cancellable was cancelled. The task's callback
 * never runs before this function has returned. */
void ks_steps_run (GTask *task, const KsStep *steps);

/* The same with a task that is made here. @op is taken over, and freed with @op_free. @source is what the
 * callback is given; NULL: nothing. @name: of the operation, static; G_STRFUNC. */
void ks_steps_start (const KsStep *steps,
                     gpointer op,
                     GDestroyNotify op_free,
                     gpointer source,
                     const char *name,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);

G_END_DECLS
