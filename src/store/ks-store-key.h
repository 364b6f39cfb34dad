/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The store key: 32 random bytes that seal every secret column of a database, and
 * the slots from which it can be had again. Any one slot opens the store. What a
 * slot's secret is and where it comes from (the keyring, a key derived from the
 * Security Key, a file) is the caller's business.
 */
#pragma once

#include "store/ks-database.h"

G_BEGIN_DECLS

#define KS_STORE_KEY_SIZE 32

/* Numbers are stored. */
typedef enum
{
  /* The secret is the store key itself; it lies in the desktop keyring. */
  KS_STORE_KEY_SLOT_KEYRING = 1,
  /* The secret (32 bytes, derived from the Security Key with a label of its own)
   * opens a wrap of the store key that lies in the database. */
  KS_STORE_KEY_SLOT_SECURITY_KEY = 2,
  /* The secret (the content of --store-key-file) opens a wrap, likewise. */
  KS_STORE_KEY_SLOT_FILE = 3,
} KsStoreKeySlotKind;

typedef struct
{
  KsStoreKeySlotKind kind;
  char *name;     /* tells slots of a kind apart, e.g. the ID of the secret-storage key; "" is allowed */
  gint64 created; /* milliseconds since 1970 */
} KsStoreKeySlot;

void ks_store_key_slot_free (KsStoreKeySlot *slot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsStoreKeySlot, ks_store_key_slot_free)

/* All slots: KsStoreKeySlot elements. An empty array: there is no store key yet,
 * ks_store_key_create_async() makes one. */
void ks_store_key_list_slots_async (KsDatabase *database,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
GPtrArray *ks_store_key_list_slots_finish (KsDatabase *database, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Makes the store key of a new database, with its first slot, and has it at hand.
 * @secret: 32 bytes. For KS_STORE_KEY_SLOT_KEYRING it becomes the store key: make
 * it at random and have it in the keyring, read back, before. For the other kinds
 * the store key is made here and wrapped under it. KS_STORE_ERROR_EXISTS: there is
 * a store key already; but where a damaged database has lost all its slots, and @secret, of
 * KS_STORE_KEY_SLOT_KEYRING, is its store key, that is taken up. */
void ks_store_key_create_async (KsDatabase *database,
                                KsStoreKeySlotKind kind,
                                const char *name,
                                KsSecret *secret,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ks_store_key_create_finish (KsDatabase *database, GAsyncResult *result, GError **error);

/* Opens the store by one slot. KS_STORE_ERROR_NOT_FOUND: no such slot.
 * KS_STORE_ERROR_WRONG_KEY: the secret does not fit, and the store stays as it was. */
void ks_store_key_open_async (KsDatabase *database,
                              KsStoreKeySlotKind kind,
                              const char *name,
                              KsSecret *secret,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ks_store_key_open_finish (KsDatabase *database, GAsyncResult *result, GError **error);

/* Adds a slot, or gives one of the same kind and name a new secret, while the
 * store is open. For KS_STORE_KEY_SLOT_KEYRING @secret is what was read back from
 * the keyring: KS_STORE_ERROR_WRONG_KEY unless it is the store key. */
void ks_store_key_add_slot_async (KsDatabase *database,
                                  KsStoreKeySlotKind kind,
                                  const char *name,
                                  KsSecret *secret,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean ks_store_key_add_slot_finish (KsDatabase *database, GAsyncResult *result, GError **error);

/* Removes a slot. KS_STORE_ERROR_LAST_SLOT: it is the only one. */
void ks_store_key_remove_slot_async (KsDatabase *database,
                                     KsStoreKeySlotKind kind,
                                     const char *name,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean ks_store_key_remove_slot_finish (KsDatabase *database, GAsyncResult *result, GError **error);

/* The store key, to be kept in the keyring; NULL while the store is locked. */
KsSecret *ks_store_key_ref (KsDatabase *database) G_GNUC_WARN_UNUSED_RESULT;

/* Forgets the store key: sealed columns are closed from the next queued call on. */
void ks_store_key_forget_async (KsDatabase *database,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ks_store_key_forget_finish (KsDatabase *database, GAsyncResult *result, GError **error);

G_END_DECLS
