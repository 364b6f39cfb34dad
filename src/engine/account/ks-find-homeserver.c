/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-find-homeserver.h"

#include "base/ks-steps.h"
#include "matrix/ks-api-login.h"
#include "matrix/ks-discovery.h"

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
  { .name = "discover", .begin = discover, .end = discovered },
  { .name = "flows", .begin = get_flows, .end = got_flows },
  { 0 },
};

void
ks_find_homeserver_async (const char *typed,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  Find *find = g_new0 (Find, 1);

  find->typed = g_strdup (typed);
  find->found = g_new0 (KsHomeserver, 1);
  ks_steps_start (find_steps, find, find_free, NULL, G_STRFUNC, cancellable, callback, user_data);
}

KsHomeserver *
ks_find_homeserver_finish (GAsyncResult *result, GError **error)
{
  Find *find = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_steal_pointer (&find->found);
}
