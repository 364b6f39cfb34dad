/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An attachment in a timeline: what it is, and saving it.
 */
#pragma once

#include "ui/history/ks-attachment-save.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define KS_TYPE_ATTACHMENT_CARD (ks_attachment_card_get_type ())
G_DECLARE_FINAL_TYPE (KsAttachmentCard, ks_attachment_card, KS, ATTACHMENT_CARD, AdwBin)

/* NULL: none, as before. */
void ks_attachment_card_set_save (KsAttachmentCard *self, KsAttachmentSave *save);
KsAttachmentSave *ks_attachment_card_get_save (KsAttachmentCard *self); /* borrowed */

G_END_DECLS
