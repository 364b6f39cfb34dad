/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-uia.h"

#include <libsoup/soup.h>
#include <string.h>

#include "matrix/ks-base-url.h"
#include "matrix/ks-http-answer.h"
#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

/* More than any server asks for. */
#define MAX_FLOWS 64
#define MAX_STAGES 32
#define MAX_NAME 64

struct KsUia
{
  int references;
  char *session;      /* owned */
  char *errcode;      /* owned */
  GPtrArray *flows;   /* owned: of char ** */
  char **completed;   /* owned */
  JsonObject *params; /* owned; may be NULL */
};

struct KsUiaAnswer
{
  int references;
  char *type;         /* owned; NULL: the session alone */
  char *session;      /* owned; may be NULL */
  char *user_id;      /* owned; with the password */
  KsSecret *password; /* owned; NULL: another stage */
};

KsUiaStage
ks_uia_stage_from_name (const char *name)
{
  static const struct
  {
    const char *name;
    KsUiaStage stage;
  } known[] = {
    { "m.login.password", KS_UIA_STAGE_PASSWORD },
    { "m.login.sso", KS_UIA_STAGE_SSO },
    { "m.oauth", KS_UIA_STAGE_OAUTH },
    { "org.matrix.cross_signing_reset", KS_UIA_STAGE_OAUTH }, /* before version 1.17 */
    { "m.login.dummy", KS_UIA_STAGE_DUMMY },
    { "m.login.terms", KS_UIA_STAGE_TERMS },
    { "m.login.recaptcha", KS_UIA_STAGE_RECAPTCHA },
    { "m.login.email.identity", KS_UIA_STAGE_EMAIL },
    { "m.login.msisdn", KS_UIA_STAGE_MSISDN },
    { "m.login.registration_token", KS_UIA_STAGE_REGISTRATION_TOKEN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (name, known[i].name) == 0)
      return known[i].stage;
  return KS_UIA_STAGE_UNKNOWN;
}

/* NULL: not an array of at most @max strings. */
static char **
read_strings (JsonArray *array, guint max)
{
  g_autoptr (GStrvBuilder) strings = g_strv_builder_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *string;

      if (i == max || !ks_json_element_string (array, i, &string))
        return NULL;
      g_strv_builder_add (strings, string);
    }
  return g_strv_builder_end (strings);
}

static void
free_strings (gpointer strings)
{
  g_strfreev (strings);
}

static gboolean
read_flows (KsUia *uia, JsonArray *flows)
{
  if (json_array_get_length (flows) > MAX_FLOWS)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (flows); i++)
    {
      JsonObject *flow;
      JsonArray *stages;
      char **names;

      if (!ks_json_element_object (flows, i, &flow) || !ks_json_get_array (flow, "stages", &stages))
        return FALSE;
      names = read_strings (stages, MAX_STAGES);
      if (names == NULL)
        return FALSE;
      g_ptr_array_add (uia->flows, names);
    }
  return TRUE;
}

static gboolean
read_uia (KsUia *uia, JsonObject *body)
{
  JsonArray *flows;
  JsonArray *completed;
  JsonObject *params;
  const char *session;
  const char *errcode;

  if (!ks_json_get_array (body, "flows", &flows) || !read_flows (uia, flows)
      || !ks_json_optional_string (body, "session", &session)
      || !ks_json_optional_array (body, "completed", &completed)
      || !ks_json_optional_object (body, "params", &params))
    return FALSE;

  uia->session = g_strdup (session);
  uia->params = params != NULL ? json_object_ref (params) : NULL;
  uia->completed = completed != NULL ? read_strings (completed, MAX_STAGES) : g_new0 (char *, 1);
  if (ks_json_get_string (body, "errcode", &errcode) && ks_http_errcode_is_plain (errcode))
    uia->errcode = g_strdup (errcode);
  return uia->completed != NULL;
}

KsUia *
ks_uia_new (JsonObject *body, GError **error)
{
  g_autoptr (KsUia) uia = g_new0 (KsUia, 1);

  uia->references = 1;
  uia->flows = g_ptr_array_new_with_free_func (free_strings);
  if (read_uia (uia, body))
    return g_steal_pointer (&uia);
  ks_http_bad_answer (error, "user-interactive authentication");
  return NULL;
}

KsUia *
ks_uia_ref (KsUia *uia)
{
  uia->references++;
  return uia;
}

void
ks_uia_unref (KsUia *uia)
{
  if (uia == NULL || --uia->references > 0)
    return;
  g_free (uia->session);
  g_free (uia->errcode);
  g_ptr_array_unref (uia->flows);
  g_strfreev (uia->completed);
  g_clear_pointer (&uia->params, json_object_unref);
  g_free (uia);
}

const char *
ks_uia_get_session (KsUia *uia)
{
  return uia->session;
}

gboolean
ks_uia_was_rejected (KsUia *uia)
{
  return uia->errcode != NULL;
}

const char *
ks_uia_get_errcode (KsUia *uia)
{
  return uia->errcode;
}

static gboolean
is_done (KsUia *uia, const char *name)
{
  return g_strv_contains ((const char *const *) uia->completed, name);
}

/* How many stages of @flow are left, -1 if one of them is not in @able. *@first is
 * set to the first of them, NULL if none is left. */
static int
count_left (KsUia *uia, char **flow, guint able, const char **first)
{
  int left = 0;

  *first = NULL;
  for (char **name = flow; *name != NULL; name++)
    {
      if (is_done (uia, *name))
        continue;
      if ((ks_uia_stage_from_name (*name) & able) == 0)
        return -1;
      if (left++ == 0)
        *first = *name;
    }
  return left;
}

gboolean
ks_uia_next_stage (KsUia *uia, guint able, KsUiaStage *stage, const char **name, GError **error)
{
  int best = -1;

  *stage = KS_UIA_STAGE_NONE;
  *name = NULL;
  for (guint i = 0; i < uia->flows->len; i++)
    {
      const char *first;
      int left = count_left (uia, g_ptr_array_index (uia->flows, i), able, &first);

      if (left < 0 || (best >= 0 && left >= best))
        continue;
      best = left;
      *name = first;
    }
  if (best < 0)
    {
      g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_UNSUPPORTED, 401, NULL, 0, FALSE,
                                                     "no way to authenticate that is known here"));
      return FALSE;
    }
  if (*name != NULL)
    *stage = ks_uia_stage_from_name (*name);
  return TRUE;
}

static char *
harmless (const char *name)
{
  char *text = g_strndup (name, MAX_NAME);

  for (char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("._-", *c) == NULL)
      *c = '?';
  return text;
}

char **
ks_uia_get_missing (KsUia *uia, guint able)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < uia->flows->len; i++)
    for (char **name = g_ptr_array_index (uia->flows, i); *name != NULL; name++)
      {
        g_autofree char *text = harmless (*name);

        if (is_done (uia, *name) || (ks_uia_stage_from_name (*name) & able) != 0
            || g_ptr_array_find_with_equal_func (missing, text, g_str_equal, NULL))
          continue;
        g_ptr_array_add (missing, g_steal_pointer (&text));
      }
  g_ptr_array_add (missing, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&missing), FALSE);
}

/* Only what a browser may be sent to. */
static gboolean
may_open (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  if (uri == NULL || g_uri_get_host (uri) == NULL || g_uri_get_host (uri)[0] == '\0'
      || g_uri_get_userinfo (uri) != NULL)
    return FALSE;
  return strcmp (g_uri_get_scheme (uri), "https") == 0
         || (strcmp (g_uri_get_scheme (uri), "http") == 0 && ks_base_url_is_loopback (g_uri_get_host (uri)));
}

char *
ks_uia_get_url (KsUia *uia, const char *name, const char *base_url)
{
  g_autofree char *stage = g_uri_escape_string (name, NULL, FALSE);
  g_autofree char *session = uia->session != NULL ? g_uri_escape_string (uia->session, NULL, FALSE) : NULL;
  g_autofree char *url = NULL;
  JsonObject *params;
  const char *given;

  if (ks_uia_stage_from_name (name) == KS_UIA_STAGE_OAUTH)
    {
      ks_json_get_object (uia->params, name, &params);
      if (ks_json_get_string (params, "url", &given))
        url = g_strdup (given);
    }
  /* Client-Server API, "Fallback". */
  else if (session != NULL)
    url = g_strdup_printf ("%s/_matrix/client/v3/auth/%s/fallback/web?session=%s", base_url, stage, session);
  return url != NULL && may_open (url) ? g_steal_pointer (&url) : NULL;
}

KsUiaAnswer *
ks_uia_answer_done (KsUia *uia, const char *name)
{
  KsUiaAnswer *answer = g_new0 (KsUiaAnswer, 1);

  answer->references = 1;
  answer->type = g_strdup (name);
  answer->session = g_strdup (uia != NULL ? uia->session : NULL);
  return answer;
}

KsUiaAnswer *
ks_uia_answer_password (KsUia *uia, const char *user_id, KsSecret *password)
{
  KsUiaAnswer *answer = ks_uia_answer_done (uia, "m.login.password");

  answer->user_id = g_strdup (user_id);
  answer->password = ks_secret_ref (password);
  return answer;
}

KsUiaAnswer *
ks_uia_answer_ref (KsUiaAnswer *answer)
{
  answer->references++;
  return answer;
}

void
ks_uia_answer_unref (KsUiaAnswer *answer)
{
  if (answer == NULL || --answer->references > 0)
    return;
  g_free (answer->type);
  g_free (answer->session);
  g_free (answer->user_id);
  ks_secret_unref (answer->password);
  g_free (answer);
}

KsSecret *
ks_uia_answer_to_body (KsUiaAnswer *answer, JsonObject *body, GError **error)
{
  g_autoptr (JsonObject) whole = ks_json_copy_object (body);
  g_autofree char *text = NULL;
  JsonObject *auth = NULL;
  gsize size;

  if (answer != NULL)
    {
      auth = ks_json_add_object (whole, "auth");
      if (answer->type != NULL)
        ks_json_set_strings (auth, "type", answer->type, NULL);
      if (answer->session != NULL)
        ks_json_set_strings (auth, "session", answer->session, NULL);
    }
  if (answer != NULL && answer->password != NULL)
    {
      ks_json_set_strings (ks_json_add_object (auth, "identifier"), "type", "m.id.user", "user",
                           answer->user_id, NULL);
      return ks_json_to_secret_text (whole, auth, "password", answer->password, error);
    }
  text = ks_json_to_text (whole, &size, error);
  return text != NULL ? ks_secret_new_copy (text, size) : NULL;
}
