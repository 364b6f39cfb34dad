/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the homeserver said of an account's Secure Backup when it last answered, kept in a file
 * beside the local data, for when it does not. It holds no secret, and nothing depends on it: it is
 * shown with its date, and believed by nobody.
 */
#pragma once

#include "cli/ks-cli.h"
#include "engine/recovery/ks-recovery.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 seen; /* milliseconds since 1970 */
  KsRecoveryState state;
  KsRecoverySnapshot facts; /* of its members only those that "status" tells */
} KsCliKnown;

void ks_cli_known_free (KsCliKnown *known); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsCliKnown, ks_cli_known_free)

/* Keeps what the account's recovery has just seen. A disk that does not take it is no error. */
void ks_cli_known_keep (KsCli *cli);

/* NULL: nothing is kept, or it cannot be read. */
KsCliKnown *ks_cli_known_load (KsCli *cli) G_GNUC_WARN_UNUSED_RESULT;

/* The account is about to be signed out. */
void ks_cli_known_forget (KsCli *cli);

G_END_DECLS
