/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a session publishes of its Olm account (Client-Server API, "Device keys", "One-time
 * and fallback keys"), as JSON. No I/O.
 */
#pragma once

#include "crypto/ks-olm-account.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The device keys, signed by the account. */
JsonObject *
ks_device_keys_make (KsOlmAccount *account, const char *user_id, const char *device_id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* All one-time keys that are not marked as published, each signed; *@out is NULL if there
 * is none. */
gboolean ks_device_keys_make_one_time (KsOlmAccount *account,
                                       const char *user_id,
                                       const char *device_id,
                                       JsonObject **out,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for the fallback key. */
gboolean ks_device_keys_make_fallback (KsOlmAccount *account,
                                       const char *user_id,
                                       const char *device_id,
                                       JsonObject **out,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE: @published, as a server gives it, are the keys of @account, of this user and
 * session. What others have signed on top does not matter. @published may be NULL. */
gboolean ks_device_keys_are_ours (JsonObject *published,
                                  KsOlmAccount *account,
                                  const char *user_id,
                                  const char *device_id) G_GNUC_WARN_UNUSED_RESULT;

/* Adds the account's signature to @object. */
gboolean ks_device_keys_sign (
    KsOlmAccount *account, JsonObject *object, const char *user_id, const char *device_id, GError **error);

G_END_DECLS
