/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-database-kind.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store/store-fixture.h"

static KsDatabaseKind
kind_of (const char *directory, const guint8 *content, gsize size)
{
  g_autofree char *path = g_build_filename (directory, "file", NULL);
  g_autoptr (GError) error = NULL;
  KsDatabaseKind kind;
  int fd;

  g_file_set_contents (path, (const char *) content, (gssize) size, &error);
  g_assert_no_error (error);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  kind = ks_database_kind_of (fd);
  close (fd);
  return kind;
}

/* A database of ours with something sealed in it. */
static guint8 *
read_database (const char *directory, gsize *size)
{
  g_autofree char *path = g_build_filename (directory, "keepsake.db", NULL);
  g_autoptr (GError) error = NULL;
  KsDatabase *database = store_open (directory);
  char *content = NULL;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *device = g_strdup_printf ("DEVICE%u", i);

      ks_account_record_free (store_add_account (database, "@alice:example.org", device));
    }
  store_close (database);
  g_file_get_contents (path, &content, size, &error);
  g_assert_no_error (error);
  return (guint8 *) content;
}

static void
test_ours_is_known_whole_and_damaged (void)
{
  char *directory = store_directory_new ();
  gsize size;
  g_autofree guint8 *content = read_database (directory, &size);

  g_assert_cmpint (kind_of (directory, content, size), ==, KS_DATABASE_KIND_OURS);
  g_assert_cmpint (kind_of (directory, content, 100), ==, KS_DATABASE_KIND_OURS);
  /* The first page is lost. */
  memset (content, 0, 4096);
  g_assert_cmpint (kind_of (directory, content, size), ==, KS_DATABASE_KIND_OURS);
  /* What is no whole number of pages has lost more than that, or is something else that speaks of seals. */
  g_assert_cmpint (kind_of (directory, content, size - 1), ==, KS_DATABASE_KIND_NONE);
  store_directory_free (directory);
}

static void
test_others_are_known (void)
{
  static guint8 content[8192] = "SQLite format 3";
  char *directory = store_directory_new ();

  g_assert_cmpint (kind_of (directory, content, sizeof content), ==, KS_DATABASE_KIND_FOREIGN);
  for (gsize size = 0; size < 100; size++)
    g_assert_cmpint (kind_of (directory, content, size), ==, KS_DATABASE_KIND_NONE);
  content[0] = 's';
  g_assert_cmpint (kind_of (directory, content, sizeof content), ==, KS_DATABASE_KIND_NONE);
  store_directory_free (directory);
}

static void
test_what_cannot_be_read_is_none (void)
{
  g_assert_cmpint (ks_database_kind_of (-1), ==, KS_DATABASE_KIND_NONE);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
  g_test_add_func ("/database-kind/ours", test_ours_is_known_whole_and_damaged);
  g_test_add_func ("/database-kind/others", test_others_are_known);
  g_test_add_func ("/database-kind/unreadable", test_what_cannot_be_read_is_none);
  return g_test_run ();
}
