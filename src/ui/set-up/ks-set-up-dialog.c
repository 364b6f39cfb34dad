/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-set-up-dialog.h"

#include "engine/recovery/ks-recovery.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/set-up/ks-set-up.h"
#include "ui/set-up/ks-another-key.h"
#include "ui/set-up/ks-choice-page.h"
#include "ui/set-up/ks-confirm-page.h"
#include "ui/set-up/ks-done-page.h"
#include "ui/set-up/ks-phrase-page.h"
#include "ui/set-up/ks-progress-page.h"
#include "ui/set-up/ks-save-key-page.h"
#include "ui/set-up/ks-set-up-notice.h"
#include "ui/set-up/ks-set-up-problem.h"
#include "ui/set-up/ks-set-up-stop.h"
#include "ui/steps/ks-forward-button.h"
#include "ui/steps/ks-identify-page.h"

#include <glib/gi18n.h>

/* The way through:
 *
 *   choice → save → progress → done
 *   choice → phrase → confirm → save → progress → done
 *
 * and from progress to identify and back, whenever the server asks. Back goes as far as
 * the choice, until that the key was saved is noted: from then on others may rely on it. */
struct _KsSetUpDialog
{
  AdwWindow parent;

  GtkButton *back;
  GtkButton *cancel;
  GtkLabel *cancel_label;
  GtkStack *pages;
  KsChoicePage *choice_page;
  KsPhrasePage *phrase_page;
  KsConfirmPage *confirm_page;
  KsSaveKeyPage *save_page;
  KsIdentifyPage *identify_page;
  KsProgressPage *progress_page;
  KsDonePage *done_page;
  KsForwardButton *forward;

  KsAccount *account;        /* owned */
  KsSetUp *set_up;           /* owned */
  KsSecret *phrase;          /* owned; NULL: a generated key */
  GCancellable *cancellable; /* owned: ends with the dialog, and nothing that runs */
  gboolean asking;           /* whether to close, or to go back */
  gboolean running;          /* a run that this dialog began */
};

G_DEFINE_FINAL_TYPE (KsSetUpDialog, ks_set_up_dialog, ADW_TYPE_WINDOW)

/* Pages and buttons. */

static KsStepPage *
page_of (KsSetUpDialog *self)
{
  return KS_STEP_PAGE (gtk_stack_get_visible_child (self->pages));
}

static gboolean
is_shown (KsSetUpDialog *self, gpointer page)
{
  return (gpointer) page_of (self) == page;
}

static void
update_buttons (KsSetUpDialog *self)
{
  KsStepPage *page = page_of (self);
  gboolean is_running =
      is_shown (self, self->progress_page) && !ks_progress_page_has_failed (self->progress_page);
  gboolean can_go_back = is_shown (self, self->phrase_page) || is_shown (self, self->confirm_page)
                         || is_shown (self, self->save_page);

  gtk_widget_set_visible (GTK_WIDGET (self->back), can_go_back);
  gtk_widget_set_sensitive (GTK_WIDGET (self->back), !ks_step_page_get_busy (page));
  gtk_widget_set_visible (GTK_WIDGET (self->cancel), !is_running && !is_shown (self, self->done_page));
  gtk_label_set_label (self->cancel_label,
                       is_shown (self, self->progress_page) ? _ ("_Close") : _ ("_Cancel"));
}

static void
show (KsSetUpDialog *self, gpointer page)
{
  gtk_stack_set_visible_child (self->pages, GTK_WIDGET (page));
  ks_forward_button_set_page (self->forward, page);
  update_buttons (self);
  gtk_window_set_title (GTK_WINDOW (self), ks_step_page_get_title (page));
  ks_step_page_shown (page);
}

/* The end of a step on a page, which takes the focus again. FALSE: it failed, which was told. */
static gboolean
end_step (KsSetUpDialog *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  ks_step_page_set_busy (page_of (self), FALSE);
  ks_step_page_shown (page_of (self));
  if (error == NULL)
    return TRUE;
  ks_set_up_problem_tell (page_of (self), error);
  return FALSE;
}

/* The run. It is the account's and goes on without the dialog. */

static void
ask_who (KsSetUpDialog *self, gboolean wrong)
{
  ks_identify_page_set_challenge (self->identify_page, ks_set_up_get_challenge (self->set_up),
                                  ks_account_get_user_id (self->account),
                                  ks_account_get_homeserver (self->account), wrong);
  show (self, self->identify_page);
}

/* @error: why; NULL: all is done. */
static void
show_end (KsSetUpDialog *self, const GError *error)
{
  gboolean wrong = g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_WRONG);

  if ((wrong || g_error_matches (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_AUTH_NEEDED))
      && ks_set_up_get_challenge (self->set_up) != NULL)
    ask_who (self, wrong);
  else if (error != NULL)
    {
      g_message ("the set-up stopped: %s", error->message);
      ks_progress_page_set_failure (self->progress_page, error);
      show (self, self->progress_page);
    }
  else
    {
      ks_done_page_show (self->done_page, self->set_up);
      show (self, self->done_page);
    }
}

static void
on_ran (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSetUpDialog) self = data;
  KsSetUp *set_up = KS_SET_UP (object);
  g_autoptr (GError) error = NULL;

  self->running = FALSE;
  ks_set_up_run_finish (set_up, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (!g_cancellable_is_cancelled (self->cancellable))
    {
      show_end (self, error);
      return;
    }
  ks_set_up_notice_send (set_up, error);
  if (error == NULL)
    ks_set_up_forget (set_up);
}

static void
run (KsSetUpDialog *self)
{
  ks_progress_page_set_failure (self->progress_page, NULL);
  show (self, self->progress_page);
  self->running = TRUE;
  ks_set_up_run_async (self->set_up, NULL, on_ran, g_object_ref (self));
}

/* Making the key. */

static void
forget_phrase (KsSetUpDialog *self)
{
  g_clear_pointer (&self->phrase, ks_secret_unref);
  ks_step_page_wipe (KS_STEP_PAGE (self->phrase_page));
  ks_step_page_wipe (KS_STEP_PAGE (self->confirm_page));
}

static void
show_key (KsSetUpDialog *self)
{
  ks_save_key_page_set_key (self->save_page, ks_set_up_get_key (self->set_up),
                            ks_set_up_has_phrase (self->set_up), ks_account_get_user_id (self->account));
  show (self, self->save_page);
}

static void
on_key_made (GObject *set_up, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSetUpDialog) self = data;
  g_autoptr (GError) error = NULL;

  ks_set_up_make_key_finish (KS_SET_UP (set_up), result, &error);
  if (!end_step (self, error))
    return;
  forget_phrase (self);
  show_key (self);
}

static void
make_key (KsSetUpDialog *self)
{
  ks_step_page_set_busy (page_of (self), TRUE);
  ks_set_up_make_key_async (self->set_up, self->phrase, self->cancellable, on_key_made, g_object_ref (self));
}

/* The person has it. */

static void
on_saved_noted (GObject *set_up, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSetUpDialog) self = data;
  g_autoptr (GError) error = NULL;

  ks_set_up_note_saved_finish (KS_SET_UP (set_up), result, &error);
  if (!end_step (self, error))
    return;
  run (self);
  /* From here on nobody needs to see it. */
  ks_step_page_wipe (KS_STEP_PAGE (self->save_page));
}

static void
note_saved (KsSetUpDialog *self)
{
  ks_step_page_set_busy (KS_STEP_PAGE (self->save_page), TRUE);
  ks_set_up_note_saved_async (self->set_up, ks_save_key_page_get_as_saved (self->save_page),
                              ks_save_key_page_get_saved (self->save_page),
                              ks_save_key_page_get_file_name (self->save_page), self->cancellable,
                              on_saved_noted, g_object_ref (self));
}

/* Going on, and back. */

static void
on_page_went_on (KsStepPage *page, KsSetUpDialog *self)
{
  if (is_shown (self, self->choice_page))
    {
      ks_choice_page_set_problem (self->choice_page, NULL);
      if (ks_choice_page_wants_phrase (self->choice_page))
        show (self, self->phrase_page);
      else
        make_key (self);
    }
  else if (is_shown (self, self->phrase_page))
    {
      g_clear_pointer (&self->phrase, ks_secret_unref);
      self->phrase = ks_phrase_page_get_phrase (self->phrase_page);
      ks_confirm_page_set_phrase (self->confirm_page, self->phrase);
      show (self, self->confirm_page);
    }
  else if (is_shown (self, self->confirm_page))
    make_key (self);
  else if (is_shown (self, self->save_page))
    note_saved (self);
  else if (is_shown (self, self->identify_page))
    {
      g_autoptr (KsUiaAnswer) answer = ks_identify_page_take_answer (self->identify_page);

      ks_set_up_answer (self->set_up, answer);
      run (self);
    }
  else if (is_shown (self, self->progress_page) && ks_progress_page_has_failed (self->progress_page))
    run (self);
  else
    gtk_window_close (GTK_WINDOW (self));
}

static void
on_page_changed (KsStepPage *page, GParamSpec *pspec, KsSetUpDialog *self)
{
  if (self->pages != NULL && page_of (self) == page)
    update_buttons (self);
}

/* To the choice. What was made on the way is wiped. */
static void
go_back (KsSetUpDialog *self)
{
  g_clear_pointer (&self->phrase, ks_secret_unref);
  ks_step_page_wipe (page_of (self));
  show (self, self->choice_page);
}

static void
on_back_answered (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSetUpDialog) self = data;

  self->asking = FALSE;
  if (ks_another_key_finish (result) && is_shown (self, self->save_page))
    go_back (self);
}

static void
activate_back (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsSetUpDialog *self = KS_SET_UP_DIALOG (widget);

  if (!gtk_widget_get_visible (GTK_WIDGET (self->back)) || ks_step_page_get_busy (page_of (self)))
    return;
  if (is_shown (self, self->confirm_page))
    show (self, self->phrase_page);
  else if (!is_shown (self, self->save_page) || !ks_another_key_is_due (self->save_page))
    go_back (self);
  else if (!self->asking)
    {
      self->asking = TRUE;
      ks_another_key_async (GTK_WINDOW (self), self->save_page, on_back_answered, g_object_ref (self));
    }
}

static void
activate_focus_forward (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_grab_focus (ks_forward_button_get_button (KS_SET_UP_DIALOG (widget)->forward));
}

/* Closing. */

static void
on_stop_answered (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSetUpDialog) self = data;

  self->asking = FALSE;
  if (ks_set_up_stop_finish (result))
    gtk_window_destroy (GTK_WINDOW (self));
}

/* A key was made that nobody has: asks. One that the person has saved goes on the next time. */
static gboolean
ks_set_up_dialog_close_request (GtkWindow *window)
{
  KsSetUpDialog *self = KS_SET_UP_DIALOG (window);

  if (ks_set_up_get_stage (self->set_up) == KS_SET_UP_KEY_MADE)
    {
      if (!self->asking)
        ks_set_up_stop_async (window, self->set_up, on_stop_answered, g_object_ref (self));
      self->asking = TRUE;
      return TRUE;
    }
  if (ks_set_up_get_stage (self->set_up) == KS_SET_UP_DONE)
    ks_set_up_forget (self->set_up);
  return GTK_WINDOW_CLASS (ks_set_up_dialog_parent_class)->close_request (window);
}

/* Opening. */

static void
on_loaded (GObject *set_up, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSetUpDialog) self = data;
  g_autoptr (GError) error = NULL;

  ks_set_up_load_finish (KS_SET_UP (set_up), result, &error);
  if (!end_step (self, error))
    return;
  switch (ks_set_up_get_stage (self->set_up))
    {
    case KS_SET_UP_KEY_MADE:
      show_key (self);
      break;
    case KS_SET_UP_KEY_SAVED:
      run (self);
      break;
    case KS_SET_UP_RUNNING:
      show (self, self->progress_page);
      break;
    case KS_SET_UP_DONE:
      show_end (self, NULL);
      break;
    case KS_SET_UP_NONE:
    default:
      break;
    }
}

/* A run that began elsewhere, in another dialog or with the program, ends here too. */
static void
on_stage_changed (KsSetUpDialog *self)
{
  KsSetUpStage stage = ks_set_up_get_stage (self->set_up);
  const GError *failure = ks_set_up_get_failure (self->set_up);

  if (self->running || !is_shown (self, self->progress_page))
    return;
  if (stage == KS_SET_UP_RUNNING)
    {
      ks_progress_page_set_failure (self->progress_page, NULL);
      show (self, self->progress_page);
    }
  else if (stage == KS_SET_UP_DONE || failure != NULL)
    show_end (self, failure);
}

/* It was closed. What runs may keep it longer, and GTK disposes of it only after that; and
 * longer than its parent lives, for which GTK 4.8 reaches. */
static void
ks_set_up_dialog_unrealize (GtkWidget *widget)
{
  KsSetUpDialog *self = KS_SET_UP_DIALOG (widget);

  g_cancellable_cancel (self->cancellable);
  forget_phrase (self);
  GTK_WIDGET_CLASS (ks_set_up_dialog_parent_class)->unrealize (widget);
  gtk_window_set_transient_for (GTK_WINDOW (self), NULL);
}

static void
ks_set_up_dialog_finalize (GObject *object)
{
  KsSetUpDialog *self = KS_SET_UP_DIALOG (object);

  g_clear_object (&self->account);
  g_clear_object (&self->set_up);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (ks_set_up_dialog_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, back);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, cancel_label);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, pages);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, choice_page);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, phrase_page);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, confirm_page);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, save_page);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, identify_page);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, progress_page);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, done_page);
  gtk_widget_class_bind_template_child (widget_class, KsSetUpDialog, forward);
}

static void
ks_set_up_dialog_class_init (KsSetUpDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GType parts[] = { KS_TYPE_CHOICE_PAGE,   KS_TYPE_PHRASE_PAGE,   KS_TYPE_CONFIRM_PAGE,
                          KS_TYPE_SAVE_KEY_PAGE, KS_TYPE_IDENTIFY_PAGE, KS_TYPE_PROGRESS_PAGE,
                          KS_TYPE_DONE_PAGE,     KS_TYPE_FORWARD_BUTTON };

  G_OBJECT_CLASS (class)->finalize = ks_set_up_dialog_finalize;
  widget_class->unrealize = ks_set_up_dialog_unrealize;
  GTK_WINDOW_CLASS (class)->close_request = ks_set_up_dialog_close_request;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_type_ensure (parts[i]);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/set-up/ks-set-up-dialog.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_page_went_on);
  gtk_widget_class_bind_template_callback (widget_class, on_page_changed);
  gtk_widget_class_install_action (widget_class, "set-up.back", NULL, activate_back);
  gtk_widget_class_install_action (widget_class, "set-up.focus-forward", NULL, activate_focus_forward);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "set-up.back", NULL);
}

static void
ks_set_up_dialog_init (KsSetUpDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  ks_forward_button_take_enter (self->forward, GTK_WINDOW (self));
}

KsSetUpDialog *
ks_set_up_dialog_new (GtkWindow *parent, KsProfile *profile, KsAccount *account)
{
  KsSetUpDialog *self = g_object_new (KS_TYPE_SET_UP_DIALOG, "transient-for", parent, NULL);
  const char *user_id = ks_account_get_user_id (account);

  self->account = g_object_ref (account);
  self->set_up = g_object_ref (ks_recovery_get_set_up (ks_account_get_recovery (account)));
  g_signal_connect_object (self->set_up, "notify::stage", G_CALLBACK (on_stage_changed), self,
                           G_CONNECT_SWAPPED);
  ks_progress_page_set_set_up (self->progress_page, self->set_up);
  ks_progress_page_set_in_memory (self->progress_page, ks_profile_is_in_memory (profile));
  ks_phrase_page_set_account (self->phrase_page, account);
  ks_save_key_page_look_at_keyring (self->save_page, profile, user_id);
  show (self, self->choice_page);
  ks_step_page_set_busy (KS_STEP_PAGE (self->choice_page), TRUE);
  ks_set_up_load_async (self->set_up, self->cancellable, on_loaded, g_object_ref (self));
  return self;
}
