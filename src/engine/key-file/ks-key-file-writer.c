/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file/ks-key-file-writer.h"

#include "engine/key-file/ks-key-file-error.h"
#include "engine/key-file/ks-key-file-reader.h"
#include "engine/keys/ks-room-key-json.h"
#include "engine/secrets/ks-whole-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct KsKeyFileWriter
{
  char *path;                    /* owned */
  KsSecret *phrase;              /* owned */
  KsWholeFile *file;             /* owned */
  KsKeyFileEncryptor *encryptor; /* owned */
  gboolean replace;
  guint64 written;
  guint64 left_out;
  int reason; /* errno of what the sink could not write; 0: it could */
};

void
ks_key_file_writer_free (KsKeyFileWriter *writer)
{
  if (writer == NULL)
    return;
  ks_key_file_encryptor_free (writer->encryptor);
  ks_whole_file_free (writer->file);
  ks_secret_unref (writer->phrase);
  g_free (writer->path);
  g_free (writer);
}

static void
set_code (const KsKeyFileWriter *self, KsKeyFileError code, const char *what, GError **error)
{
  g_set_error (error, KS_KEY_FILE_ERROR, code, "%s: %s", self->path, what);
}

/* What there is of that name. An empty file holds nothing to lose. */
static gboolean
look (KsKeyFileWriter *self, gboolean replace, GError **error)
{
  struct stat info;

  self->replace = replace;
  if (lstat (self->path, &info) != 0)
    {
      if (errno == ENOENT)
        return TRUE;
      ks_key_file_error_set_errno (self->path, error);
      return FALSE;
    }
  if (S_ISLNK (info.st_mode))
    set_code (self, KS_KEY_FILE_ERROR_LINK, "is a symbolic link", error);
  else if (!S_ISREG (info.st_mode))
    set_code (self, KS_KEY_FILE_ERROR_NOT_A_FILE, "is not a regular file", error);
  else if (info.st_size > 0 && !replace)
    set_code (self, KS_KEY_FILE_ERROR_EXISTS, "holds something", error);
  else
    return self->replace = TRUE;
  return FALSE;
}

static bool
write_text (const uint8_t *bytes, size_t size, gpointer data)
{
  KsKeyFileWriter *self = data;
  int fd = ks_whole_file_get_fd (self->file);

  while (size > 0)
    {
      gssize n = write (fd, bytes, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          self->reason = n < 0 ? errno : EIO;
          return false;
        }
      bytes += n;
      size -= (size_t) n;
    }
  return true;
}

KsKeyFileWriter *
ks_key_file_writer_new (const char *path, gboolean replace, KsSecret *phrase, GError **error)
{
  g_autoptr (KsKeyFileWriter) self = g_new0 (KsKeyFileWriter, 1);

  self->path = g_strdup (path);
  self->phrase = ks_secret_ref (phrase);
  if (!look (self, replace, error))
    return NULL;
  self->file = ks_whole_file_begin (path);
  if (self->file == NULL)
    {
      ks_key_file_error_set_errno (path, error);
      return NULL;
    }
  self->encryptor = ks_key_file_encryptor_new (phrase, KS_PBKDF2_DEFAULT_ITERATIONS, write_text, self);
  if (self->encryptor == NULL)
    {
      set_code (self, KS_KEY_FILE_ERROR_FAILED, "the cipher failed", error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

static gboolean
check (KsKeyFileWriter *self, KsKeyFileResult result, GError **error)
{
  if (result == KS_KEY_FILE_OK)
    return TRUE;
  if (result == KS_KEY_FILE_STOPPED)
    {
      errno = self->reason;
      ks_key_file_error_set_errno (self->path, error);
    }
  else
    set_code (self, KS_KEY_FILE_ERROR_FAILED, "the cipher failed", error);
  return FALSE;
}

static gboolean
put (KsKeyFileWriter *self, const char *text, gsize length, GError **error)
{
  return check (self, ks_key_file_encryptor_update (self->encryptor, text, length), error);
}

gboolean
ks_key_file_writer_add (KsKeyFileWriter *writer, GPtrArray *keys, GError **error)
{
  for (guint i = 0; i < keys->len; i++)
    {
      GString *json = ks_room_key_json_write (keys->pdata[i], KS_ROOM_KEY_JSON_NAMED, NULL, NULL);
      gboolean ok;

      if (json == NULL)
        {
          writer->left_out++;
          continue;
        }
      ok = put (writer, writer->written == 0 ? "[" : ",", 1, error)
           && put (writer, json->str, json->len, error);
      ks_room_key_json_free (json);
      if (!ok)
        return FALSE;
      writer->written++;
    }
  return TRUE;
}

guint64
ks_key_file_writer_get_written (const KsKeyFileWriter *writer)
{
  return writer->written;
}

guint64
ks_key_file_writer_get_left_out (const KsKeyFileWriter *writer)
{
  return writer->left_out;
}

/* As whoever imports it will. */
static gboolean
read_back (KsKeyFileWriter *self, int fd, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (KsKeyFileProof) proof = NULL;
  KsKeyFileCounter counter;
  guint64 n = 0, n_bad = 0;

  proof = ks_key_file_prove (fd, self->path, self->phrase, &counter, cancellable, &failure);
  if (proof != NULL && ks_key_file_count (fd, proof, counter, &n, &n_bad, cancellable, &failure)
      && n == self->written && n_bad == 0)
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    set_code (self, KS_KEY_FILE_ERROR_DIFFERS,
              failure != NULL ? failure->message : "does not hold all that was written", error);
  return FALSE;
}

gboolean
ks_key_file_writer_finish (KsKeyFileWriter *writer, GCancellable *cancellable, GError **error)
{
  int fd = ks_whole_file_get_fd (writer->file);

  if (!put (writer, writer->written == 0 ? "[]" : "]", writer->written == 0 ? 2 : 1, error)
      || !check (writer, ks_key_file_encryptor_finish (writer->encryptor), error))
    return FALSE;
  if (fsync (fd) != 0)
    {
      ks_key_file_error_set_errno (writer->path, error);
      return FALSE;
    }
  /* Reading back is to see the medium, not the cache. */
  posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  return read_back (writer, fd, cancellable, error);
}

gboolean
ks_key_file_writer_commit (KsKeyFileWriter *writer, GError **error)
{
  if (ks_whole_file_commit (writer->file, writer->replace))
    return TRUE;
  ks_key_file_error_set_errno (writer->path, error);
  return FALSE;
}
