/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file/ks-key-file-reader.h"

#include "engine/key-file/ks-key-file-error.h"
#include "engine/key-file/ks-key-file-kind.h"
#include "engine/key-file/ks-key-file-phrases.h"
#include "matrix/ks-matrix-error.h"

#include <errno.h>
#include <unistd.h>

/* How much is read at a time. */
#define PIECE_SIZE 65536

static gssize
read_piece (int fd, guint8 piece[PIECE_SIZE], guint64 at)
{
  gssize size;

  do
    size = pread (fd, piece, PIECE_SIZE, (off_t) at);
  while (size < 0 && errno == EINTR);
  return size;
}

static void
set_failed (const char *name, GError **error)
{
  g_set_error (error, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_FAILED, "%s: %s", name, g_strerror (errno));
}

/* No room-key file: what is it then? */
static void
set_kind (int fd, const char *name, GError **error)
{
  static const struct
  {
    KsKeyFileError code;
    const char *what;
  } kinds[] = {
    [KS_KEY_FILE_KIND_ROOM_KEYS] = { KS_KEY_FILE_ERROR_CHANGED, "changed while it was read" },
    [KS_KEY_FILE_KIND_SECURITY_KEY] = { KS_KEY_FILE_ERROR_SECURITY_KEY, "holds a Security Key" },
    [KS_KEY_FILE_KIND_NOT_ENCRYPTED] = { KS_KEY_FILE_ERROR_NOT_ENCRYPTED, "room keys without encryption" },
    [KS_KEY_FILE_KIND_BACKUP] = { KS_KEY_FILE_ERROR_BACKUP, "a copy of a key backup" },
    [KS_KEY_FILE_KIND_SET_ASIDE] = { KS_KEY_FILE_ERROR_SET_ASIDE, "a database of ours" },
    [KS_KEY_FILE_KIND_DATABASE] = { KS_KEY_FILE_ERROR_DATABASE, "a database of another program" },
    [KS_KEY_FILE_KIND_EMPTY] = { KS_KEY_FILE_ERROR_EMPTY, "empty" },
    [KS_KEY_FILE_KIND_OTHER] = { KS_KEY_FILE_ERROR_OTHER, "no room-key file" },
  };
  int kind = ks_key_file_kind_of (fd);

  if (kind < 0)
    set_failed (name, error);
  else
    g_set_error (error, KS_KEY_FILE_ERROR, kinds[kind].code, "%s: %s", name, kinds[kind].what);
}

static void
set_result (int fd, const char *name, KsKeyFileResult result, GError **error)
{
  KsKeyFileError code = KS_KEY_FILE_ERROR_FAILED;
  const char *what = "cannot be worked on";

  switch (result)
    {
    case KS_KEY_FILE_NO_HEADER:
      set_kind (fd, name, error);
      return;
    case KS_KEY_FILE_DAMAGED:
      code = KS_KEY_FILE_ERROR_DAMAGED;
      what = "damaged";
      break;
    case KS_KEY_FILE_UNKNOWN_VERSION:
      code = KS_KEY_FILE_ERROR_UNKNOWN_VERSION;
      what = "of an unknown version";
      break;
    case KS_KEY_FILE_BAD_ITERATIONS:
      code = KS_KEY_FILE_ERROR_BAD_ITERATIONS;
      what = "asks for no or too many rounds";
      break;
    case KS_KEY_FILE_WRONG_PHRASE:
      code = KS_KEY_FILE_ERROR_WRONG_PHRASE;
      what = "not its phrase, or changed";
      break;
    case KS_KEY_FILE_CHANGED:
      code = KS_KEY_FILE_ERROR_CHANGED;
      what = "changed while it was read";
      break;
    case KS_KEY_FILE_OK:
    case KS_KEY_FILE_STOPPED:
    case KS_KEY_FILE_FAILED:
    default:
      break;
    }
  g_set_error (error, KS_KEY_FILE_ERROR, code, "%s: %s", name, what);
}

/* The first pass with one spelling. FALSE with @error: whatever the phrase. Neither: this
 * spelling is wrong. */
static gboolean
prove_with (int fd,
            const char *name,
            KsSecret *phrase,
            KsKeyFileProof **proof,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (KsKeyFileVerifier) verifier = ks_key_file_verifier_new (phrase);
  g_autofree guint8 *piece = g_malloc (PIECE_SIZE);
  KsKeyFileResult result = KS_KEY_FILE_OK;
  guint64 at = 0;
  gssize size;

  while (result == KS_KEY_FILE_OK && (size = read_piece (fd, piece, at)) != 0)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (size < 0)
        {
          set_failed (name, error);
          return FALSE;
        }
      result = ks_key_file_verifier_update (verifier, piece, (gsize) size);
      at += (guint64) size;
    }
  if (result == KS_KEY_FILE_OK)
    result = ks_key_file_verifier_finish (verifier, proof);
  if (result == KS_KEY_FILE_OK || result == KS_KEY_FILE_WRONG_PHRASE)
    return TRUE;
  set_result (fd, name, result, error);
  return FALSE;
}

/* The counters differ for one file in some thousand millions of those that follow the
 * specification, and for every other one of some older clients. */
static gboolean
choose_counter (
    int fd, const KsKeyFileProof *proof, KsKeyFileCounter *counter, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  guint64 n, n_bad, n_other;

  *counter = KS_KEY_FILE_COUNTER_128;
  if (!ks_key_file_proof_counter_matters (proof))
    return TRUE;
  if (ks_key_file_count (fd, proof, *counter, &n, &n_bad, cancellable, &failure))
    {
      /* What the wrong one makes of a file may by chance still be a list. */
      if (n_bad > 0
          && ks_key_file_count (fd, proof, KS_KEY_FILE_COUNTER_64, &n_other, NULL, cancellable, NULL)
          && n_other > n)
        *counter = KS_KEY_FILE_COUNTER_64;
      return TRUE;
    }
  *counter = KS_KEY_FILE_COUNTER_64;
  if (g_error_matches (failure, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_NOT_ROOM_KEYS))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

KsKeyFileProof *
ks_key_file_prove (int fd,
                   const char *name,
                   KsSecret *phrase,
                   KsKeyFileCounter *counter,
                   GCancellable *cancellable,
                   GError **error)
{
  g_auto (KsKeyFilePhrases) spellings = { 0 };
  g_autoptr (KsKeyFileProof) proof = NULL;

  ks_key_file_phrases_init (&spellings, phrase);
  for (guint i = 0; i < spellings.n && proof == NULL; i++)
    if (!prove_with (fd, name, spellings.texts[i], &proof, cancellable, error))
      return NULL;
  if (proof == NULL)
    {
      set_result (fd, name, KS_KEY_FILE_WRONG_PHRASE, error);
      return NULL;
    }
  return choose_counter (fd, proof, counter, cancellable, error) ? g_steal_pointer (&proof) : NULL;
}

/* The second pass. */

struct KsKeyFileReader
{
  int fd;                        /* borrowed */
  KsKeyFileDecryptor *decryptor; /* owned */
  KsSessionStream *stream;       /* owned */
  guint64 position;
  GError *error; /* owned: why the stream stopped; NULL: it did not */
  guint8 piece[PIECE_SIZE];
};

/* What is no JSON was written by somebody who knew the phrase. */
static void
keep_error (KsKeyFileReader *self, GError *error)
{
  if (error->domain != KS_MATRIX_ERROR)
    {
      self->error = error;
      return;
    }
  self->error = g_error_new_literal (KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_NOT_ROOM_KEYS, error->message);
  g_error_free (error);
}

static bool
take_plain (const uint8_t *bytes, size_t size, gpointer data)
{
  KsKeyFileReader *self = data;
  GError *error = NULL;

  if (ks_session_stream_feed (self->stream, bytes, size, &error))
    return true;
  keep_error (self, error);
  return false;
}

KsKeyFileReader *
ks_key_file_reader_new (int fd,
                        const KsKeyFileProof *proof,
                        KsKeyFileCounter counter,
                        KsSessionFunc on_session,
                        gpointer user_data)
{
  KsKeyFileReader *self = g_new0 (KsKeyFileReader, 1);

  self->fd = fd;
  self->decryptor = ks_key_file_decryptor_new (proof, counter, take_plain, self);
  self->stream = ks_session_stream_new (on_session, user_data);
  return self;
}

void
ks_key_file_reader_free (KsKeyFileReader *reader)
{
  if (reader == NULL)
    return;
  ks_key_file_decryptor_free (reader->decryptor);
  ks_session_stream_free (reader->stream);
  g_clear_error (&reader->error);
  g_free (reader);
}

guint64
ks_key_file_reader_get_position (const KsKeyFileReader *reader)
{
  return reader->position;
}

static gboolean
end (KsKeyFileReader *self, GError **error)
{
  KsKeyFileResult result = ks_key_file_decryptor_finish (self->decryptor);
  GError *failure = NULL;

  if (result == KS_KEY_FILE_OK && ks_session_stream_end (self->stream, &failure))
    return TRUE;
  if (failure != NULL)
    keep_error (self, failure);
  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  else
    set_result (self->fd, "the file", result, error);
  return FALSE;
}

gboolean
ks_key_file_reader_step (KsKeyFileReader *reader, gboolean *more, GError **error)
{
  gssize size = read_piece (reader->fd, reader->piece, reader->position);
  KsKeyFileResult result;

  *more = size > 0;
  if (size < 0)
    {
      set_failed ("the file", error);
      return FALSE;
    }
  if (size == 0)
    return end (reader, error);
  reader->position += (guint64) size;
  result = ks_key_file_decryptor_update (reader->decryptor, reader->piece, (gsize) size);
  if (result == KS_KEY_FILE_OK)
    return TRUE;
  if (reader->error != NULL)
    g_propagate_error (error, g_steal_pointer (&reader->error));
  else
    set_result (reader->fd, "the file", result, error);
  return FALSE;
}

typedef struct
{
  guint64 n;
  guint64 n_bad;
} Counts;

static gboolean
count_session (const KsSession *session, const char *problem, gpointer data, GError **error)
{
  Counts *counts = data;

  counts->n += problem == NULL;
  counts->n_bad += problem != NULL;
  return TRUE;
}

gboolean
ks_key_file_count (int fd,
                   const KsKeyFileProof *proof,
                   KsKeyFileCounter counter,
                   guint64 *n,
                   guint64 *n_bad,
                   GCancellable *cancellable,
                   GError **error)
{
  Counts counts = { 0 };
  g_autoptr (KsKeyFileReader) reader = ks_key_file_reader_new (fd, proof, counter, count_session, &counts);
  gboolean more = TRUE;

  while (more)
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !ks_key_file_reader_step (reader, &more, error))
      return FALSE;
  if (n != NULL)
    *n = counts.n;
  if (n_bad != NULL)
    *n_bad = counts.n_bad;
  return TRUE;
}
