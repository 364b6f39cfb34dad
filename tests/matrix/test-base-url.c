/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-base-url.h"

#include "matrix/ks-http.h"
#include "matrix/ks-matrix-error.h"

typedef struct
{
  const char *url;
  const char *clean; /* NULL: refused */
  int code;
} Case;

static const Case cases[] = {
  { "https://example.org", "https://example.org", 0 },
  { "https://example.org/", "https://example.org", 0 },
  { "https://example.org:8448", "https://example.org:8448", 0 },
  { "https://example.org/matrix//", "https://example.org/matrix", 0 },
  { "HTTPS://Example.org/Path", "https://Example.org/Path", 0 },
  { "https://b\xc3\xbc"
    "cher.example",
    "https://xn--bcher-kva.example", 0 },
  { "https://[2001:db8::1]:8448/", "https://[2001:db8::1]:8448", 0 },
  { "http://127.0.0.1:8008", "http://127.0.0.1:8008", 0 },
  { "http://127.200.3.4/x", "http://127.200.3.4/x", 0 },
  { "http://[::1]:8008", "http://[::1]:8008", 0 },
  { "http://example.org", NULL, KS_MATRIX_ERROR_INSECURE },
  { "http://localhost:8008", "http://localhost:8008", 0 },
  { "http://LocalHost", "http://LocalHost", 0 },
  { "http://localhost.:8008/x/", "http://localhost.:8008/x", 0 },
  { "http://matrix.localhost", "http://matrix.localhost", 0 },
  { "http://localhost.example.org", NULL, KS_MATRIX_ERROR_INSECURE },
  { "http://notlocalhost", NULL, KS_MATRIX_ERROR_INSECURE },
  { "http://localhost@example.org", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "http://127.0.0.1.example.org", NULL, KS_MATRIX_ERROR_INSECURE },
  { "http://128.0.0.1", NULL, KS_MATRIX_ERROR_INSECURE },
  { "http://127.1", NULL, KS_MATRIX_ERROR_INSECURE },
  { "http://[::ffff:10.0.0.1]", NULL, KS_MATRIX_ERROR_INSECURE },
  { "http://0.0.0.0", NULL, KS_MATRIX_ERROR_INSECURE },
  { "ftp://example.org", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "https://", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "https:///path", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "example.org", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "https://user@example.org", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "https://user:pass@example.org/x/", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "http://127.0.0.1@example.org", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "https://example.org/?a=b", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "https://example.org/#x", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "https://exa mple.org", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "https://example.org/a b", "https://example.org/a%20b", 0 },
  { "https://example.org:99999", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
  { "https://example.org\r\nX: y", NULL, KS_MATRIX_ERROR_NO_SUCH_SERVER },
};

static void
test_base_url (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *clean = ks_http_check_base_url (c->url, &error);

  if (c->clean == NULL)
    g_assert_error (error, KS_MATRIX_ERROR, c->code);
  else
    g_assert_no_error (error);
  g_assert_cmpstr (clean, ==, c->clean);
}

static void
test_loopback (void)
{
  g_assert_true (ks_base_url_is_loopback ("127.0.0.1"));
  g_assert_true (ks_base_url_is_loopback ("127.255.255.254"));
  g_assert_true (ks_base_url_is_loopback ("::1"));
  g_assert_true (ks_base_url_is_loopback ("localhost"));
  g_assert_true (ks_base_url_is_loopback ("a.b.localhost."));
  g_assert_false (ks_base_url_is_loopback ("localhost.localdomain"));
  g_assert_false (ks_base_url_is_loopback ("::2"));
  g_assert_false (ks_base_url_is_loopback ("10.0.0.1"));
  g_assert_false (ks_base_url_is_loopback (""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/base-url/%zu", i);

      g_test_add_data_func (path, &cases[i], test_base_url);
    }
  g_test_add_func ("/base-url/loopback", test_loopback);
  return g_test_run ();
}
