/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libsecret's SecretService, but for its prompts: one that nobody answers can be
 * given up at any time, and none is shown unless the person may be asked. Internal
 * to the store.
 */
#pragma once

#include <libsecret/secret.h>

G_BEGIN_DECLS

#define KS_TYPE_KEYRING_SERVICE (ks_keyring_service_get_type ())
G_DECLARE_FINAL_TYPE (KsKeyringService, ks_keyring_service, KS, KEYRING_SERVICE, SecretService)

/* FALSE, as at first: whatever would need a prompt fails with KS_KEYRING_ERROR_LOCKED. */
void ks_keyring_service_set_interactive (KsKeyringService *self, gboolean interactive);

G_END_DECLS
