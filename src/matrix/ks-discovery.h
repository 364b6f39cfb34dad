/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From what a person types to a homeserver that answers (Client-Server API,
 * "Well-known URIs" and "API Versions"). Sends no token and no password.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  KS_DISCOVERED_GIVEN,       /* the URL that was typed */
  KS_DISCOVERED_WELL_KNOWN,  /* .well-known/matrix/client of the server name */
  KS_DISCOVERED_SERVER_NAME, /* no .well-known: https:// and the server name */
} KsDiscoveredBy;

typedef struct
{
  char *user_id;     /* owned; NULL if none was typed */
  char *server_name; /* owned; NULL if a URL was typed */
  char *base_url;    /* owned; no slash at the end */
  KsDiscoveredBy by;
  char **versions; /* owned: "v1.11", … as the server says, at least one of v1 */
} KsDiscovered;

void ks_discovered_free (KsDiscovered *discovered); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsDiscovered, ks_discovered_free)

/* @typed is a user ID, a server name, or a URL with or without a path; outer
 * white space does not count.
 *
 * A user ID or server name: its .well-known is asked over HTTPS (≤ 64 KiB, ≤ 3
 * redirects, no downgrade; over http on the same port only if the server name is
 * this machine's), and if that answers 404, or nobody answers there,
 * the server name itself is tried. A URL: it is asked itself, and if it has no
 * path and is no homeserver, the .well-known of its host. What was found must
 * answer /_matrix/client/versions. */
void ks_discover_async (const char *typed,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);

/* KS_MATRIX_ERROR_NO_SUCH_SERVER: not understood, or the name leads nowhere.
 * …_NOT_A_HOMESERVER: a server, but not a Matrix one, or its .well-known is wrong.
 * …_UNSUPPORTED: a homeserver, but too old. …_INSECURE, …_NETWORK, …_TLS,
 * …_RATE_LIMITED, …_SERVER as everywhere; G_IO_ERROR_CANCELLED. */
KsDiscovered *ks_discover_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The specification's two ways for .well-known to fail: FAIL_PROMPT, ask the
 * person for the homeserver's URL, and FAIL_ERROR, stop, because the information
 * is there and wrong. NONE: the error is not about .well-known. */
typedef enum
{
  KS_WELL_KNOWN_FAIL_NONE,
  KS_WELL_KNOWN_FAIL_PROMPT,
  KS_WELL_KNOWN_FAIL_ERROR,
} KsWellKnownFailure;

KsWellKnownFailure ks_discovery_get_well_known_failure (const GError *error);

G_END_DECLS
