/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-choice-page.h"

#include "ui/steps/ks-note.h"

struct _KsChoicePage
{
  KsStepPage parent;

  GtkCheckButton *generate;
  GtkCheckButton *phrase;
  KsNote *problem;
};

G_DEFINE_FINAL_TYPE (KsChoicePage, ks_choice_page, KS_TYPE_STEP_PAGE)

gboolean
ks_choice_page_wants_phrase (KsChoicePage *self)
{
  return gtk_check_button_get_active (self->phrase);
}

void
ks_choice_page_set_problem (KsChoicePage *self, const char *problem)
{
  ks_note_set_text (self->problem, problem);
}

static void
on_choice_changed (GtkCheckButton *button, KsChoicePage *self)
{
  ks_choice_page_set_problem (self, NULL);
}

static void
ks_choice_page_shown (KsStepPage *page)
{
  KsChoicePage *self = KS_CHOICE_PAGE (page);

  gtk_widget_grab_focus (GTK_WIDGET (ks_choice_page_wants_phrase (self) ? self->phrase : self->generate));
}

static void
ks_choice_page_class_init (KsChoicePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  KS_STEP_PAGE_CLASS (class)->shown = ks_choice_page_shown;

  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/set-up/ks-choice-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsChoicePage, generate);
  gtk_widget_class_bind_template_child (widget_class, KsChoicePage, phrase);
  gtk_widget_class_bind_template_child (widget_class, KsChoicePage, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_choice_changed);
}

static void
ks_choice_page_init (KsChoicePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
