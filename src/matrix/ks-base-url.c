/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-base-url.h"

#include <gio/gio.h>
#include <libsoup/soup.h>
#include <string.h>

#include "matrix/ks-http.h"
#include "matrix/ks-matrix-error.h"

static GError *
bad_url (const char *why)
{
  return ks_matrix_error_new (KS_MATRIX_ERROR_NO_SUCH_SERVER, 0, NULL, 0, FALSE, "not a homeserver's URL: %s",
                              why);
}

/* RFC 6761, section 6.3. GLib's resolver holds to it: it asks nobody for such names. */
static gboolean
is_localhost (const char *host)
{
  g_autofree char *name = g_ascii_strdown (host, -1);

  if (g_str_has_suffix (name, "."))
    name[strlen (name) - 1] = '\0';
  return g_str_equal (name, "localhost") || g_str_has_suffix (name, ".localhost");
}

gboolean
ks_base_url_is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address == NULL)
    return is_localhost (host);
  return g_inet_address_get_is_loopback (address);
}

static gboolean
check_uri (GUri *uri, GError **error)
{
  const char *host = g_uri_get_host (uri);
  const char *path = g_uri_get_path (uri);
  const char *scheme = g_uri_get_scheme (uri);
  GError *bad = NULL;

  if (strcmp (scheme, "https") != 0 && strcmp (scheme, "http") != 0)
    bad = bad_url ("neither https nor http");
  else if (host == NULL || host[0] == '\0'
           || (!g_hostname_is_ip_address (host)
               && strspn (host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
                      != strlen (host)))
    bad = bad_url ("no host");
  else if (g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL
           || g_uri_get_fragment (uri) != NULL)
    bad = bad_url ("a user, query or fragment in it");
  else if (strspn (path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@%/")
           != strlen (path))
    bad = bad_url ("a bad path");
  else if (strcmp (scheme, "http") == 0 && !ks_base_url_is_loopback (host))
    bad = ks_matrix_error_new (KS_MATRIX_ERROR_INSECURE, 0, NULL, 0, FALSE,
                               "http is for loopback addresses only");
  if (bad == NULL)
    return TRUE;
  g_propagate_error (error, bad);
  return FALSE;
}

GUri *
ks_base_url_parse (const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autofree char *ascii = NULL;
  g_autofree char *path = NULL;

  if (uri == NULL)
    {
      g_propagate_error (error, bad_url ("no URL"));
      return NULL;
    }
  if (g_uri_get_host (uri) != NULL && !g_str_is_ascii (g_uri_get_host (uri)))
    ascii = g_hostname_to_ascii (g_uri_get_host (uri));
  path = g_strdup (g_uri_get_path (uri));
  while (g_str_has_suffix (path, "/"))
    path[strlen (path) - 1] = '\0';

  if (ascii != NULL || strcmp (path, g_uri_get_path (uri)) != 0)
    {
      GUri *clean =
          g_uri_build_with_user (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), g_uri_get_userinfo (uri), NULL,
                                 NULL, ascii != NULL ? ascii : g_uri_get_host (uri), g_uri_get_port (uri),
                                 path, g_uri_get_query (uri), g_uri_get_fragment (uri));
      g_uri_unref (uri);
      uri = clean;
    }
  return check_uri (uri, error) ? g_steal_pointer (&uri) : NULL;
}

/* GLib writes the path of a URI without one as "/" for some schemes. */
char *
ks_base_url_to_string (GUri *uri)
{
  char *url = g_uri_to_string (uri);

  while (g_str_has_suffix (url, "/"))
    url[strlen (url) - 1] = '\0';
  return url;
}

char *
ks_http_check_base_url (const char *url, GError **error)
{
  g_autoptr (GUri) uri = ks_base_url_parse (url, error);

  return uri != NULL ? ks_base_url_to_string (uri) : NULL;
}
