/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-sign-in.h"

#include "base/ks-steps.h"
#include "engine/ks-account-private.h"
#include "engine/ks-profile-private.h"
#include "matrix/ks-api-login.h"
#include "matrix/ks-discovery.h"
#include "matrix/ks-matrix-error.h"
#include "matrix/ks-user-id.h"
#include "store/ks-account-store.h"

void
ks_homeserver_free (KsHomeserver *homeserver)
{
  if (homeserver == NULL)
    return;
  g_free (homeserver->base_url);
  g_free (homeserver->user_id);
  g_free (homeserver->server_name);
  g_free (homeserver);
}

/* Finds the homeserver.
 *
 *   1. discover  from what was typed to a base URL that answers
 *   2. flows     the ways of signing in that it offers
 *
 * Only reads. */

typedef struct
{
  char *typed;         /* owned */
  KsHttp *http;        /* owned; of the base URL, without a token */
  KsHomeserver *found; /* owned */
} Find;

static void
find_free (gpointer data)
{
  Find *find = data;

  ks_homeserver_free (find->found);
  g_clear_object (&find->http);
  g_free (find->typed);
  g_free (find);
}

static void
discover (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_discover_async (((Find *) op)->typed, cancellable, ready, run);
}

static KsStepVerdict
discovered (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  Find *find = op;
  g_autoptr (KsDiscovered) answer = ks_discover_finish (result, error);

  if (answer == NULL)
    return KS_STEP_FAIL;
  find->found->base_url = g_strdup (answer->base_url);
  find->found->user_id = g_strdup (answer->user_id);
  find->found->server_name = g_strdup (answer->server_name);
  find->http = ks_http_new (answer->base_url, error);
  return find->http != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
get_flows (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_api_login_get_flows_async (((Find *) op)->http, cancellable, ready, run);
}

static KsStepVerdict
got_flows (gpointer op, GObject *http, GAsyncResult *result, GError **error)
{
  Find *find = op;
  g_autoptr (KsLoginFlows) flows = ks_api_login_get_flows_finish (KS_HTTP (http), result, error);

  if (flows == NULL)
    return KS_STEP_FAIL;
  find->found->password = flows->password;
  find->found->browser = flows->sso;
  return KS_STEP_NEXT;
}

static const KsStep find_steps[] = {
  { "discover", discover, discovered, FALSE },
  { "flows", get_flows, got_flows, FALSE },
  { NULL, NULL, NULL, FALSE },
};

void
ks_find_homeserver_async (const char *typed,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Find *find = g_new0 (Find, 1);

  find->typed = g_strdup (typed);
  find->found = g_new0 (KsHomeserver, 1);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, find, find_free);
  ks_steps_run (task, find_steps);
}

KsHomeserver *
ks_find_homeserver_finish (GAsyncResult *result, GError **error)
{
  Find *find = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_steal_pointer (&find->found);
}

/* Signs in.
 *
 *   1. log in   the server makes a session and hands out its token
 *   2. keep     the session is written down, its token sealed; left out if it is
 *               not one of the user who was asked for
 *   3. settle   the profile takes the account over; or, if the session was not
 *               kept, it is ended again
 *
 * Stopped in 1 or before 2 the server may have a session that nobody uses: harmless,
 * and to be seen in every client's list of sessions. Stopped after 2 the next start
 * goes on with the account. */

typedef struct
{
  KsProfile *profile;       /* owned */
  KsHttp *http;             /* owned */
  char *user;               /* owned */
  KsSecret *password;       /* owned; dropped as soon as it was sent */
  KsPasswordMemory *memory; /* owned; of it */
  char *session_name;       /* owned */
  KsLogin *login;           /* owned; NULL before 1 */
  GError *not_kept;         /* owned; why there is no 2, or why it failed */
} SignIn;

static void
sign_in_free (gpointer data)
{
  SignIn *op = data;

  g_clear_error (&op->not_kept);
  ks_login_free (op->login);
  g_free (op->session_name);
  ks_password_memory_free (op->memory);
  ks_secret_unref (op->password);
  g_free (op->user);
  g_clear_object (&op->http);
  g_object_unref (op->profile);
  g_free (op);
}

static void
log_in (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SignIn *op = data;

  ks_api_login_password_async (op->http, op->user, op->password, NULL, op->session_name, cancellable, ready,
                               run);
}

/* Whoever gave a whole user ID gets that account and no other: a server that hands
 * out somebody else's would have everything that follows backed up for them. Case
 * aside, because servers find "@Alice:…" as "@alice:…". */
static gboolean
is_asked_for (const char *user, const char *user_id)
{
  return !ks_user_id_is_valid (user) || g_ascii_strcasecmp (user, user_id) == 0;
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
  if (is_asked_for (op->user, op->login->user_id))
    return KS_STEP_NEXT;
  op->not_kept = ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 200, NULL, 0, FALSE,
                                      "the new session is another user's");
  return KS_STEP_SKIP; /* "keep" */
}

static void
keep (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SignIn *op = data;
  g_autoptr (KsAccountStore) store = ks_account_store_new (ks_profile_get_database (op->profile));
  KsAccountRecord record = {
    .user_id = op->login->user_id,
    .device_id = op->login->device_id,
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
  g_autoptr (KsAccountRecord) record =
      ks_account_store_add_finish (KS_ACCOUNT_STORE (store), result, &op->not_kept);

  g_assert ((record == NULL) == (op->not_kept != NULL)); /* told once the session is ended */
  return KS_STEP_NEXT;
}

static void
settle (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  SignIn *op = data;

  if (op->not_kept == NULL)
    {
      /* The new session is the one that was used last, whoever was chosen before. */
      ks_profile_choose_account (op->profile, NULL);
      ks_profile_load_account_async (op->profile, cancellable, ready, run);
      return;
    }
  if (!ks_http_set_token (op->http, op->login->access_token))
    g_message ("the new session has a token that cannot be used");
  ks_api_logout_async (op->http, cancellable, ready, run);
}

static KsStepVerdict
settled (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  SignIn *op = data;

  if (op->not_kept == NULL)
    {
      if (!ks_profile_load_account_finish (op->profile, result, error))
        return KS_STEP_FAIL;
      ks_account_remember_password (ks_profile_get_account (op->profile), g_steal_pointer (&op->memory));
      return KS_STEP_NEXT;
    }
  if (!ks_api_logout_finish (op->http, result, NULL))
    g_message ("a new session could be neither kept nor ended");
  g_propagate_error (error, g_steal_pointer (&op->not_kept));
  return KS_STEP_FAIL;
}

/* From "keep" on a session exists that must be kept or ended; no stopping then. */
static const KsStep sign_in_steps[] = {
  { "log in", log_in, logged_in, FALSE },
  { "keep", keep, kept, TRUE },
  { "settle", settle, settled, TRUE },
  { NULL, NULL, NULL, FALSE },
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
  op->user = g_strdup (user);
  op->password = ks_secret_ref (password);
  op->session_name = g_strdup (session_name);
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
