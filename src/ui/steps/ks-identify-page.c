/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/steps/ks-identify-page.h"

#include "ui/ks-browse.h"
#include "ui/steps/ks-note.h"

#include <glib/gi18n.h>
#include <string.h>

struct _KsIdentifyPage
{
  KsStepPage parent;

  AdwActionRow *account_row;
  AdwPasswordEntryRow *entry;
  GtkBox *browser_box;
  GtkButton *browser_button;
  KsNote *problem;

  KsUia *challenge;    /* owned; NULL before there is one */
  KsUiaStage stage;    /* what is to be done next */
  char *stage_name;    /* owned: as the server calls it; NULL: nothing is to be done */
  char *url;           /* owned: where it is done in the browser; NULL: nowhere */
  char *user_id;       /* owned */
  KsUiaAnswer *answer; /* owned; NULL before it was given */
};

G_DEFINE_FINAL_TYPE (KsIdentifyPage, ks_identify_page, KS_TYPE_STEP_PAGE)

/* Here, rather than in the browser. */
#define ABLE_HERE (KS_UIA_STAGE_PASSWORD | KS_UIA_STAGE_DUMMY)
/* Each of them has a page of the homeserver. */
#define ABLE_IN_BROWSER                                                                            \
  (ABLE_HERE | KS_UIA_STAGE_SSO | KS_UIA_STAGE_OAUTH | KS_UIA_STAGE_TERMS | KS_UIA_STAGE_RECAPTCHA \
   | KS_UIA_STAGE_EMAIL | KS_UIA_STAGE_MSISDN | KS_UIA_STAGE_REGISTRATION_TOKEN | KS_UIA_STAGE_UNKNOWN)

static gboolean
is_password (KsIdentifyPage *self)
{
  return self->stage == KS_UIA_STAGE_PASSWORD;
}

static gboolean
can_be_answered (KsIdentifyPage *self)
{
  return self->stage == KS_UIA_STAGE_NONE || self->stage == KS_UIA_STAGE_DUMMY || self->url != NULL;
}

static void
update (KsIdentifyPage *self)
{
  gboolean typed = gtk_editable_get_text (GTK_EDITABLE (self->entry))[0] != '\0';

  ks_step_page_set_complete (KS_STEP_PAGE (self), is_password (self) ? typed : can_be_answered (self));
}

static void
on_entry_changed (AdwPasswordEntryRow *entry, KsIdentifyPage *self)
{
  if (gtk_editable_get_text (GTK_EDITABLE (entry))[0] != '\0')
    ks_note_set_text (self->problem, NULL);
  update (self);
}

static void
on_entry_activated (AdwPasswordEntryRow *entry, KsIdentifyPage *self)
{
  ks_step_page_forward (KS_STEP_PAGE (self));
}

static void
on_browser_clicked (GtkButton *button, KsIdentifyPage *self)
{
  ks_browse (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->url);
}

static void
look_at_challenge (KsIdentifyPage *self, const char *homeserver)
{
  const char *name = NULL;

  if (!ks_uia_next_stage (self->challenge, ABLE_HERE, &self->stage, &name, NULL)
      && !ks_uia_next_stage (self->challenge, ABLE_IN_BROWSER, &self->stage, &name, NULL))
    self->stage = KS_UIA_STAGE_UNKNOWN;
  g_free (self->stage_name);
  self->stage_name = g_strdup (name);
  g_free (self->url);
  self->url = name != NULL ? ks_uia_get_url (self->challenge, name, homeserver) : NULL;
}

static char *
what_is_wanted (KsIdentifyPage *self, const char *server)
{
  g_auto (GStrv) missing = ks_uia_get_missing (self->challenge, ABLE_HERE);
  g_autofree char *names = g_strjoinv (", ", missing);

  if (is_password (self))
    /* Translators: %s is the name of a homeserver. */
    return g_strdup_printf (
        _ ("%s asks for your account password before it accepts new keys for your account."), server);
  if (can_be_answered (self))
    /* Translators: %s is the name of a homeserver. */
    return g_strdup_printf (_ ("%s asks you to confirm in the browser before it accepts new keys for your "
                               "account. "
                               "Come back here when that is done."),
                            server);
  /* Translators: the first %s is the name of a homeserver, the second what it calls the way to identify. */
  return g_strdup_printf (_ ("%s wants to know that it's you in a way that Keepsake can't offer yet: %s. "
                             "Your Security "
                             "Key is safe with you; nothing was changed."),
                          server, names);
}

void
ks_identify_page_set_challenge (
    KsIdentifyPage *self, KsUia *challenge, const char *user_id, const char *homeserver, gboolean wrong)
{
  g_autoptr (GUri) uri = g_uri_parse (homeserver, G_URI_FLAGS_NONE, NULL);
  g_autofree char *description = NULL;

  ks_step_page_wipe (KS_STEP_PAGE (self));
  self->challenge = ks_uia_ref (challenge);
  g_free (self->user_id);
  self->user_id = g_strdup (user_id);
  look_at_challenge (self, homeserver);
  description = what_is_wanted (self, uri != NULL ? g_uri_get_host (uri) : homeserver);
  ks_step_page_set_description (KS_STEP_PAGE (self), description);
  adw_action_row_set_subtitle (self->account_row, user_id);
  gtk_widget_set_visible (GTK_WIDGET (self->entry), is_password (self));
  gtk_widget_set_visible (GTK_WIDGET (self->browser_box), !is_password (self) && self->url != NULL);
  ks_note_set_text (self->problem, !wrong ? NULL
                                   : is_password (self)
                                       ? _ ("Wrong password. Try again; after several tries the "
                                            "server may make you wait.")
                                       : _ ("The homeserver has no confirmation from the browser yet."));
  update (self);
}

KsUiaAnswer *
ks_identify_page_take_answer (KsIdentifyPage *self)
{
  return g_steal_pointer (&self->answer);
}

static void
ks_identify_page_forward (KsStepPage *page)
{
  KsIdentifyPage *self = KS_IDENTIFY_PAGE (page);
  const char *password = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autoptr (KsSecret) secret = NULL;

  g_clear_pointer (&self->answer, ks_uia_answer_unref);
  if (is_password (self))
    {
      secret = ks_secret_new_copy (password, strlen (password));
      self->answer = ks_uia_answer_password (self->challenge, self->user_id, secret);
      gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
    }
  else
    self->answer =
        ks_uia_answer_done (self->challenge, self->stage == KS_UIA_STAGE_DUMMY ? self->stage_name : NULL);
  ks_step_page_go_on (page);
}

static void
ks_identify_page_shown (KsStepPage *page)
{
  KsIdentifyPage *self = KS_IDENTIFY_PAGE (page);

  if (is_password (self))
    gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  else if (self->url != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->browser_button));
}

static void
ks_identify_page_wipe (KsStepPage *page)
{
  KsIdentifyPage *self = KS_IDENTIFY_PAGE (page);

  g_clear_pointer (&self->challenge, ks_uia_unref);
  g_clear_pointer (&self->answer, ks_uia_answer_unref);
  if (self->entry != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

static void
ks_identify_page_finalize (GObject *object)
{
  KsIdentifyPage *self = KS_IDENTIFY_PAGE (object);

  g_free (self->stage_name);
  g_free (self->url);
  g_free (self->user_id);
  G_OBJECT_CLASS (ks_identify_page_parent_class)->finalize (object);
}

static void
ks_identify_page_class_init (KsIdentifyPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  KsStepPageClass *page_class = KS_STEP_PAGE_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = ks_identify_page_finalize;
  page_class->shown = ks_identify_page_shown;
  page_class->forward = ks_identify_page_forward;
  page_class->wipe = ks_identify_page_wipe;

  g_type_ensure (KS_TYPE_NOTE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/steps/ks-identify-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsIdentifyPage, account_row);
  gtk_widget_class_bind_template_child (widget_class, KsIdentifyPage, entry);
  gtk_widget_class_bind_template_child (widget_class, KsIdentifyPage, browser_box);
  gtk_widget_class_bind_template_child (widget_class, KsIdentifyPage, browser_button);
  gtk_widget_class_bind_template_child (widget_class, KsIdentifyPage, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_browser_clicked);
}

static void
ks_identify_page_init (KsIdentifyPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
