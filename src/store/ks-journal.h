/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an operation needs to go on after a kill: one row per account and kind of
 * operation, with the step that it has reached and a sealed payload. What is in
 * the payload, and what a step means, is the operation's business.
 *
 * Every write is on the disk, fsynced, before its callback runs without an error.
 */
#pragma once

#include "store/ks-account-store.h"

G_BEGIN_DECLS

typedef struct
{
  char *kind;
  char *step;
  KsSecret *payload; /* NULL in lists */
  gint64 created;    /* milliseconds since 1970 */
  gint64 updated;
} KsJournalEntry;

void ks_journal_entry_free (KsJournalEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsJournalEntry, ks_journal_entry_free)

#define KS_TYPE_JOURNAL (ks_journal_get_type ())
G_DECLARE_FINAL_TYPE (KsJournal, ks_journal, KS, JOURNAL, GObject)

/* For @account, of which id, user_id and device_id are used. */
KsJournal *ks_journal_new (KsDatabase *database, const KsAccountRecord *account) G_GNUC_WARN_UNUSED_RESULT;

/* Begins an operation. KS_STORE_ERROR_EXISTS: one of this kind runs already. */
void ks_journal_begin_async (KsJournal *self,
                             const char *kind,
                             const char *step,
                             KsSecret *payload,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean ks_journal_begin_finish (KsJournal *self, GAsyncResult *result, GError **error);

/* Notes that @step is reached, with a new @payload or, for NULL, the one that is
 * there. KS_STORE_ERROR_NOT_FOUND: no operation of this kind runs. */
void ks_journal_update_async (KsJournal *self,
                              const char *kind,
                              const char *step,
                              KsSecret *payload,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ks_journal_update_finish (KsJournal *self, GAsyncResult *result, GError **error);

/* The running operation of this kind. KS_STORE_ERROR_NOT_FOUND, _LOCKED, _DAMAGED. */
void ks_journal_get_async (KsJournal *self,
                           const char *kind,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
KsJournalEntry *ks_journal_get_finish (KsJournal *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* All running operations of the account, without payloads: KsJournalEntry
 * elements. Works while the store is locked. */
void ks_journal_list_async (KsJournal *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
GPtrArray *ks_journal_list_finish (KsJournal *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The operation has ended: its row is wiped. Not an error if there is none. */
void ks_journal_end_async (KsJournal *self,
                           const char *kind,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ks_journal_end_finish (KsJournal *self, GAsyncResult *result, GError **error);

G_END_DECLS
