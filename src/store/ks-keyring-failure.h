/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the errors of libsecret and D-Bus to the few that KsKeyring has, as the end
 * of a step. Internal to the store.
 */
#pragma once

#include "base/ks-steps.h"
#include "store/ks-keyring-error.h"

G_BEGIN_DECLS

/* Sets @error to what @cause, which is taken over, comes down to: G_IO_ERROR_CANCELLED
 * or one of KS_KEYRING_ERROR. Its message may be anything the service likes to say:
 * it is for the log, which redacts. Returns KS_STEP_FAIL. */
KsStepVerdict ks_keyring_fail (GError *cause, GError **error);

/* The same for what the first call to the service returned: without a session bus
 * there is no Secret Service either. */
KsStepVerdict ks_keyring_fail_to_connect (GError *cause, GError **error);

/* Sets @error and returns KS_STEP_FAIL. */
KsStepVerdict ks_keyring_refuse (KsKeyringErrorCode code, const char *why, GError **error);

G_END_DECLS
