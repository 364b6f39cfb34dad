/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/set-up/ks-set-up-notice.h"

#include "ui/ks-error-text.h"
#include "ui/set-up/ks-done-page.h"

#include <glib/gi18n.h>

void
ks_set_up_notice_send (KsSetUp *set_up, const GError *error)
{
  const KsSetUpOutcome *outcome = ks_set_up_get_outcome (set_up);
  const char *title = error != NULL ? _ ("Setting Up Secure Backup Stopped") : ks_done_page_title (outcome);
  g_autofree char *body = error != NULL ? ks_error_text (error) : ks_done_page_sentence (outcome);
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  g_application_send_notification (g_application_get_default (), "set-up", notification);
}
