/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /room_keys: versions of the key backup and the keys in them (Client-Server API,
 * "Server-side key backups"). Believes nothing about who made a version, and
 * encrypts nothing.
 *
 * In all of it: KS_MATRIX_ERROR_NOT_FOUND means that a Matrix server said that the
 * version or key does not exist; a 404 of anybody else is …_BAD_ANSWER.
 * …_WRONG_VERSION: another version is the current one now; ask which.
 */
#pragma once

#include "matrix/ks-http.h"
#include "matrix/ks-json-stream.h"

G_BEGIN_DECLS

#define KS_BACKUP_ALGORITHM "m.megolm_backup.v1.curve25519-aes-sha2"

#define KS_BACKUP_COUNT_UNKNOWN (-1)

typedef struct
{
  char *version;         /* owned; opaque */
  char *algorithm;       /* owned; not always KS_BACKUP_ALGORITHM; "": none that can be read */
  JsonObject *auth_data; /* owned; empty where there is none that can be read */
  char *etag;            /* owned; opaque, changes with the content; NULL: not known */
  gint64 count;          /* how many keys are in it; KS_BACKUP_COUNT_UNKNOWN: not known */
} KsBackupVersion;

void ks_backup_version_free (KsBackupVersion *version); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsBackupVersion, ks_backup_version_free)

/* POST /room_keys/version. Never sent twice: a second one would be another
 * version. Returns the new version; the caller frees it. */
void ks_api_backup_create_async (KsHttp *http,
                                 const char *algorithm,
                                 JsonObject *auth_data,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
char *ks_api_backup_create_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* GET /room_keys/version, or …/{version} if @version is not NULL. The current one
 * is asked for with NULL: then "no backup" is no error, *@out is NULL; nor is it one
 * where the server knows no backups at all. An unknown @version is
 * KS_MATRIX_ERROR_NOT_FOUND, an answer about another one than asked, or without a name
 * …_BAD_ANSWER. All else is a version, as far as it can be read. */
void ks_api_backup_get_version_async (KsHttp *http,
                                      const char *version,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* The same for a @version, asked to see whether the server can be reached at all: it fails
 * at once if not, and does not wait for the line. Ends as the other. */
void ks_api_backup_probe_version_async (KsHttp *http,
                                        const char *version,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean
ks_api_backup_get_version_finish (KsHttp *http, GAsyncResult *result, KsBackupVersion **out, GError **error);

/* PUT /room_keys/version/{version}: replaces auth_data; @algorithm must be that
 * of the version. */
void ks_api_backup_update_version_async (KsHttp *http,
                                         const char *version,
                                         const char *algorithm,
                                         JsonObject *auth_data,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean ks_api_backup_update_version_finish (KsHttp *http, GAsyncResult *result, GError **error);

/* DELETE /room_keys/version/{version}. Deleting the current version can make the
 * one before it current again. Deleting twice is no error. */
void ks_api_backup_delete_version_async (KsHttp *http,
                                         const char *version,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean ks_api_backup_delete_version_finish (KsHttp *http, GAsyncResult *result, GError **error);

/* PUT /room_keys/keys…?version=. With @room_id and @session_id NULL, @content is
 * {"rooms":{room:{"sessions":{session:entry}}}}; with @session_id alone NULL it is
 * {"sessions":{…}}, otherwise one entry. Only an answer with etag and count is a
 * success. Sent again after a lost answer: equal keys change nothing.
 * KS_MATRIX_ERROR_TOO_LARGE: send less. A body above the server's limit may also
 * end in …_NETWORK, because the line is cut without an answer.
 * @etag (the caller frees it) and @count may be NULL. */
void ks_api_backup_put_keys_async (KsHttp *http,
                                   const char *version,
                                   const char *room_id,
                                   const char *session_id,
                                   JsonObject *content,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean ks_api_backup_put_keys_finish (
    KsHttp *http, GAsyncResult *result, char **etag, gint64 *count, GError **error);

/* The same for many keys, whose {"rooms":…} is written already: @content is JSON text.
 * Never sent twice by itself: whoever sends so much decides whether less would do. Ends
 * with ks_api_backup_put_keys_finish(). */
void ks_api_backup_put_batch_async (KsHttp *http,
                                    const char *version,
                                    GBytes *content,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

/* DELETE /room_keys/keys…?version=: all keys, those of a room, or one. */
void ks_api_backup_delete_keys_async (KsHttp *http,
                                      const char *version,
                                      const char *room_id,
                                      const char *session_id,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean ks_api_backup_delete_keys_finish (
    KsHttp *http, GAsyncResult *result, char **etag, gint64 *count, GError **error);

/* GET /room_keys/keys?version=, or …/keys/{roomId} if @room_id is not NULL, of any
 * size: @on_entry is called for each key as it arrives, some hundred at a time, as long as
 * @gate (may be NULL) is open. A call that fails may have handed out keys before; it is
 * not repeated then. */
void ks_api_backup_get_keys_async (KsHttp *http,
                                   const char *version,
                                   const char *room_id,
                                   KsGate *gate,
                                   KsBackupEntryFunc on_entry,
                                   gpointer entry_data,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean ks_api_backup_get_keys_finish (KsHttp *http, GAsyncResult *result, GError **error);

/* GET /room_keys/keys/{roomId}/{sessionId}?version=. The entry is unchecked. */
void ks_api_backup_get_key_async (KsHttp *http,
                                  const char *version,
                                  const char *room_id,
                                  const char *session_id,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
JsonObject *ks_api_backup_get_key_finish (KsHttp *http, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
