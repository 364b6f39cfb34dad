/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of what came out of a database that was set aside.
 */
#pragma once

#include "engine/keys/ks-key-report.h"

G_BEGIN_DECLS

/* Heading and sentences. @secrets: private keys that came in. @backing_up: room keys that came in go on to the
 * backup by themselves. The heading is static. */
const char *ks_set_aside_text_title (const KsKeyReport *report, guint secrets);
char *ks_set_aside_text_sentence (const KsKeyReport *report, guint secrets, gboolean backing_up)
    G_GNUC_WARN_UNUSED_RESULT;

/* What a key that can't be used means. Static. */
const char *ks_set_aside_text_advice (KsKeyReason reason);

G_END_DECLS
