/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/sign-in-fixture.h"

#include "matrix/ks-json.h"

#include <string.h>

void
sign_in_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

GAsyncResult *
sign_in_wait (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

void
sign_in_open_profile (SignInFixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_object (&f->profile);
  f->profile = ks_profile_new (f->directory, f->key_file);
  ks_profile_open_async (f->profile, KS_PROFILE_OPEN_QUIETLY, NULL, sign_in_done, &result);
  ks_profile_open_finish (f->profile, sign_in_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpint (ks_profile_get_state (f->profile), ==, KS_PROFILE_READY);
}

void
sign_in_set_up (SignInFixture *f, gconstpointer data)
{
  g_autofree char *top = g_dir_make_tmp ("keepsake-sign-in.XXXXXX", NULL);

  f->server = hs_fixture_new (NULL);
  hs_fixture_start_proxy (f->server);
  f->observer = hs_fixture_register (f->server, "alice", PASSWORD, NULL);
  f->directory = g_build_filename (top, "profile", NULL);
  f->key_file = g_build_filename (top, "key", NULL);
  sign_in_open_profile (f);
}

void
sign_in_tear_down (SignInFixture *f, gconstpointer data)
{
  g_autofree char *top = g_path_get_dirname (f->directory);
  const char *argv[] = { "rm", "-r", top, NULL };

  g_clear_object (&f->profile);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  hs_fixture_free (f->server);
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (f->directory);
  g_free (f->key_file);
  g_free (f->observer);
}

guint
sign_in_count_sessions (SignInFixture *f)
{
  g_autofree char *devices =
      hs_fixture_request (f->server, "GET", "/_matrix/client/v3/devices", f->observer, NULL, NULL);
  guint count = 0;

  for (const char *at = devices; (at = strstr (at, "Keepsake in a test")) != NULL; at++)
    count++;
  return count;
}

void
sign_in_answer (SignInFixture *f, const char *method, const char *path, guint status, const char *body)
{
  g_autoptr (GString) rule = g_string_new (NULL);

  g_string_printf (rule, "{\"method\":\"%s\",\"path\":\"%s$\",\"action\":\"answer\",\"status\":%u,\"body\":",
                   method, path, status);
  g_assert_true (ks_json_append_string (rule, body));
  g_string_append_c (rule, '}');
  hs_fixture_rule (f->server, rule->str);
}

gboolean
sign_in_as (
    SignInFixture *f, const char *user, const char *password, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) found_result = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (KsHomeserver) homeserver = NULL;
  g_autoptr (KsSecret) secret = ks_secret_new_copy (password, strlen (password));

  ks_find_homeserver_async (hs_fixture_url (f->server), cancellable, sign_in_done, &found_result);
  homeserver = ks_find_homeserver_finish (sign_in_wait (&found_result), error);
  if (homeserver == NULL)
    return FALSE;
  ks_sign_in_async (f->profile, homeserver, user, secret, "Keepsake in a test", cancellable, sign_in_done,
                    &result);
  return ks_sign_in_finish (f->profile, sign_in_wait (&result), error);
}

gboolean
sign_in (SignInFixture *f, const char *password, GCancellable *cancellable, GError **error)
{
  return sign_in_as (f, "alice", password, cancellable, error);
}

gboolean
sign_in_out (SignInFixture *f, GError **error)
{
  g_autoptr (KsAccount) account = g_object_ref (ks_profile_get_account (f->profile));
  g_autoptr (GAsyncResult) result = NULL;

  ks_account_sign_out_async (account, NULL, sign_in_done, &result);
  return ks_account_sign_out_finish (account, sign_in_wait (&result), error);
}

gboolean
sign_in_forget (SignInFixture *f, GCancellable *cancellable, GError **error)
{
  g_autoptr (KsAccount) account = g_object_ref (ks_profile_get_account (f->profile));
  g_autoptr (GAsyncResult) result = NULL;

  ks_account_forget_async (account, cancellable, sign_in_done, &result);
  return ks_account_forget_finish (account, sign_in_wait (&result), error);
}
