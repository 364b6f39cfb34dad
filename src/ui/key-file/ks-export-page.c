/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/key-file/ks-export-page.h"

#include "engine/secrets/ks-phrase-strength.h"
#include "ui/key-file/ks-key-file-text.h"
#include "ui/ks-choose-file.h"
#include "ui/steps/ks-note.h"
#include "ui/steps/ks-phrase-words.h"

#include <glib/gi18n.h>
#include <string.h>

/* As Element calls it: who looks for it later knows it by that. */
#define PROPOSED_NAME "element-keys.txt"

struct _KsExportPage
{
  KsStepPage parent;

  AdwPasswordEntryRow *phrase;
  AdwPasswordEntryRow *again;
  GtkLevelBar *strength;
  GtkLabel *strength_word;
  GtkLabel *feedback;
  KsNote *warning;
  AdwActionRow *file_row;
  KsNote *problem;

  KsAccount *account; /* owned */
  char **words;       /* owned */
  GFile *file;        /* owned; NULL: not chosen yet */
};

G_DEFINE_FINAL_TYPE (KsExportPage, ks_export_page, KS_TYPE_STEP_PAGE)

static const char *
text_of (AdwPasswordEntryRow *entry)
{
  return gtk_editable_get_text (GTK_EDITABLE (entry));
}

void
ks_export_page_set_problem (KsExportPage *self, const char *problem)
{
  ks_note_set_text (self->problem, problem);
}

static void
set_invalid (AdwPasswordEntryRow *entry, gboolean invalid)
{
  gtk_accessible_update_state (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_STATE_INVALID,
                               invalid ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

static bool
is_password (KsSecret *phrase, gpointer account)
{
  return account != NULL && ks_account_is_password (account, phrase);
}

/* Says that the second one differs only where it can no longer become the first. */
static const char *
advice (KsExportPage *self, const KsPhraseStrength *strength, gboolean enough)
{
  const char *phrase = text_of (self->phrase);
  const char *again = text_of (self->again);

  if (!enough)
    return ks_phrase_words_advice (strength);
  if (strncmp (phrase, again, strlen (again)) != 0)
    return _ ("The two phrases differ.");
  return strcmp (phrase, again) == 0 ? ks_phrase_words_advice (strength)
                                     : _ ("Enter it once more, so that no mistake locks you out.");
}

static void
judge (KsExportPage *self)
{
  const char *phrase = text_of (self->phrase);
  gboolean empty = phrase[0] == '\0';
  gboolean same = strcmp (phrase, text_of (self->again)) == 0;
  KsPhraseStrength strength;
  gboolean enough;

  ks_phrase_strength_judge (phrase, (const char *const *) self->words, is_password, self->account, &strength);
  enough = strength.score >= KS_PHRASE_STRENGTH_ENOUGH_FOR_FILE;
  gtk_level_bar_set_value (self->strength, empty ? 0 : MAX (strength.score, 1));
  gtk_label_set_label (self->strength_word, ks_phrase_words_file_label (&strength));
  gtk_label_set_label (self->feedback, advice (self, &strength, enough));
  ks_note_set_text (self->warning, ks_phrase_words_warning (&strength));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->strength), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  ks_phrase_words_file_label (&strength), -1);
  set_invalid (self->phrase, !empty && !enough);
  set_invalid (self->again, strncmp (phrase, text_of (self->again), strlen (text_of (self->again))) != 0);
  ks_step_page_set_complete (KS_STEP_PAGE (self), enough && same);
}

static void
on_changed (AdwPasswordEntryRow *entry, KsExportPage *self)
{
  ks_export_page_set_problem (self, NULL);
  judge (self);
}

static void
on_entry_activated (AdwPasswordEntryRow *entry, KsExportPage *self)
{
  if (entry == self->phrase)
    gtk_widget_grab_focus (GTK_WIDGET (self->again));
  else
    ks_step_page_forward (KS_STEP_PAGE (self));
}

/* The file. */

static gboolean
take_file (KsExportPage *self, GFile *file)
{
  g_autofree char *place = NULL;

  if (file == NULL)
    return FALSE;
  g_set_object (&self->file, file);
  place = ks_key_file_text_place (file);
  adw_action_row_set_subtitle (self->file_row, place);
  ks_export_page_set_problem (self, NULL);
  return TRUE;
}

static void
on_file_chosen (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsExportPage) self = data;
  g_autoptr (GFile) file = ks_choose_file_to_save_finish (result);

  take_file (self, file);
}

static void
on_last_file_chosen (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsExportPage) self = data;
  g_autoptr (GFile) file = ks_choose_file_to_save_finish (result);

  if (take_file (self, file))
    ks_step_page_forward (KS_STEP_PAGE (self));
}

static void
choose (KsExportPage *self, GAsyncReadyCallback callback)
{
  ks_choose_file_to_save_async (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                _ ("Export E2E Room Keys"), PROPOSED_NAME, callback, g_object_ref (self));
}

static void
on_choose_clicked (GtkButton *button, KsExportPage *self)
{
  choose (self, on_file_chosen);
}

/* Without a file it asks for that first, and then goes on. */
static void
ks_export_page_forward (KsStepPage *page)
{
  KsExportPage *self = KS_EXPORT_PAGE (page);

  if (self->file != NULL)
    ks_step_page_go_on (page);
  else
    choose (self, on_last_file_chosen);
}

void
ks_export_page_set_account (KsExportPage *self, KsAccount *account)
{
  g_set_object (&self->account, account);
  self->words =
      ks_phrase_strength_words (ks_account_get_user_id (account), ks_account_get_homeserver (account));
  judge (self);
}

KsSecret *
ks_export_page_get_phrase (KsExportPage *self)
{
  return ks_secret_new_copy (text_of (self->phrase), strlen (text_of (self->phrase)));
}

GFile *
ks_export_page_get_file (KsExportPage *self)
{
  return self->file;
}

static void
ks_export_page_shown (KsStepPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (KS_EXPORT_PAGE (page)->phrase));
}

static void
ks_export_page_wipe (KsStepPage *page)
{
  KsExportPage *self = KS_EXPORT_PAGE (page);

  /* The entries' buffers are of the kind that wipes what it lets go. */
  if (self->again != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->again), "");
  if (self->phrase != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->phrase), "");
}

static void
ks_export_page_finalize (GObject *object)
{
  KsExportPage *self = KS_EXPORT_PAGE (object);

  g_clear_object (&self->account);
  g_clear_object (&self->file);
  g_strfreev (self->words);
  G_OBJECT_CLASS (ks_export_page_parent_class)->finalize (object);
}

static void
ks_export_page_class_init (KsExportPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = ks_export_page_finalize;
  KS_STEP_PAGE_CLASS (class)->shown = ks_export_page_shown;
  KS_STEP_PAGE_CLASS (class)->forward = ks_export_page_forward;
  KS_STEP_PAGE_CLASS (class)->wipe = ks_export_page_wipe;

  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/key-file/ks-export-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsExportPage, phrase);
  gtk_widget_class_bind_template_child (widget_class, KsExportPage, again);
  gtk_widget_class_bind_template_child (widget_class, KsExportPage, strength);
  gtk_widget_class_bind_template_child (widget_class, KsExportPage, strength_word);
  gtk_widget_class_bind_template_child (widget_class, KsExportPage, feedback);
  gtk_widget_class_bind_template_child (widget_class, KsExportPage, warning);
  gtk_widget_class_bind_template_child (widget_class, KsExportPage, file_row);
  gtk_widget_class_bind_template_child (widget_class, KsExportPage, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_clicked);
}

static void
ks_export_page_init (KsExportPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  judge (self);
}
