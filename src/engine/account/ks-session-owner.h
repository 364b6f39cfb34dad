/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whose a session is that a server has just made. No I/O.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the server says, each NULL where it says nothing. */
typedef struct
{
  const char *user_id;   /* borrowed; a valid one */
  const char *device_id; /* borrowed */
} KsSessionOwner;

/* The errcode of an error that says: not the user who was asked for. */
#define KS_SESSION_OWNER_OTHER "OTHER_USER"

/* @typed is a user ID or the part of it before the colon. @login is what the answer to signing
 * in says, @whoami what the server says when asked (Client-Server API, "Current account
 * information"), which is what it will go by; NULL: it could not be asked. @owner gets what
 * holds, both members of it, borrowed from these.
 *
 * User IDs are told apart by case, and what is published and signed is so under one of them:
 * "@alice:…" is right for whoever typed "@Alice:…", since servers look for it so, but "@Alice:…"
 * for whoever typed "@alice:…" is somebody else. FALSE with KS_MATRIX_ERROR_BAD_ANSWER: it is
 * another user's, or the server contradicts itself, or says too little. */
gboolean ks_session_owner_settle (const char *typed,
                                  const KsSessionOwner *login,
                                  const KsSessionOwner *whoami,
                                  KsSessionOwner *owner,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @user_id can be whom @typed asks for, case aside. */
gboolean ks_session_owner_may_be (const char *typed, const char *user_id);

/* The error of one that cannot. */
GError *ks_session_owner_other (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
