/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A look at the desktop keyring on behalf of an account, for telling its state. The
 * person is never asked anything.
 */
#pragma once

#include "engine/account/ks-profile.h"

G_BEGIN_DECLS

/* Finish: @state is KS_PROFILE_READY or one of the KS_PROFILE_KEYRING states;
 * @has_security_key whether it holds the Security Key of @user_id. */
void ks_keyring_look_async (KsProfile *profile,
                            const char *user_id,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ks_keyring_look_finish (KsProfile *profile,
                                 GAsyncResult *result,
                                 KsProfileState *state,
                                 gboolean *has_security_key,
                                 GError **error);

G_END_DECLS
