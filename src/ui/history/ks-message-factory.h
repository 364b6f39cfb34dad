/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes the rows of a timeline's list.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* For a list over KsTimelineRows. */
GtkListItemFactory *ks_message_factory_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
