/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-account-private.h"

#include "base/ks-steps.h"
#include "engine/account/ks-account-life.h"
#include "engine/history/ks-rooms-private.h"
#include "engine/identity/ks-shown-name.h"
#include "engine/live/ks-receive.h"
#include "engine/recovery/ks-recovery-private.h"
#include "matrix/ks-api-login.h"
#include "matrix/ks-matrix-error.h"

/* How long a person is kept waiting for an answer, in milliseconds. */
#define PATIENCE 20000

struct _KsAccount
{
  GObject parent;

  KsDatabase *database;              /* owned */
  KsAccountRecord *record;           /* owned; its token went to http */
  KsAccountLock *lock;               /* owned; NULL: this process only reads */
  KsHttp *http;                      /* owned */
  KsRecovery *recovery;              /* owned */
  KsRooms *rooms;                    /* owned */
  KsAccountLife *life;               /* owned; NULL: it has not started */
  KsInbox *inbox;                    /* owned */
  char *display_name;                /* owned; NULL until known */
  KsPasswordMemory *password_memory; /* owned; NULL: not known */
};

G_DEFINE_FINAL_TYPE (KsAccount, ks_account, G_TYPE_OBJECT)

enum
{
  PROP_USER_ID = 1,
  PROP_DEVICE_ID,
  PROP_HOMESERVER,
  PROP_SESSION_NAME,
  PROP_DISPLAY_NAME,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];
static guint signed_out_signal;

const char *
ks_account_get_user_id (KsAccount *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), NULL);

  return self->record->user_id;
}

const char *
ks_account_get_device_id (KsAccount *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), NULL);

  return self->record->device_id;
}

const char *
ks_account_get_homeserver (KsAccount *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), NULL);

  return self->record->homeserver;
}

const char *
ks_account_get_session_name (KsAccount *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), NULL);

  return self->record->device_name != NULL ? self->record->device_name : self->record->device_id;
}

const char *
ks_account_get_display_name (KsAccount *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), NULL);

  return self->display_name;
}

gboolean
ks_account_is_password (KsAccount *self, const KsSecret *text)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), FALSE);

  return self->password_memory != NULL && ks_password_memory_is (self->password_memory, text);
}

void
ks_account_remember_password (KsAccount *self, KsPasswordMemory *memory)
{
  ks_password_memory_free (self->password_memory);
  self->password_memory = memory;
}

KsRecovery *
ks_account_get_recovery (KsAccount *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), NULL);

  return self->recovery;
}

KsRooms *
ks_account_get_rooms (KsAccount *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), NULL);

  return self->rooms;
}

void
ks_account_start (KsAccount *self)
{
  g_return_if_fail (KS_IS_ACCOUNT (self));

  if (self->life == NULL)
    self->life = ks_account_life_new (self);
}

void
ks_account_stop (KsAccount *self)
{
  if (self->life != NULL)
    ks_account_life_end (self->life);
}

KsAccountLife *
ks_account_get_life (KsAccount *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), NULL);

  return self->life;
}

KsHttp *
ks_account_get_http (KsAccount *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), NULL);

  return self->http;
}

KsInbox *
ks_account_get_inbox (KsAccount *self)
{
  g_return_val_if_fail (KS_IS_ACCOUNT (self), NULL);

  return self->inbox;
}

static void
set_string (KsAccount *self, char **place, const char *value, guint property)
{
  if (g_strcmp0 (*place, value) == 0)
    return;
  g_free (*place);
  *place = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* Asks for what can be changed elsewhere.
 *
 *   1. name      the person's display name
 *   2. session   what other clients call this session
 *   3. receive   what others have sent it; left out by a process that only reads
 *
 * Each is taken over as it comes. */

static void
get_name (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsAccount *self = op;

  ks_api_profile_get_name_async (self->http, self->record->user_id, cancellable, ready, run);
}

static KsStepVerdict
got_name (gpointer op, GObject *http, GAsyncResult *result, GError **error)
{
  KsAccount *self = op;
  g_autofree char *name = NULL;
  g_autofree char *shown = NULL;

  if (!ks_api_profile_get_name_finish (KS_HTTP (http), result, &name, error))
    return KS_STEP_FAIL;
  shown = ks_shown_name (name);
  set_string (self, &self->display_name, shown, PROP_DISPLAY_NAME);
  return KS_STEP_NEXT;
}

static void
get_session (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsAccount *self = op;

  ks_api_device_get_async (self->http, self->record->device_id, cancellable, ready, run);
}

static KsStepVerdict
got_session (gpointer op, GObject *http, GAsyncResult *result, GError **error)
{
  KsAccount *self = op;
  g_autoptr (KsDevice) device = ks_api_device_get_finish (KS_HTTP (http), result, error);
  g_autofree char *shown = NULL;

  if (device == NULL)
    return KS_STEP_FAIL;
  shown = ks_shown_name (device->display_name);
  set_string (self, &self->record->device_name, shown, PROP_SESSION_NAME);
  return self->lock != NULL ? KS_STEP_NEXT : KS_STEP_DONE;
}

static void
receive (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsAccount *self = op;

  ks_receive_async (self->http, self->inbox, self->record->user_id, cancellable, ready, run);
}

static KsStepVerdict
received (gpointer op, GObject *http, GAsyncResult *result, GError **error)
{
  return ks_receive_finish (KS_HTTP (http), result, NULL, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep refresh_steps[] = {
  { .name = "name", .begin = get_name, .end = got_name },
  { .name = "session", .begin = get_session, .end = got_session },
  { .name = "receive", .begin = receive, .end = received },
  { 0 },
};

void
ks_account_refresh_async (KsAccount *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  ks_steps_start (refresh_steps, g_object_ref (self), g_object_unref, self, G_STRFUNC, cancellable, callback,
                  user_data);
}

gboolean
ks_account_refresh_finish (KsAccount *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Signs out.
 *
 *   1. server   the session ends there
 *   2. here     its rows are removed
 *   3. tell     whoever holds this account lets it go
 *
 * Stopped after 1 the account is still listed here with a token that is worth
 * nothing; signing out again finishes the work, because a session that the server
 * does not know counts as ended. */

static void
end_session (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_logout_async (((KsAccount *) op)->http, cancellable, ready, run);
}

static KsStepVerdict
session_ended (gpointer op, GObject *http, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (ks_api_logout_finish (KS_HTTP (http), result, &failure)
      || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNAUTHORIZED))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static void
remove_rows (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsAccount *self = op;
  g_autoptr (KsAccountStore) store = ks_account_store_new (self->database);

  ks_account_store_remove_async (store, self->record->id, cancellable, ready, run);
}

static KsStepVerdict
rows_removed (gpointer op, GObject *store, GAsyncResult *result, GError **error)
{
  return ks_account_store_remove_finish (KS_ACCOUNT_STORE (store), result, error) ? KS_STEP_NEXT
                                                                                  : KS_STEP_FAIL;
}

static KsStepVerdict
tell (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  g_signal_emit (op, signed_out_signal, 0);
  return KS_STEP_NEXT;
}

static const KsStep sign_out_steps[] = {
  { .name = "server", .begin = end_session, .end = session_ended, .committed = TRUE },
  { .name = "here", .begin = remove_rows, .end = rows_removed, .committed = TRUE },
  { .name = "tell", .end = tell, .committed = TRUE },
  { 0 },
};

void
ks_account_sign_out_async (KsAccount *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  ks_steps_start (sign_out_steps, g_object_ref (self), g_object_unref, self, G_STRFUNC, cancellable, callback,
                  user_data);
}

gboolean
ks_account_sign_out_finish (KsAccount *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Forgets the account: signing out from its second step on. Its rows go in one
 * transaction, so that a stop leaves all of them or none. */
static const KsStep forget_steps[] = {
  { .name = "here", .begin = remove_rows, .end = rows_removed, .committed = TRUE },
  { .name = "tell", .end = tell, .committed = TRUE },
  { 0 },
};

void
ks_account_forget_async (KsAccount *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  ks_steps_start (forget_steps, g_object_ref (self), g_object_unref, self, G_STRFUNC, cancellable, callback,
                  user_data);
}

gboolean
ks_account_forget_finish (KsAccount *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
ks_account_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KsAccount *self = KS_ACCOUNT (object);

  switch (id)
    {
    case PROP_USER_ID:
      g_value_set_string (value, ks_account_get_user_id (self));
      break;
    case PROP_DEVICE_ID:
      g_value_set_string (value, ks_account_get_device_id (self));
      break;
    case PROP_HOMESERVER:
      g_value_set_string (value, ks_account_get_homeserver (self));
      break;
    case PROP_SESSION_NAME:
      g_value_set_string (value, ks_account_get_session_name (self));
      break;
    case PROP_DISPLAY_NAME:
      g_value_set_string (value, ks_account_get_display_name (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_account_finalize (GObject *object)
{
  KsAccount *self = KS_ACCOUNT (object);

  ks_account_stop (self);
  g_clear_object (&self->life);
  g_clear_object (&self->inbox);
  g_clear_object (&self->rooms);
  g_clear_object (&self->recovery);
  g_clear_object (&self->http);
  g_clear_object (&self->database);
  ks_account_record_free (self->record);
  ks_account_lock_free (self->lock);
  g_free (self->display_name);
  ks_password_memory_free (self->password_memory);
  G_OBJECT_CLASS (ks_account_parent_class)->finalize (object);
}

static void
install_string (guint id, const char *name)
{
  properties[id] = g_param_spec_string (name, NULL, NULL, NULL,
                                        G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static void
ks_account_class_init (KsAccountClass *class)
{
  G_OBJECT_CLASS (class)->get_property = ks_account_get_property;
  G_OBJECT_CLASS (class)->finalize = ks_account_finalize;

  install_string (PROP_USER_ID, "user-id");
  install_string (PROP_DEVICE_ID, "device-id");
  install_string (PROP_HOMESERVER, "homeserver");
  install_string (PROP_SESSION_NAME, "session-name");
  install_string (PROP_DISPLAY_NAME, "display-name");
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPERTIES, properties);

  /* The session has ended; whoever holds the account lets it go. */
  signed_out_signal =
      g_signal_new ("signed-out", KS_TYPE_ACCOUNT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ks_account_init (KsAccount *self)
{
}

KsAccount *
ks_account_new (KsDatabase *database,
                KsKeyring *keyring,
                const KsAccountRecord *record,
                KsAccountLock *lock,
                GError **error)
{
  g_autoptr (KsAccountLock) held = lock;
  g_autoptr (KsHttp) http = ks_http_new (record->homeserver, error);
  KsAccount *self;

  if (http == NULL)
    return NULL;
  if (!ks_http_set_token (http, record->access_token))
    {
      g_set_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNAUTHORIZED, "the access token cannot be one");
      return NULL;
    }

  self = g_object_new (KS_TYPE_ACCOUNT, NULL);
  self->database = g_object_ref (database);
  self->record = ks_account_record_copy (record);
  g_clear_pointer (&self->record->access_token, ks_secret_unref);
  self->lock = g_steal_pointer (&held);
  self->http = g_steal_pointer (&http);
  ks_http_set_patience (self->http, PATIENCE);
  self->recovery = ks_recovery_new (self->http, database, keyring, self->record);
  self->rooms = ks_rooms_new (self->http, database, self->record, self->recovery);
  self->inbox = ks_inbox_new (database, self->record);
  return self;
}
