/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as the content of a message that was decrypted: what is read of it is within
 * its bounds, and what names a file is no path.
 */

#include "engine/history/ks-message.h"
#include "fuzz/fuzz-target.h"
#include "matrix/ks-json.h"

#include <string.h>

static void
check_text (const char *text)
{
  if (text == NULL)
    return;
  g_assert_cmpuint (strlen (text), <=, KS_MESSAGE_MAX_TEXT);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

static void
check_attachment (const KsAttachment *attachment)
{
  const char *name;

  if (attachment == NULL)
    return;
  name = ks_attachment_get_name (attachment);
  g_assert_true (name[0] != '\0' && name[0] != '.');
  g_assert_null (strchr (name, '/'));
  g_assert_null (strchr (name, '\n'));
  g_assert_cmpuint (strlen (name), <=, 255);
  g_assert_true (g_utf8_validate (name, -1, NULL));
  g_assert_cmpint (ks_attachment_get_size (attachment), >=, -1);
}

static void
check (const KsMessage *message)
{
  if (message == NULL)
    return;
  check_text (message->body);
  check_text (message->formatted_body);
  check_attachment (message->attachment);
  g_assert_true (message->reply_to == NULL || message->replaces == NULL);
  g_assert_true (message->replacement == NULL || message->replaces != NULL);
  check (message->replacement);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const types[] = { "m.room.message", "m.sticker", "org.example" };
  g_autoptr (JsonObject) content = ks_json_parse_object (data, size, NULL);

  for (gsize i = 0; content != NULL && i < G_N_ELEMENTS (types); i++)
    {
      g_auto (KsRelation) wire = { 0 };
      g_autoptr (KsMessage) message = NULL;

      ks_relation_read (&wire, content);
      message = ks_message_read (types[i], content, i == 0 ? NULL : &wire);

      check (message);
    }
  return 0;
}
