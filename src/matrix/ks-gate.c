/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-gate.h"

struct KsGate
{
  int references;
  gboolean closed;
  GTask *waiting; /* owned; NULL: nobody */
  GSource *stop;  /* owned: watches the cancellable of whoever waits; NULL: there is none */
};

KsGate *
ks_gate_new (void)
{
  KsGate *gate = g_new0 (KsGate, 1);

  gate->references = 1;
  return gate;
}

KsGate *
ks_gate_ref (KsGate *gate)
{
  gate->references++;
  return gate;
}

/* Ends the wait of whoever waits. */
static void
let_through (KsGate *gate)
{
  g_autoptr (GTask) task = g_steal_pointer (&gate->waiting);

  if (gate->stop != NULL)
    g_source_destroy (gate->stop);
  g_clear_pointer (&gate->stop, g_source_unref);
  if (task != NULL && !g_task_return_error_if_cancelled (task))
    g_task_return_boolean (task, TRUE);
}

void
ks_gate_unref (KsGate *gate)
{
  if (gate == NULL || --gate->references > 0)
    return;
  let_through (gate);
  g_free (gate);
}

void
ks_gate_close (KsGate *gate)
{
  gate->closed = TRUE;
}

void
ks_gate_open (KsGate *gate)
{
  gate->closed = FALSE;
  let_through (gate);
}

gboolean
ks_gate_is_open (KsGate *gate)
{
  return !gate->closed;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer gate)
{
  let_through (gate);
  return G_SOURCE_REMOVE;
}

void
ks_gate_wait_async (KsGate *gate, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_assert (gate->waiting == NULL);
  gate->waiting = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_name (gate->waiting, G_STRFUNC);
  if (!gate->closed)
    {
      let_through (gate);
      return;
    }
  if (cancellable == NULL)
    return;
  gate->stop = g_cancellable_source_new (cancellable);
  g_source_set_callback (gate->stop, G_SOURCE_FUNC (on_cancelled), gate, NULL);
  g_source_attach (gate->stop, g_task_get_context (gate->waiting));
}

gboolean
ks_gate_wait_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
