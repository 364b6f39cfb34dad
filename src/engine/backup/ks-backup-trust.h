/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far a key backup can be relied on: whether it may be written to, who has signed it, and how its
 * last check went.
 */
#pragma once

/* Why the current backup may be written to: see ks_backup_auth_trust(). */
typedef enum
{
  KS_BACKUP_TRUST_NONE,      /* it may not be */
  KS_BACKUP_TRUST_SIGNATURE, /* signed by the master key that is known to be the person's */
  KS_BACKUP_TRUST_KEY,       /* its private key is here */
} KsBackupTrust;

/* Who has signed the current backup, of those whom the server lists as the account's. It does not say what
 * may be written to: anybody can sign with a key that the server made up. */
typedef enum
{
  KS_BACKUP_SIGNER_NOBODY,   /* nobody, or nobody who is listed */
  KS_BACKUP_SIGNER_IDENTITY, /* the account's identity */
  KS_BACKUP_SIGNER_HERE,     /* this session */
  KS_BACKUP_SIGNER_SESSION,  /* another session of the account */
} KsBackupSigner;

/* How the last check of the backup went; numbers are stored. */
typedef enum
{
  KS_LAST_CHECK_NEVER = 0,
  KS_LAST_CHECK_GOOD = 1,          /* some keys were fetched and opened */
  KS_LAST_CHECK_NOTHING_THERE = 2, /* there was nothing to fetch, which proves nothing */
} KsLastCheck;
