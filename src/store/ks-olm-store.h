/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Olm account of one account's session, pickled and sealed, and whether the server
 * has its device keys. What is in a pickle is not looked at: see crypto/ks-olm-account.h.
 */
#pragma once

#include "store/ks-account-store.h"

G_BEGIN_DECLS

#define KS_TYPE_OLM_STORE (ks_olm_store_get_type ())
G_DECLARE_FINAL_TYPE (KsOlmStore, ks_olm_store, KS, OLM_STORE, GObject)

/* For @account, of which id, user_id and device_id are used. */
KsOlmStore *ks_olm_store_new (KsDatabase *database, const KsAccountRecord *account) G_GNUC_WARN_UNUSED_RESULT;

/* The pickle; @published, which may be NULL, is what was saved with it.
 * KS_STORE_ERROR_NOT_FOUND: there is none yet. _LOCKED. _DAMAGED: it does not open; a
 * new Olm account would need a new device ID, so never just make one. */
void ks_olm_store_load_async (KsOlmStore *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
KsSecret *
ks_olm_store_load_finish (KsOlmStore *self, GAsyncResult *result, gboolean *published, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Replaces what is there, whole or not at all; it is on the disk, fsynced, when the
 * callback runs without an error. Only then may anything that is new in @pickle leave
 * this machine. @published: the server has confirmed the device keys.
 * KS_STORE_ERROR_NOT_FOUND: the account is gone. */
void ks_olm_store_save_async (KsOlmStore *self,
                              KsSecret *pickle,
                              gboolean published,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ks_olm_store_save_finish (KsOlmStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
