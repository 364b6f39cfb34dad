/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A set-up as the files beside this one share it, and how an account makes one.
 */
#pragma once

#include "engine/identity/ks-server-look.h"
#include "engine/secrets/ks-storage-proof.h"
#include "engine/set-up/ks-set-up-secrets.h"
#include "engine/set-up/ks-set-up.h"
#include "matrix/ks-http.h"
#include "store/ks-journal.h"
#include "store/ks-key-store.h"
#include "store/ks-keyring.h"
#include "store/ks-olm-store.h"
#include "store/ks-recovery-store.h"
#include "store/ks-secret-store.h"

G_BEGIN_DECLS

/* The journal's kind of operation, and its steps in their order. */
#define KS_SET_UP_KIND "set-up"
#define KS_SET_UP_MADE "made"           /* nobody depends on the secrets */
#define KS_SET_UP_SAVED "saved"         /* the person has the key */
#define KS_SET_UP_PUBLISHED "published" /* from now on something may be on the server */
#define KS_SET_UP_COMMITTED "committed" /* the default key is ours; only settling is left */

struct _KsSetUp
{
  GObject parent;

  KsHttp *http;                    /* owned */
  char *user_id;                   /* owned */
  char *device_id;                 /* owned */
  KsJournal *journal;              /* owned */
  KsOlmStore *olm_store;           /* owned */
  KsKeyStore *keys;                /* owned */
  KsSecretStore *secret_store;     /* owned */
  KsRecoveryStore *recovery_store; /* owned */
  KsKeyring *keyring;              /* owned; NULL: none */

  KsSetUpStage stage;
  KsSetUpPart part;
  KsSetUpSecrets *secrets; /* owned; NULL before they are made or loaded */
  char *step;              /* owned: of the journal, as it is on the disk; NULL: no row that can be used */
  gboolean damaged;        /* there is a row that cannot be read */
  GHashTable *orphans;     /* owned: IDs of the keys that had secrets under them while no default key
                              was named, before ours had any; NULL: not known */
  KsStorageProof proof;    /* of what was stored, as everybody sees it after the commit */
  GError *failure;         /* owned: of the last run; NULL: none */
  KsUia *challenge;        /* owned; NULL: none */
  KsUiaAnswer *answer;     /* owned; NULL: none */
  guint64 keys_done;
  guint64 keys_total;
  KsSetUpOutcome *outcome; /* owned; NULL before the end */
};

/* @keyring may be NULL. */
KsSetUp *
ks_set_up_new (KsHttp *http, KsDatabase *database, KsKeyring *keyring, const KsAccountRecord *account)
    G_GNUC_WARN_UNUSED_RESULT;

void ks_set_up_set_stage (KsSetUp *self, KsSetUpStage stage);
void ks_set_up_set_part (KsSetUp *self, KsSetUpPart part);
void ks_set_up_set_keys (KsSetUp *self, guint64 done, guint64 total);

/* Writes the secrets to the journal with @step, as a new row or over the old one. */
void ks_set_up_write_journal_async (KsSetUp *self,
                                    const char *step,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean ks_set_up_write_journal_finish (KsSetUp *self, GAsyncResult *result, GError **error);

/* Wipes the journal's row and the secrets here. */
void ks_set_up_end_journal_async (KsSetUp *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean ks_set_up_end_journal_finish (KsSetUp *self, GAsyncResult *result, GError **error);

/* Secret storage, cross-signing and backup on the server: everything up to the commit.
 * @version: the backup's; the caller frees it. Errors as ks_set_up_run_finish(). */
void ks_set_up_publish_async (KsSetUp *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ks_set_up_publish_finish (KsSetUp *self, GAsyncResult *result, char **version, GError **error);

/* Whether all that is there is ours, as far as there is anything, and whether all is there
 * that was committed. Otherwise KS_RECOVERY_ERROR_CONFLICT. */
gboolean ks_set_up_is_ours (KsSetUp *self, const KsServerLook *seen, GError **error);

/* Whether another client is about to store its secrets: there are some under a key that is
 * neither ours nor was there when the set-up began. */
gboolean ks_set_up_has_company (KsSetUp *self, const KsServerLook *seen);

/* What follows the commit: switches on, keeps, uploads, checks. Fills the outcome in. */
void ks_set_up_settle_async (KsSetUp *self,
                             const char *version,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean ks_set_up_settle_finish (KsSetUp *self, GAsyncResult *result, GError **error);

/* Gives the set-up up after KS_RECOVERY_ERROR_CONFLICT: a backup of ours that nobody uses
 * is deleted, nothing of anybody else's is touched. KS_RECOVERY_ERROR_OVERWRITTEN: it is
 * given up, but a secret of theirs is missing where ours was stored. Other errors: the next
 * run comes back here. */
void ks_set_up_give_up_async (KsSetUp *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ks_set_up_give_up_finish (KsSetUp *self, GAsyncResult *result, GError **error);

void ks_set_up_outcome_free (KsSetUpOutcome *outcome); /* NULL is allowed */

G_END_DECLS
