/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "vectors.h"

#include <string.h>

typedef struct
{
  Vector vector;
  VectorTest test;
} Case;

static void
run_case (gconstpointer data)
{
  const Case *it = data;

  it->test (&it->vector);
}

static void
case_free (gpointer data)
{
  Case *it = data;

  g_key_file_unref (it->vector.file);
  g_free (it->vector.name);
  g_free (it);
}

void
vectors_add (const char *path, const char *file, VectorTest test)
{
  g_autofree char *full = g_test_build_filename (G_TEST_DIST, "data", "crypto", file, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GKeyFile) groups = g_key_file_new ();
  g_auto (GStrv) names = NULL;

  g_key_file_load_from_file (groups, full, G_KEY_FILE_NONE, &error);
  g_assert_no_error (error);
  names = g_key_file_get_groups (groups, NULL);
  g_assert_nonnull (names[0]);
  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *test_path = g_strdup_printf ("%s/%s", path, *name);
      Case *it = g_new0 (Case, 1);

      it->vector.file = g_key_file_ref (groups);
      it->vector.name = g_strdup (*name);
      it->test = test;
      g_test_add_data_func_full (test_path, it, run_case, case_free);
    }
}

bool
vector_has (const Vector *vector, const char *field)
{
  return g_key_file_has_key (vector->file, vector->name, field, NULL);
}

int
vector_int (const Vector *vector, const char *field)
{
  g_autofree char *text = vector_text (vector, field);

  return (int) g_ascii_strtoll (text, NULL, 10);
}

char *
vector_text (const Vector *vector, const char *field)
{
  g_autoptr (GError) error = NULL;
  char *text = g_key_file_get_value (vector->file, vector->name, field, &error);

  g_assert_no_error (error);
  return text;
}

GBytes *
vector_bytes (const Vector *vector, const char *field)
{
  g_autofree char *text = vector_text (vector, field);

  return bytes_of_base64 (text);
}

KsSecret *
vector_secret (const Vector *vector, const char *field)
{
  g_autofree char *text = vector_text (vector, field);

  return secret_of_base64 (text);
}

GBytes *
bytes_of_base64 (const char *text)
{
  g_autoptr (GString) padded = g_string_new (text);
  gsize size;
  guchar *bytes;

  while (padded->len % 4 != 0)
    g_string_append_c (padded, '=');
  bytes = g_base64_decode (padded->str, &size);
  return g_bytes_new_take (bytes, size);
}

KsSecret *
secret_of_base64 (const char *text)
{
  g_autoptr (GBytes) bytes = bytes_of_base64 (text);

  return ks_secret_new_copy (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

KsSecret *
secret_of_text (const char *text)
{
  return ks_secret_new_copy (text, strlen (text));
}

GBytes *
bytes_of_hex (const char *text)
{
  gsize size = strlen (text) / 2;
  guint8 *bytes = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4 | g_ascii_xdigit_value (text[2 * i + 1]));
  return g_bytes_new_take (bytes, size);
}

char *
vector_file (const char *name, gsize *size)
{
  g_autofree char *full = g_test_build_filename (G_TEST_DIST, "data", "crypto", name, NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (full, &text, size, &error);
  g_assert_no_error (error);
  return text;
}
