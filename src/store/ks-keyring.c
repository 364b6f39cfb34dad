/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-keyring.h"

#include "store/ks-keyring-operation.h"

struct _KsKeyring
{
  GObject parent_instance;

  char *profile; /* owned */
  guint timeout; /* milliseconds */
  KsKeyringState state;
};

enum
{
  PROP_STATE = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KsKeyring, ks_keyring, G_TYPE_OBJECT)

/* A call as its caller sees it. It ends when the operation does, when the time is
 * up, or when it is cancelled, whichever comes first. The operation may go on after
 * that, for ever if the service never answers; what it still finds is dropped. */
typedef struct
{
  GTask *task;            /* owned; NULL: has ended */
  GCancellable *stopping; /* owned: the operation's */
  GSource *timer;         /* owned */
  GSource *watch;         /* owned, or NULL: looks at the caller's cancellable */
} Call;

typedef struct
{
  KsSecret *secret; /* owned */
  KsKeyringState state;
} Answer;

GType
ks_keyring_state_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { KS_KEYRING_UNKNOWN, "KS_KEYRING_UNKNOWN", "unknown" },
        { KS_KEYRING_READY, "KS_KEYRING_READY", "ready" },
        { KS_KEYRING_LOCKED, "KS_KEYRING_LOCKED", "locked" },
        { KS_KEYRING_ABSENT, "KS_KEYRING_ABSENT", "absent" },
        { KS_KEYRING_DENIED, "KS_KEYRING_DENIED", "denied" },
        { KS_KEYRING_NO_ANSWER, "KS_KEYRING_NO_ANSWER", "no-answer" },
        { 0, NULL, NULL },
      };

      g_once_init_leave (&type, g_enum_register_static ("KsKeyringState", values));
    }
  return type;
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  ks_secret_unref (answer->secret);
  g_free (answer);
}

static void
ks_keyring_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, KS_KEYRING (object)->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_keyring_finalize (GObject *object)
{
  g_free (KS_KEYRING (object)->profile);
  G_OBJECT_CLASS (ks_keyring_parent_class)->finalize (object);
}

static void
ks_keyring_class_init (KsKeyringClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ks_keyring_get_property;
  object_class->finalize = ks_keyring_finalize;
  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, KS_TYPE_KEYRING_STATE, KS_KEYRING_UNKNOWN,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ks_keyring_init (KsKeyring *self)
{
  self->timeout = KS_KEYRING_DEFAULT_TIMEOUT;
}

KsKeyring *
ks_keyring_new (const char *profile)
{
  KsKeyring *self = g_object_new (KS_TYPE_KEYRING, NULL);

  self->profile = g_strdup (profile);
  return self;
}

KsKeyringState
ks_keyring_get_state (KsKeyring *self)
{
  return self->state;
}

void
ks_keyring_set_timeout (KsKeyring *self, guint milliseconds)
{
  self->timeout = milliseconds;
}

static void
set_state (KsKeyring *self, KsKeyringState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* What an error says about the keyring; @before if nothing. */
static KsKeyringState
state_of_error (const GError *error, KsKeyringState before)
{
  if (error->domain != KS_KEYRING_ERROR)
    return before;
  switch ((KsKeyringErrorCode) error->code)
    {
    case KS_KEYRING_ERROR_ABSENT:
      return KS_KEYRING_ABSENT;
    case KS_KEYRING_ERROR_LOCKED:
      return KS_KEYRING_LOCKED;
    case KS_KEYRING_ERROR_DENIED:
      return KS_KEYRING_DENIED;
    case KS_KEYRING_ERROR_NO_ANSWER:
      return KS_KEYRING_NO_ANSWER;
    case KS_KEYRING_ERROR_NOT_FOUND:
      return KS_KEYRING_READY;
    case KS_KEYRING_ERROR_FAILED:
    default:
      return before;
    }
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* Ends the call; takes @error over. */
static void
end_call (Call *call, KsKeyringState state, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&call->task);

  clear_source (&call->timer);
  clear_source (&call->watch);
  set_state (g_task_get_source_object (task), state);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_operation_done (GObject *source, GAsyncResult *result, gpointer data)
{
  KsKeyring *self = KS_KEYRING (source);
  Call *call = data;
  KsKeyringOperation *op = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_debug ("keyring: %s", error->message);
  if (call->task != NULL)
    {
      Answer *answer = g_task_get_task_data (call->task);

      answer->secret = g_steal_pointer (&op->secret);
      answer->state = error == NULL ? op->state : state_of_error (error, self->state);
      end_call (call, answer->state, g_steal_pointer (&error));
    }
  g_object_unref (call->stopping);
  g_free (call);
}

static gboolean
on_time_up (gpointer data)
{
  Call *call = data;

  end_call (call, KS_KEYRING_NO_ANSWER,
            g_error_new_literal (KS_KEYRING_ERROR, KS_KEYRING_ERROR_NO_ANSWER,
                                 "the keyring does not answer"));
  g_cancellable_cancel (call->stopping);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  Call *call = data;
  KsKeyring *self = g_task_get_source_object (call->task);
  GError *error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  end_call (call, self->state, error);
  g_cancellable_cancel (call->stopping);
  return G_SOURCE_REMOVE;
}

/* Takes @op over. */
static void
start_call (KsKeyring *self,
            GCallback source_tag,
            KsKeyringOperation *op,
            const KsStep *steps,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  Call *call = g_new0 (Call, 1);
  GTask *inner;

  call->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (call->task, __extension__(gpointer) source_tag);
  g_task_set_task_data (call->task, g_new0 (Answer, 1), answer_free);
  /* What ends the call is decided here alone. */
  g_task_set_check_cancellable (call->task, FALSE);

  call->stopping = g_cancellable_new ();
  call->timer = g_timeout_source_new (self->timeout);
  g_source_set_callback (call->timer, on_time_up, call, NULL);
  g_source_set_static_name (call->timer, "ks_keyring");
  g_source_attach (call->timer, g_task_get_context (call->task));
  if (cancellable != NULL)
    {
      call->watch = g_cancellable_source_new (cancellable);
      g_source_set_callback (call->watch, G_SOURCE_FUNC (on_cancelled), call, NULL);
      g_source_attach (call->watch, g_task_get_context (call->task));
    }

  inner = g_task_new (self, call->stopping, on_operation_done, call);
  g_task_set_source_tag (inner, __extension__(gpointer) source_tag);
  g_task_set_task_data (inner, op, ks_keyring_operation_free);
  ks_steps_run (inner, steps);
}

static KsKeyringOperation *
operation_new (
    KsKeyring *self, KsKeyringKind kind, const char *user_id, const char *device_id, gboolean interactive)
{
  KsKeyringOperation *op = g_new0 (KsKeyringOperation, 1);

  op->place.kind = kind;
  op->place.profile = g_strdup (self->profile);
  op->place.user_id = g_strdup (user_id);
  op->place.device_id = g_strdup (device_id);
  op->interactive = interactive;
  return op;
}

void
ks_keyring_probe_async (KsKeyring *self,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  start_call (self, G_CALLBACK (ks_keyring_probe_async),
              operation_new (self, KS_KEYRING_STORE_KEY, NULL, NULL, FALSE), ks_keyring_probe_steps,
              cancellable, callback, user_data);
}

gboolean
ks_keyring_probe_finish (KsKeyring *self, GAsyncResult *result, KsKeyringState *state, GError **error)
{
  g_autoptr (GError) local = NULL;
  Answer *answer;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  answer = g_task_get_task_data (G_TASK (result));
  if (g_task_propagate_boolean (G_TASK (result), &local))
    {
      *state = answer->state;
      return TRUE;
    }
  *state = state_of_error (local, KS_KEYRING_UNKNOWN);
  if (*state != KS_KEYRING_UNKNOWN)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

void
ks_keyring_store_async (KsKeyring *self,
                        KsKeyringKind kind,
                        const char *user_id,
                        const char *device_id,
                        KsSecret *secret,
                        gboolean interactive,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  KsKeyringOperation *op;

  g_return_if_fail ((kind == KS_KEYRING_STORE_KEY) == (user_id == NULL));
  g_return_if_fail ((kind == KS_KEYRING_STORE_KEY) == (device_id == NULL));

  op = operation_new (self, kind, user_id, device_id, interactive);
  op->secret = ks_secret_ref (secret);
  start_call (self, G_CALLBACK (ks_keyring_store_async), op, ks_keyring_store_steps, cancellable, callback,
              user_data);
}

gboolean
ks_keyring_store_finish (KsKeyring *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ks_keyring_lookup_async (KsKeyring *self,
                         KsKeyringKind kind,
                         const char *user_id,
                         const char *device_id,
                         gboolean interactive,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_return_if_fail ((kind == KS_KEYRING_STORE_KEY) == (user_id == NULL));

  start_call (self, G_CALLBACK (ks_keyring_lookup_async),
              operation_new (self, kind, user_id, device_id, interactive), ks_keyring_lookup_steps,
              cancellable, callback, user_data);
}

KsSecret *
ks_keyring_lookup_finish (KsKeyring *self, GAsyncResult *result, GError **error)
{
  Answer *answer;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  answer = g_task_get_task_data (G_TASK (result));
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_steal_pointer (&answer->secret);
}

void
ks_keyring_clear_async (KsKeyring *self,
                        KsKeyringKind kind,
                        const char *user_id,
                        const char *device_id,
                        gboolean interactive,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail ((kind == KS_KEYRING_STORE_KEY) == (user_id == NULL));

  start_call (self, G_CALLBACK (ks_keyring_clear_async),
              operation_new (self, kind, user_id, device_id, interactive), ks_keyring_clear_steps,
              cancellable, callback, user_data);
}

gboolean
ks_keyring_clear_finish (KsKeyring *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
