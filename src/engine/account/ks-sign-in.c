/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-sign-in.h"

#include "base/ks-steps.h"
#include "engine/account/ks-account-private.h"
#include "engine/account/ks-profile-private.h"
#include "engine/account/ks-session-owner.h"
#include "matrix/ks-api-login.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-account-store.h"

/* As many letters as servers use. */
#define DEVICE_ID_LENGTH 10

/* Makes a session.
 *
 *   1. log in  the server makes it and hands out its token
 *   2. who     whose it is, by the server's word
 *   3. keep    it is written down, its token sealed
 *   4. load    the profile takes the account over
 *
 * Signs in.
 *
 *   1. make    the above
 *   2. end     the session, if it could not be made whole; more than once if need be
 *   3. remove  what was written down of it, once it has ended
 *
 * A session that was made is kept or ended, whatever fails after the server's answer, and also if
 * the person does not want it any more by then: that is why nothing is cancelled on the way.
 * Where the answer is lost, the next try takes over what the server may have made. Stopped before
 * "keep" the server has a session that nobody uses, to be seen in every client's list of
 * sessions. Stopped after it the next start goes on with the account. */

/* Milliseconds: for each of what comes after the new session's answer. */
#define PATIENCE 20000
#define MAX_TRIES_TO_END 3

typedef struct
{
  KsProfile *profile;        /* owned */
  KsHttp *http;              /* owned */
  GCancellable *cancellable; /* owned; NULL: none */
  char *user;                /* owned */
  KsSecret *password;        /* owned; dropped as soon as it was sent */
  KsPasswordMemory *memory;  /* owned; of it */
  char *asked_id;            /* owned: the device ID that the session is to have */
  char *session_name;        /* owned */
  KsLogin *login;            /* owned; NULL before 1 */
  char *user_id;             /* owned; NULL before 2 */
  char *device_id;           /* owned; NULL before 2 */
  gint64 kept;               /* the account's ID in the store; 0 before 3 */
  GError *failure;           /* owned; why the session is ended */
  guint tries_to_end;
} SignIn;

static void
sign_in_free (gpointer data)
{
  SignIn *op = data;

  g_clear_error (&op->failure);
  g_free (op->device_id);
  g_free (op->user_id);
  ks_login_free (op->login);
  g_free (op->session_name);
  g_free (op->asked_id);
  ks_password_memory_free (op->memory);
  ks_secret_unref (op->password);
  g_free (op->user);
  g_clear_object (&op->cancellable);
  g_clear_object (&op->http);
  g_object_unref (op->profile);
  g_free (op);
}

static char *
make_device_id (void)
{
  guint8 random[DEVICE_ID_LENGTH];
  char *id = g_malloc0 (DEVICE_ID_LENGTH + 1);

  ks_random (random, sizeof random);
  for (gsize i = 0; i < DEVICE_ID_LENGTH; i++)
    id[i] = (char) ('A' + random[i] % 26);
  return id;
}

static void
log_in (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SignIn *op = data;

  ks_api_login_password_async (op->http, op->user, op->password, op->asked_id, op->session_name, cancellable,
                               ready, run);
}

/* Whether what the answer says lets the session be kept. */
static gboolean
is_to_be_kept (SignIn *op, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (op->cancellable, error))
    return FALSE;
  if (op->login->unreadable)
    g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 200, NULL, 0, FALSE,
                                                   "the answer with the new session is not JSON"));
  else if (op->login->user_id != NULL && !ks_session_owner_may_be (op->user, op->login->user_id))
    g_propagate_error (error, ks_session_owner_other ());
  else
    return TRUE;
  return FALSE;
}

static KsStepVerdict
logged_in (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  SignIn *op = data;

  op->memory = ks_password_memory_new (op->password);
  g_clear_pointer (&op->password, ks_secret_unref);
  op->login = ks_api_login_password_finish (KS_HTTP (http), result, error);
  if (op->login == NULL)
    return KS_STEP_FAIL;
  ks_http_set_patience (op->http, PATIENCE);
  if (!ks_http_set_token (op->http, op->login->access_token))
    {
      g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 200, NULL, 0, FALSE,
                                                     "the new session's token cannot be used"));
      return KS_STEP_FAIL;
    }
  return is_to_be_kept (op, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
ask_who (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_whoami_async (((SignIn *) data)->http, cancellable, ready, run);
}

/* Whether the server is out of reach at the moment, or knows no such request. */
static gboolean
is_out_of_reach (const GError *error)
{
  return g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NO_SUCH_SERVER)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED)
         || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNSUPPORTED);
}

/* Takes @error. A server that refuses to say it refuses the session. */
static GError *
why_not_told (GError *error)
{
  GError *refused;

  if (is_out_of_reach (error) || g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER))
    return error;
  refused =
      ks_matrix_error_new (KS_MATRIX_ERROR_UNAUTHORIZED, ks_matrix_error_get_http_status (error),
                           KS_SIGN_IN_REFUSED, 0, FALSE, "the new session is refused: %s", error->message);
  g_error_free (error);
  return refused;
}

static KsStepVerdict
asked_who (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  SignIn *op = data;
  g_autofree char *user_id = NULL;
  g_autofree char *device_id = NULL;
  g_autoptr (GError) failure = NULL;
  gboolean asked = ks_api_whoami_finish (KS_HTTP (http), result, &user_id, &device_id, &failure);
  const KsSessionOwner login = { op->login->user_id, op->login->device_id };
  const KsSessionOwner whoami = { user_id, device_id };
  KsSessionOwner owner;

  /* What it said before has to do then, for it is better to keep the session than to lose it. */
  if (!asked && (!is_out_of_reach (failure) || login.user_id == NULL || login.device_id == NULL))
    {
      g_propagate_error (error, why_not_told (g_steal_pointer (&failure)));
      return KS_STEP_FAIL;
    }
  if (!ks_session_owner_settle (op->user, &login, asked ? &whoami : NULL, &owner, error)
      || g_cancellable_set_error_if_cancelled (op->cancellable, error))
    return KS_STEP_FAIL;
  op->user_id = g_strdup (owner.user_id);
  op->device_id = g_strdup (owner.device_id);
  return KS_STEP_NEXT;
}

static void
keep (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SignIn *op = data;
  g_autoptr (KsAccountStore) store = ks_account_store_new (ks_profile_get_database (op->profile));
  KsAccountRecord record = {
    .user_id = op->user_id,
    .device_id = op->device_id,
    .device_name = op->session_name,
    /* The address that the person has seen, not one that the answer moves to. */
    .homeserver = (char *) ks_http_get_base_url (op->http),
    .access_token = op->login->access_token,
  };

  ks_account_store_add_async (store, &record, cancellable, ready, run);
}

static KsStepVerdict
kept (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  SignIn *op = data;
  g_autoptr (KsAccountRecord) record = ks_account_store_add_finish (KS_ACCOUNT_STORE (store), result, error);

  if (record == NULL)
    return KS_STEP_FAIL;
  op->kept = record->id;
  return KS_STEP_NEXT;
}

static void
load (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SignIn *op = data;

  /* The new session is the one that was used last, whoever was chosen before. */
  ks_profile_choose_account (op->profile, NULL);
  ks_profile_load_account_async (op->profile, cancellable, ready, run);
}

static KsStepVerdict
loaded (gpointer data, GObject *profile, GAsyncResult *result, GError **error)
{
  SignIn *op = data;

  if (!ks_profile_load_account_finish (op->profile, result, error))
    return KS_STEP_FAIL;
  ks_account_remember_password (ks_profile_get_account (op->profile), g_steal_pointer (&op->memory));
  return KS_STEP_NEXT;
}

static const KsStep make_steps[] = {
  { .name = "log in", .begin = log_in, .end = logged_in, .committed = TRUE },
  { .name = "who", .begin = ask_who, .end = asked_who, .committed = TRUE },
  { .name = "keep", .begin = keep, .end = kept, .committed = TRUE },
  { .name = "load", .begin = load, .end = loaded, .committed = TRUE },
  { 0 },
};

static void
make (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_steps_start (make_steps, data, NULL, NULL, G_STRFUNC, cancellable, ready, run);
}

static KsStepVerdict
made (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  SignIn *op = data;

  if (g_task_propagate_boolean (G_TASK (result), &op->failure))
    return KS_STEP_DONE;
  if (op->login == NULL && is_out_of_reach (op->failure))
    ks_profile_note_lost_session (op->profile, op->asked_id);
  /* What nobody waits for any more is nobody's failure. */
  if (g_cancellable_is_cancelled (op->cancellable))
    {
      g_clear_error (&op->failure);
      g_cancellable_set_error_if_cancelled (op->cancellable, &op->failure);
    }
  if (op->login != NULL && ks_http_has_token (op->http))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&op->failure));
  return KS_STEP_FAIL;
}

static void
end (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SignIn *op = data;

  op->tries_to_end++;
  ks_api_logout_async (op->http, cancellable, ready, run);
}

static KsStepVerdict
ended (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  SignIn *op = data;
  g_autoptr (GError) failure = NULL;

  if (!ks_api_logout_finish (KS_HTTP (http), result, &failure)
      && !g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNAUTHORIZED))
    {
      if (is_out_of_reach (failure) && op->tries_to_end < MAX_TRIES_TO_END)
        return KS_STEP_AGAIN;
      g_message ("a new session could not be ended: %s", failure->message);
    }
  else if (op->kept != 0)
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&op->failure));
  return KS_STEP_FAIL;
}

static void
remove_row (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SignIn *op = data;
  g_autoptr (KsAccountStore) store = ks_account_store_new (ks_profile_get_database (op->profile));

  ks_account_store_remove_async (store, op->kept, cancellable, ready, run);
}

static KsStepVerdict
row_removed (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  SignIn *op = data;
  g_autoptr (GError) failure = NULL;

  if (!ks_account_store_remove_finish (KS_ACCOUNT_STORE (store), result, &failure))
    g_message ("a session that has ended could not be forgotten: %s", failure->message);
  g_propagate_error (error, g_steal_pointer (&op->failure));
  return KS_STEP_FAIL;
}

static const KsStep sign_in_steps[] = {
  { .name = "make", .begin = make, .end = made, .committed = TRUE },
  { .name = "end", .begin = end, .end = ended, .committed = TRUE },
  { .name = "remove", .begin = remove_row, .end = row_removed, .committed = TRUE },
  { 0 },
};

void
ks_sign_in_async (KsProfile *profile,
                  const KsHomeserver *homeserver,
                  const char *user,
                  KsSecret *password,
                  const char *session_name,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  GTask *task = g_task_new (profile, cancellable, callback, user_data);
  SignIn *op = g_new0 (SignIn, 1);
  GError *error = NULL;

  g_assert (ks_profile_get_state (profile) == KS_PROFILE_READY);

  op->profile = g_object_ref (profile);
  op->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  op->user = g_strdup (user);
  op->password = ks_secret_ref (password);
  op->session_name = g_strdup (session_name);
  op->asked_id = ks_profile_take_lost_session (profile);
  if (op->asked_id == NULL)
    op->asked_id = make_device_id ();
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, sign_in_free);

  op->http = ks_http_new (homeserver->base_url, &error);
  if (op->http == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  ks_steps_run (task, sign_in_steps);
}

gboolean
ks_sign_in_finish (KsProfile *profile, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
