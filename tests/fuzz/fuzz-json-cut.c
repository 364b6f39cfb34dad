/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nothing is cut out of what can be read as it is, and once is enough.
 */

#include "fuzz/fuzz-target.h"
#include "matrix/ks-json-cut.h"
#include "matrix/ks-json.h"

static const char *const kept[] = { "event_id", "type", "origin_server_ts", NULL };

static gboolean
can_be_read (const void *bytes, gsize size)
{
  g_autoptr (JsonObject) object = ks_json_parse_answer (bytes, size, NULL, NULL);

  return object != NULL;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GByteArray) cut = ks_json_cut (data, size, "chunk", kept, NULL);
  g_autoptr (GByteArray) again = NULL;

  if (cut == NULL)
    return 0;
  g_assert_false (can_be_read (data, size));
  again = ks_json_cut (cut->data, cut->len, "chunk", kept, NULL);
  g_assert_null (again);
  return 0;
}
