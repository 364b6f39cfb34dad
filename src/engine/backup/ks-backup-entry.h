/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One room key as an entry of the key backup (Client-Server API, "Server-side key
 * backups"), and back. Sealed to the backup's public key; what comes out of an entry is
 * checked as far as it can be, and no more to be trusted than the server is.
 *
 * Any thread; one at a time for each encryptor and decryptor.
 */
#pragma once

#include "crypto/ks-backup-cipher.h"
#include "matrix/ks-json-stream.h"
#include "matrix/ks-json.h"
#include "store/ks-key-store.h"

G_BEGIN_DECLS

/* Appends "session ID":{entry} to @json. FALSE, and nothing is appended: @key is damaged, or
 * lacks what every reader asks for (ks_room_key_json_write()). */
gboolean ks_backup_entry_append (GString *json, KsBackupEncryptor *encryptor, const KsStoredRoomKey *key)
    G_GNUC_WARN_UNUSED_RESULT;

typedef enum
{
  KS_BACKUP_ENTRY_OK,
  KS_BACKUP_ENTRY_MALFORMED,  /* a member has a wrong alphabet or size */
  KS_BACKUP_ENTRY_NOT_OURS,   /* made for another backup, or changed */
  KS_BACKUP_ENTRY_NO_KEY,     /* opens to something that is no room key */
  KS_BACKUP_ENTRY_OTHER_KIND, /* a room key of an algorithm that Keepsake does not know */
  KS_BACKUP_ENTRY_WRONG_ID,   /* the key of another session than the entry says */
} KsBackupEntryResult;

/* Opens @entry. @key is set to NULL unless the result is OK; its first_index is that of the
 * key itself, whatever the entry says, and its id and backed_up_version are not set. */
KsBackupEntryResult ks_backup_entry_open (const KsBackupEntry *entry,
                                          KsBackupDecryptor *decryptor,
                                          KsStoredRoomKey **key) G_GNUC_WARN_UNUSED_RESULT;

/* The same for an entry that was fetched alone, as JSON. */
KsBackupEntryResult ks_backup_entry_open_json (JsonObject *content,
                                               const char *room_id,
                                               const char *session_id,
                                               KsBackupDecryptor *decryptor,
                                               KsStoredRoomKey **key) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
