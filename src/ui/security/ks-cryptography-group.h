/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The group "Cryptography": what identifies this session, to compare and to copy.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_CRYPTOGRAPHY_GROUP (ks_cryptography_group_get_type ())
G_DECLARE_FINAL_TYPE (KsCryptographyGroup, ks_cryptography_group, KS, CRYPTOGRAPHY_GROUP, AdwPreferencesGroup)

/* @session_key: the fingerprint, base64; NULL: the session has none yet. */
void ks_cryptography_group_show (KsCryptographyGroup *self, const char *session_id, const char *session_key);

/* A fingerprint in groups of four, as people compare it. */
char *ks_cryptography_group_text (const char *session_key) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
