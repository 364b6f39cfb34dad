/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From error codes to sentences for people: what happened, what it means for
 * their history, what to do next. The only place that does this.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For anything that is asked of the homeserver or of this computer. */
char *ks_error_text (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* The same while signing in, where some errors mean something else. */
char *ks_error_text_sign_in (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* While a key or phrase is tried. */
char *ks_error_text_unlock (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* While room keys come back from the backup. */
char *ks_error_text_restore (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* While what is in a database that was set aside comes in. */
char *ks_error_text_set_aside (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* While an attachment is saved. */
char *ks_error_text_attachment (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* While reading a room. G_IO_ERROR_NOT_FOUND: much was read, and no message was in it. */
char *ks_error_text_messages (const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* While looking for the homeserver called @typed. */
char *ks_error_text_homeserver (const GError *error, const char *typed) G_GNUC_WARN_UNUSED_RESULT;

/* Why the file of --store-key-file, @path, does not open Keepsake's data. */
char *ks_error_text_key_file (const GError *error, const char *path) G_GNUC_WARN_UNUSED_RESULT;

/* How long to wait, in words: "20 seconds", "3 minutes". */
char *ks_error_text_wait (guint seconds) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
