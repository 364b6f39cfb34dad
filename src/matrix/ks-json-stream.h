/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the answer of GET /room_keys/keys, of any size, as it arrives: an entry
 * at a time, in flat memory. It checks the JSON (ks-json-scan.h) and the types of
 * the members of an entry; it decodes and believes nothing.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More than any honest entry: about 900 bytes are usual. */
#define KS_BACKUP_ENTRY_MAX_SIZE (64 * 1024)
/* The specification's limit for room IDs; session IDs have 43 characters. */
#define KS_BACKUP_ID_MAX_SIZE 255

/* One KeyBackupData (Client-Server API, "Server-side key backups"). Strings are
 * borrowed and end with a zero; lengths do not count it. */
typedef struct
{
  const char *room_id;
  const char *session_id;
  gint64 first_message_index; /* ≥ 0 */
  gint64 forwarded_count;     /* ≥ 0 */
  gboolean is_verified;
  /* session_data of m.megolm_backup.v1.curve25519-aes-sha2: base64, unchecked. */
  const char *ephemeral;
  const char *ciphertext;
  const char *mac;
  gsize ephemeral_length;
  gsize ciphertext_length;
  gsize mac_length;
} KsBackupEntry;

/* Called for each entry, in the order of the answer. @problem is NULL, or says
 * (in English, for logs, quoting nothing) what is wrong with this entry: too
 * large, not an object, a member absent or of a wrong type; then only room_id and
 * session_id are set. FALSE with @error set stops the reading. */
typedef gboolean (*KsBackupEntryFunc) (const KsBackupEntry *entry,
                                       const char *problem,
                                       gpointer user_data,
                                       GError **error);

typedef struct KsJsonStream KsJsonStream;

/* For {"rooms":{room:{"sessions":{session:entry}}}}, or, with @room_id not NULL,
 * for {"sessions":{session:entry}} of that room. */
KsJsonStream *ks_json_stream_new (const char *room_id, KsBackupEntryFunc on_entry, gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;
void ks_json_stream_free (KsJsonStream *stream); /* NULL is allowed */

/* FALSE: the answer as a whole is unusable (KS_MATRIX_ERROR_BAD_ANSWER), or
 * @on_entry stopped it. Entries handed out before are good all the same. */
gboolean ks_json_stream_feed (KsJsonStream *stream, const void *bytes, gsize size, GError **error);

/* How many entries were handed out. */
guint64 ks_json_stream_get_n_entries (KsJsonStream *stream);

/* The answer is complete. An answer without "rooms" or "sessions" is refused. */
gboolean ks_json_stream_end (KsJsonStream *stream, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsJsonStream, ks_json_stream_free)

G_END_DECLS
