/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-failure-rows.h"

#include "engine/identity/ks-shown-name.h"
#include "ui/restore/ks-restore-text.h"

#include <glib/gi18n.h>

/* The keys of one reason. What they are called is text of a stranger. */

static GtkWidget *
row_new (const char *title, const char *subtitle)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title-lines", 3, "subtitle-lines",
                                 3, "title", title, NULL);

  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  return row;
}

static GtkWidget *
failure_row_new (const KsKeyFailure *failure)
{
  g_autofree char *room = ks_shown_name (failure->room_id);
  g_autofree char *session = ks_shown_name (failure->session_id);

  return row_new (room != NULL ? room : _ ("Without a room"), session);
}

static guint
list_failures (AdwExpanderRow *expander, const GPtrArray *failures, KsKeyReason reason)
{
  guint listed = 0;

  for (guint i = 0; i < failures->len && listed < KS_FAILURE_ROWS_LISTED; i++)
    {
      const KsKeyFailure *failure = failures->pdata[i];

      if (failure->reason != reason)
        continue;
      adw_expander_row_add_row (expander, failure_row_new (failure));
      listed++;
    }
  return listed;
}

static void
add_reason (
    GtkListBox *list, const KsKeyReport *report, KsKeyReason reason, KsReasonText title, KsReasonText advice)
{
  guint64 failed = report->failed[reason];
  g_autofree char *count = ks_restore_text_count (failed);
  g_autofree char *subtitle = g_strconcat (count, " · ", advice (reason), NULL);
  GtkWidget *expander = g_object_new (ADW_TYPE_EXPANDER_ROW, "use-markup", FALSE, "title", title (reason),
                                      "subtitle", subtitle, NULL);
  guint listed = list_failures (ADW_EXPANDER_ROW (expander), report->failures, reason);

  if (failed > listed)
    {
      g_autofree char *more = ks_restore_text_count (failed - listed);
      /* Translators: %s is "12 room keys". */
      g_autofree char *rest = g_strdup_printf (_ ("And %s more"), more);

      adw_expander_row_add_row (ADW_EXPANDER_ROW (expander), row_new (rest, NULL));
    }
  gtk_list_box_append (list, expander);
}

void
ks_failure_rows_add (GtkListBox *list, const KsKeyReport *report, KsReasonText title, KsReasonText advice)
{
  for (int i = 0; i < KS_KEY_N_REASONS; i++)
    if (report->failed[i] > 0)
      add_reason (list, report, (KsKeyReason) i, title, advice);
}
