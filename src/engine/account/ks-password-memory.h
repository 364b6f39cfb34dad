/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Remembers of a password only whether something else is the same: a salted hash, in this
 * run of the program. So a Security Phrase that is the account's password can be refused,
 * without the password being kept anywhere.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

typedef struct KsPasswordMemory KsPasswordMemory;

KsPasswordMemory *ks_password_memory_new (const KsSecret *password) G_GNUC_WARN_UNUSED_RESULT;
void ks_password_memory_free (KsPasswordMemory *memory); /* NULL is allowed */

/* In constant time for texts of the same length. */
gboolean ks_password_memory_is (const KsPasswordMemory *memory, const KsSecret *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsPasswordMemory, ks_password_memory_free)

G_END_DECLS
