/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/repair/ks-repair-notice.h"

#include "ui/ks-error-text.h"
#include "ui/repair/ks-repaired-page.h"

#include <glib/gi18n.h>

void
ks_repair_notice_send (KsRecovery *recovery, const KsRepairOutcome *outcome, const GError *error)
{
  const char *title =
      error != NULL ? _ ("Repairing Secure Backup Stopped") : ks_repaired_page_title (recovery);
  g_autofree char *body =
      error != NULL ? ks_error_text (error) : g_strdup (ks_repaired_page_sentence (recovery, outcome));
  g_autoptr (GNotification) notification = g_notification_new (title);
  GApplication *application = g_application_get_default ();

  g_notification_set_body (notification, body);
  if (application != NULL)
    g_application_send_notification (application, "repair", notification);
}
