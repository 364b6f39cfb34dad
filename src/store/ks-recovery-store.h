/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What this session knows to be its account's own: the identity, the secret-storage key
 * and the backup that it made or checked. Public facts, kept so that a server that shows
 * older or other ones is noticed. What follows from a difference is not decided here.
 */
#pragma once

#include "store/ks-secret-store.h"

G_BEGIN_DECLS

/* NULL stands for what is not known, or is known not to be. */
typedef struct
{
  char *master_key;        /* public, unpadded base64 */
  char *default_key_id;    /* of secret storage */
  char *key_file;          /* name of the file that the person saved that key to, without directory */
  char *storage_proof;     /* what of storage under that key was proven, as the caller writes it */
  char *backup_version;    /* as the server gave it */
  char *backup_public_key; /* unpadded base64 */
  gint64 last_check;       /* milliseconds since 1970; 0: never */
  int last_check_result;   /* a number of the caller's */
  gint64 updated;          /* milliseconds since 1970, set by the store */
} KsRecoveryRecord;

KsRecoveryRecord *ks_recovery_record_copy (const KsRecoveryRecord *record) G_GNUC_WARN_UNUSED_RESULT;
void ks_recovery_record_free (KsRecoveryRecord *record); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsRecoveryRecord, ks_recovery_record_free)

#define KS_TYPE_RECOVERY_STORE (ks_recovery_store_get_type ())
G_DECLARE_FINAL_TYPE (KsRecoveryStore, ks_recovery_store, KS, RECOVERY_STORE, GObject)

/* For @account, of which id, user_id and device_id are used. */
KsRecoveryStore *ks_recovery_store_new (KsDatabase *database, const KsAccountRecord *account)
    G_GNUC_WARN_UNUSED_RESULT;

/* What is known. KS_STORE_ERROR_NOT_FOUND: nothing was ever put. Works while the store is
 * locked. */
void ks_recovery_store_get_async (KsRecoveryStore *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
KsRecoveryRecord *ks_recovery_store_get_finish (KsRecoveryStore *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Replaces all that is known by @record. It is on the disk, fsynced, when the callback runs
 * without an error. KS_STORE_ERROR_NOT_FOUND: the account is gone. */
void ks_recovery_store_put_async (KsRecoveryStore *self,
                                  const KsRecoveryRecord *record,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean ks_recovery_store_put_finish (KsRecoveryStore *self, GAsyncResult *result, GError **error);

/* The same, and @n_secrets as ks_secret_store_put_async() stores them: what is known and
 * what it is known by, both or neither. Besides: KS_STORE_ERROR_LOCKED. */
void ks_recovery_store_put_with_secrets_async (KsRecoveryStore *self,
                                               const KsRecoveryRecord *record,
                                               const KsNamedSecret *secrets,
                                               guint n_secrets,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer user_data);
gboolean
ks_recovery_store_put_with_secrets_finish (KsRecoveryStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
