/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-confirm-page.h"

#include "ui/steps/ks-note.h"

#include <glib/gi18n.h>
#include <string.h>

struct _KsConfirmPage
{
  KsStepPage parent;

  AdwPasswordEntryRow *entry;
  GtkBox *match_box;
  KsNote *problem;

  KsSecret *phrase; /* owned; NULL before there is one */
};

G_DEFINE_FINAL_TYPE (KsConfirmPage, ks_confirm_page, KS_TYPE_STEP_PAGE)

static const char *
typed (KsConfirmPage *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

static gboolean
matches (KsConfirmPage *self)
{
  return self->phrase != NULL && strlen (typed (self)) == ks_secret_size (self->phrase)
         && ks_bytes_equal (typed (self), ks_secret_bytes (self->phrase), ks_secret_size (self->phrase));
}

/* Whether it can still become the phrase. */
static gboolean
is_beginning (KsConfirmPage *self)
{
  gsize length = strlen (typed (self));

  return length == 0
         || (self->phrase != NULL && length <= ks_secret_size (self->phrase)
             && ks_bytes_equal (typed (self), ks_secret_bytes (self->phrase), length));
}

void
ks_confirm_page_set_problem (KsConfirmPage *self, const char *problem)
{
  ks_note_set_text (self->problem, problem);
}

static void
tell (KsConfirmPage *self, gboolean wrong)
{
  ks_confirm_page_set_problem (self,
                               wrong ? _ (
                                   "The phrases differ. Enter it again, or go back and choose another one.")
                                     : NULL);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
                               wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

static void
on_entry_changed (AdwPasswordEntryRow *entry, KsConfirmPage *self)
{
  gboolean match = matches (self);

  gtk_widget_set_visible (GTK_WIDGET (self->match_box), match);
  ks_step_page_set_complete (KS_STEP_PAGE (self), match);
  /* Not only with Return: whoever uses the mouse would be told nothing. */
  tell (self, !is_beginning (self));
}

static void
on_entry_activated (AdwPasswordEntryRow *entry, KsConfirmPage *self)
{
  if (matches (self))
    ks_step_page_forward (KS_STEP_PAGE (self));
  else
    tell (self, typed (self)[0] != '\0');
}

void
ks_confirm_page_set_phrase (KsConfirmPage *self, KsSecret *phrase)
{
  g_clear_pointer (&self->phrase, ks_secret_unref);
  self->phrase = ks_secret_ref (phrase);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

static void
ks_confirm_page_shown (KsStepPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (KS_CONFIRM_PAGE (page)->entry));
}

static void
ks_confirm_page_wipe (KsStepPage *page)
{
  KsConfirmPage *self = KS_CONFIRM_PAGE (page);

  g_clear_pointer (&self->phrase, ks_secret_unref);
  if (self->entry != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

static void
ks_confirm_page_class_init (KsConfirmPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  KS_STEP_PAGE_CLASS (class)->shown = ks_confirm_page_shown;
  KS_STEP_PAGE_CLASS (class)->wipe = ks_confirm_page_wipe;

  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/set-up/ks-confirm-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsConfirmPage, entry);
  gtk_widget_class_bind_template_child (widget_class, KsConfirmPage, match_box);
  gtk_widget_class_bind_template_child (widget_class, KsConfirmPage, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activated);
}

static void
ks_confirm_page_init (KsConfirmPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
