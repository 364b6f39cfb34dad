/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-set-aside.h"

#include "base/ks-steps.h"
#include "engine/account/ks-profile-private.h"
#include "engine/key-file/ks-key-file-error.h"
#include "engine/key-file/ks-key-file-kind.h"
#include "store/ks-store-error.h"
#include "store/ks-store-key-file.h"
#include "store/ks-store-key.h"

#include <glib/gstdio.h>
#include <unistd.h>

/* Opens.
 *
 *   1. copy    the file, into a directory of its own
 *   2. open    the copy, which is mended if it is damaged
 *   3. unseal  with the store key of the profile
 *   4. read    the store-key file; only where that was not it
 *   5. unwrap  with what is in that
 *
 * The copy goes with what was opened. What a kill leaves of it is sealed, and swept by the next one. */

#define DIRECTORY_PREFIX "keepsake-bring-in-"

typedef struct
{
  KsProfile *profile;      /* owned */
  char *profile_directory; /* owned; NULL: it is in memory */
  KsSecret *key;           /* owned: the store key of the profile */
  GFile *file;             /* owned */
  KsSetAside *aside;       /* owned; NULL once it was given away */
  KsSecret *secret;        /* owned: of the store-key file */
} Op;

static void
remove_directory (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      g_unlink (path);
    }
  g_rmdir (directory);
}

void
ks_set_aside_free (KsSetAside *aside)
{
  if (aside == NULL)
    return;
  g_clear_object (&aside->database);
  if (aside->directory != NULL)
    remove_directory (aside->directory);
  g_free (aside->directory);
  g_free (aside);
}

static void
op_free (gpointer data)
{
  Op *op = data;

  ks_secret_unref (op->secret);
  ks_set_aside_free (op->aside);
  g_object_unref (op->file);
  ks_secret_unref (op->key);
  g_free (op->profile_directory);
  g_object_unref (op->profile);
  g_free (op);
}

static void
sweep (const char *profile)
{
  g_autoptr (GDir) dir = g_dir_open (profile, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, DIRECTORY_PREFIX))
      {
        g_autofree char *path = g_build_filename (profile, name, NULL);

        remove_directory (path);
      }
}

/* What GIO says of a copy, in the words of those who ask for one. */
static void
set_copy_error (GError *failure, GError **error)
{
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, failure);
      return;
    }
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_FULL, failure->message);
  else
    g_set_error_literal (error, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_FAILED, failure->message);
  g_error_free (failure);
}

static gboolean
copy_file (
    const char *from, const char *directory, const char *name, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) target = g_file_new_for_path (path);
  GError *failure = NULL;

  if (!g_file_copy (source, target, G_FILE_COPY_TARGET_DEFAULT_PERMS, cancellable, NULL, NULL, &failure))
    {
      set_copy_error (failure, error);
      return FALSE;
    }
  /* What was set aside is read-only. */
  if (g_chmod (path, 0600) == 0)
    return TRUE;
  ks_key_file_error_set_errno (path, error);
  return FALSE;
}

static gboolean
is_file (const char *path, GError **error)
{
  int fd = ks_key_file_open (path, error);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static gboolean
copy_files (Op *op, const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  g_autofree char *directory = g_build_filename (op->profile_directory, DIRECTORY_PREFIX "XXXXXX", NULL);

  if (!is_file (path, error))
    return FALSE;
  if (g_mkdtemp_full (directory, 0700) == NULL)
    {
      g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_FAILED, "no directory can be made");
      return FALSE;
    }
  op->aside->directory = g_strdup (directory);
  return copy_file (path, directory, "keepsake.db", cancellable, error)
         && (!is_file (wal, NULL) || copy_file (wal, directory, "keepsake.db-wal", cancellable, error));
}

static void
copy_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Op *op = data;
  g_autofree char *path = g_file_get_path (op->file);
  GError *error = NULL;

  /* One that begins late would sweep away what a next one has begun. */
  if (g_cancellable_set_error_if_cancelled (cancellable, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  sweep (op->profile_directory);
  if (path == NULL)
    g_task_return_new_error (task, KS_KEY_FILE_ERROR, KS_KEY_FILE_ERROR_NOT_LOCAL,
                             "not a file of this computer");
  else if (copy_files (op, path, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
copy (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, run);

  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, data, NULL);
  /* The copy ends before anybody may remove its directory. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, copy_in_thread);
}

static KsStepVerdict
copied (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
open_copy (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_database_open_async (((Op *) data)->aside->directory, KS_DATABASE_READ_WRITE, cancellable, ready, run);
}

static KsStepVerdict
copy_opened (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->aside->database = ks_database_open_finish (result, error);
  return op->aside->database != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
unseal (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_store_key_open_async (op->aside->database, KS_STORE_KEY_SLOT_KEYRING, "", op->key, cancellable, ready,
                           run);
}

static gboolean
is_other_key (const GError *error)
{
  return g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY)
         || g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND);
}

static KsStepVerdict
fail_wrong_key (GError **error)
{
  g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_WRONG_KEY,
                       "the file is sealed with a key that is not here");
  return KS_STEP_FAIL;
}

static KsStepVerdict
unsealed (gpointer data, GObject *aside, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  if (ks_store_key_open_finish (KS_DATABASE (aside), result, &failure))
    return KS_STEP_DONE;
  if (g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND))
    {
      g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED, "nothing in the file can be read");
      return KS_STEP_FAIL;
    }
  if (!is_other_key (failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  return ks_profile_get_store_key_file (op->profile) != NULL ? KS_STEP_NEXT : fail_wrong_key (error);
}

static void
read_key (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_store_key_file_load_async (ks_profile_get_store_key_file (((Op *) data)->profile), FALSE, cancellable,
                                ready, run);
}

static KsStepVerdict
key_read (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;

  op->secret = ks_store_key_file_load_finish (result, &failure);
  if (op->secret != NULL)
    return KS_STEP_NEXT;
  g_message ("the file with the store key can't be read: %s", failure->message);
  return fail_wrong_key (error);
}

static void
unwrap (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_store_key_open_async (op->aside->database, KS_STORE_KEY_SLOT_FILE, "", op->secret, cancellable, ready,
                           run);
}

static KsStepVerdict
unwrapped (gpointer data, GObject *database, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (ks_store_key_open_finish (KS_DATABASE (database), result, &failure))
    return KS_STEP_NEXT;
  if (is_other_key (failure))
    return fail_wrong_key (error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "copy", .begin = copy, .end = copied },
  { .name = "open", .begin = open_copy, .end = copy_opened },
  { .name = "unseal", .begin = unseal, .end = unsealed },
  { .name = "read", .begin = read_key, .end = key_read },
  { .name = "unwrap", .begin = unwrap, .end = unwrapped },
  { 0 },
};

/* A profile in memory has a key of its own, which has sealed no file. */
static KsStepVerdict
refuse (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  return fail_wrong_key (error);
}

static const KsStep memory_steps[] = {
  { .name = "refuse", .end = refuse },
  { 0 },
};

void
ks_set_aside_open_async (KsProfile *profile,
                         GFile *file,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (profile, cancellable, callback, user_data);
  Op *op = g_new0 (Op, 1);

  op->profile = g_object_ref (profile);
  op->profile_directory = g_strdup (ks_database_get_directory (ks_profile_get_database (profile)));
  op->key = ks_store_key_ref (ks_profile_get_database (profile));
  op->file = g_object_ref (file);
  op->aside = g_new0 (KsSetAside, 1);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, op, op_free);
  ks_steps_run (task, op->profile_directory != NULL ? steps : memory_steps);
}

KsSetAside *
ks_set_aside_open_finish (KsProfile *profile, GAsyncResult *result, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&op->aside) : NULL;
}
