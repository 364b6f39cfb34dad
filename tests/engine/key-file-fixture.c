/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/key-file-fixture.h"

#include "engine/keys/ks-room-key-json.h"

#include <glib/gstdio.h>
#include <string.h>

char *
key_file_directory (EngineFixture *f)
{
  char *directory = g_build_filename (f->top, "files", NULL);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  return directory;
}

char *
key_file_path (EngineFixture *f, const char *name)
{
  g_autofree char *directory = key_file_directory (f);

  return g_build_filename (directory, name, NULL);
}

guint
key_file_count_files (EngineFixture *f)
{
  g_autofree char *directory = key_file_directory (f);
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

char *
key_file_save (EngineFixture *f, const char *name, const void *text, gsize size)
{
  char *path = key_file_path (f, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, (gssize) size, &error);
  g_assert_no_error (error);
  return path;
}

char *
key_file_save_plain (EngineFixture *f, const char *name, const char *plain)
{
  static const uint8_t iv[16] = { 1 };
  g_autoptr (GByteArray) bytes = key_file_bytes (KEY_FILE_PHRASE, iv, 1, plain, strlen (plain));
  g_autofree char *text = key_file_armour (bytes, 96, "\n", true);

  return key_file_save (f, name, text, strlen (text));
}

static void
free_key (gpointer key)
{
  ks_stored_room_key_free (key);
}

GPtrArray *
key_file_make_keys (guint n)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func (free_key);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (keys, engine_make_key (i % 3 == 0 ? ENGINE_ROOM : "!other:localhost", i % 5));
  return keys;
}

char *
key_file_list (GPtrArray *keys)
{
  GString *list = g_string_new ("[");

  for (guint i = 0; i < keys->len; i++)
    {
      GString *json = ks_room_key_json_write (keys->pdata[i], KS_ROOM_KEY_JSON_NAMED, NULL, NULL);

      g_assert_nonnull (json);
      g_string_append (list, i > 0 ? "," : "");
      g_string_append_len (list, json->str, (gssize) json->len);
      ks_room_key_json_free (json);
    }
  g_string_append_c (list, ']');
  return g_string_free (list, FALSE);
}

JsonArray *
key_file_sessions (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;
  GString *whole;
  JsonArray *sessions;
  gsize size;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (text, "\n" KEY_FILE_END_LINE "\n"));
  g_assert_cmpint (key_file_read (text, size, 4096, KEY_FILE_PHRASE, KS_KEY_FILE_COUNTER_128, plain), ==,
                   KS_KEY_FILE_OK);
  whole = g_string_new ("{\"sessions\":");
  g_string_append_len (whole, (const char *) plain->data, (gssize) plain->len);
  g_string_append_c (whole, '}');
  object = ks_json_parse_object (whole->str, whole->len, &error);
  g_assert_no_error (error);
  g_string_free (whole, TRUE);
  g_assert_true (ks_json_get_array (object, "sessions", &sessions));
  return json_array_ref (sessions);
}

gboolean
key_file_export (EngineFixture *f,
                 const char *room_id,
                 const char *path,
                 KsExportFlags flags,
                 GCancellable *cancellable,
                 KsExportReport *report,
                 GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (KsSecret) phrase = ks_secret_new_copy (KEY_FILE_PHRASE, strlen (KEY_FILE_PHRASE));

  ks_recovery_export_keys_async (f->recovery, room_id, file, phrase, flags, cancellable, engine_done,
                                 &result);
  return ks_recovery_export_keys_finish (f->recovery, engine_wait (&result), report, error);
}

KsKeyReport *
key_file_import (EngineFixture *f,
                 const char *path,
                 const char *phrase,
                 KsImportFlags flags,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (KsSecret) secret = ks_secret_new_copy (phrase, strlen (phrase));
  KsKeyReport *report = NULL;
  gboolean imported;

  ks_recovery_import_keys_async (f->recovery, file, secret, flags, cancellable, engine_done, &result);
  imported = ks_recovery_import_keys_finish (f->recovery, engine_wait (&result), &report, error);
  g_assert_true (!imported || report != NULL);
  return report;
}

void
key_file_assert_refused (EngineFixture *f, const char *path, const char *phrase, int code)
{
  guint64 before = key_file_count_keys (f);
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report = key_file_import (f, path, phrase, KS_IMPORT_ACCEPT_FAILURES, NULL, &error);

  g_assert_error (error, KS_KEY_FILE_ERROR, code);
  g_assert_null (report);
  g_assert_cmpuint (key_file_count_keys (f), ==, before);
}

guint64
key_file_count_keys (EngineFixture *f)
{
  guint64 total;

  engine_count (f, NULL, &total, NULL);
  return total;
}

KsStoredRoomKey *
key_file_key_here (EngineFixture *f, const KsStoredRoomKey *key)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_key_store_get_async (f->keys, key->room_id, key->session_id, NULL, engine_done, &result);
  return ks_key_store_get_finish (f->keys, engine_wait (&result), NULL);
}
