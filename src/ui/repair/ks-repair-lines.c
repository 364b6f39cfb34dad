/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/repair/ks-repair-lines.h"

#include "engine/identity/ks-shown-name.h"
#include "ui/ks-number-text.h"
#include "ui/repair/ks-repair-text.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static void
line_free (gpointer data)
{
  KsRepairLine *line = data;

  g_free (line->title);
  g_free (line->subtitle);
  g_free (line);
}

static GPtrArray *
lines_new (void)
{
  return g_ptr_array_new_with_free_func (line_free);
}

/* Takes @subtitle. */
static void
add (GPtrArray *lines, const char *title, char *subtitle)
{
  KsRepairLine *line = g_new0 (KsRepairLine, 1);

  line->title = g_strdup (title);
  line->subtitle = subtitle;
  g_ptr_array_add (lines, line);
}

static void
add_missing_backup (const KsRepairPlan *plan, GPtrArray *lines)
{
  if (plan->old_version == NULL)
    add (lines, _ ("A backup of your room keys"), g_strdup (_ ("So new messages aren't backed up")));
  else if (plan->lost[KS_SECRET_BACKUP])
    add (lines, _ ("The key of your backup"), g_strdup (_ ("Nothing here opens the backup")));
  else
    add (lines, _ ("A backup that works"), g_strdup (_ ("Other apps can't use the one that is there")));
}

/* @n: of the three; not 0. */
static const char *
count_identity_keys (guint n)
{
  return n == 1                         ? _ ("One of your identity keys")
         : n == KS_N_CROSS_SIGNING_KEYS ? _ ("Your identity keys")
                                        : _ ("Two of your identity keys");
}

/* Keys that are here, and lack only their place in secret storage. */
static void
add_not_stored (const KsRepairPlan *plan, GPtrArray *lines)
{
  guint n = 0;

  for (int i = 0; i < KS_N_CROSS_SIGNING_KEYS; i++)
    n += plan->store[i] && !plan->make[i] ? 1 : 0;
  if (n > 0)
    add (lines, count_identity_keys (n),
         g_strdup (n == 1 ? _ ("It's here, but your Security Key doesn't bring it back")
                          : _ ("They are here, but your Security Key doesn't bring them back")));
  if (plan->store[KS_SECRET_BACKUP] && !plan->make[KS_SECRET_BACKUP])
    add (lines, _ ("The key of your backup"),
         g_strdup (_ ("It's here, but your Security Key doesn't bring it back")));
}

/* Of the identity, on the homeserver. */
static void
add_not_published (const KsRepairPlan *plan, GPtrArray *lines)
{
  guint n = ks_repair_text_count_made (plan);

  if (n == 0)
    add (lines, _ ("A part of your identity on the homeserver"),
         g_strdup (_ ("Without it, nobody can verify you")));
  else
    add (lines, count_identity_keys (n),
         g_strdup (n == 1 ? _ ("Without it, nobody can verify you")
                          : _ ("Without them, nobody can verify you")));
}

static const char *
name_key (KsSecretName name)
{
  switch (name)
    {
    case KS_SECRET_MASTER:
      return _ ("The main key of your identity");
    case KS_SECRET_SELF_SIGNING:
      return _ ("The key that verifies your sessions");
    case KS_SECRET_USER_SIGNING:
      return _ ("The key that verifies other people");
    case KS_SECRET_BACKUP:
    default:
      return _ ("The key of your backup");
    }
}

static void
add_lost (const KsRepairPlan *plan, const KsRecoverySnapshot *seen, GPtrArray *lines)
{
  gboolean has_sessions = seen->other_sessions != NULL && seen->other_sessions[0] != NULL;

  for (int i = 0; i < KS_N_SECRETS; i++)
    if (ks_repair_plan_leaves_lost (plan, (KsSecretName) i))
      add (lines, name_key ((KsSecretName) i),
           g_strdup (has_sessions ? _ ("Not on this computer; another session may have it")
                                  : _ ("Not on this computer")));
}

GPtrArray *
ks_repair_lines_lost (const KsRepairPlan *plan, const KsRecoverySnapshot *seen)
{
  GPtrArray *lines = lines_new ();

  add_lost (plan, seen, lines);
  return lines;
}

GPtrArray *
ks_repair_lines_missing (const KsRepairPlan *plan, const KsRecoverySnapshot *seen)
{
  GPtrArray *lines = lines_new ();

  if (plan->actions[KS_REPAIR_BACKUP])
    add_missing_backup (plan, lines);
  add_not_stored (plan, lines);
  if (plan->actions[KS_REPAIR_PUBLISH])
    add_not_published (plan, lines);
  if (plan->actions[KS_REPAIR_DESCRIBE_KEY])
    add (lines, _ ("The description of your Security Key"),
         g_strdup (_ ("Without it, other apps can't check the key")));
  if (plan->actions[KS_REPAIR_NAME_KEY])
    add (lines, _ ("The right Security Key for other apps"),
         g_strdup (seen->default_key_id != NULL ? _ ("They ask for one that doesn't open everything")
                                                : _ ("They don't know which one to ask for")));
  if (plan->actions[KS_REPAIR_SIGN])
    add (lines, _ ("This session's verification"), g_strdup (_ ("Others can't tell that it is yours")));
  add_lost (plan, seen, lines);
  return lines;
}

static char *
into_the_backup (guint64 keys)
{
  g_autofree char *number = ks_number_text (keys);

  if (keys == 0)
    return NULL;
  return g_strdup_printf (g_dngettext (NULL, "%s room key goes into it", "%s room keys go into it",
                                       (gulong) keys),
                          number);
}

static char *
about_action (KsRepairAction action, const KsRecoverySnapshot *seen)
{
  switch (action)
    {
    case KS_REPAIR_STORE:
      return g_strdup (_ ("Locked with your Security Key"));
    case KS_REPAIR_PUBLISH:
      return g_strdup (_ ("Your homeserver may ask for your password"));
    case KS_REPAIR_BACKUP:
      return into_the_backup (seen->local_keys);
    case KS_REPAIR_DESCRIBE_KEY:
    case KS_REPAIR_SIGN:
    case KS_REPAIR_NAME_KEY:
    default:
      return NULL;
    }
}

GPtrArray *
ks_repair_lines_to_do (const KsRepairPlan *plan, const KsRecoverySnapshot *seen)
{
  GPtrArray *lines = lines_new ();

  for (int i = 0; i < KS_N_REPAIR_ACTIONS; i++)
    if (plan->actions[i])
      add (lines, ks_repair_text_action ((KsRepairAction) i, plan), about_action ((KsRepairAction) i, seen));
  return lines;
}

GPtrArray *
ks_repair_lines_same (const KsRepairPlan *plan)
{
  GPtrArray *lines = lines_new ();

  if (plan->key_id != NULL && !plan->actions[KS_REPAIR_NAME_KEY])
    add (lines, _ ("Your Security Key and Security Phrase"), NULL);
  if (!plan->actions[KS_REPAIR_PUBLISH])
    add (lines, _ ("Your identity and your verified sessions"), NULL);
  if (plan->old_version != NULL)
    add (lines, _ ("The old backup"),
         g_strdup (plan->lost[KS_SECRET_BACKUP]
                       ? _ ("Kept on your homeserver; what is in it stays locked until you find its key")
                       : _ ("Kept on your homeserver, just in case")));
  return lines;
}

static void
add_secret_details (const KsRepairPlan *plan, GPtrArray *lines)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      const char *what = plan->make[i]    ? _ ("made anew")
                         : plan->store[i] ? _ ("here, stored again")
                         : plan->lost[i]  ? _ ("nowhere that could be opened")
                         : i < KS_N_CROSS_SIGNING_KEYS && plan->publish[i] ? _ ("published again")
                                                                           : NULL;

      if (what != NULL)
        add (lines, _ ("Secret"),
             /* Translators: the name of a key in a protocol, and what becomes of it. */
             g_strdup_printf (_ ("%s: %s"), ks_secret_name_to_string ((KsSecretName) i), what));
    }
}

GPtrArray *
ks_repair_lines_details (const KsRepairPlan *plan, const KsRecoverySnapshot *seen)
{
  GPtrArray *lines = lines_new ();
  g_autofree char *version = ks_shown_name (plan->old_version);
  g_autofree char *key_id = ks_shown_name (plan->key_id);

  if (plan->actions[KS_REPAIR_BACKUP])
    add (lines, _ ("Key backup"),
         version != NULL
             /* Translators: %s is a number. */
             ? g_strdup_printf (_ ("Version %s stays; a new version is created"), version)
             : g_strdup (_ ("A new version is created")));
  add_secret_details (plan, lines);
  if (key_id != NULL)
    add (lines, _ ("Secret storage key"),
         /* Translators: %s is the ID of a key. */
         g_strdup_printf (plan->actions[KS_REPAIR_NAME_KEY] ? _ ("Becomes the default: %s")
                                                            : _ ("Stays the default: %s"),
                          key_id));
  return lines;
}

GtkWidget *
ks_repair_line_to_row (const KsRepairLine *line, const char *icon, const char *style)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", line->title, "subtitle",
                                 line->subtitle != NULL ? line->subtitle : "", NULL);
  GtkWidget *image;

  /* libadwaita tells the title alone. */
  if (line->subtitle != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, line->subtitle,
                                    -1);
  if (icon == NULL)
    return row;
  image = g_object_new (GTK_TYPE_IMAGE, "icon-name", icon, "accessible-role",
                        GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  if (style != NULL)
    gtk_widget_add_css_class (image, style);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  return row;
}

void
ks_repair_lines_show (
    GPtrArray *lines, GtkListBox *list, GtkWidget *group, const char *icon, const char *style)
{
  GtkListBoxRow *old;

  while ((old = gtk_list_box_get_row_at_index (list, 0)) != NULL)
    gtk_list_box_remove (list, GTK_WIDGET (old));
  for (guint i = 0; i < lines->len; i++)
    gtk_list_box_append (list, ks_repair_line_to_row (lines->pdata[i], icon, style));
  gtk_widget_set_visible (group, lines->len > 0);
  g_ptr_array_unref (lines);
}
