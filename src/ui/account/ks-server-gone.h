/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether an account is to be left without its homeserver's word.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether @error, with which the homeserver did not end the session, says that there may
 * be none to end it any more: no such server, no line to it in all the time that was
 * given, something else under its address, or no such account. A dead certificate, a proxy
 * without anything behind it and a page that sells the name count too: from here they cannot be
 * told from a server that comes back, and whoever is asked knows. An answer of the homeserver
 * itself, which is there to be asked again, is no reason to leave a session behind. */
gboolean ks_server_gone (const GError *error);

G_END_DECLS
