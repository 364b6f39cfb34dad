/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Something of an account on the server that a Security Key or Phrase may open: secret
 * storage under one of its keys, or, in accounts from before there was secret storage,
 * the backup itself. No I/O; it never changes, so that threads can share it.
 */
#pragma once

#include "engine/secrets/ks-key-description.h"
#include "engine/secrets/ks-secret-name.h"
#include "matrix/ks-api-backup.h"

G_BEGIN_DECLS

typedef struct
{
  char *key_id;                             /* owned: of secret storage; NULL: the backup itself */
  KsKeyDescription *description;            /* owned: what can be read of it; NULL: nothing, or the backup */
  gboolean readable;                        /* all of the description is understood */
  gboolean of_unknown_kind;                 /* it names an algorithm of a newer client */
  KsEncryptedSecret *secrets[KS_N_SECRETS]; /* owned: under this key; NULL: not there, or no such */
  gboolean stores[KS_N_SECRETS];            /* something is stored there, well-formed or not */
  uint8_t public_key[32];                   /* of the backup */
  char *salt;                               /* owned: how the key comes from a phrase; NULL: it does not */
  gint64 rounds;                            /* with salt, as the server names them: unchecked */
  gint64 bits;                              /* likewise */
  gboolean other_phrase;                    /* it does, in a way that is not known here; salt is NULL */
} KsKeyLock;

/* Secret storage under the key @key_id. @description: its account data; @secrets: the
 * account data of the four; each may be NULL. NULL: there is neither a description nor anything
 * that is stored. */
KsKeyLock *ks_key_lock_new_storage (const char *key_id,
                                    JsonObject *description,
                                    JsonObject *const secrets[KS_N_SECRETS]) G_GNUC_WARN_UNUSED_RESULT;

/* The backup @version. NULL: of an algorithm that Keepsake does not know. */
KsKeyLock *ks_key_lock_new_backup (const KsBackupVersion *version) G_GNUC_WARN_UNUSED_RESULT;

void ks_key_lock_free (KsKeyLock *lock); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyLock, ks_key_lock_free)

/* Does @key fit: by the description's own check, or because a secret decrypts; for the
 * backup, because its public half is the one that is published. Any thread. */
gboolean ks_key_lock_fits (const KsKeyLock *lock, const KsSecret *key) G_GNUC_WARN_UNUSED_RESULT;

/* Whether other clients can read what @key, which fits, is described by, and what is stored under it. */
gboolean ks_key_lock_is_common (const KsKeyLock *lock, const KsSecret *key) G_GNUC_WARN_UNUSED_RESULT;

/* Whether what does not fit can be called wrong: @phrase says of what, a phrase or a key. There
 * must be something readable to try it on. */
gboolean ks_key_lock_can_judge (const KsKeyLock *lock, gboolean phrase) G_GNUC_WARN_UNUSED_RESULT;

/* Whether anything is stored under it, well-formed or not. */
gboolean ks_key_lock_stores_any (const KsKeyLock *lock) G_GNUC_WARN_UNUSED_RESULT;

/* Whether something is stored under it that a key could be tried on. */
gboolean ks_key_lock_has_entry (const KsKeyLock *lock) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
