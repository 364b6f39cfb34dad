/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * KsKeyStore as the files that its calls are in share it. Internal to the store.
 */
#pragma once

#include "store/ks-account-scope.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

struct _KsKeyStore
{
  GObject parent_instance;

  KsDatabase *database;  /* owned */
  KsAccountScope *scope; /* owned */
};

G_END_DECLS
