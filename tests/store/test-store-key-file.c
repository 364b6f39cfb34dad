/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-store-key-file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store-fixture.h"

static const char valid[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

typedef struct
{
  char *directory;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = store_directory_new ();
  fixture->path = g_build_filename (fixture->directory, "key", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  store_directory_free (fixture->directory);
  g_free (fixture->path);
}

static KsSecret *
load (Fixture *fixture, gboolean create, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_store_key_file_load_async (fixture->path, create, NULL, store_on_ready, &result);
  return ks_store_key_file_load_finish (store_wait (&result), error);
}

static void
write_file (Fixture *fixture, const char *content, gsize size)
{
  g_unlink (fixture->path);
  g_assert_true (
      g_file_set_contents_full (fixture->path, content, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
assert_refused (Fixture *fixture, KsStoreErrorCode code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (load (fixture, TRUE, &error));
  g_assert_error (error, KS_STORE_ERROR, (int) code);
}

static void
test_made_once (Fixture *fixture, gconstpointer data)
{
  mode_t before = umask (0);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsSecret) none = load (fixture, FALSE, &error);
  g_autoptr (KsSecret) made = NULL;
  g_autoptr (KsSecret) again = NULL;
  g_autofree char *content = NULL;
  g_autoptr (GPtrArray) files = NULL;
  struct stat info;
  gsize size;

  g_assert_null (none);
  g_assert_error (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));

  made = load (fixture, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ks_secret_size (made), ==, 32);
  g_assert_cmpint (lstat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0600);
  g_assert_true (g_file_get_contents (fixture->path, &content, &size, NULL));
  g_assert_cmpuint (size, ==, 45);
  files = store_list_files (fixture->directory, "", "");
  g_assert_cmpuint (files->len, ==, 1);

  again = load (fixture, TRUE, &error);
  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (made, again));
  umask (before);
}

static void
test_known_content (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KsSecret) key = NULL;
  g_autoptr (KsSecret) bare = NULL;
  g_autoptr (GError) error = NULL;

  write_file (fixture, valid, strlen (valid));
  key = load (fixture, FALSE, &error);
  g_assert_no_error (error);
  for (guint8 i = 0; i < 32; i++)
    g_assert_cmpuint (ks_secret_bytes (key)[i], ==, i);
  write_file (fixture, valid, strlen (valid) - 1);
  bare = load (fixture, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (ks_secret_equal (key, bare));
}

static void
test_other_content (Fixture *fixture, gconstpointer data)
{
  static const char *const contents[] = {
    "",
    "\n",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",   /* unpadded */
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=",  /* trailing bits */
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh-=",  /* base64url */
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd Hh8=", /* a space */
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\r\n",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nx",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", /* 31 bytes */
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", /* 33 bytes */
    "EsTE s92N EtaX s2h6 VQYF 9Kao tHYL mkyL GKMh isZb KJ4E tvoC",
  };
  g_autofree char *content = NULL;
  g_autofree char *left = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_test_message ("content %zu", i);
      write_file (fixture, contents[i], strlen (contents[i]));
      assert_refused (fixture, KS_STORE_ERROR_DAMAGED);
      /* Nothing is ever written over. */
      g_clear_pointer (&left, g_free);
      g_assert_true (g_file_get_contents (fixture->path, &left, NULL, NULL));
      g_assert_cmpstr (left, ==, contents[i]);
    }
  content = g_malloc0 (1 << 20);
  memset (content, 'A', 1 << 20);
  write_file (fixture, content, 1 << 20);
  assert_refused (fixture, KS_STORE_ERROR_DAMAGED);
  memcpy (content, valid, sizeof valid);
  content[10] = '\0';
  write_file (fixture, content, 45);
  assert_refused (fixture, KS_STORE_ERROR_DAMAGED);
}

static void
test_open_to_others (Fixture *fixture, gconstpointer data)
{
  static const mode_t modes[] = { 0640, 0604, 0660, 0602, 0610, 0644 };

  write_file (fixture, valid, strlen (valid));
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_assert_cmpint (g_chmod (fixture->path, (int) modes[i]), ==, 0);
      assert_refused (fixture, KS_STORE_ERROR_FAILED);
    }
}

static void
test_not_a_plain_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *target = g_build_filename (fixture->directory, "target", NULL);

  write_file (fixture, valid, strlen (valid));
  g_assert_cmpint (g_rename (fixture->path, target), ==, 0);
  g_assert_cmpint (symlink (target, fixture->path), ==, 0);
  assert_refused (fixture, KS_STORE_ERROR_FAILED);
  g_assert_cmpint (g_unlink (target), ==, 0);
  assert_refused (fixture, KS_STORE_ERROR_FAILED); /* dangling */
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  assert_refused (fixture, KS_STORE_ERROR_FAILED);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  assert_refused (fixture, KS_STORE_ERROR_FAILED);
}

static void
test_no_directory (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->path);
  fixture->path = g_build_filename (fixture->directory, "missing", "key", NULL);
  assert_refused (fixture, KS_STORE_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  store_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/store-key-file/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("made-once", test_made_once);
  ADD ("known-content", test_known_content);
  ADD ("other-content", test_other_content);
  ADD ("open-to-others", test_open_to_others);
  ADD ("not-a-plain-file", test_not_a_plain_file);
  ADD ("no-directory", test_no_directory);
#undef ADD
  return g_test_run ();
}
