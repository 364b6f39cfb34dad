/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person gave, as UTF-8, whatever program saved it: with a byte order mark, in 16-bit
 * characters as Windows Notepad saves them, or in an old 8-bit encoding.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

/* @bytes as UTF-8 without a zero in it; a reference to @bytes where they are. A mark at the
 * beginning of UTF-8 stays, since it may have been hashed with a phrase. Bytes that are no UTF-8
 * are taken for Latin-1. NULL: there is a zero in it, so that it is no text. */
KsSecret *ks_given_text_read (KsSecret *bytes) G_GNUC_WARN_UNUSED_RESULT;

/* The same for a phrase that is chosen now: without the mark, which nobody could ever type. */
KsSecret *ks_given_text_read_new_phrase (KsSecret *bytes) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
