/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-keyring-error.h"

G_DEFINE_QUARK (ks - keyring - error - quark, ks_keyring_error)
