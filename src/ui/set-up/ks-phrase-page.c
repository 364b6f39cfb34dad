/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-phrase-page.h"

#include "ui/steps/ks-note.h"
#include "ui/steps/ks-phrase-words.h"

#include <glib/gi18n.h>
#include <string.h>

struct _KsPhrasePage
{
  KsStepPage parent;

  AdwPasswordEntryRow *entry;
  GtkLevelBar *strength;
  GtkLabel *strength_word;
  GtkLabel *feedback;
  KsNote *warning;

  KsAccount *account; /* owned */
  char **words;       /* owned */
};

G_DEFINE_FINAL_TYPE (KsPhrasePage, ks_phrase_page, KS_TYPE_STEP_PAGE)

static bool
is_password (KsSecret *phrase, gpointer account)
{
  return account != NULL && ks_account_is_password (account, phrase);
}

static void
judge (KsPhrasePage *self)
{
  const char *phrase = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  gboolean empty = phrase[0] == '\0';
  KsPhraseStrength strength;
  gboolean enough;

  ks_phrase_strength_judge (phrase, (const char *const *) self->words, is_password, self->account, &strength);
  enough = strength.score >= KS_PHRASE_STRENGTH_ENOUGH;
  /* One block for anything at all: an empty bar says that nothing was entered. */
  gtk_level_bar_set_value (self->strength, empty ? 0 : MAX (strength.score, 1));
  gtk_label_set_label (self->strength_word, ks_phrase_words_label (&strength));
  gtk_label_set_label (self->feedback, ks_phrase_words_advice (&strength));
  ks_note_set_text (self->warning, ks_phrase_words_warning (&strength));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->strength), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  ks_phrase_words_label (&strength), -1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
                               empty || enough ? GTK_ACCESSIBLE_INVALID_FALSE : GTK_ACCESSIBLE_INVALID_TRUE,
                               -1);
  ks_step_page_set_complete (KS_STEP_PAGE (self), enough);
}

static void
on_entry_changed (AdwPasswordEntryRow *entry, KsPhrasePage *self)
{
  judge (self);
}

static void
on_entry_activated (AdwPasswordEntryRow *entry, KsPhrasePage *self)
{
  ks_step_page_forward (KS_STEP_PAGE (self));
}

void
ks_phrase_page_set_account (KsPhrasePage *self, KsAccount *account)
{
  g_set_object (&self->account, account);
  g_strfreev (self->words);
  self->words =
      ks_phrase_strength_words (ks_account_get_user_id (account), ks_account_get_homeserver (account));
  judge (self);
}

KsSecret *
ks_phrase_page_get_phrase (KsPhrasePage *self)
{
  const char *phrase = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  return ks_secret_new_copy (phrase, strlen (phrase));
}

static void
ks_phrase_page_shown (KsStepPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (KS_PHRASE_PAGE (page)->entry));
}

static void
ks_phrase_page_wipe (KsStepPage *page)
{
  KsPhrasePage *self = KS_PHRASE_PAGE (page);

  /* The entry's buffer is of the kind that wipes what it lets go. */
  if (self->entry != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

static void
ks_phrase_page_finalize (GObject *object)
{
  g_clear_object (&KS_PHRASE_PAGE (object)->account);
  g_strfreev (KS_PHRASE_PAGE (object)->words);
  G_OBJECT_CLASS (ks_phrase_page_parent_class)->finalize (object);
}

static void
ks_phrase_page_class_init (KsPhrasePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = ks_phrase_page_finalize;
  KS_STEP_PAGE_CLASS (class)->shown = ks_phrase_page_shown;
  KS_STEP_PAGE_CLASS (class)->wipe = ks_phrase_page_wipe;

  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/set-up/ks-phrase-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsPhrasePage, entry);
  gtk_widget_class_bind_template_child (widget_class, KsPhrasePage, strength);
  gtk_widget_class_bind_template_child (widget_class, KsPhrasePage, strength_word);
  gtk_widget_class_bind_template_child (widget_class, KsPhrasePage, feedback);
  gtk_widget_class_bind_template_child (widget_class, KsPhrasePage, warning);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activated);
}

static void
ks_phrase_page_init (KsPhrasePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  judge (self);
}
