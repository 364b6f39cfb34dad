/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A homeserver's base URL: taken apart, checked, put together. For ks-http.c and
 * discovery; everybody else uses ks_http_check_base_url().
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Parses and checks as ks_http_check_base_url() says. The path of the result has
 * no slash at the end. */
GUri *ks_base_url_parse (const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Without a slash at the end. */
char *ks_base_url_to_string (GUri *uri) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @host is this machine whatever anybody says: an address in 127.0.0.0/8, ::1,
 * "localhost" or a name that ends in ".localhost". Other names mean what a resolver says. */
gboolean ks_base_url_is_loopback (const char *host);

G_END_DECLS
