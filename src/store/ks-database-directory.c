/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/ks-database-file.h"
#include "store/ks-database.h"

/* Whether tightening the directory takes nothing away from anybody: it is empty, or
 * it is ours already. */
static gboolean
may_tighten (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;
  gboolean others = FALSE;

  if (directory == NULL)
    return FALSE;
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      if (g_str_equal (name, "keepsake.db"))
        return TRUE;
      others = TRUE;
    }
  return !others;
}

static gboolean
check_directory (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  struct stat info;
  gboolean good = FALSE;

  if (fd < 0 || fstat (fd, &info) != 0)
    ks_set_file_error (path, error);
  else if (info.st_uid != geteuid ())
    g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED, "the directory %s belongs to another user",
                 path);
  else if ((info.st_mode & 077) == 0)
    good = TRUE;
  else if (!may_tighten (path))
    g_set_error (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED,
                 "the directory %s holds other files and is open to other users", path);
  else if (fchmod (fd, 0700) == 0)
    good = TRUE;
  else
    ks_set_file_error (path, error);
  if (fd >= 0)
    close (fd);
  return good;
}

char *
ks_database_prepare_directory (const char *profile, GError **error)
{
  g_autofree char *path =
      profile != NULL ? g_strdup (profile) : g_build_filename (g_get_user_data_dir (), "keepsake", NULL);
  g_autofree char *copy = NULL;
  char *resolved;

  if (g_mkdir_with_parents (path, 0700) != 0 || (resolved = realpath (path, NULL)) == NULL)
    {
      ks_set_file_error (path, error);
      return NULL;
    }
  copy = g_strdup (resolved);
  free (resolved);
  return check_directory (copy, error) ? g_steal_pointer (&copy) : NULL;
}
