/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/repair/ks-repairing-page.h"

#include "ui/ks-backing-up-text.h"
#include "ui/repair/ks-repair-text.h"
#include "ui/steps/ks-note.h"
#include "ui/steps/ks-step-row.h"

#include <glib/gi18n.h>

/* Before the actions, and after them. */
#define LOOK 0
#define FIRST_ACTION 1
#define UPLOAD (FIRST_ACTION + KS_N_REPAIR_ACTIONS)
#define N_STEPS (UPLOAD + 1)

struct _KsRepairingPage
{
  KsStepPage parent;

  KsNote *problem;
  GtkListBox *steps;

  KsRecovery *recovery;     /* owned; NULL before there is one */
  KsStepRow *rows[N_STEPS]; /* borrowed; NULL: the repair has no such step */
  guint now;                /* the step that is under way */
  gboolean failed;
  KsTimeLeft time_left; /* of the room keys */
};

G_DEFINE_FINAL_TYPE (KsRepairingPage, ks_repairing_page, KS_TYPE_STEP_PAGE)

static void
update (KsRepairingPage *self)
{
  static const char *const heard[] = {
    [KS_STEP_ROW_AHEAD] = N_ ("To do"),
    [KS_STEP_ROW_NOW] = N_ ("In progress"),
    [KS_STEP_ROW_STOPPED] = N_ ("Stopped"),
    [KS_STEP_ROW_DONE] = N_ ("Done"),
  };

  for (guint i = 0; i < N_STEPS; i++)
    {
      KsStepRowState state = i < self->now   ? KS_STEP_ROW_DONE
                             : i > self->now ? KS_STEP_ROW_AHEAD
                             : self->failed  ? KS_STEP_ROW_STOPPED
                                             : KS_STEP_ROW_NOW;

      if (self->rows[i] == NULL)
        continue;
      ks_step_row_set_state (self->rows[i], state);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->rows[i]), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                      _ (heard[state]), -1);
    }
}

static void
name_step (KsRepairingPage *self, guint step, const char *label)
{
  ks_step_row_set_label (self->rows[step], label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->rows[step]), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

/* A row with the focus is read out. */
static void
focus_step (KsRepairingPage *self)
{
  if (!self->failed && self->rows[self->now] != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->rows[self->now]));
}

/* The next step begins. Who is at the steps goes along with them, and who is at the button is left there. */
static void
go_to (KsRepairingPage *self, guint step)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  gboolean begins = step != self->now;

  self->now = step;
  update (self);
  if (begins && focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->steps)))
    focus_step (self);
}

static void
add_step (KsRepairingPage *self, guint step, const char *label)
{
  self->rows[step] = g_object_new (KS_TYPE_STEP_ROW, "focusable", TRUE, NULL);
  name_step (self, step, label);
  gtk_list_box_append (self->steps, GTK_WIDGET (self->rows[step]));
}

static void
make_rows (KsRepairingPage *self, const KsRepairPlan *plan, const KsRecoverySnapshot *seen)
{
  for (guint i = 0; i < N_STEPS; i++)
    if (self->rows[i] != NULL)
      gtk_list_box_remove (self->steps, GTK_WIDGET (g_steal_pointer (&self->rows[i])));
  add_step (self, LOOK, _ ("Check what is there"));
  for (guint i = 0; i < KS_N_REPAIR_ACTIONS; i++)
    if (plan->actions[i])
      add_step (self, FIRST_ACTION + i, ks_repair_text_action ((KsRepairAction) i, plan));
  if (seen->pending_upload > 0 || (plan->actions[KS_REPAIR_BACKUP] && seen->local_keys > 0))
    add_step (self, UPLOAD, _ ("Back up room keys"));
}

static void
on_repairing (KsRecovery *recovery, int action, KsRepairingPage *self)
{
  go_to (self, FIRST_ACTION + (guint) action);
}

static void
on_uploading (KsRecovery *recovery, guint64 done, guint64 total, KsRepairingPage *self)
{
  g_autofree char *text = NULL;

  go_to (self, UPLOAD);
  if (self->rows[UPLOAD] == NULL || total == 0)
    return;
  text = ks_backing_up_text (&self->time_left, done, total);
  name_step (self, UPLOAD, text);
  ks_step_row_set_fraction (self->rows[UPLOAD], (double) done / (double) total);
}

static void
show_heading (KsRepairingPage *self)
{
  KsStepPage *page = KS_STEP_PAGE (self);

  ks_step_page_set_title (page, self->failed ? _ ("Repairing Stopped") : _ ("Repairing Secure Backup"));
  ks_step_page_set_description (page, self->failed ? _ ("Nothing was lost, and what is ticked is done. "
                                                        "Trying again goes on from there.")
                                                   : _ ("You can keep chatting while this runs."));
  ks_step_page_set_icon (page, self->failed ? "ks-shield-alert-symbolic" : "emblem-synchronizing-symbolic",
                         self->failed ? "attention" : "accent");
  ks_step_page_set_forward_label (page, self->failed ? _ ("_Try Again") : _ ("Continue in the _Background"));
  ks_step_page_set_forward_suggested (page, self->failed);
}

void
ks_repairing_page_begin (KsRepairingPage *self, KsRecovery *recovery)
{
  if (self->recovery == NULL)
    {
      self->recovery = g_object_ref (recovery);
      g_signal_connect_object (recovery, "repairing", G_CALLBACK (on_repairing), self, 0);
      g_signal_connect_object (recovery, "uploading", G_CALLBACK (on_uploading), self, 0);
    }
  make_rows (self, ks_recovery_get_plan (recovery), ks_recovery_get_snapshot (recovery));
  self->failed = FALSE;
  self->now = LOOK;
  self->time_left = (KsTimeLeft){ 0 };
  ks_note_set_text (self->problem, NULL);
  show_heading (self);
  update (self);
}

void
ks_repairing_page_stop (KsRepairingPage *self, const char *text)
{
  self->failed = TRUE;
  ks_note_set_text (self->problem, text);
  show_heading (self);
  update (self);
}

gboolean
ks_repairing_page_has_failed (KsRepairingPage *self)
{
  return self->failed;
}

gboolean
ks_repairing_page_has_begun (KsRepairingPage *self)
{
  return self->now != LOOK;
}

static void
ks_repairing_page_shown (KsStepPage *page)
{
  focus_step (KS_REPAIRING_PAGE (page));
}

static void
ks_repairing_page_dispose (GObject *object)
{
  g_clear_object (&KS_REPAIRING_PAGE (object)->recovery);
  G_OBJECT_CLASS (ks_repairing_page_parent_class)->dispose (object);
}

static void
ks_repairing_page_class_init (KsRepairingPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_repairing_page_dispose;
  KS_STEP_PAGE_CLASS (class)->shown = ks_repairing_page_shown;
  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/repair/ks-repairing-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsRepairingPage, problem);
  gtk_widget_class_bind_template_child (widget_class, KsRepairingPage, steps);
}

static void
ks_repairing_page_init (KsRepairingPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
