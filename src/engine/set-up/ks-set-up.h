/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Setting Secure Backup up for an account that has none: secret storage, the
 * cross-signing identity and the key backup, in an order that survives being killed
 * anywhere. One per account; it goes on whether or not somebody looks.
 *
 *   make the key → the person saves it → note that → run, as often as it takes
 *
 * What was answered once is never asked again: the secrets lie in the journal, and
 * every call goes on where the last one, or the last start of the program, stopped.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "matrix/ks-uia.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  KS_SET_UP_NONE,      /* nothing begun, or all done and forgotten */
  KS_SET_UP_KEY_MADE,  /* the Security Key is made; the person does not have it yet */
  KS_SET_UP_KEY_SAVED, /* the person has it; ks_set_up_run_async() does the rest */
  KS_SET_UP_RUNNING,
  KS_SET_UP_DONE, /* in this run of the program: see ks_set_up_get_outcome() */
} KsSetUpStage;

#define KS_TYPE_SET_UP_STAGE (ks_set_up_stage_get_type ())
GType ks_set_up_stage_get_type (void);

/* The parts of a run, in their order; what a check list shows. */
typedef enum
{
  KS_SET_UP_SECRETS,  /* the secrets are stored on the server and read back */
  KS_SET_UP_IDENTITY, /* cross-signing; this session is verified */
  KS_SET_UP_BACKUP,   /* the backup is made and switched on */
  KS_SET_UP_KEYS,     /* room keys go up: see ks_set_up_get_keys() */
  KS_SET_UP_CHECK,    /* some are fetched and opened with the key as the person saved it */
} KsSetUpPart;
#define KS_N_SET_UP_PARTS 5

#define KS_TYPE_SET_UP_PART (ks_set_up_part_get_type ())
GType ks_set_up_part_get_type (void);

/* Where the Security Key is; flags. */
typedef enum
{
  KS_KEY_SAVED_FILE = 1 << 0,    /* in a file that was read back */
  KS_KEY_SAVED_COPY = 1 << 1,    /* copied, and given back by the person */
  KS_KEY_SAVED_KEYRING = 1 << 2, /* wanted in the desktop keyring; stored there by the run */
} KsKeySaved;

typedef struct
{
  char *key_id;         /* owned: of secret storage */
  char *backup_version; /* owned */
  guint64 uploaded;     /* room keys that are in the backup now */
  guint64 refused;      /* room keys that the server did not take */
  guint checked;        /* fetched and opened again; 0: nothing was there to check */
  gboolean in_keyring;  /* the Security Key is in the desktop keyring, read back */
  GError *keyring;      /* owned: why it is not there though it was wanted; NULL otherwise */
} KsSetUpOutcome;

#define KS_TYPE_SET_UP (ks_set_up_get_type ())
G_DECLARE_FINAL_TYPE (KsSetUp, ks_set_up, KS, SET_UP, GObject)

KsSetUpStage ks_set_up_get_stage (KsSetUp *self); /* property "stage", read-only */
KsSetUpPart ks_set_up_get_part (KsSetUp *self);   /* property "part", read-only; while running */

/* Room keys of KS_SET_UP_KEYS. The signal "progress" tells of changes. */
void ks_set_up_get_keys (KsSetUp *self, guint64 *done, guint64 *total);

/* Both borrowed. The key (32 bytes) is NULL before it is made and after the end; the
 * outcome is NULL before KS_SET_UP_DONE. */
KsSecret *ks_set_up_get_key (KsSetUp *self);
const KsSetUpOutcome *ks_set_up_get_outcome (KsSetUp *self);

/* Whether the key comes from a phrase; where the person saved it. After it was loaded
 * or made. The file's name is borrowed, without its directory; NULL if none. */
gboolean ks_set_up_has_phrase (KsSetUp *self);
KsKeySaved ks_set_up_get_saved (KsSetUp *self);
const char *ks_set_up_get_file_name (KsSetUp *self);

/* Looks whether an earlier run of the program left a set-up to go on with: the stage
 * says so afterwards. Asks nothing of the server. */
void ks_set_up_load_async (KsSetUp *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean ks_set_up_load_finish (KsSetUp *self, GAsyncResult *result, GError **error);

/* Makes all secrets: a random Security Key, or one derived from @phrase (UTF-8; not
 * empty), which takes a moment in a thread. Secrets that were made before the same way
 * and not used yet are taken again. KS_RECOVERY_ERROR_EXISTS: the account has Secure
 * Backup, or a part of it. Stage: KS_SET_UP_KEY_MADE; so it is too where cancelling came
 * too late to stop it. */
void ks_set_up_make_key_async (KsSetUp *self,
                               KsSecret *phrase,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean ks_set_up_make_key_finish (KsSetUp *self, GAsyncResult *result, GError **error);

/* The person has the key. @as_saved is what was read back from the file or typed back:
 * KS_RECOVERY_ERROR_WRONG_KEY if it is another. @file_name: without directory; NULL if
 * there is no file. Stage: KS_SET_UP_KEY_SAVED. */
void ks_set_up_note_saved_async (KsSetUp *self,
                                 KsSecret *as_saved,
                                 KsKeySaved saved,
                                 const char *file_name,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean ks_set_up_note_saved_finish (KsSetUp *self, GAsyncResult *result, GError **error);

/* Does the rest, or what is left of it. Errors leave the stage at KS_SET_UP_KEY_SAVED,
 * nothing lost, and calling it again goes on. KS_RECOVERY_ERROR_AUTH_NEEDED and
 * _AUTH_WRONG: answer the challenge first. KS_RECOVERY_ERROR_CONFLICT: another client
 * was faster; what it made is left in place, the set-up is given up and the stage is
 * KS_SET_UP_NONE. KS_RECOVERY_ERROR_OVERWRITTEN: the same, but both wrote at once, and a
 * secret of theirs is missing where ours was stored. KS_RECOVERY_ERROR_NOT_SAVED, _CORRUPT, _REFUSED, _UNTRUSTED.
 * Cancelling stops after the request that is under way. */
void ks_set_up_run_async (KsSetUp *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean ks_set_up_run_finish (KsSetUp *self, GAsyncResult *result, GError **error);

/* Why the last run ended early, whoever began it; it is known before the stage changes.
 * Borrowed; NULL: it did not, or another one is under way, or there was none. */
const GError *ks_set_up_get_failure (KsSetUp *self);

/* What the server wants to know before it takes the identity. Borrowed; NULL unless the
 * last run ended with KS_RECOVERY_ERROR_AUTH_NEEDED or _AUTH_WRONG. */
KsUia *ks_set_up_get_challenge (KsSetUp *self);

/* The person's answer, for the next run only: it is wiped when that ends, however early.
 * Never stored. */
void ks_set_up_answer (KsSetUp *self, KsUiaAnswer *answer);

/* Forgets a key that nobody depends on. Only in stage KS_SET_UP_KEY_MADE, or KEY_SAVED
 * before anything was published; otherwise KS_RECOVERY_ERROR_EXISTS. */
void ks_set_up_discard_async (KsSetUp *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ks_set_up_discard_finish (KsSetUp *self, GAsyncResult *result, GError **error);

/* After KS_SET_UP_DONE was seen: stage KS_SET_UP_NONE, the key is wiped here. */
void ks_set_up_forget (KsSetUp *self);

G_END_DECLS
