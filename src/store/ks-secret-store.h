/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The secrets that one account's session holds, by the names that secret storage gives
 * them: the private cross-signing keys and the backup key. Whether they fit the account's
 * public keys is for the layers above.
 */
#pragma once

#include "store/ks-account-store.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name; /* "m.cross_signing.master" … */
  KsSecret *value;
} KsNamedSecret;

#define KS_TYPE_SECRET_STORE (ks_secret_store_get_type ())
G_DECLARE_FINAL_TYPE (KsSecretStore, ks_secret_store, KS, SECRET_STORE, GObject)

/* For @account, of which id, user_id and device_id are used. */
KsSecretStore *ks_secret_store_new (KsDatabase *database, const KsAccountRecord *account)
    G_GNUC_WARN_UNUSED_RESULT;

/* Stores @n_secrets, in place of those of the same names: all or none. They are on the
 * disk, fsynced, when the callback runs without an error. KS_STORE_ERROR_LOCKED.
 * KS_STORE_ERROR_NOT_FOUND: the account is gone. */
void ks_secret_store_put_async (KsSecretStore *self,
                                const KsNamedSecret *secrets,
                                guint n_secrets,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ks_secret_store_put_finish (KsSecretStore *self, GAsyncResult *result, GError **error);

/* The secret @name. KS_STORE_ERROR_NOT_FOUND, _LOCKED, _DAMAGED. */
void ks_secret_store_get_async (KsSecretStore *self,
                                const char *name,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
KsSecret *ks_secret_store_get_finish (KsSecretStore *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The names of all secrets here, sorted; for g_strfreev(). Works while the store is
 * locked, and says nothing about whether they open. */
void ks_secret_store_list_names_async (KsSecretStore *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
GStrv ks_secret_store_list_names_finish (KsSecretStore *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Removes all secrets of the account. */
void ks_secret_store_remove_all_async (KsSecretStore *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean ks_secret_store_remove_all_finish (KsSecretStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
