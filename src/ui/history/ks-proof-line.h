/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Says once, above a timeline, that it is not proven who sent its messages: keys from a backup,
 * a file or another session open them and vouch for nobody (Client-Server API, "Server-side key
 * backups"). Where that is so of some of them only, those have its sign beside their name.
 */
#pragma once

#include "ui/history/ks-timeline-rows.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The sign. */
#define KS_PROOF_LINE_ICON "dialog-information-symbolic"

#define KS_TYPE_PROOF_LINE (ks_proof_line_get_type ())
G_DECLARE_FINAL_TYPE (KsProofLine, ks_proof_line, KS, PROOF_LINE, AdwBin)

/* Of which messages it speaks; NULL: of none. */
void ks_proof_line_set_rows (KsProofLine *self, KsTimelineRows *rows);

G_END_DECLS
