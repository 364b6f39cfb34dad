/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/ks-steps.h"

typedef struct
{
  GString *trace;            /* owned */
  int batches;               /* what "batch" still wants to do */
  const char *fail_at;       /* borrowed */
  const char *cancel_in;     /* borrowed */
  gboolean skip;             /* in "a" */
  GCancellable *cancellable; /* borrowed */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_string_free (op->trace, TRUE);
  g_free (op);
}

static gboolean
on_timeout (gpointer data)
{
  GTask *task = data;

  if (!g_task_return_error_if_cancelled (task))
    g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

static void
wait_a_little (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  GTask *task = g_task_new (NULL, cancellable, ready, run);

  g_string_append_c (((Op *) op)->trace, cancellable != NULL ? '(' : '[');
  g_idle_add_full (G_PRIORITY_DEFAULT, on_timeout, task, g_object_unref);
}

static KsStepVerdict
ended (Op *op, const char *name, GAsyncResult *result, GError **error)
{
  g_string_append (op->trace, name);
  if (g_strcmp0 (op->cancel_in, name) == 0)
    g_cancellable_cancel (op->cancellable);
  if (g_strcmp0 (op->fail_at, name) == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS, name);
      return KS_STEP_FAIL;
    }
  if (result != NULL && !g_task_propagate_boolean (G_TASK (result), error))
    return KS_STEP_FAIL;
  return KS_STEP_NEXT;
}

static KsStepVerdict
first (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsStepVerdict verdict = ended (op, "a", result, error);

  return verdict == KS_STEP_NEXT && ((Op *) op)->skip ? KS_STEP_SKIP : verdict;
}

static KsStepVerdict
batch (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  KsStepVerdict verdict = ended (op, "b", result, error);

  if (verdict == KS_STEP_NEXT && op->batches-- > 0)
    return KS_STEP_AGAIN;
  return verdict;
}

static KsStepVerdict
publish (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  return ended (op, "c", result, error);
}

static KsStepVerdict
enough (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsStepVerdict verdict = ended (op, "d", result, error);

  return verdict == KS_STEP_NEXT ? KS_STEP_DONE : verdict;
}

static KsStepVerdict
never (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  g_assert_not_reached ();
}

static const KsStep steps[] = {
  { .name = "first", .end = first },
  { .name = "batch", .begin = wait_a_little, .end = batch },
  { .name = "publish", .begin = wait_a_little, .end = publish, .committed = TRUE },
  { .name = "enough", .begin = wait_a_little, .end = enough },
  { .name = "never", .end = never },
  { 0 },
};

static gboolean
has_batches (gpointer op)
{
  return ((Op *) op)->batches > 0;
}

static gboolean
is_never (gpointer op)
{
  return FALSE;
}

static const KsStep some_steps[] = {
  { .name = "never", .when = is_never, .end = never },
  { .name = "never", .when = is_never, .begin = wait_a_little, .end = never, .committed = TRUE },
  { .name = "batch", .when = has_batches, .begin = wait_a_little, .end = batch },
  { .name = "first", .end = first },
  { .name = "never", .when = is_never, .begin = wait_a_little, .end = never },
  { 0 },
};

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GTask *
start (Op *op, GAsyncResult **result)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GTask *task = g_task_new (NULL, cancellable, on_done, result);

  op->trace = g_string_new (NULL);
  op->cancellable = cancellable;
  g_task_set_task_data (task, op, op_free);
  ks_steps_run (task, steps);
  return task;
}

static void
check (Op *op, const char *trace, int error_code)
{
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;
  gpointer task = start (op, &result);

  g_assert_null (result); /* never called back from inside */
  g_object_add_weak_pointer (task, &task);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpint (g_task_propagate_boolean (G_TASK (result), &error), ==, error_code < 0);
  if (error_code >= 0)
    g_assert_error (error, G_IO_ERROR, error_code);
  g_assert_cmpstr (op->trace->str, ==, trace);
  g_object_unref (result);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (task); /* nothing is left behind */
}

static void
test_order (void)
{
  Op *op = g_new0 (Op, 1);

  op->batches = 2;
  check (op, "a(b(b(b[c[d", -1);
}

static void
test_skip (void)
{
  Op *op = g_new0 (Op, 1);

  op->skip = TRUE;
  check (op, "a[c[d", -1);
}

/* At the beginning, in the middle and at the end; and what is left out commits to nothing. */
static void
test_rows_that_are_left_out (void)
{
  for (int batches = 0; batches < 2; batches++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      Op *op = g_new0 (Op, 1);

      op->trace = g_string_new (NULL);
      op->batches = batches;
      ks_steps_start (some_steps, op, op_free, cancellable, G_STRFUNC, cancellable, on_done, &result);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_true (g_task_propagate_boolean (G_TASK (result), NULL));
      g_assert_true (g_task_get_source_object (G_TASK (result)) == (gpointer) cancellable);
      g_assert_cmpstr (g_task_get_name (G_TASK (result)), ==, G_STRFUNC);
      g_assert_cmpstr (op->trace->str, ==, batches > 0 ? "(ba" : "a");
    }
}

static void
test_failure_ends_it (void)
{
  Op *op = g_new0 (Op, 1);

  op->fail_at = "b";
  check (op, "a(b", G_IO_ERROR_EXISTS);
}

static void
test_failure_without_wait (void)
{
  Op *op = g_new0 (Op, 1);

  op->fail_at = "a";
  check (op, "a", G_IO_ERROR_EXISTS);
}

static void
test_cancelled_between_steps (void)
{
  Op *op = g_new0 (Op, 1);

  op->cancel_in = "a";
  check (op, "a", G_IO_ERROR_CANCELLED);
}

static void
test_cancelled_before_the_commit (void)
{
  Op *op = g_new0 (Op, 1);

  op->cancel_in = "b";
  check (op, "a(b", G_IO_ERROR_CANCELLED);
}

static void
test_not_cancelled_past_the_commit (void)
{
  Op *op = g_new0 (Op, 1);

  op->cancel_in = "c";
  check (op, "a(b[c[d", -1);
}

static void
test_failure_past_the_commit_is_not_called_cancelled (void)
{
  Op *op = g_new0 (Op, 1);

  op->cancel_in = "c";
  op->fail_at = "d";
  check (op, "a(b[c[d", G_IO_ERROR_EXISTS);
}

static void
test_cancelled_before_it_began (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;
  Op *op = g_new0 (Op, 1);
  GTask *task = g_task_new (NULL, cancellable, on_done, &result);

  op->trace = g_string_new (NULL);
  g_task_set_task_data (task, op, op_free);
  g_cancellable_cancel (cancellable);
  ks_steps_run (task, steps);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (op->trace->str, ==, "");
  g_object_unref (result);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/steps/in-running-order", test_order);
  g_test_add_func ("/steps/skip", test_skip);
  g_test_add_func ("/steps/left-out", test_rows_that_are_left_out);
  g_test_add_func ("/steps/failure-ends-it", test_failure_ends_it);
  g_test_add_func ("/steps/failure-without-wait", test_failure_without_wait);
  g_test_add_func ("/steps/cancelled-between-steps", test_cancelled_between_steps);
  g_test_add_func ("/steps/cancelled-before-the-commit", test_cancelled_before_the_commit);
  g_test_add_func ("/steps/not-cancelled-past-the-commit", test_not_cancelled_past_the_commit);
  g_test_add_func ("/steps/failure-past-the-commit-is-not-called-cancelled",
                   test_failure_past_the_commit_is_not_called_cancelled);
  g_test_add_func ("/steps/cancelled-before-it-began", test_cancelled_before_it_began);
  return g_test_run ();
}
