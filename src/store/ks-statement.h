/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SQL within a transaction of ks_database_run_async(): prepare, bind, step, read.
 * Values reach SQLite as bound parameters only. A column whose name ends in
 * "_sealed" holds AES-256-GCM under the store key; it is written and read by the
 * "sealed" functions alone.
 *
 * Everything here belongs to the database's writer thread and to the call of the
 * KsDatabaseFunc that was given the transaction.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "store/ks-store-error.h"

G_BEGIN_DECLS

typedef struct KsTransaction KsTransaction;
typedef struct KsStatement KsStatement;

/* Where a sealed value belongs. It goes into the seal, so that a value copied to
 * another row or column does not open there. @keys is the row's logical key,
 * ended by NULL: never a row ID, which may change when a database is mended. */
#define KS_SEAL_PLACE_MAX_KEYS 5
typedef struct
{
  const char *table;
  const char *column;
  const char *keys[KS_SEAL_PLACE_MAX_KEYS + 1];
} KsSealPlace;

typedef enum
{
  KS_STATEMENT_FAILED, /* the error is set */
  KS_STATEMENT_ROW,    /* a row is there to be read */
  KS_STATEMENT_DONE,   /* no further row */
} KsStatementResult;

/* A statement for @sql, which must be a string literal without values in it;
 * values are named parameters (":user_id"). Freeing it returns it to a cache:
 * preparing the same text again is cheap, but not before the first one is freed.
 * NULL: the error is set. */
KsStatement *ks_transaction_prepare (KsTransaction *self, const char *sql, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Rows changed by the last INSERT, UPDATE or DELETE that ran. */
gint64 ks_transaction_get_changes (KsTransaction *self);

/* The row ID of the last INSERT that ran. */
gint64 ks_transaction_get_last_id (KsTransaction *self);

/* Gives @statement back; NULL is allowed. */
void ks_statement_free (KsStatement *statement);

/* Binding cannot fail where it is called: an unknown parameter (a bug) and a
 * store key that is not at hand are reported by the next step. @parameter has its
 * colon. Text and blobs are copied; NULL binds SQL's NULL. */
void ks_statement_bind_int64 (KsStatement *self, const char *parameter, gint64 value);
void ks_statement_bind_text (KsStatement *self, const char *parameter, const char *text);
void ks_statement_bind_blob (KsStatement *self, const char *parameter, const void *bytes, gsize size);

/* Seals @size bytes under the store key and binds the result. The next step fails
 * with KS_STORE_ERROR_LOCKED where the store key is not at hand. */
void ks_statement_bind_sealed (
    KsStatement *self, const char *parameter, const KsSealPlace *place, const void *bytes, gsize size);

/* The same under another key of KS_SEAL_KEY_SIZE bytes: for the slots of the store key. */
void ks_statement_bind_sealed_under (KsStatement *self,
                                     const char *parameter,
                                     const KsSecret *key,
                                     const KsSealPlace *place,
                                     const void *bytes,
                                     gsize size);

/* Runs to the next row, or to the end. */
KsStatementResult ks_statement_step (KsStatement *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Runs a statement that answers no rows, to its end, and makes it ready to be
 * bound and run again. */
gboolean ks_statement_execute (KsStatement *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Of the row at hand; columns count from 0. 0 and NULL stand for SQL's NULL and
 * for a value of another type. Pointers are valid until the next step. */
gint64 ks_statement_get_int64 (KsStatement *self, int column);
const char *ks_statement_get_text (KsStatement *self, int column);
const void *ks_statement_get_blob (KsStatement *self, int column, gsize *size);

/* Opens a sealed value. KS_STORE_ERROR_LOCKED: the store key is not at hand.
 * KS_STORE_ERROR_DAMAGED: the value was changed, or belongs to another place. */
KsSecret *ks_statement_get_sealed (KsStatement *self, int column, const KsSealPlace *place, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same for many values, where a KsSecret each would cost too much. The result
 * is owned by the caller, who wipes @size bytes of it before g_free(). */
guint8 *ks_statement_get_sealed_bytes (KsStatement *self,
                                       int column,
                                       const KsSealPlace *place,
                                       gsize *size,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Under another key. KS_STORE_ERROR_WRONG_KEY: the key does not fit (or the value
 * was changed, which looks the same). */
KsSecret *ks_statement_get_sealed_under (KsStatement *self,
                                         int column,
                                         const KsSecret *key,
                                         const KsSealPlace *place,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsStatement, ks_statement_free)

G_END_DECLS
