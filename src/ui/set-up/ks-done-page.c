/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-done-page.h"

#include "ui/ks-number-text.h"

#include <glib/gi18n.h>

struct _KsDonePage
{
  KsStepPage parent;

  AdwActionRow *keys_row;
  GtkImage *keys_icon;
  AdwActionRow *refused_row;
  AdwActionRow *key_row;
  AdwActionRow *phrase_row;
  AdwActionRow *keyring_row;
};

G_DEFINE_FINAL_TYPE (KsDonePage, ks_done_page, KS_TYPE_STEP_PAGE)

const char *
ks_done_page_title (const KsSetUpOutcome *outcome)
{
  return outcome->uploaded > 0 ? _ ("Secure Backup Is On")
                               : _ ("Secure Backup Is On, but Nothing Is in It Yet");
}

char *
ks_done_page_sentence (const KsSetUpOutcome *outcome)
{
  g_autofree char *number = ks_number_text (outcome->uploaded);

  if (outcome->uploaded > 0)
    return g_strdup_printf (g_dngettext (NULL, "%s room key is backed up.", "%s room keys are backed up.",
                                         (gulong) outcome->uploaded),
                            number);
  return g_strdup (
      _ ("Enter your Security Key in your other sessions, so that they back up what they have."));
}

static char *
backed_up (guint64 n)
{
  g_autofree char *number = ks_number_text (n);

  if (n == 0)
    return g_strdup (_ ("None yet"));
  /* Translators: %s is a number of room keys. */
  return g_strdup_printf (_ ("%s backed up"), number);
}

static char *
not_taken (guint64 n)
{
  g_autofree char *number = ks_number_text (n);

  /* Translators: %s is a number of room keys. */
  return g_strdup_printf (_ ("%s, kept on this computer"), number);
}

/* With a list of places, whatever their number. */
static char *
where_the_key_is (KsSetUp *set_up, const KsSetUpOutcome *outcome)
{
  const char *file = ks_set_up_get_file_name (set_up);

  if (file != NULL && outcome->in_keyring)
    /* Translators: %s is the name of a file. */
    return g_strdup_printf (_ ("In the desktop keyring and in %s"), file);
  if (file != NULL)
    /* Translators: %s is the name of a file. */
    return g_strdup_printf (_ ("In %s"), file);
  return g_strdup (outcome->in_keyring ? _ ("In the desktop keyring, and where you copied it to")
                                       : _ ("Where you copied it to"));
}

void
ks_done_page_show (KsDonePage *self, KsSetUp *set_up)
{
  const KsSetUpOutcome *outcome = ks_set_up_get_outcome (set_up);
  KsStepPage *page = KS_STEP_PAGE (self);
  gboolean filled = outcome->uploaded > 0;
  g_autofree char *where = where_the_key_is (set_up, outcome);
  g_autofree char *keys = backed_up (outcome->uploaded);
  g_autofree char *refused = not_taken (outcome->refused);

  ks_step_page_set_title (page, ks_done_page_title (outcome));
  ks_step_page_set_description (page,
                                filled
                                    ? _ ("What this session has is backed up. For new messages, enter your "
                                         "Security Key in the app that you chat with.")
                                    : _ ("There is nothing in it yet. Enter your Security Key in the app "
                                         "that you chat with: it fills the backup with the keys of your "
                                         "messages."));
  ks_step_page_set_icon (page, filled ? "ks-shield-ok-symbolic" : "ks-shield-alert-symbolic",
                         filled ? "ok" : "attention");
  adw_action_row_set_subtitle (self->keys_row, keys);
  gtk_image_set_from_icon_name (self->keys_icon, filled ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
  gtk_widget_set_css_classes (GTK_WIDGET (self->keys_icon),
                              (const char *[]){ filled ? "success" : "warning", NULL });
  adw_action_row_set_subtitle (self->refused_row, refused);
  gtk_widget_set_visible (GTK_WIDGET (self->refused_row), outcome->refused > 0);
  adw_action_row_set_subtitle (self->key_row, where);
  gtk_widget_set_visible (GTK_WIDGET (self->phrase_row), ks_set_up_has_phrase (set_up));
  gtk_widget_set_visible (GTK_WIDGET (self->keyring_row), outcome->keyring != NULL);
}

static void
ks_done_page_class_init (KsDonePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/set-up/ks-done-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsDonePage, keys_row);
  gtk_widget_class_bind_template_child (widget_class, KsDonePage, keys_icon);
  gtk_widget_class_bind_template_child (widget_class, KsDonePage, refused_row);
  gtk_widget_class_bind_template_child (widget_class, KsDonePage, key_row);
  gtk_widget_class_bind_template_child (widget_class, KsDonePage, phrase_row);
  gtk_widget_class_bind_template_child (widget_class, KsDonePage, keyring_row);
}

static void
ks_done_page_init (KsDonePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
