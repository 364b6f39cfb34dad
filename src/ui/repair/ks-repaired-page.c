/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/repair/ks-repaired-page.h"

#include "ui/ks-number-text.h"
#include "ui/repair/ks-repair-lines.h"

#include <glib/gi18n.h>

struct _KsRepairedPage
{
  KsStepPage parent;

  GtkListBox *facts;
};

G_DEFINE_FINAL_TYPE (KsRepairedPage, ks_repaired_page, KS_TYPE_STEP_PAGE)

/* It is whole, as it was seen after the repair. */
static gboolean
is_whole (KsRecovery *recovery)
{
  return ks_recovery_get_state (recovery) == KS_RECOVERY_READY;
}

/* Room keys that are only here. */
static guint64
count_waiting (const KsRecoverySnapshot *seen)
{
  return seen->pending_upload + seen->refused_upload + seen->lost_upload;
}

/* Neither an empty backup nor one that lacks keys is called one that is safe. */
static gboolean
is_filled (KsRecovery *recovery)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);

  return seen->backup_count > 0 && count_waiting (seen) == 0;
}

const char *
ks_repaired_page_title (KsRecovery *recovery)
{
  if (!is_whole (recovery))
    return _ ("Repaired, but Not Whole Yet");
  if (is_filled (recovery))
    return _ ("Secure Backup Is Repaired");
  return ks_recovery_get_snapshot (recovery)->backup_count == 0
             ? _ ("Repaired, but Nothing Is in It Yet")
             : _ ("Repaired, but Not Everything Is in It Yet");
}

/* The storage was empty, and any key could be its key. */
static gboolean
has_new_storage (const KsRepairPlan *done)
{
  gboolean all = done->actions[KS_REPAIR_DESCRIBE_KEY] && done->actions[KS_REPAIR_NAME_KEY];

  for (int i = 0; i < KS_N_SECRETS; i++)
    all = all && done->store[i] && !done->make[i];
  return all;
}

const char *
ks_repaired_page_sentence (KsRecovery *recovery, const KsRepairOutcome *outcome)
{
  if (!is_whole (recovery))
    return _ ("What could be repaired here is done. Security & Privacy says what is still missing, and what "
              "helps.");
  if (outcome != NULL && has_new_storage (outcome->done))
    return _ ("The key that you entered is your Security Key from now on, and opens everything. One that you "
              "had before opens nothing any more.");
  if (outcome != NULL && outcome->done->actions[KS_REPAIR_BACKUP] && outcome->done->lost[KS_SECRET_BACKUP])
    return _ ("Your Security Key opens everything but the old backup. Enter it once more in the app that you "
              "chat with, so that new messages go into the new backup.");
  if (outcome != NULL && outcome->done->actions[KS_REPAIR_BACKUP])
    return _ ("Your Security Key opens everything. Enter it once more in the app that you chat with, so that "
              "new messages go into the new backup.");
  return _ ("Your Security Key opens everything.");
}

/* Takes @value. */
static void
add_fact (KsRepairedPage *self, const char *name, char *value, gboolean good)
{
  const KsRepairLine line = { .title = (char *) name, .subtitle = value };
  GtkWidget *row = ks_repair_line_to_row (&line, good ? "emblem-ok-symbolic" : "dialog-warning-symbolic",
                                          good ? "success" : "warning");

  gtk_widget_add_css_class (row, "property");
  gtk_list_box_append (self->facts, row);
  g_free (value);
}

static void
add_room_keys (KsRepairedPage *self, const KsRecoverySnapshot *seen)
{
  guint64 waiting = count_waiting (seen);
  g_autofree char *number = ks_number_text ((guint64) MAX (seen->backup_count, 0));
  g_autofree char *number_waiting = ks_number_text (waiting);

  if (seen->backup_version == NULL)
    return;
  if (waiting > 0)
    add_fact (self, _ ("Room keys"),
              /* Translators: both are numbers of room keys. */
              g_strdup_printf (_ ("%s backed up, %s only on this computer"), number, number_waiting), FALSE);
  else if (seen->backup_count < 0)
    return;
  else if (seen->backup_count == 0)
    add_fact (self, _ ("Room keys"), g_strdup (_ ("None yet")), FALSE);
  else
    /* Translators: %s is a number of room keys. */
    add_fact (self, _ ("Room keys"), g_strdup_printf (_ ("%s backed up"), number), TRUE);
}

static void
add_identity (KsRepairedPage *self, const KsRecoverySnapshot *seen)
{
  guint n = 0;

  for (int i = 0; i < KS_N_SECRETS - 1; i++)
    n += seen->stored[i] && seen->published[i] ? 1 : 0;
  add_fact (self, _ ("Identity keys"),
            n == KS_N_SECRETS - 1 ? g_strdup (_ ("All 3 in Secure Backup"))
                                  /* Translators: %u is 0, 1 or 2. */
                                  : g_strdup_printf (_ ("%u of 3 in Secure Backup"), n),
            n == KS_N_SECRETS - 1);
}

void
ks_repaired_page_show (KsRepairedPage *self, KsRecovery *recovery, const KsRepairOutcome *outcome)
{
  KsStepPage *page = KS_STEP_PAGE (self);
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);
  const KsRepairPlan *done = outcome != NULL ? outcome->done : NULL;
  gboolean good = is_whole (recovery) && is_filled (recovery);

  ks_step_page_set_title (page, ks_repaired_page_title (recovery));
  ks_step_page_set_description (page, ks_repaired_page_sentence (recovery, outcome));
  ks_step_page_set_icon (page, good ? "ks-shield-ok-symbolic" : "ks-shield-alert-symbolic",
                         good ? "ok" : "attention");
  add_room_keys (self, seen);
  add_identity (self, seen);
  if (done != NULL && done->key_id != NULL && !done->actions[KS_REPAIR_NAME_KEY])
    add_fact (self, _ ("Security Key"), g_strdup (_ ("The same as before")), TRUE);
  add_fact (self, _ ("This session"), g_strdup (seen->device_verified ? _ ("Verified") : _ ("Not Verified")),
            seen->device_verified);
  if (done != NULL && done->old_version != NULL)
    add_fact (self, _ ("Old backup"), g_strdup (_ ("Kept on your homeserver")), TRUE);
}

static void
ks_repaired_page_class_init (KsRepairedPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/repair/ks-repaired-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KsRepairedPage, facts);
}

static void
ks_repaired_page_init (KsRepairedPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
