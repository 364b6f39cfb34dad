/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The grammar of user IDs and server names (Appendices, "Identifier Grammar").
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "@localpart:server.name", at most 255 bytes. Local parts of any characters but
 * ":" and control characters are taken: historical ones are still in use. */
gboolean ks_user_id_is_valid (const char *user_id);

/* The part after the first colon of a valid user ID; borrowed. */
const char *ks_user_id_get_server_name (const char *user_id);

/* host or host:port; the host a DNS name, an IPv4 address or an IPv6 address in
 * brackets. */
gboolean ks_server_name_is_valid (const char *server_name);

/* The host without brackets and port, and the port, 0 if there is none. */
char *ks_server_name_get_host (const char *server_name) G_GNUC_WARN_UNUSED_RESULT;
guint ks_server_name_get_port (const char *server_name);

G_END_DECLS
