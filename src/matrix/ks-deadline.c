/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-deadline.h"

struct KsDeadline
{
  GCancellable *line;   /* owned */
  GCancellable *caller; /* owned; may be NULL */
  gulong handler;
  GSource *timer; /* owned; NULL: none, or over */
  gboolean over;
};

static void
on_caller_cancelled (GCancellable *caller, gpointer line)
{
  g_cancellable_cancel (line);
}

static gboolean
on_time_over (gpointer data)
{
  KsDeadline *self = data;

  self->over = !g_cancellable_is_cancelled (self->line);
  g_cancellable_cancel (self->line);
  return G_SOURCE_REMOVE;
}

static void
start (KsDeadline *self, guint milliseconds)
{
  if (milliseconds == 0)
    return;
  self->timer = g_timeout_source_new (milliseconds);
  g_source_set_callback (self->timer, on_time_over, self, NULL);
  g_source_set_static_name (self->timer, "ks_deadline");
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

KsDeadline *
ks_deadline_new (GCancellable *cancellable, guint milliseconds)
{
  KsDeadline *self = g_new0 (KsDeadline, 1);

  self->line = g_cancellable_new ();
  if (cancellable != NULL)
    {
      self->caller = g_object_ref (cancellable);
      /* Not g_cancellable_disconnect(), which would wait for itself where a
       * cancelled operation is freed from within the signal. */
      self->handler =
          g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (on_caller_cancelled), self->line, 0);
      if (g_cancellable_is_cancelled (cancellable))
        g_cancellable_cancel (self->line);
    }
  start (self, milliseconds);
  return self;
}

void
ks_deadline_lift (KsDeadline *deadline)
{
  if (deadline->timer == NULL)
    return;
  g_source_destroy (deadline->timer);
  g_clear_pointer (&deadline->timer, g_source_unref);
}

void
ks_deadline_restart (KsDeadline *deadline, guint milliseconds)
{
  ks_deadline_lift (deadline);
  start (deadline, milliseconds);
}

void
ks_deadline_free (KsDeadline *deadline)
{
  if (deadline == NULL)
    return;
  ks_deadline_lift (deadline);
  if (deadline->handler != 0)
    g_signal_handler_disconnect (deadline->caller, deadline->handler);
  g_clear_object (&deadline->caller);
  g_object_unref (deadline->line);
  g_free (deadline);
}

GCancellable *
ks_deadline_get_cancellable (KsDeadline *deadline)
{
  return deadline->line;
}

gboolean
ks_deadline_is_over (KsDeadline *deadline)
{
  return deadline->over;
}
