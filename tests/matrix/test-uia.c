/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-uia.h"

#include <string.h>

#include "matrix/ks-json.h"
#include "matrix/ks-matrix-error.h"

static KsUia *
read_uia (const char *text, GError **error)
{
  g_autoptr (JsonObject) body = ks_json_parse_object (text, strlen (text), NULL);

  g_assert_nonnull (body);
  return ks_uia_new (body, error);
}

typedef struct
{
  const char *name;
  const char *body;
  guint able;
  KsUiaStage stage;
  const char *stage_name;
  const char *missing; /* joined with spaces; NULL: a flow was found */
} Case;

#define PASSWORD KS_UIA_STAGE_PASSWORD
#define FLOW(stages) "{\"session\":\"s\",\"flows\":[{\"stages\":[" stages "]}]}"

static const Case cases[] = {
  { "password", FLOW ("\"m.login.password\""), PASSWORD, PASSWORD, "m.login.password", NULL },
  { "sso-only", FLOW ("\"m.login.sso\""), PASSWORD, 0, NULL, "m.login.sso" },
  { "sso-can", FLOW ("\"m.login.sso\""), PASSWORD | KS_UIA_STAGE_SSO, KS_UIA_STAGE_SSO, "m.login.sso", NULL },
  { "oauth", FLOW ("\"m.oauth\""), KS_UIA_STAGE_OAUTH, KS_UIA_STAGE_OAUTH, "m.oauth", NULL },
  { "oauth-old-name", FLOW ("\"org.matrix.cross_signing_reset\""), KS_UIA_STAGE_OAUTH, KS_UIA_STAGE_OAUTH,
    "org.matrix.cross_signing_reset", NULL },
  { "either", "{\"flows\":[{\"stages\":[\"m.login.sso\"]},{\"stages\":[\"m.login.password\"]}]}", PASSWORD,
    PASSWORD, "m.login.password", NULL },
  { "shortest",
    "{\"flows\":[{\"stages\":[\"m.login.password\",\"m.login.dummy\"]},{\"stages\":[\"m.login.dummy\"]}]}",
    PASSWORD | KS_UIA_STAGE_DUMMY, KS_UIA_STAGE_DUMMY, "m.login.dummy", NULL },
  { "half-done",
    "{\"completed\":[\"m.login.password\"],\"flows\":[{\"stages\":[\"m.login.password\",\"m.login.dummy\"]}]"
    "}",
    KS_UIA_STAGE_DUMMY, KS_UIA_STAGE_DUMMY, "m.login.dummy", NULL },
  { "all-done", "{\"completed\":[\"m.login.password\"],\"flows\":[{\"stages\":[\"m.login.password\"]}]}",
    PASSWORD, KS_UIA_STAGE_NONE, NULL, NULL },
  { "empty-flow", "{\"flows\":[{\"stages\":[]}]}", PASSWORD, KS_UIA_STAGE_NONE, NULL, NULL },
  { "no-flow", "{\"flows\":[]}", PASSWORD, 0, NULL, "" },
  { "one-of-two-missing", FLOW ("\"m.login.password\",\"m.login.recaptcha\""), PASSWORD, 0, NULL,
    "m.login.recaptcha" },
  { "unknown-named", FLOW ("\"org.example.dance\",\"m.login.terms\",\"org.example.dance\""), PASSWORD, 0,
    NULL, "org.example.dance m.login.terms" },
  { "unknown-hostile", FLOW ("\"<b>\\n\xe2\x80\xae\""), PASSWORD, 0, NULL, "?b?????" },
};

static void
test_next_stage (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (KsUia) uia = read_uia (c->body, NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) missing = ks_uia_get_missing (uia, c->able);
  g_autofree char *joined = g_strjoinv (" ", missing);
  KsUiaStage stage;
  const char *name;
  gboolean found = ks_uia_next_stage (uia, c->able, &stage, &name, &error);

  if (c->missing != NULL)
    {
      g_assert_false (found);
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNSUPPORTED);
      g_assert_cmpstr (joined, ==, c->missing);
      return;
    }
  g_assert_no_error (error);
  g_assert_true (found);
  g_assert_cmpint (stage, ==, c->stage);
  g_assert_cmpstr (name, ==, c->stage_name);
}

static const char *const malformed[] = {
  "{}",
  "{\"flows\":{}}",
  "{\"flows\":[1]}",
  "{\"flows\":[{}]}",
  "{\"flows\":[{\"stages\":\"m.login.password\"}]}",
  "{\"flows\":[{\"stages\":[1]}]}",
  "{\"flows\":[],\"session\":5}",
  "{\"flows\":[],\"completed\":\"x\"}",
  "{\"flows\":[],\"completed\":[{}]}",
  "{\"flows\":[],\"params\":[]}",
};

static void
test_malformed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_uia (malformed[i], &error));
      g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);
    }
}

static void
test_too_many (void)
{
  g_autoptr (GString) flows = g_string_new ("{\"flows\":[{\"stages\":[]}");
  g_autoptr (GString) stages = g_string_new ("{\"flows\":[{\"stages\":[\"a\"");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 64; i++)
    g_string_append (flows, ",{\"stages\":[]}");
  g_string_append (flows, "]}");
  g_assert_null (read_uia (flows->str, &error));
  g_assert_error (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER);

  for (int i = 0; i < 32; i++)
    g_string_append (stages, ",\"a\"");
  g_string_append (stages, "]}]}");
  g_assert_null (read_uia (stages->str, NULL));
}

static void
test_rejected (void)
{
  g_autoptr (KsUia) first = read_uia ("{\"flows\":[]}", NULL);
  g_autoptr (KsUia) again =
      read_uia ("{\"flows\":[],\"errcode\":\"M_FORBIDDEN\",\"error\":\"Invalid password\"}", NULL);

  g_assert_false (ks_uia_was_rejected (first));
  g_assert_null (ks_uia_get_session (first));
  g_assert_true (ks_uia_was_rejected (again));
  g_assert_cmpstr (ks_uia_get_errcode (again), ==, "M_FORBIDDEN");
}

static void
test_urls (void)
{
  g_autoptr (KsUia) uia = read_uia ("{\"flows\":[],\"session\":\"a "
                                    "b/?\",\"params\":{\"m.oauth\":{\"url\":\"https://x.org/y?z=1\"},"
                                    "\"org.matrix.cross_signing_reset\":{\"url\":\"http://x.org\"}}}",
                                    NULL);
  g_autoptr (KsUia) bare = read_uia ("{\"flows\":[]}", NULL);
  g_autofree char *oauth = ks_uia_get_url (uia, "m.oauth", "https://hs.org");
  g_autofree char *plain = ks_uia_get_url (uia, "org.matrix.cross_signing_reset", "https://hs.org");
  g_autofree char *sso = ks_uia_get_url (uia, "m.login.sso", "https://hs.org/m");
  g_autofree char *hostile = ks_uia_get_url (uia, "../x", "https://hs.org");
  g_autofree char *none = ks_uia_get_url (bare, "m.login.sso", "https://hs.org");
  g_autofree char *no_params = ks_uia_get_url (bare, "m.oauth", "https://hs.org");

  g_assert_cmpstr (oauth, ==, "https://x.org/y?z=1");
  g_assert_null (plain);
  g_assert_cmpstr (sso, ==,
                   "https://hs.org/m/_matrix/client/v3/auth/m.login.sso/fallback/web?session=a%20b%2F%3F");
  g_assert_cmpstr (hostile, ==,
                   "https://hs.org/_matrix/client/v3/auth/..%2Fx/fallback/web?session=a%20b%2F%3F");
  g_assert_null (none);
  g_assert_null (no_params);
}

static void
test_url_schemes (void)
{
  static const char *const bad[] = {
    "javascript:alert(1)", "file:///etc/passwd", "https://user@x.org", "x", "", "https://"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("{\"flows\":[],\"params\":{\"m.oauth\":{\"url\":\"%s\"}}}", bad[i]);
      g_autoptr (KsUia) uia = read_uia (text, NULL);
      g_autofree char *url = ks_uia_get_url (uia, "m.oauth", "https://hs.org");

      g_assert_null (url);
    }
}

static void
check_body (KsUiaAnswer *answer, const char *expected)
{
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (KsSecret) text = NULL;
  g_autoptr (GError) error = NULL;

  ks_json_set_strings (body, "k", "v", NULL);
  text = ks_uia_answer_to_body (answer, body, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (ks_secret_bytes (text), ks_secret_size (text), expected, strlen (expected));
  g_assert_false (json_object_has_member (body, "auth"));
}

static void
test_answers (void)
{
  g_autoptr (KsUia) uia = read_uia ("{\"flows\":[],\"session\":\"s1\"}", NULL);
  g_autoptr (KsSecret) password = ks_secret_new_copy ("p\"w", 3);
  g_autoptr (KsUiaAnswer) with_password = ks_uia_answer_password (uia, "@a:b", password);
  g_autoptr (KsUiaAnswer) unasked = ks_uia_answer_password (NULL, "@a:b", password);
  g_autoptr (KsUiaAnswer) dummy = ks_uia_answer_done (uia, "m.login.dummy");
  g_autoptr (KsUiaAnswer) session = ks_uia_answer_done (uia, NULL);

  check_body (with_password,
              "{\"auth\":{\"identifier\":{\"type\":\"m.id.user\",\"user\":\"@a:b\"},\"password\":\"p\\\"w\","
              "\"session\":\"s1\",\"type\":\"m.login.password\"},\"k\":\"v\"}");
  check_body (unasked,
              "{\"auth\":{\"identifier\":{\"type\":\"m.id.user\",\"user\":\"@a:b\"},\"password\":\"p\\\"w\","
              "\"type\":\"m.login.password\"},\"k\":\"v\"}");
  check_body (dummy, "{\"auth\":{\"session\":\"s1\",\"type\":\"m.login.dummy\"},\"k\":\"v\"}");
  check_body (session, "{\"auth\":{\"session\":\"s1\"},\"k\":\"v\"}");
  check_body (NULL, "{\"k\":\"v\"}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/uia/next-stage/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_next_stage);
    }
  g_test_add_func ("/uia/malformed", test_malformed);
  g_test_add_func ("/uia/too-many", test_too_many);
  g_test_add_func ("/uia/rejected", test_rejected);
  g_test_add_func ("/uia/urls", test_urls);
  g_test_add_func ("/uia/url-schemes", test_url_schemes);
  g_test_add_func ("/uia/answers", test_answers);
  return g_test_run ();
}
