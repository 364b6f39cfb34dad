/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sees to it that an account's backup has all room keys that are here, for as long as the
 * program runs: whenever the state tells that it lacks some, it uploads them, and where that
 * fails it tries again, after longer and longer times.
 */
#pragma once

#include "engine/recovery/ks-recovery.h"

G_BEGIN_DECLS

/* The times between two tries, in milliseconds: doubled from the first to the last (fault F2 has
 * the seconds within one). */
#define KS_BACKUP_KEEPER_FIRST_WAIT (60 * 1000)
#define KS_BACKUP_KEEPER_LAST_WAIT (60 * 60 * 1000)

#define KS_TYPE_BACKUP_KEEPER (ks_backup_keeper_get_type ())
G_DECLARE_FINAL_TYPE (KsBackupKeeper, ks_backup_keeper, KS, BACKUP_KEEPER, GObject)

/* Signal "changed": any of what the functions below tell. Dropping the last reference stops an
 * upload that is under way, which loses nothing. */
KsBackupKeeper *ks_backup_keeper_new (KsRecovery *recovery) G_GNUC_WARN_UNUSED_RESULT;

/* Stops for good, whoever still holds it. */
void ks_backup_keeper_stop (KsBackupKeeper *self);

/* Whether an upload is under way. @done of @total keys are up; both 0 at first. Each may be NULL. */
gboolean ks_backup_keeper_is_uploading (KsBackupKeeper *self, guint64 *done, guint64 *total);

/* Why the last try failed. Borrowed; NULL: it did not, or another one is under way. */
const GError *ks_backup_keeper_get_failure (KsBackupKeeper *self);

G_END_DECLS
