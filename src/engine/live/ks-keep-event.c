/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/live/ks-keep-event.h"

#include "matrix/ks-json.h"

static gsize
max_size (KsInboxKind kind)
{
  switch (kind)
    {
    case KS_INBOX_VERIFICATION:
      return KS_KEEP_EVENT_MAX_VERIFICATION_SIZE;
    case KS_INBOX_WITHHELD:
      return KS_KEEP_EVENT_MAX_WITHHELD_SIZE;
    case KS_INBOX_SEALED:
    case KS_INBOX_UNSORTED:
    default:
      return KS_KEEP_EVENT_MAX_SIZE;
    }
}

gboolean
ks_keep_event (const KsSecret *json, const char *user_id, KsInboxKind *kind)
{
  g_autoptr (JsonObject) event = NULL;
  const char *type, *sender;

  if (ks_secret_size (json) > KS_KEEP_EVENT_MAX_SIZE)
    return FALSE;
  event = ks_json_parse_object (ks_secret_bytes (json), ks_secret_size (json), NULL);
  if (event == NULL || !ks_json_get_string (event, "type", &type)
      || !ks_json_get_string (event, "sender", &sender))
    return FALSE;
  if (g_str_equal (type, "m.room.encrypted"))
    *kind = KS_INBOX_SEALED;
  else if (g_str_has_prefix (type, "m.key.verification.") && g_str_equal (sender, user_id))
    *kind = KS_INBOX_VERIFICATION;
  else if (g_str_equal (type, "m.room_key.withheld"))
    *kind = KS_INBOX_WITHHELD;
  else
    return FALSE;
  return ks_secret_size (json) <= max_size (*kind);
}
