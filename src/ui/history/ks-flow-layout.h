/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lays out one child, text of many lines, that takes the width it is given, whatever that is.
 * It is asked how high it is and nothing else: how narrow or how wide it can be, and how wide
 * for a height, GTK and libadwaita want to know as well, and each of these questions lays all
 * of the text out, the last one seventeen times over.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define KS_TYPE_FLOW_LAYOUT (ks_flow_layout_get_type ())
G_DECLARE_FINAL_TYPE (KsFlowLayout, ks_flow_layout, KS, FLOW_LAYOUT, GtkLayoutManager)

G_END_DECLS
