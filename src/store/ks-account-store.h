/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The accounts of a profile and the one that is current. It knows rows; signing in
 * and out is the engine's.
 */
#pragma once

#include "store/ks-database.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 id; /* of this database; changes never, is not used again */
  char *user_id;
  char *device_id;
  char *device_name; /* NULL: none was given */
  char *homeserver;  /* base URL */
  gint64 created;    /* milliseconds since 1970 */
  gboolean current;
  KsSecret *access_token; /* NULL in lists: they can be read while the store is locked */
} KsAccountRecord;

KsAccountRecord *ks_account_record_copy (const KsAccountRecord *record) G_GNUC_WARN_UNUSED_RESULT;
void ks_account_record_free (KsAccountRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsAccountRecord, ks_account_record_free)

#define KS_TYPE_ACCOUNT_STORE (ks_account_store_get_type ())
G_DECLARE_FINAL_TYPE (KsAccountStore, ks_account_store, KS, ACCOUNT_STORE, GObject)

KsAccountStore *ks_account_store_new (KsDatabase *database) G_GNUC_WARN_UNUSED_RESULT;

/* Adds @record (its id, created and current do not matter, its access_token must
 * be there) and makes it current. KS_STORE_ERROR_EXISTS: this user has this device
 * already. The result is the record as stored, with its token. */
void ks_account_store_add_async (KsAccountStore *self,
                                 const KsAccountRecord *record,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
KsAccountRecord *ks_account_store_add_finish (KsAccountStore *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* All accounts, oldest first, without their tokens: KsAccountRecord elements. */
void ks_account_store_list_async (KsAccountStore *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
GPtrArray *ks_account_store_list_finish (KsAccountStore *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The account @id with its token; 0 stands for the current one.
 * KS_STORE_ERROR_NOT_FOUND, _LOCKED, _DAMAGED (the token does not open). */
void ks_account_store_get_async (KsAccountStore *self,
                                 gint64 id,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
KsAccountRecord *ks_account_store_get_finish (KsAccountStore *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Makes @id current. */
void ks_account_store_set_current_async (KsAccountStore *self,
                                         gint64 id,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean ks_account_store_set_current_finish (KsAccountStore *self, GAsyncResult *result, GError **error);

/* Replaces the token of @id, after signing in again as the same device. */
void ks_account_store_set_access_token_async (KsAccountStore *self,
                                              gint64 id,
                                              KsSecret *access_token,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
gboolean
ks_account_store_set_access_token_finish (KsAccountStore *self, GAsyncResult *result, GError **error);

/* Removes @id and every row that belongs to it; never the database. No account is
 * current afterwards if this one was. */
void ks_account_store_remove_async (KsAccountStore *self,
                                    gint64 id,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean ks_account_store_remove_finish (KsAccountStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
