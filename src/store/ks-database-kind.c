/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-database-kind.h"

#include "store/ks-schema.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* SQLite's file format, 1.3: the header that begins the file, and where the application's ID is in it. */
#define HEADER_SIZE 100
#define ID_OFFSET 68
static const char magic[16] = "SQLite format 3";

/* What lies in every sealed column. A file that lost its header is known by some of them, near enough to its
 * start that a large file of anything else is not read whole. */
#define PAGE_SIZE 4096
#define SEAL "KsS1"
#define SEALS_WANTED 4
#define PIECE_SIZE (64 * PAGE_SIZE)
#define PIECES 32

/* Returns the size, less than @room only at the end of the file or where it cannot be read. */
static gsize
read_at (int fd, guint8 *to, gsize room, goffset at)
{
  gsize size = 0;

  while (size < room)
    {
      gssize got = pread (fd, to + size, room - size, at + (goffset) size);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break;
      size += (gsize) got;
    }
  return size;
}

static guint
count_seals (const guint8 *bytes, gsize size)
{
  const guint8 *end = bytes + size;
  const guint8 *at = bytes;
  guint seals = 0;

  while ((at = memmem (at, (gsize) (end - at), SEAL, strlen (SEAL))) != NULL)
    {
      seals++;
      at += strlen (SEAL);
    }
  return seals;
}

/* Some may lie across two pieces; there are more of them. */
static gboolean
holds_seals (int fd)
{
  g_autofree guint8 *piece = g_malloc (PIECE_SIZE);
  guint seals = 0;

  for (guint i = 0; i < PIECES && seals < SEALS_WANTED; i++)
    {
      gsize size = read_at (fd, piece, PIECE_SIZE, (goffset) i * PIECE_SIZE);

      seals += count_seals (piece, size);
      if (size < PIECE_SIZE)
        break;
    }
  return seals >= SEALS_WANTED;
}

static gboolean
is_whole_pages (int fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && info.st_size > 0 && info.st_size % PAGE_SIZE == 0;
}

KsDatabaseKind
ks_database_kind_of (int fd)
{
  guint8 header[HEADER_SIZE];
  guint32 id;

  if (read_at (fd, header, sizeof header, 0) < sizeof header)
    return KS_DATABASE_KIND_NONE;
  if (memcmp (header, magic, sizeof magic) != 0)
    return is_whole_pages (fd) && holds_seals (fd) ? KS_DATABASE_KIND_OURS : KS_DATABASE_KIND_NONE;
  memcpy (&id, header + ID_OFFSET, sizeof id);
  return GUINT32_FROM_BE (id) == KS_SCHEMA_APPLICATION_ID ? KS_DATABASE_KIND_OURS : KS_DATABASE_KIND_FOREIGN;
}
