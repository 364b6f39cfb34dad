/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as JSON: the verdict is the same however they are cut, what the tree
 * takes is what the scanner takes, and the reader of a key backup keeps its
 * promises. The first byte says how the rest is cut.
 */

#include "fuzz/fuzz-target.h"
#include "matrix/ks-json-stream.h"
#include "matrix/ks-json.h"

#include <string.h>

static gboolean
accepted (const uint8_t *data, size_t size, size_t step, gsize max_string)
{
  g_autoptr (KsJsonScanner) scanner = ks_json_scanner_new (NULL, NULL, max_string);

  for (size_t i = 0; i < size; i += step)
    if (!ks_json_scanner_feed (scanner, data + i, MIN (step, size - i), NULL))
      return FALSE;
  return ks_json_scanner_end (scanner, NULL);
}

static gboolean
on_entry (const KsBackupEntry *entry, const char *problem, gpointer data, GError **error)
{
  g_assert_cmpuint (strlen (entry->room_id), <=, KS_BACKUP_ID_MAX_SIZE);
  g_assert_cmpuint (strlen (entry->session_id), <=, KS_BACKUP_ID_MAX_SIZE);
  if (problem != NULL)
    return TRUE;
  g_assert_cmpuint (strlen (entry->session_id), >, 0);
  g_assert_cmpuint (strlen (entry->ephemeral), ==, entry->ephemeral_length);
  g_assert_cmpuint (strlen (entry->ciphertext), ==, entry->ciphertext_length);
  g_assert_cmpuint (strlen (entry->mac), ==, entry->mac_length);
  g_assert_cmpuint (entry->ciphertext_length, <=, KS_BACKUP_ENTRY_MAX_SIZE);
  g_assert_cmpint (entry->first_message_index, >=, 0);
  g_assert_cmpint (entry->forwarded_count, >=, 0);
  return TRUE;
}

static gboolean
streamed (const char *room_id, const uint8_t *data, size_t size, size_t step)
{
  g_autoptr (KsJsonStream) stream = ks_json_stream_new (room_id, on_entry, NULL);

  for (size_t i = 0; i < size; i += step)
    if (!ks_json_stream_feed (stream, data + i, MIN (step, size - i), NULL))
      return FALSE;
  return ks_json_stream_end (stream, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  size_t step;
  gboolean whole;
  g_autoptr (JsonObject) tree = NULL;
  g_autoptr (JsonObject) answer = NULL;

  if (size == 0)
    return 0;
  step = data[0] + 1u;
  data++;
  size--;

  whole = ks_json_check (data, size, NULL);
  g_assert_cmpint (accepted (data, size, step, 0), ==, whole);
  /* Of strings that are cut off the content is not looked at as closely. */
  g_assert_true (accepted (data, size, step, 8) || !whole || memchr (data, ':', size) != NULL);

  /* A tree may have too many names, or too many that are alike, which takes a few bytes each. */
  tree = ks_json_parse_object (data, size, NULL);
  g_assert_true (whole || tree == NULL);
  /* A stream passes over numbers that are out of range, as the tree of an answer does. */
  answer = ks_json_parse_answer (data, size, NULL, NULL);
  g_assert_true (tree == NULL || answer != NULL);
  if (streamed (NULL, data, size, step) || streamed ("!room", data, size, step))
    g_assert_true (answer != NULL || size > KS_JSON_MAX_ALIKE * 5);
  return 0;
}
