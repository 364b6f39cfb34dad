/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the plaintext of a room-key file (Client-Server API, "Key export format"), of any
 * size, as it is decrypted: a session at a time, in flat memory. It checks the JSON
 * (ks-json-scan.h) of each by itself, and the types of the members; it decodes and believes nothing.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More than any honest session: about 700 bytes are usual. */
#define KS_SESSION_MAX_SIZE (64 * 1024)
/* The specification's limit for room IDs; session IDs have 43 characters. */
#define KS_SESSION_ID_MAX_SIZE 255

/* One ExportedSessionData. Strings are borrowed, end with a zero, and are wiped after the call
 * where they are secret. */
typedef struct
{
  const char *room_id;
  const char *session_id;
  const char *algorithm;
  const char *sender_key;  /* NULL: not said, or no string */
  const char *session_key; /* secret: base64, unchecked */
  gsize session_key_length;
  const char *claimed_ed25519; /* NULL: not said, or no string */
  const char
      *forwarding_chain; /* JSON array of strings, up to the first member that is none; NULL: no string */
  gboolean shared_history;
} KsSession;

/* Called for each session, in the order of the file. @problem is NULL, or says (in English,
 * for logs, quoting nothing) what is wrong with this one: too large, not an object, no JSON as it is
 * read here, a member absent or of a wrong type; then only room_id and session_id are set, to an empty string if
 * they are not known. FALSE with @error set stops the reading. */
typedef gboolean (*KsSessionFunc) (const KsSession *session,
                                   const char *problem,
                                   gpointer user_data,
                                   GError **error);

typedef struct KsSessionStream KsSessionStream;

KsSessionStream *ks_session_stream_new (KsSessionFunc on_session, gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;
void ks_session_stream_free (KsSessionStream *stream); /* NULL is allowed */

/* FALSE: all of it is unusable, for it is no list (KS_MATRIX_ERROR_BAD_ANSWER), or @on_session
 * stopped it. */
gboolean ks_session_stream_feed (KsSessionStream *stream, const void *bytes, gsize size, GError **error);

/* The bytes have come to an end: a whole list must have been there. */
gboolean ks_session_stream_end (KsSessionStream *stream, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsSessionStream, ks_session_stream_free)

G_END_DECLS
