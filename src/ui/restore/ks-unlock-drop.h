/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Takes what is dropped anywhere on a dialog as what opens Secure Backup.
 */
#pragma once

#include "ui/restore/ks-unlock-page.h"

G_BEGIN_DECLS

/* A file, or a text, for @page of a stack of @dialog; only while that page is shown and not busy.
 * @page must live as long as @dialog. */
void ks_unlock_drop_take (GtkWidget *dialog, KsUnlockPage *page);

G_END_DECLS
