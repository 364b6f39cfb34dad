/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/security/ks-security-page.h"

#include "engine/ks-recovery.h"
#include "engine/set-up/ks-set-up.h"
#include "matrix/ks-matrix-error.h"
#include "ui/ks-error-text.h"
#include "ui/ks-number-text.h"
#include "ui/set-up/ks-set-up-notice.h"

#include <glib/gi18n.h>

struct _KsSecurityPage
{
  AdwBin parent;

  GtkImage *state_icon;
  GtkLabel *state_title;
  GtkLabel *state_text;
  GtkSpinner *state_spinner;
  GtkButton *set_up_button;
  GtkButton *retry_button;

  GtkLabel *set_up_label;

  KsRecovery *recovery;      /* owned; NULL: nobody is signed in */
  gulong stage_changed;      /* of its set-up */
  GCancellable *cancellable; /* owned: of the question that is under way, else NULL */
  GError *failure;           /* owned; why the last question had no answer, else NULL */
  GError *stopped;           /* owned; why a set-up that went on by itself stopped, else NULL */
  gboolean resumed;          /* a set-up of an earlier start was looked for, and went on */
};

G_DEFINE_FINAL_TYPE (KsSecurityPage, ks_security_page, ADW_TYPE_BIN)

static void
show (KsSecurityPage *self, const char *icon, const char *look, const char *title, const char *text)
{
  const char *classes[] = { "ks-medallion", look, NULL };

  gtk_image_set_from_icon_name (self->state_icon, icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->state_icon), classes);
  gtk_label_set_label (self->state_title, title);
  gtk_label_set_label (self->state_text, text);
  gtk_widget_set_visible (GTK_WIDGET (self->state_text), text[0] != '\0');
}

static void
show_locked (KsSecurityPage *self)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (self->recovery);
  g_autofree char *number = ks_number_text (seen->backup_count);
  g_autofree char *text = NULL;

  if (seen->backup_version != NULL && seen->backup_count > 0)
    text = g_strdup_printf (g_dngettext (NULL,
                                         "Your account has Secure Backup with %s room key in it. It opens "
                                         "with your Security Key, "
                                         "also called recovery key, or your Security Phrase.",
                                         "Your account has Secure Backup with %s room keys in it. It opens "
                                         "with your Security Key, "
                                         "also called recovery key, or your Security Phrase.",
                                         (gulong) seen->backup_count),
                            number);
  else
    text = g_strdup (_ ("Your account has Secure Backup, but no room keys are in it yet."));
  show (self, "changes-prevent-symbolic", "attention", _ ("This session can't open the backup yet"), text);
}

/* At most this many sessions are named; the others are counted. */
#define NAMED_SESSIONS 3

/* "Element on a phone, Fractal and 2 more". NULL: there is no other session. */
static char *
name_sessions (char **sessions)
{
  guint n = g_strv_length (sessions);
  g_autoptr (GString) names = g_string_new (NULL);
  guint more = n > NAMED_SESSIONS ? n - NAMED_SESSIONS : 0;

  if (n == 0)
    return NULL;
  for (guint i = 0; i < n - more; i++)
    g_string_append_printf (names, "%s%s", i == 0 ? "" : ", ", sessions[i]);
  if (more == 0)
    return g_string_free (g_steal_pointer (&names), FALSE);
  /* Translators: %s is a list of sessions' names such as "Element, Fractal". */
  return g_strdup_printf (g_dngettext (NULL, "%s and %u more", "%s and %u more", more), names->str, more);
}

static char *
what_fills_it (const KsRecoverySnapshot *seen)
{
  g_autofree char *sessions = name_sessions (seen->other_sessions);

  if (sessions == NULL)
    return g_strdup (_ ("No other session of yours has message keys that could fill it. New messages will."));
  /* Translators: %s is a list of sessions' names. */
  return g_strdup_printf (_ ("Enter your Security Key in your other sessions, so that they back up what they "
                             "have: %s."),
                          sessions);
}

/* An empty backup is not called one that is safe. */
static void
show_ready (KsSecurityPage *self)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (self->recovery);
  guint64 count = (guint64) MAX (seen->backup_count, 0);
  g_autofree char *number = ks_number_text (count);
  g_autofree char *text = NULL;

  if (count == 0)
    {
      text = what_fills_it (seen);
      show (self, "ks-shield-alert-symbolic", "attention", _ ("On, but Nothing Is in It Yet"), text);
      return;
    }
  text = g_strdup_printf (g_dngettext (NULL, "%s room key is backed up.", "%s room keys are backed up.",
                                       (gulong) count),
                          number);
  show (self, "ks-shield-ok-symbolic", "ok", _ ("On"), text);
}

static void
show_setting_up (KsSecurityPage *self)
{
  KsSetUp *set_up = ks_recovery_get_set_up (self->recovery);
  g_autofree char *text = NULL;

  if (ks_set_up_get_stage (set_up) == KS_SET_UP_RUNNING)
    {
      show (self, "emblem-synchronizing-symbolic", "accent", _ ("Setting Up Secure Backup"),
            _ ("It goes on in the background."));
      return;
    }
  if (self->stopped != NULL)
    text = ks_error_text (self->stopped);
  show (self, "ks-shield-alert-symbolic", "attention", _ ("Secure Backup Is Not Finished"),
        text != NULL ? text : _ ("Setting up was begun on this computer and goes on where it stopped."));
}

static void
show_failure (KsSecurityPage *self)
{
  g_autofree char *text = ks_error_text (self->failure);

  if (g_error_matches (self->failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED))
    show (self, "network-offline-symbolic", NULL, _ ("Homeserver Asks to Wait"), text);
  else if (ks_recovery_get_state (self->recovery) == KS_RECOVERY_OFFLINE)
    show (self, "network-offline-symbolic", NULL, _ ("Homeserver Can't Be Reached"), text);
  else
    show (self, "ks-shield-alert-symbolic", "attention", _ ("Secure Backup Can't Be Checked"), text);
}

static void
show_state (KsSecurityPage *self)
{
  KsRecoveryState state = ks_recovery_get_state (self->recovery);
  gboolean asking = self->cancellable != NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->state_spinner), asking);
  gtk_widget_set_visible (GTK_WIDGET (self->retry_button), !asking && self->failure != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->set_up_button),
                          self->failure == NULL
                              && (state == KS_RECOVERY_NOT_SET_UP || state == KS_RECOVERY_SETTING_UP));
  /* Translators: the first opens the set-up that is under way. */
  gtk_label_set_label (self->set_up_label,
                       state == KS_RECOVERY_SETTING_UP ? _ ("Continue Setting _Up") : _ ("Set _Up"));
  if (self->failure != NULL)
    {
      show_failure (self);
      return;
    }
  switch (state)
    {
    case KS_RECOVERY_NOT_SET_UP:
      show (self, "ks-shield-off-symbolic", NULL, _ ("Off"),
            _ ("If you lose this computer, your encrypted messages are lost with it. Secure Backup keeps a "
               "copy "
               "of their keys that only you can open."));
      break;
    case KS_RECOVERY_SETTING_UP:
      show_setting_up (self);
      break;
    case KS_RECOVERY_LOCKED:
      show_locked (self);
      break;
    case KS_RECOVERY_READY:
      show_ready (self);
      break;
    case KS_RECOVERY_UNTRUSTED:
      show (self, "ks-shield-alert-symbolic", "bad", _ ("The Backup Can't Be Trusted"),
            _ ("The backup on the homeserver is not one that this session may write to. New messages are not "
               "backed "
               "up."));
      break;
    case KS_RECOVERY_CONFLICT:
      show (self, "ks-shield-alert-symbolic", "bad", _ ("Secure Backup Was Changed Elsewhere"),
            _ ("Its key or your account's identity is not the one that this session knew. If you didn't "
               "change it in "
               "another app, be careful."));
      break;
    case KS_RECOVERY_INCOMPLETE:
      show (self, "ks-shield-alert-symbolic", "attention", _ ("Secure Backup Is Incomplete"),
            _ ("A part of it is missing on the homeserver, so it may not bring your messages back. Look "
               "after it "
               "in the app that you set it up with."));
      break;
    case KS_RECOVERY_OFFLINE:
    case KS_RECOVERY_UNKNOWN:
    default:
      show (self, "ks-shield-off-symbolic", NULL, _ ("Asking the Homeserver"), "");
      break;
    }
}

/* Going on with what an earlier start of the program began, without asking anything that
 * was answered then. */

static void
on_resumed (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSecurityPage) self = data;
  KsSetUp *set_up = KS_SET_UP (object);
  g_autoptr (GError) error = NULL;

  ks_set_up_run_finish (set_up, result, &error);
  ks_set_up_notice_send (set_up, error);
  if (error == NULL)
    ks_set_up_forget (set_up);
  else
    g_message ("the set-up stopped again: %s", error->message);
  if (self->recovery == NULL || ks_recovery_get_set_up (self->recovery) != set_up)
    return;
  self->stopped = g_steal_pointer (&error);
  ks_security_page_refresh (self);
}

static void
resume (KsSecurityPage *self)
{
  KsSetUp *set_up = ks_recovery_get_set_up (self->recovery);

  if (!self->resumed && ks_set_up_get_stage (set_up) == KS_SET_UP_KEY_SAVED)
    ks_set_up_run_async (set_up, NULL, on_resumed, g_object_ref (self));
  self->resumed = TRUE;
}

static void
on_set_up_stage_changed (KsSecurityPage *self)
{
  KsSetUpStage stage = ks_set_up_get_stage (ks_recovery_get_set_up (self->recovery));

  if (stage == KS_SET_UP_RUNNING)
    g_clear_error (&self->stopped);
  if (stage == KS_SET_UP_DONE || stage == KS_SET_UP_NONE)
    ks_security_page_refresh (self);
  else
    show_state (self);
}

static void
on_refreshed (GObject *recovery, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsSecurityPage) self = data;
  g_autoptr (GError) error = NULL;

  ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || recovery != (GObject *) self->recovery)
    return;
  g_clear_object (&self->cancellable);
  self->failure = g_steal_pointer (&error);
  if (self->failure == NULL)
    resume (self);
  show_state (self);
}

void
ks_security_page_refresh (KsSecurityPage *self)
{
  if (self->recovery == NULL || self->cancellable != NULL)
    return;
  self->cancellable = g_cancellable_new ();
  g_clear_error (&self->failure);
  show_state (self);
  ks_recovery_refresh_async (self->recovery, self->cancellable, on_refreshed, g_object_ref (self));
}

static void
forget_account (KsSecurityPage *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->recovery != NULL)
    g_clear_signal_handler (&self->stage_changed, ks_recovery_get_set_up (self->recovery));
  g_clear_object (&self->recovery);
  g_clear_error (&self->failure);
  g_clear_error (&self->stopped);
  self->resumed = FALSE;
}

void
ks_security_page_set_account (KsSecurityPage *self, KsAccount *account)
{
  forget_account (self);
  if (account == NULL)
    return;
  self->recovery = g_object_ref (ks_account_get_recovery (account));
  self->stage_changed = g_signal_connect_swapped (ks_recovery_get_set_up (self->recovery), "notify::stage",
                                                  G_CALLBACK (on_set_up_stage_changed), self);
  ks_security_page_refresh (self);
}

static void
ks_security_page_dispose (GObject *object)
{
  forget_account (KS_SECURITY_PAGE (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_SECURITY_PAGE);
  G_OBJECT_CLASS (ks_security_page_parent_class)->dispose (object);
}

static void
ks_security_page_class_init (KsSecurityPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ks_security_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/security/ks-security-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, state_icon);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, state_title);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, state_text);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, state_spinner);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, set_up_button);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, set_up_label);
  gtk_widget_class_bind_template_child (widget_class, KsSecurityPage, retry_button);
}

static void
ks_security_page_init (KsSecurityPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
