/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Logging that cannot leak: whatever a message holds, what looks like a secret
 * is blotted out before it is written. The last line of defence, not the first:
 * code must not pass secrets, tokens or bodies to a logging call.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes all of GLib's structured logging of this process pass the redactor.
 * @verbose adds debug messages, as G_MESSAGES_DEBUG=all does. To be called once,
 * first thing in main(). */
void ks_log_init (gboolean verbose);

/* Returns @message with everything that looks like a secret replaced by
 * "[redacted]": access tokens (in headers, in URLs, Synapse's own forms), runs
 * of base64 that can hold 32 bytes or more, and Security Keys in groups or in
 * one piece. Public keys and hashes of that length fall victim too; that is
 * intended. Any thread. */
char *ks_log_redact (const char *message) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
