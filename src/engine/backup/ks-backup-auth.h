/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * auth_data of a backup version (Client-Server API, "Backup algorithm:
 * m.megolm_backup.v1.curve25519-aes-sha2"): made for a new version, and judged on one
 * that a server names. No I/O.
 */
#pragma once

#include "crypto/ks-backup-cipher.h"
#include "engine/backup/ks-backup-trust.h"
#include "engine/identity/ks-cross-signing.h"
#include "matrix/ks-api-backup.h"

G_BEGIN_DECLS

/* auth_data for a new backup, signed by the master key. @key, @master: 32 bytes each; @master may
 * be NULL: nobody has it. The
 * session's own signature is added by the caller, ks_signed_json_add(). */
JsonObject *
ks_backup_auth_make (const char *user_id, const KsSecret *key, const KsSecret *master, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The public key that keys for @version are to be encrypted to. FALSE: of an algorithm
 * that Keepsake does not write, or no key that an honest client can have made. */
gboolean ks_backup_auth_read (const KsBackupVersion *version, uint8_t public_key[KS_BACKUP_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

/* The same where the key was encoded twice, as nheko 0.12 does (nheko#1830). Room keys may be
 * encrypted to it all the same, so that they can be read; but no other client reads the version,
 * and nothing is to be uploaded to it. */
gboolean ks_backup_auth_read_twice (const KsBackupVersion *version, uint8_t public_key[KS_BACKUP_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether @key (NULL: none) opens what is in @version: it is the private half of its public key,
 * however that is spelled. Enough to read; whether it may be written to, ks_backup_auth_trust()
 * says. */
gboolean ks_backup_auth_fits (const KsBackupVersion *version, const KsSecret *key) G_GNUC_WARN_UNUSED_RESULT;

/* @key: the private key of the backup as this session has it; NULL: none. @master_key:
 * the public master key that this session knows to be its own by more than the server's
 * word; NULL: none. */
KsBackupTrust ks_backup_auth_trust (const KsBackupVersion *version,
                                    const char *user_id,
                                    const KsSecret *key,
                                    const uint8_t *master_key) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
