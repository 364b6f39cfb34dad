/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an account does by itself for as long as the program runs. It asks the server how Secure Backup
 * stands, goes on with what an earlier start of the program began, and keeps the backup full. Whoever
 * shows the account watches and asks; nothing here needs anybody who does.
 */
#pragma once

#include "engine/account/ks-account.h"
#include "engine/recovery/ks-backup-keeper.h"
#include "engine/recovery/ks-restore-job.h"

G_BEGIN_DECLS

#define KS_TYPE_ACCOUNT_LIFE (ks_account_life_get_type ())
G_DECLARE_FINAL_TYPE (KsAccountLife, ks_account_life, KS, ACCOUNT_LIFE, GObject)

/* Signals:
 *
 *   "changed"                         what is_looking, get_failure or get_stopped tell
 *   "looked" (gboolean)               the server was asked, and the state is as it answered; FALSE: it
 *                                     could not be asked, or did not say
 *   "set-up-ended" (KsSetUp *, GError *)  a set-up that went on by itself; NULL: it is done
 *
 * The first look goes on with what was begun: with a set-up, then, at a look after its end, with a
 * restore. */

/* Begins at once: ks_account_start() makes one. @account is borrowed, until ks_account_life_end(). */
KsAccountLife *ks_account_life_new (KsAccount *account) G_GNUC_WARN_UNUSED_RESULT;

/* Ends an upload and a restore in the middle, and tells nobody. The next start goes on. */
void ks_account_life_end (KsAccountLife *self);

/* Asks the server how Secure Backup stands, unless it is being asked. */
void ks_account_life_look (KsAccountLife *self);
gboolean ks_account_life_is_looking (KsAccountLife *self);

/* Why the last look had no answer. Borrowed; NULL: it had, or another one is under way. */
const GError *ks_account_life_get_failure (KsAccountLife *self);

/* Why a set-up that went on by itself stopped again. Borrowed; NULL: none did, or it runs. */
const GError *ks_account_life_get_stopped (KsAccountLife *self);

KsBackupKeeper *ks_account_life_get_keeper (KsAccountLife *self); /* borrowed */
KsRestoreJob *ks_account_life_get_restore (KsAccountLife *self);  /* borrowed */

G_END_DECLS
