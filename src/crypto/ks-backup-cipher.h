/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cipher of the key backup, m.megolm_backup.v1.curve25519-aes-sha2 (Client-Server
 * API, "Server-side key backups"): X25519 with an ephemeral key, HKDF-SHA-256,
 * AES-256-CBC. Bytes only; the JSON inside and around is for others.
 *
 * Its MAC is taken over the empty string, by an old mistake that is the specification
 * now. It proves that an entry was made for this key, and nothing about the ciphertext:
 * anybody who knows the public key can make entries, and whoever holds them can change
 * them. What comes out is hostile input.
 *
 * Points: other implementations ignore the highest bit and reduce what is not below
 * 2^255 - 19. No implementation of X25519 writes such points, so they are refused here,
 * as are those of small order: one key has one spelling and can be compared as bytes.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

#define KS_BACKUP_KEY_SIZE 32
#define KS_BACKUP_MAC_SIZE 8

/* The size of the ciphertext of @size bytes: there is always padding. */
#define KS_BACKUP_CIPHERTEXT_SIZE(size) (((size) / 16 + 1) * 16)

/* A room key is some 500 bytes; nothing in a backup comes near. */
#define KS_BACKUP_MAX_SIZE (16 * 1024 * 1024)

typedef enum
{
  KS_BACKUP_OK,
  KS_BACKUP_BAD_POINT,   /* the ephemeral key is of small order or not canonical */
  KS_BACKUP_BAD_SIZE,    /* the ciphertext is empty, no whole number of blocks, or too big */
  KS_BACKUP_BAD_MAC,     /* made for another key, or ephemeral key or MAC changed */
  KS_BACKUP_BAD_PADDING, /* the ciphertext was changed */
  KS_BACKUP_FAILED,      /* the library failed */
} KsBackupResult;

/* The public key of a backup's private key. false: @private_key is not of
 * KS_BACKUP_KEY_SIZE bytes. Any thread. */
bool ks_backup_public_key (const KsSecret *private_key, uint8_t public_key[KS_BACKUP_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;

/* Is this a public key that an honest client can have made? Any thread. */
bool ks_backup_public_key_valid (const uint8_t public_key[KS_BACKUP_KEY_SIZE]) G_GNUC_WARN_UNUSED_RESULT;

/* Opens entries; kept contexts make it fast. One per thread, usable any number of times. */
typedef struct KsBackupDecryptor KsBackupDecryptor;

/* Takes a reference to @private_key. NULL: it is not of KS_BACKUP_KEY_SIZE bytes. */
KsBackupDecryptor *ks_backup_decryptor_new (KsSecret *private_key) G_GNUC_WARN_UNUSED_RESULT;
void ks_backup_decryptor_free (KsBackupDecryptor *decryptor); /* NULL is allowed */

/* Opens one entry: the decoded "ephemeral", "ciphertext" and "mac" of its session_data.
 * @plain must hold @size bytes and may not overlap @ciphertext; @plain_size says how many
 * it got. The caller wipes it. After an error it is wiped and @plain_size is 0. */
KsBackupResult ks_backup_decrypt (KsBackupDecryptor *decryptor,
                                  const uint8_t ephemeral[KS_BACKUP_KEY_SIZE],
                                  const uint8_t *ciphertext,
                                  size_t size,
                                  const uint8_t mac[KS_BACKUP_MAC_SIZE],
                                  uint8_t *plain,
                                  size_t *plain_size) G_GNUC_WARN_UNUSED_RESULT;

/* Makes entries. One per thread, usable any number of times. */
typedef struct KsBackupEncryptor KsBackupEncryptor;

/* NULL: @public_key is of small order or not canonical. */
KsBackupEncryptor *ks_backup_encryptor_new (const uint8_t public_key[KS_BACKUP_KEY_SIZE])
    G_GNUC_WARN_UNUSED_RESULT;
void ks_backup_encryptor_free (KsBackupEncryptor *encryptor); /* NULL is allowed */

/* Makes one entry of @size bytes with a fresh ephemeral key. @ciphertext must hold
 * KS_BACKUP_CIPHERTEXT_SIZE (@size) bytes, which is what it gets. After an error
 * all outputs are wiped, but for KS_BACKUP_BAD_SIZE (above KS_BACKUP_MAX_SIZE), where
 * nothing is written. */
KsBackupResult ks_backup_encrypt (KsBackupEncryptor *encryptor,
                                  const void *plain,
                                  size_t size,
                                  uint8_t ephemeral[KS_BACKUP_KEY_SIZE],
                                  uint8_t *ciphertext,
                                  uint8_t mac[KS_BACKUP_MAC_SIZE]) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsBackupDecryptor, ks_backup_decryptor_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsBackupEncryptor, ks_backup_encryptor_free)

G_END_DECLS
