/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything that a set-up has made and been told, as the journal keeps it: sealed bytes
 * that a later start of the program goes on with. Never the account password.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "engine/secrets/ks-secret-name.h"
#include "engine/set-up/ks-set-up.h"

G_BEGIN_DECLS

typedef struct
{
  KsSecret *key;                   /* owned: the Security Key, 32 bytes */
  KsSecret *secrets[KS_N_SECRETS]; /* owned: 32 bytes each */
  char *key_id;                    /* owned: of secret storage */
  char *salt;                      /* owned: the key comes from a phrase; NULL: it was generated */
  gint64 rounds;                   /* of PBKDF2, with salt */
  KsKeySaved saved;
  char *file_name; /* owned: without directory; NULL: none */
} KsSetUpSecrets;

/* New random secrets around @key. @salt NULL: it was generated. Takes a reference. */
KsSetUpSecrets *ks_set_up_secrets_new (KsSecret *key, const char *salt, gint64 rounds)
    G_GNUC_WARN_UNUSED_RESULT;
void ks_set_up_secrets_free (KsSetUpSecrets *secrets); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsSetUpSecrets, ks_set_up_secrets_free)

/* To bytes for the journal, and back. Reading gives NULL for anything that was not
 * written by the same version of the format. */
KsSecret *ks_set_up_secrets_write (const KsSetUpSecrets *secrets) G_GNUC_WARN_UNUSED_RESULT;
KsSetUpSecrets *ks_set_up_secrets_read (const KsSecret *bytes) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
