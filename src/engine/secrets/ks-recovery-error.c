/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-recovery-error.h"

G_DEFINE_QUARK (ks - recovery - error - quark, ks_recovery_error)
