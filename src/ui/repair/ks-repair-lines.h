/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lists of a repair: what is missing, what will be done about it, what stays the same, and the
 * technical details. Only lines that are true for the plan; and the rows that show them.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"
#include "engine/repair/ks-repair-plan.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct
{
  char *title;    /* owned */
  char *subtitle; /* owned; NULL: none */
} KsRepairLine;

/* Each may be empty. */
GPtrArray *ks_repair_lines_missing (const KsRepairPlan *plan, const KsRecoverySnapshot *seen)
    G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *ks_repair_lines_to_do (const KsRepairPlan *plan, const KsRecoverySnapshot *seen)
    G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *ks_repair_lines_same (const KsRepairPlan *plan) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *ks_repair_lines_details (const KsRepairPlan *plan, const KsRecoverySnapshot *seen)
    G_GNUC_WARN_UNUSED_RESULT;

/* What is nowhere that could be opened, and is not made anew. */
GPtrArray *ks_repair_lines_lost (const KsRepairPlan *plan, const KsRecoverySnapshot *seen)
    G_GNUC_WARN_UNUSED_RESULT;

/* A row for a line, with an icon; @style: its class, NULL: none. */
GtkWidget *ks_repair_line_to_row (const KsRepairLine *line, const char *icon, const char *style);

/* Shows @lines (taken) as the only rows of @list, and @group only if there are any. */
void ks_repair_lines_show (
    GPtrArray *lines, GtkListBox *list, GtkWidget *group, const char *icon, const char *style);

G_END_DECLS
