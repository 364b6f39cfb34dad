/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-keyring-service.h"

#include "store/ks-keyring-error.h"

/* Secret Service API, "Prompts and Prompt Objects". */
#define PROMPT_INTERFACE "org.freedesktop.Secret.Prompt"

struct _KsKeyringService
{
  SecretService parent_instance;

  gboolean interactive;
};

G_DEFINE_FINAL_TYPE (KsKeyringService, ks_keyring_service, SECRET_TYPE_SERVICE)

/* libsecret's own prompting waits for the service even when it is cancelled, and
 * with 0.20 a prompt that is cancelled ends in a critical warning. */
typedef struct
{
  GDBusProxy *prompt;        /* owned */
  GVariantType *return_type; /* owned */
  guint completed;           /* the signal's subscription */
  guint watch;               /* on the name of the service */
  GSource *cancelled;        /* owned, or NULL */
  gboolean ended;
} Prompting;

static void
prompting_free (gpointer data)
{
  Prompting *prompting = data;

  g_clear_object (&prompting->prompt);
  g_clear_pointer (&prompting->return_type, g_variant_type_free);
  g_free (prompting);
}

/* TRUE, once: the task is now to be returned. */
static gboolean
end_prompting (GTask *task)
{
  Prompting *prompting = g_task_get_task_data (task);

  if (prompting->ended)
    return FALSE;
  prompting->ended = TRUE;
  g_dbus_connection_signal_unsubscribe (g_dbus_proxy_get_connection (prompting->prompt),
                                        prompting->completed);
  g_bus_unwatch_name (prompting->watch);
  if (prompting->cancelled != NULL)
    {
      g_source_destroy (prompting->cancelled);
      g_clear_pointer (&prompting->cancelled, g_source_unref);
    }
  return TRUE;
}

static void
on_prompt_completed (GDBusConnection *bus,
                     const char *sender,
                     const char *path,
                     const char *interface,
                     const char *signal,
                     GVariant *parameters,
                     gpointer data)
{
  g_autoptr (GTask) task = g_object_ref (data);
  Prompting *prompting = g_task_get_task_data (task);
  g_autoptr (GVariant) answer = NULL;
  gboolean dismissed = TRUE;

  if (!end_prompting (task))
    return;
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(bv)")))
    g_variant_get (parameters, "(bv)", &dismissed, &answer);
  /* An error, not NULL: libsecret 0.20 walks through an answer that is not there. */
  if (dismissed)
    g_task_return_new_error (task, KS_KEYRING_ERROR, KS_KEYRING_ERROR_DENIED, "the prompt was dismissed");
  else if (prompting->return_type != NULL && !g_variant_is_of_type (answer, prompting->return_type))
    g_task_return_new_error (task, KS_KEYRING_ERROR, KS_KEYRING_ERROR_FAILED, "the prompt answered nonsense");
  else
    g_task_return_pointer (task, g_steal_pointer (&answer), (GDestroyNotify) g_variant_unref);
}

static void
on_service_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  g_autoptr (GTask) task = g_object_ref (data);

  if (end_prompting (task))
    g_task_return_new_error (task, KS_KEYRING_ERROR, KS_KEYRING_ERROR_ABSENT, "the keyring has gone");
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GTask) task = g_object_ref (data);
  Prompting *prompting = g_task_get_task_data (task);

  if (!end_prompting (task))
    return G_SOURCE_REMOVE;
  g_dbus_proxy_call (prompting->prompt, "Dismiss", NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL,
                     NULL);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
on_prompt_called (GObject *prompt, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) nothing = g_dbus_proxy_call_finish (G_DBUS_PROXY (prompt), result, &error);

  if (nothing == NULL && end_prompting (task))
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
prompt_async (SecretService *service,
              SecretPrompt *prompt,
              const GVariantType *return_type,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (service, cancellable, callback, user_data);
  GDBusConnection *bus = g_dbus_proxy_get_connection (G_DBUS_PROXY (prompt));
  g_autofree char *owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (prompt));
  Prompting *prompting;

  g_task_set_source_tag (task, __extension__(gpointer) prompt_async);
  if (!KS_KEYRING_SERVICE (service)->interactive || owner == NULL)
    {
      g_task_return_new_error (task, KS_KEYRING_ERROR,
                               owner == NULL ? KS_KEYRING_ERROR_ABSENT : KS_KEYRING_ERROR_LOCKED,
                               "the keyring cannot ask anybody");
      return;
    }
  prompting = g_new0 (Prompting, 1);
  prompting->prompt = g_object_ref (G_DBUS_PROXY (prompt));
  prompting->return_type = return_type == NULL ? NULL : g_variant_type_copy (return_type);
  g_task_set_task_data (task, prompting, prompting_free);

  prompting->completed =
      g_dbus_connection_signal_subscribe (bus, owner, PROMPT_INTERFACE, "Completed",
                                          g_dbus_proxy_get_object_path (G_DBUS_PROXY (prompt)), NULL,
                                          G_DBUS_SIGNAL_FLAGS_NONE, on_prompt_completed, g_object_ref (task),
                                          g_object_unref);
  prompting->watch =
      g_bus_watch_name_on_connection (bus, owner, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_service_vanished,
                                      g_object_ref (task), g_object_unref);
  if (cancellable != NULL)
    {
      prompting->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (prompting->cancelled, G_SOURCE_FUNC (on_cancelled), g_object_ref (task),
                             g_object_unref);
      g_source_attach (prompting->cancelled, g_task_get_context (task));
    }
  /* No window to be above: the keyring's prompts are system-modal or place themselves. */
  g_dbus_proxy_call (G_DBUS_PROXY (prompt), "Prompt", g_variant_new ("(s)", ""),
                     G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, on_prompt_called, g_object_ref (task));
}

static GVariant *
prompt_finish (SecretService *service, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ks_keyring_service_class_init (KsKeyringServiceClass *klass)
{
  SecretServiceClass *service_class = SECRET_SERVICE_CLASS (klass);

  service_class->prompt_async = prompt_async;
  service_class->prompt_finish = prompt_finish;
}

static void
ks_keyring_service_init (KsKeyringService *self)
{
}

void
ks_keyring_service_set_interactive (KsKeyringService *self, gboolean interactive)
{
  self->interactive = interactive;
}
