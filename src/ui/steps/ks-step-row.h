/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A line of a check list: done, being done, stopped, or still to do; told by an icon
 * with a name and not by colour alone.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum
{
  KS_STEP_ROW_AHEAD,
  KS_STEP_ROW_NOW,
  KS_STEP_ROW_STOPPED,
  KS_STEP_ROW_DONE,
} KsStepRowState;

#define KS_TYPE_STEP_ROW (ks_step_row_get_type ())
G_DECLARE_FINAL_TYPE (KsStepRow, ks_step_row, KS, STEP_ROW, GtkListBoxRow)

void ks_step_row_set_label (KsStepRow *self, const char *label);
void ks_step_row_set_state (KsStepRow *self, KsStepRowState state);

/* 0 to 1; negative: without a bar. */
void ks_step_row_set_fraction (KsStepRow *self, double fraction);

G_END_DECLS
