/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli/ks-cli-secret-file.h"

#include "cli/ks-cli-error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LARGEST 65536

/* Reads to the end of @fd, or until @buffer is full. Returns the size, or -1. */
static gssize
read_all (int fd, uint8_t *buffer, gsize room)
{
  gsize size = 0;

  while (size < room)
    {
      gssize n = read (fd, buffer + size, room - size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      size += (gsize) n;
    }
  return (gssize) size;
}

KsSecret *
ks_cli_secret_file_read (const char *path, GError **error)
{
  gboolean standard_input = g_str_equal (path, "-");
  int fd = standard_input ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  g_autoptr (KsSecret) buffer = NULL;
  const uint8_t *bytes;
  gssize size;

  if (fd < 0)
    {
      g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_FILE, "%s: %s", path, g_strerror (errno));
      return NULL;
    }
  buffer = ks_secret_new (LARGEST + 1);
  size = read_all (fd, ks_secret_writable (buffer), LARGEST + 1);
  if (!standard_input)
    close (fd);

  bytes = ks_secret_bytes (buffer);
  if (size > 0 && bytes[size - 1] == '\n')
    size--;
  if (size > 0 && size <= LARGEST)
    return ks_secret_new_copy (bytes, (gsize) size);
  g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_FILE, "%s: %s", path,
               size < 0    ? "cannot be read"
               : size == 0 ? "is empty"
                           : "is too large");
  return NULL;
}
