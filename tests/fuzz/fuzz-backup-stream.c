/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An answer with the keys of a backup, as it arrives. The first byte: even for all rooms,
 * odd for one; how it is cut into chunks must not matter.
 */

#include "fuzz/fuzz-target.h"
#include "matrix/ks-json-stream.h"

#include <string.h>

#define MAX_ENTRIES 1000

/* What came out, as a sum that depends on the order. */
typedef struct
{
  guint entries;
  guint sum;
} Seen;

static void
add_text (Seen *seen, const char *text)
{
  seen->sum = seen->sum * 31 + g_str_hash (text);
}

static gboolean
on_entry (const KsBackupEntry *entry, const char *problem, gpointer data, GError **error)
{
  Seen *seen = data;

  g_assert_true (strlen (entry->room_id) <= KS_BACKUP_ID_MAX_SIZE);
  g_assert_true (strlen (entry->session_id) <= KS_BACKUP_ID_MAX_SIZE);
  add_text (seen, entry->room_id);
  add_text (seen, entry->session_id);
  if (problem == NULL)
    {
      g_assert_true (entry->ciphertext_length <= KS_BACKUP_ENTRY_MAX_SIZE);
      g_assert_cmpuint (strlen (entry->ciphertext), <=, entry->ciphertext_length);
      g_assert_true (entry->first_message_index >= 0 && entry->forwarded_count >= 0);
      add_text (seen, entry->ephemeral);
      add_text (seen, entry->ciphertext);
      add_text (seen, entry->mac);
    }
  if (++seen->entries < MAX_ENTRIES)
    return TRUE;
  g_set_error_literal (error, g_quark_from_static_string ("fuzz"), 0, "enough");
  return FALSE;
}

static gboolean
read_in_chunks (const uint8_t *data, size_t size, const char *room_id, size_t chunk, Seen *seen)
{
  g_autoptr (KsJsonStream) stream = ks_json_stream_new (room_id, on_entry, seen);

  for (size_t done = 0; done < size; done += chunk)
    if (!ks_json_stream_feed (stream, data + done, MIN (chunk, size - done), NULL))
      return FALSE;
  return ks_json_stream_end (stream, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *room_id = size > 0 && data[0] % 2 == 1 ? "!room:localhost" : NULL;
  Seen whole = { 0 };
  Seen parts = { 0 };
  gboolean fine;

  if (size == 0)
    return 0;
  fine = read_in_chunks (data + 1, size - 1, room_id, size, &whole);
  g_assert_true (fine == read_in_chunks (data + 1, size - 1, room_id, 1 + data[0] / 2, &parts));
  /* Of a bad answer the chunks before the bad place may have been read. */
  if (fine)
    {
      g_assert_cmpuint (whole.entries, ==, parts.entries);
      g_assert_cmpuint (whole.sum, ==, parts.sum);
    }
  return 0;
}
