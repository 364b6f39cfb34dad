/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/repair/ks-unrepairable-page.h"

#include "ui/ks-number-text.h"
#include "ui/repair/ks-repair-due.h"
#include "ui/repair/ks-repair-lines.h"

#include <glib/gi18n.h>

struct _KsUnrepairablePage
{
  KsStepPage parent;

  GtkWidget *missing_group;
  GtkListBox *missing;
  GtkWidget *helps_group;
  GtkWidget *other_key;
  GtkWidget *without;
  AdwActionRow *sessions;
  GtkWidget *keys_group;
  AdwActionRow *keys_row;
};

G_DEFINE_FINAL_TYPE (KsUnrepairablePage, ks_unrepairable_page, KS_TYPE_STEP_PAGE)

static void
show_sessions (KsUnrepairablePage *self, char **sessions)
{
  g_autofree char *names = sessions != NULL ? g_strjoinv (_ (", "), sessions) : g_strdup ("");
  /* Translators: %s is a list of sessions' names. */
  g_autofree char *text = g_strdup_printf (_ ("Look after Secure Backup there: %s"), names);

  adw_action_row_set_subtitle (self->sessions, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->sessions), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
  gtk_widget_set_visible (GTK_WIDGET (self->sessions), names[0] != '\0');
}

static void
show_keys (KsUnrepairablePage *self, guint64 keys)
{
  g_autofree char *number = ks_number_text (keys);
  g_autofree char *text = g_strdup_printf (g_dngettext (NULL, "%s room key on this computer",
                                                        "%s room keys on this computer", (gulong) keys),
                                           number);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->keys_row), text);
  gtk_widget_set_visible (self->keys_group, keys > 0);
}

/* Of what no key was found to fit yet. */
static const char *
describe_locked (const KsRecoverySnapshot *seen)
{
  if (seen->other_sessions != NULL && seen->other_sessions[0] != NULL)
    return _ (
        "Look for the key in your files, in a password manager, or on paper. Another session of yours may "
        "show it, or still have what it opens.");
  if (seen->local_keys == 0)
    return _ (
        "Look for the key in your files, in a password manager, or on paper. What is left without it is to "
        "reset Secure Backup in another app: what only that key opens is lost then.");
  return _ (
      "Look for the key in your files, in a password manager, or on paper. What is left without it is to "
      "export your room keys, and then to reset Secure Backup in another app: what only that key opens is "
      "lost then.");
}

static const char *
describe (const KsRecoverySnapshot *seen)
{
  if (seen->to_unlock)
    return _ ("Nothing here opens what is missing, but another key may.");
  if (seen->other_sessions != NULL && seen->other_sessions[0] != NULL)
    return _ ("The keys that are missing aren't on this computer. Another session may still have them.");
  if (seen->local_keys == 0)
    return _ (
        "The keys that are missing aren't on this computer, and your account has no other session. What "
        "is left is to reset Secure Backup in another app.");
  return _ ("The keys that are missing aren't on this computer, and your account has no other session. What "
            "is left is to export your room keys, and then to reset Secure Backup in another app.");
}

void
ks_unrepairable_page_show (KsUnrepairablePage *self, KsRecovery *recovery)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);
  const KsRepairPlan *plan = ks_recovery_get_plan (recovery);
  gboolean locked = !ks_repair_is_due (recovery);

  ks_step_page_set_title (KS_STEP_PAGE (self), locked      ? _ ("If You Don't Have the Key")
                                               : plan->any ? _ ("Another Key May Open More")
                                                           : _ ("This Can't Be Repaired Here"));
  ks_step_page_set_icon (KS_STEP_PAGE (self), "ks-shield-alert-symbolic", "attention");
  ks_step_page_set_description (KS_STEP_PAGE (self), locked ? describe_locked (seen) : describe (seen));
  ks_repair_lines_show (plan->any ? ks_repair_lines_missing (plan, seen) : ks_repair_lines_lost (plan, seen),
                        self->missing, self->missing_group, "dialog-warning-symbolic", "warning");
  /* Before a key has fitted, nobody knows what is missing. */
  if (locked)
    gtk_widget_set_visible (self->missing_group, FALSE);
  gtk_widget_set_visible (self->without, plan->any && !locked);
  gtk_widget_set_visible (self->other_key, seen->to_unlock);
  show_sessions (self, seen->other_sessions);
  gtk_widget_set_visible (self->helps_group, gtk_widget_get_visible (self->other_key)
                                                 || gtk_widget_get_visible (GTK_WIDGET (self->sessions)));
  show_keys (self, seen->local_keys);
}

/* What may help is heard first, or else what is missing: nothing here is done by itself. */
static void
ks_unrepairable_page_shown (KsStepPage *page)
{
  KsUnrepairablePage *self = KS_UNREPAIRABLE_PAGE (page);
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->missing, 0);

  if (gtk_widget_get_visible (self->other_key))
    gtk_widget_grab_focus (self->other_key);
  else if (row != NULL && gtk_widget_get_visible (self->missing_group))
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
ks_unrepairable_page_class_init (KsUnrepairablePageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  KS_STEP_PAGE_CLASS (class)->shown = ks_unrepairable_page_shown;
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/repair/ks-unrepairable-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsUnrepairablePage, missing_group);
  gtk_widget_class_bind_template_child (widget_class, KsUnrepairablePage, missing);
  gtk_widget_class_bind_template_child (widget_class, KsUnrepairablePage, helps_group);
  gtk_widget_class_bind_template_child (widget_class, KsUnrepairablePage, other_key);
  gtk_widget_class_bind_template_child (widget_class, KsUnrepairablePage, without);
  gtk_widget_class_bind_template_child (widget_class, KsUnrepairablePage, sessions);
  gtk_widget_class_bind_template_child (widget_class, KsUnrepairablePage, keys_group);
  gtk_widget_class_bind_template_child (widget_class, KsUnrepairablePage, keys_row);
}

static void
ks_unrepairable_page_init (KsUnrepairablePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
