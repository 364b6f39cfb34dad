/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which room keys their senders have said this session does not get (Client-Server API,
 * "Reporting that decryption keys are withheld"), as far as it has received that. Nothing
 * proves it: it explains, and decides nothing. Main context only.
 */
#pragma once

#include "store/ks-inbox.h"

G_BEGIN_DECLS

typedef struct KsWithheld KsWithheld;

KsWithheld *ks_withheld_new (KsDatabase *database, const KsAccountRecord *account) G_GNUC_WARN_UNUSED_RESULT;
void ks_withheld_free (KsWithheld *withheld); /* NULL is allowed */

/* Reads what was received since the last call. @withheld must outlive it. */
void ks_withheld_read_async (KsWithheld *withheld,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean ks_withheld_read_finish (KsWithheld *withheld, GAsyncResult *result, GError **error);

/* The code ("m.unverified") that @sender, who sent a message of that session, has given;
 * borrowed; NULL: nothing was said. What anybody else says of the session does not count. */
const char *
ks_withheld_get_code (KsWithheld *withheld, const char *room_id, const char *sender, const char *session_id);

/* Whether @sender has said that their session with the key @sender_key (NULL: not known which)
 * cannot send this one any key (m.no_olm, which is of no room and no session of messages): as
 * far as a key of its messages is not here, this may be why. */
gboolean ks_withheld_is_cut_off (KsWithheld *withheld, const char *sender, const char *sender_key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsWithheld, ks_withheld_free)

G_END_DECLS
