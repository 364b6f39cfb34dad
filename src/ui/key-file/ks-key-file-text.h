/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of room keys that came out of a file.
 */
#pragma once

#include "engine/keys/ks-key-report.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Heading and sentence. @imported FALSE: nothing was, because some could not be used; the report
 * says what accepting that would do. The heading is static. */
const char *ks_key_file_text_title (const KsKeyReport *report, gboolean imported);
char *ks_key_file_text_sentence (const KsKeyReport *report, gboolean imported) G_GNUC_WARN_UNUSED_RESULT;

/* What is wrong with a key, and what that means. Static. */
const char *ks_key_file_text_reason (KsKeyReason reason);
const char *ks_key_file_text_advice (KsKeyReason reason);

/* "keys.txt in Documents". */
char *ks_key_file_text_place (GFile *file) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
