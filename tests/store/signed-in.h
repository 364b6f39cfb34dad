/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The store of a profile that keepsakectl has signed in, for programs that stand beside it
 * in a test.
 */
#pragma once

#include "store/ks-account-store.h"

G_BEGIN_DECLS

/* Opens the store in @profile with the key in @key_file. @account: the current one, with
 * its token; free it. End with store_close(). */
KsDatabase *signed_in_open (const char *profile, const char *key_file, KsAccountRecord **account);

G_END_DECLS
