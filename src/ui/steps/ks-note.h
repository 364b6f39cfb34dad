/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sentence about what went wrong or will be regretted, beside what it is about. Not
 * there as long as there is nothing to say; screen readers are told when there is.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_NOTE (ks_note_get_type ())
G_DECLARE_FINAL_TYPE (KsNote, ks_note, KS, NOTE, AdwBin)

/* NULL: nothing to say. */
void ks_note_set_text (KsNote *self, const char *text);

G_END_DECLS
