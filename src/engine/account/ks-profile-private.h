/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the rest of the engine needs of a profile and nobody else.
 */
#pragma once

#include "engine/account/ks-profile.h"
#include "store/ks-database.h"

G_BEGIN_DECLS

/* Borrowed; NULL until the profile is ready. */
KsDatabase *ks_profile_get_database (KsProfile *self);

/* As given to ks_profile_new(). Borrowed; may be NULL. */
const char *ks_profile_get_directory (KsProfile *self);

/* Drops the account and the database that are there, and takes @database (NULL:
 * none) as opened with @flags. */
void ks_profile_adopt (KsProfile *self, KsDatabase *database, KsProfileOpenFlags flags);

/* What a KS_KEYRING_ERROR means for the profile. */
KsProfileState ks_profile_state_of_keyring (const GError *error);

/* Sets the state, and the reason for one that has failed. */
void ks_profile_settle (KsProfile *self, KsProfileState state, const GError *error);

/* Makes the account that the store has as current one the profile's: after
 * opening, and after signing in. KS_STORE_ERROR_HELD: another process has it. */
void ks_profile_load_account_async (KsProfile *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean ks_profile_load_account_finish (KsProfile *self, GAsyncResult *result, GError **error);

/* The device ID of a session that a server may have made without its answer getting here: whoever
 * signs in next by that ID takes it over, instead of adding one to it. Kept for one at a time.
 * Taking hands it out, once; NULL: there is none. */
void ks_profile_note_lost_session (KsProfile *self, const char *device_id);
char *ks_profile_take_lost_session (KsProfile *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
