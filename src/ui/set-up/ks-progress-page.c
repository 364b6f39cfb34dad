/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-progress-page.h"

#include "ui/ks-backing-up-text.h"
#include "ui/ks-error-text.h"
#include "ui/ks-time-left.h"
#include "ui/steps/ks-note.h"
#include "ui/steps/ks-step-row.h"

#include <glib/gi18n.h>

struct _KsProgressPage
{
  KsStepPage parent;

  KsStepRow *key_row;
  KsStepRow *secrets_row;
  KsStepRow *identity_row;
  KsStepRow *backup_row;
  KsStepRow *keys_row;
  KsStepRow *check_row;
  KsNote *problem;

  KsSetUp *set_up; /* owned; NULL before there is one */
  gboolean failed;
  gboolean in_memory;   /* it ends with the program */
  KsTimeLeft time_left; /* of the room keys */
};

G_DEFINE_FINAL_TYPE (KsProgressPage, ks_progress_page, KS_TYPE_STEP_PAGE)

static void
show_keys (KsProgressPage *self, KsStepRowState state)
{
  guint64 done = 0, total = 0;
  g_autofree char *text = NULL;

  ks_set_up_get_keys (self->set_up, &done, &total);
  if (state == KS_STEP_ROW_NOW && total > 0)
    text = ks_backing_up_text (&self->time_left, done, total);
  else
    text = g_strdup (state == KS_STEP_ROW_DONE ? _ ("Room keys backed up") : _ ("Back up room keys"));
  ks_step_row_set_label (self->keys_row, text);
  ks_step_row_set_fraction (self->keys_row,
                            state == KS_STEP_ROW_NOW && total > 0 ? (double) done / (double) total : -1);
}

static void
update (KsProgressPage *self)
{
  KsStepRow *rows[KS_N_SET_UP_PARTS] = { self->secrets_row, self->identity_row, self->backup_row,
                                         self->keys_row, self->check_row };
  KsSetUpPart part = ks_set_up_get_part (self->set_up);
  gboolean all_done = ks_set_up_get_stage (self->set_up) == KS_SET_UP_DONE;

  for (guint i = 0; i < KS_N_SET_UP_PARTS; i++)
    {
      KsStepRowState state = KS_STEP_ROW_AHEAD;

      if (all_done || i < (guint) part)
        state = KS_STEP_ROW_DONE;
      else if (i == (guint) part)
        state = self->failed ? KS_STEP_ROW_STOPPED : KS_STEP_ROW_NOW;
      ks_step_row_set_state (rows[i], state);
      if (i == KS_SET_UP_KEYS)
        show_keys (self, state);
    }
}

void
ks_progress_page_set_set_up (KsProgressPage *self, KsSetUp *set_up)
{
  g_assert (self->set_up == NULL);

  self->set_up = g_object_ref (set_up);
  g_signal_connect_object (set_up, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (set_up, "progress", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static const char *
description (KsProgressPage *self)
{
  if (self->failed)
    return self->in_memory ? _ (
               "Your Security Key is safe with you, and what is ticked is done. Trying again goes on from "
               "here, but only until Keepsake is closed: nothing is kept on this computer.")
                           : _ ("Your Security Key is safe with you, and what is ticked is done. Trying "
                                "again goes on from "
                                "here.");
  return self->in_memory ? _ ("You can keep chatting while this runs. Keep Keepsake open until it is done: "
                              "nothing is kept on this computer.")
                         : _ ("You can keep chatting while this runs.");
}

void
ks_progress_page_set_in_memory (KsProgressPage *self, gboolean in_memory)
{
  self->in_memory = in_memory;
  ks_step_page_set_description (KS_STEP_PAGE (self), description (self));
}

void
ks_progress_page_set_failure (KsProgressPage *self, const GError *failure)
{
  g_autofree char *text = failure != NULL ? ks_error_text (failure) : NULL;
  KsStepPage *page = KS_STEP_PAGE (self);

  self->failed = failure != NULL;
  self->time_left = (KsTimeLeft){ 0 };
  ks_note_set_text (self->problem, text);
  ks_step_page_set_title (page, self->failed ? _ ("Setting Up Stopped") : _ ("Setting Up"));
  ks_step_page_set_description (page, description (self));
  ks_step_page_set_icon (page, self->failed ? "ks-shield-alert-symbolic" : "emblem-synchronizing-symbolic",
                         self->failed ? "attention" : "accent");
  ks_step_page_set_forward_label (page, self->failed ? _ ("_Try Again") : _ ("Continue in the _Background"));
  ks_step_page_set_forward_suggested (page, self->failed);
  update (self);
}

gboolean
ks_progress_page_has_failed (KsProgressPage *self)
{
  return self->failed;
}

static void
ks_progress_page_dispose (GObject *object)
{
  g_clear_object (&KS_PROGRESS_PAGE (object)->set_up);
  G_OBJECT_CLASS (ks_progress_page_parent_class)->dispose (object);
}

static void
ks_progress_page_class_init (KsProgressPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_progress_page_dispose;

  g_type_ensure (KS_TYPE_NOTE);
  g_type_ensure (KS_TYPE_STEP_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/set-up/ks-progress-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsProgressPage, key_row);
  gtk_widget_class_bind_template_child (widget_class, KsProgressPage, secrets_row);
  gtk_widget_class_bind_template_child (widget_class, KsProgressPage, identity_row);
  gtk_widget_class_bind_template_child (widget_class, KsProgressPage, backup_row);
  gtk_widget_class_bind_template_child (widget_class, KsProgressPage, keys_row);
  gtk_widget_class_bind_template_child (widget_class, KsProgressPage, check_row);
  gtk_widget_class_bind_template_child (widget_class, KsProgressPage, problem);
}

static void
ks_progress_page_init (KsProgressPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ks_step_row_set_label (self->key_row, _ ("Security Key created"));
  ks_step_row_set_label (self->secrets_row, _ ("Secrets stored on the server"));
  ks_step_row_set_label (self->identity_row, _ ("Cross-signing set up"));
  ks_step_row_set_label (self->backup_row, _ ("Backup created"));
  ks_step_row_set_label (self->check_row, _ ("Backup checked"));
  ks_step_row_set_state (self->key_row, KS_STEP_ROW_DONE);
}
