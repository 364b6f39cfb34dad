/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-database.h"

#include "store/ks-connection.h"
#include "store/ks-database-open.h"
#include "store/ks-database-private.h"

/* Objects, tasks and what callers pass in live and die on the main context. The
 * thread has the connection, and borrows each job while it runs it. */
typedef struct
{
  GAsyncQueue *jobs; /* owned: GTask with a Job as task data; itself as the last entry ends the thread */
  KsConnection *connection; /* owned; NULL: not open yet, or closed */
} Writer;

typedef enum
{
  JOB_OPEN,
  JOB_RUN,
  JOB_CLOSE,
} JobKind;

typedef struct
{
  JobKind kind;
  KsDatabaseFlags flags;
  KsDatabaseFunc func;
  gpointer data; /* owned, by @destroy */
  GDestroyNotify destroy;
  char *directory;      /* owned */
  KsSalvaged *salvaged; /* owned */
  GError *error;        /* owned: how it ended */
} Job;

struct _KsDatabase
{
  GObject parent_instance;

  GAsyncQueue *jobs;    /* owned, shared with the thread */
  char *directory;      /* owned */
  KsSalvaged *salvaged; /* owned */
  KsSecret *store_key;  /* owned */
};

G_DEFINE_FINAL_TYPE (KsDatabase, ks_database, G_TYPE_OBJECT)

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->destroy != NULL)
    job->destroy (job->data);
  g_free (job->directory);
  ks_salvaged_free (job->salvaged);
  g_clear_error (&job->error);
  g_free (job);
}

/* Whether the person changed their mind; the last look is just before the commit. */
typedef struct
{
  Job *job;
  GCancellable *cancellable;
} Run;

static gboolean
run_unless_cancelled (KsTransaction *transaction, gpointer data, GError **error)
{
  Run *run = data;

  return !g_cancellable_set_error_if_cancelled (run->cancellable, error)
         && run->job->func (transaction, run->job->data, error)
         && !g_cancellable_set_error_if_cancelled (run->cancellable, error);
}

static void
run_job (Writer *writer, Job *job, GCancellable *cancellable)
{
  Run run = { job, cancellable };

  if (g_cancellable_set_error_if_cancelled (cancellable, &job->error))
    return;
  if (job->kind == JOB_OPEN)
    writer->connection =
        ks_database_open_connection (job->directory, job->flags, cancellable, &job->salvaged, &job->error);
  else if (job->kind == JOB_CLOSE)
    g_clear_pointer (&writer->connection, ks_connection_free);
  else if (writer->connection == NULL)
    g_set_error_literal (&job->error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the database is closed");
  else if (!ks_connection_transact (writer->connection, run_unless_cancelled, &run, &job->error))
    g_assert (job->error != NULL);
}

static gboolean
on_job_done (gpointer data)
{
  GTask *task = data;
  Job *job = g_task_get_task_data (task);
  KsDatabase *self = g_task_get_source_object (task);

  if (job->kind == JOB_OPEN)
    self->salvaged = g_steal_pointer (&job->salvaged);
  if (job->kind == JOB_CLOSE && job->error == NULL)
    g_clear_pointer (&self->store_key, ks_secret_unref);
  if (job->error != NULL)
    g_task_return_error (task, g_steal_pointer (&job->error));
  else
    g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

/* The task goes back whole: its last reference must not be dropped by the thread,
 * which would then free the caller's data, or the database itself. */
static void
hand_back (GTask *task)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, on_job_done, task, g_object_unref);
  g_source_set_static_name (source, "ks_database");
  g_source_attach (source, g_task_get_context (task));
}

static gpointer
write_jobs (gpointer data)
{
  Writer *writer = data;
  gpointer next;

  while ((next = g_async_queue_pop (writer->jobs)) != writer->jobs)
    {
      run_job (writer, g_task_get_task_data (next), g_task_get_cancellable (next));
      hand_back (next);
    }
  ks_connection_free (writer->connection);
  g_async_queue_unref (writer->jobs);
  g_free (writer);
  return NULL;
}

static void
ks_database_finalize (GObject *object)
{
  KsDatabase *self = KS_DATABASE (object);

  /* The queue in itself is the sign for the thread to end; every job before it
   * held a reference to us, so nothing waits behind it. */
  g_async_queue_push (self->jobs, self->jobs);
  g_async_queue_unref (self->jobs);
  g_free (self->directory);
  ks_salvaged_free (self->salvaged);
  ks_secret_unref (self->store_key);
  G_OBJECT_CLASS (ks_database_parent_class)->finalize (object);
}

static void
ks_database_class_init (KsDatabaseClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ks_database_finalize;
}

static void
ks_database_init (KsDatabase *self)
{
  Writer *writer = g_new0 (Writer, 1);

  self->jobs = g_async_queue_new ();
  writer->jobs = g_async_queue_ref (self->jobs);
  g_thread_unref (g_thread_new ("ks-database", write_jobs, writer));
}

/* Takes @job over. */
static void
queue_job (KsDatabase *self,
           GCallback source_tag,
           Job *job,
           GCancellable *cancellable,
           GAsyncReadyCallback callback,
           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, __extension__(gpointer) source_tag);
  g_task_set_task_data (task, job, job_free);
  /* The job looks at the cancellable itself: what was committed is never "cancelled". */
  g_task_set_check_cancellable (task, FALSE);
  g_async_queue_push (self->jobs, task);
}

void
ks_database_open_async (const char *directory,
                        KsDatabaseFlags flags,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (KsDatabase) self = g_object_new (KS_TYPE_DATABASE, NULL);
  Job *job = g_new0 (Job, 1);

  job->kind = JOB_OPEN;
  job->flags = flags;
  job->directory = g_strdup (directory);
  self->directory = g_strdup (directory);
  queue_job (self, G_CALLBACK (ks_database_open_async), job, cancellable, callback, user_data);
}

KsDatabase *
ks_database_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_object_ref (g_task_get_source_object (G_TASK (result)));
}

const char *
ks_database_get_directory (KsDatabase *self)
{
  return self->directory;
}

const KsSalvaged *
ks_database_get_salvaged (KsDatabase *self)
{
  return self->salvaged;
}

void
ks_database_run_async (KsDatabase *self,
                       KsDatabaseFunc func,
                       gpointer data,
                       GDestroyNotify destroy,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->kind = JOB_RUN;
  job->func = func;
  job->data = data;
  job->destroy = destroy;
  queue_job (self, G_CALLBACK (ks_database_run_async), job, cancellable, callback, user_data);
}

gboolean
ks_database_run_finish (KsDatabase *self, GAsyncResult *result, gpointer *data, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  if (data != NULL)
    *data = ((Job *) g_task_get_task_data (G_TASK (result)))->data;
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ks_database_close_async (KsDatabase *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->kind = JOB_CLOSE;
  queue_job (self, G_CALLBACK (ks_database_close_async), job, cancellable, callback, user_data);
}

gboolean
ks_database_close_finish (KsDatabase *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

KsSecret *
ks_database_get_store_key (KsDatabase *self)
{
  return self->store_key;
}

void
ks_database_note_store_key (KsDatabase *self, KsSecret *key)
{
  KsSecret *before = self->store_key;

  self->store_key = key == NULL ? NULL : ks_secret_ref (key);
  ks_secret_unref (before);
}

static void
on_op_run (GObject *database, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;

  if (ks_database_run_finish (KS_DATABASE (database), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
ks_database_run_op (KsDatabase *self,
                    gpointer source,
                    GCallback source_tag,
                    KsDatabaseFunc func,
                    gpointer op,
                    GDestroyNotify op_free,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  GTask *task = g_task_new (source, cancellable, callback, user_data);

  g_task_set_source_tag (task, __extension__(gpointer) source_tag);
  g_task_set_task_data (task, op, op_free);
  g_task_set_check_cancellable (task, FALSE);
  ks_database_run_async (self, func, op, NULL, cancellable, on_op_run, task);
}

gpointer
ks_database_run_op_finish (gpointer source, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, source), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_task_get_task_data (G_TASK (result));
}
