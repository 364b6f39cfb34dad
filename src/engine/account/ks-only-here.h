/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What exists only on this computer, and is lost when the account's session here ends.
 */
#pragma once

#include "engine/account/ks-account.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean asked;    /* the server has just said what it has; FALSE: it could not be asked */
  guint64 keys;      /* room keys; all that are here, unless a backup that can be opened has them */
  guint64 backed_up; /* room keys that are here too, and that it has, as the server says */
  /* Private keys that the account's Security Key was not seen to open where they are stored; where the
   * server was not asked, any that are here. */
  gboolean secrets;
  gboolean
      changed; /* and what is stored was not seen to open, or is not what it was then: it may or may not */
  gboolean replaced;   /* or the server shows others in the place of all of these */
  guint64 unread;      /* events sent to this session that nobody has read, and that may bring room keys */
  gboolean setting_up; /* a set-up of Secure Backup is not finished, and can be finished only here */
} KsOnlyHere;

/* Asks the server, and counts. Not being able to ask it is no error. KS_STORE_ERROR. */
void ks_only_here_look_async (KsAccount *account,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean
ks_only_here_look_finish (KsAccount *account, GAsyncResult *result, KsOnlyHere *only_here, GError **error);

/* TRUE: nothing is lost with it. */
gboolean ks_only_here_is_nothing (const KsOnlyHere *only_here);

G_END_DECLS
