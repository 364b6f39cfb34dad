/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/repair/ks-repair-plan-page.h"

#include "ui/repair/ks-repair-lines.h"

#include <glib/gi18n.h>
#include <string.h>

struct _KsRepairPlanPage
{
  KsStepPage parent;

  GtkWidget *missing_group;
  GtkListBox *missing;
  GtkWidget *to_do_group;
  GtkListBox *to_do;
  GtkWidget *same_group;
  GtkListBox *same;
  GtkWidget *other_key;
  AdwExpanderRow *details;

  GPtrArray *detail_rows; /* owned, of borrowed rows */
  KsRepairPlan shown;     /* without what its pointers point to */
};

G_DEFINE_FINAL_TYPE (KsRepairPlanPage, ks_repair_plan_page, KS_TYPE_STEP_PAGE)

static void
show_details (KsRepairPlanPage *self, const KsRepairPlan *plan, const KsRecoverySnapshot *seen)
{
  g_autoptr (GPtrArray) lines = ks_repair_lines_details (plan, seen);

  for (guint i = 0; i < self->detail_rows->len; i++)
    adw_expander_row_remove (self->details, self->detail_rows->pdata[i]);
  g_ptr_array_set_size (self->detail_rows, 0);
  for (guint i = 0; i < lines->len; i++)
    {
      GtkWidget *row = ks_repair_line_to_row (lines->pdata[i], NULL, NULL);

      gtk_widget_add_css_class (row, "property");
      adw_expander_row_add_row (self->details, row);
      g_ptr_array_add (self->detail_rows, row);
    }
}

static const char *
describe (const KsRepairPlan *plan)
{
  if (ks_repair_plan_leaves_any_lost (plan))
    return _ ("Not everything can be repaired here, but a part can.");
  if (plan->needs_key)
    return _ ("Keepsake needs your Security Key for it.");
  if (plan->elsewhere)
    return _ ("Keepsake can make a new, empty backup. What only the other key opens stays unread.");
  if (plan->actions[KS_REPAIR_BACKUP] && plan->lost[KS_SECRET_BACKUP])
    return _ ("Keepsake can make a new backup. What is in the old one stays locked: nothing here opens it.");
  return _ ("Everything needed to repair it is on this computer.");
}

void
ks_repair_plan_page_show (KsRepairPlanPage *self, KsRecovery *recovery)
{
  const KsRepairPlan *plan = ks_recovery_get_plan (recovery);
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);
  KsStepPage *page = KS_STEP_PAGE (self);

  self->shown = *plan;
  self->shown.key_id = NULL;
  self->shown.old_version = NULL;
  self->shown.older = NULL;
  ks_step_page_set_icon (page, "ks-shield-alert-symbolic", "attention");
  ks_step_page_set_description (page, describe (plan));
  ks_step_page_set_forward_label (page, plan->needs_key ? _ ("C_ontinue") : _ ("_Repair"));
  ks_repair_lines_show (ks_repair_lines_missing (plan, seen), self->missing, self->missing_group,
                        "dialog-warning-symbolic", "warning");
  ks_repair_lines_show (ks_repair_lines_to_do (plan, seen), self->to_do, self->to_do_group,
                        "list-add-symbolic", NULL);
  ks_repair_lines_show (ks_repair_lines_same (plan), self->same, self->same_group, "emblem-ok-symbolic",
                        "success");
  /* Where all is here that there ever was, no other key opens more. */
  gtk_widget_set_visible (self->other_key,
                          seen->to_unlock
                              && (plan->lost[KS_SECRET_BACKUP] || ks_repair_plan_leaves_any_lost (plan)));
  show_details (self, plan, seen);
}

static gboolean
are_same (const gboolean *a, const gboolean *b, gsize n)
{
  return memcmp (a, b, n * sizeof *a) == 0;
}

gboolean
ks_repair_plan_page_is_of (KsRepairPlanPage *self, KsRecovery *recovery)
{
  const KsRepairPlan *plan = ks_recovery_get_plan (recovery);

  return are_same (plan->actions, self->shown.actions, KS_N_REPAIR_ACTIONS)
         && are_same (plan->store, self->shown.store, KS_N_SECRETS)
         && are_same (plan->publish, self->shown.publish, KS_N_CROSS_SIGNING_KEYS)
         && are_same (plan->make, self->shown.make, KS_N_SECRETS)
         && are_same (plan->lost, self->shown.lost, KS_N_SECRETS);
}

static void
ks_repair_plan_page_finalize (GObject *object)
{
  g_ptr_array_unref (KS_REPAIR_PLAN_PAGE (object)->detail_rows);
  G_OBJECT_CLASS (ks_repair_plan_page_parent_class)->finalize (object);
}

static void
ks_repair_plan_page_class_init (KsRepairPlanPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = ks_repair_plan_page_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/repair/ks-repair-plan-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsRepairPlanPage, missing_group);
  gtk_widget_class_bind_template_child (widget_class, KsRepairPlanPage, missing);
  gtk_widget_class_bind_template_child (widget_class, KsRepairPlanPage, to_do_group);
  gtk_widget_class_bind_template_child (widget_class, KsRepairPlanPage, to_do);
  gtk_widget_class_bind_template_child (widget_class, KsRepairPlanPage, same_group);
  gtk_widget_class_bind_template_child (widget_class, KsRepairPlanPage, same);
  gtk_widget_class_bind_template_child (widget_class, KsRepairPlanPage, other_key);
  gtk_widget_class_bind_template_child (widget_class, KsRepairPlanPage, details);
}

static void
ks_repair_plan_page_init (KsRepairPlanPage *self)
{
  self->detail_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
