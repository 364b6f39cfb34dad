/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/restore/ks-restore-notice.h"

#include "ui/ks-error-text.h"
#include "ui/restore/ks-restore-text.h"

#include <glib/gi18n.h>

void
ks_restore_notice_send (KsRestoreJob *job)
{
  const GError *failure = ks_restore_job_get_failure (job);
  const char *title = failure != NULL ? _ ("Restoring Stopped") : ks_restore_text_title (job);
  g_autofree char *body = failure != NULL ? ks_error_text_restore (failure) : ks_restore_text_sentence (job);
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  g_application_send_notification (g_application_get_default (), "restore", notification);
}
