/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GET /.well-known/matrix/client (Client-Server API, "Well-known URIs"), up to
 * the base URL in it; validating that is left to ks-discovery.c.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define KS_WELL_KNOWN_MAX_SIZE (64 * 1024)
#define KS_WELL_KNOWN_MAX_REDIRECTS 3

/* What the errcode of an error is set to where the specification says so. */
#define KS_WELL_KNOWN_PROMPT "FAIL_PROMPT"
#define KS_WELL_KNOWN_ERROR "FAIL_ERROR"

/* @server_name is valid. Its port counts only if it is a loopback address. */
void ks_well_known_async (const char *server_name,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);

/* TRUE with *@base_url NULL is the specification's IGNORE: there is none. FALSE
 * with the errcode KS_WELL_KNOWN_PROMPT or …_ERROR: there is one, and it is wrong
 * (KS_MATRIX_ERROR_NOT_A_HOMESERVER, or …_INSECURE for http). FALSE without
 * errcode: nobody could be asked. */
gboolean ks_well_known_finish (GAsyncResult *result, char **base_url, GError **error);

G_END_DECLS
