/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-store-error.h"

G_DEFINE_QUARK (ks - store - error - quark, ks_store_error)
