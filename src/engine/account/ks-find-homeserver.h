/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From what a person types to a homeserver that answers, and how it lets people sign in.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A homeserver that was found and answers. */
typedef struct
{
  char *base_url;    /* owned: without a final slash */
  char *user_id;     /* owned: if a user ID was typed, else NULL */
  char *server_name; /* owned: what was asked for */
  gboolean password; /* offers signing in by password */
  gboolean browser;  /* offers signing in in the browser (SSO, OAuth) */
} KsHomeserver;

void ks_homeserver_free (KsHomeserver *homeserver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsHomeserver, ks_homeserver_free)

/* Finds the homeserver of @typed: a user ID, a server name, or a base URL.
 * Sends nothing but public requests. Errors: KS_MATRIX_ERROR NO_SUCH_SERVER,
 * NOT_A_HOMESERVER, INSECURE, TLS, NETWORK, UNSUPPORTED. */
void ks_find_homeserver_async (const char *typed,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
KsHomeserver *ks_find_homeserver_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
