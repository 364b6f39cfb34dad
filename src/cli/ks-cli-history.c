/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli-error.h"
#include "cli/ks-cli-json.h"
#include "cli/ks-cli.h"
#include "engine/history/ks-rooms.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_LIMIT 100
/* How often pages may come without a message: a server can go on with such pages for ever. The
 * engine passes over twenty pages each time. */
#define MAX_IN_VAIN 10

typedef struct
{
  char *room_id;        /* owned */
  char *before;         /* owned: where to begin; NULL: with the newest */
  int limit;            /* messages */
  KsTimeline *timeline; /* owned; NULL before the first page */
  guint n_before;       /* messages that were here when the last page was asked for */
  guint n_in_vain;      /* times that none came, one after the other */
} History;

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  History *history = g_new0 (History, 1);
  const GOptionEntry entries[] = {
    { "room", 0, 0, G_OPTION_ARG_STRING, &history->room_id, N_ ("The room ID"), N_ ("ID") },
    { "limit", 0, 0, G_OPTION_ARG_INT, &history->limit, N_ ("So many of the newest messages (100)"),
      N_ ("N") },
    { "before", 0, 0, G_OPTION_ARG_STRING, &history->before,
      N_ ("Go on at the place where an earlier call has stopped"), N_ ("PLACE") },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };

  cli->verb_data = history;
  history->limit = DEFAULT_LIMIT;
  if (!ks_cli_parse (&ks_cli_history, entries, argc, argv, error))
    return FALSE;
  if (history->room_id == NULL || history->room_id[0] != '!' || history->room_id[1] == '\0')
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--room needs the ID of a room"));
  else if (history->limit < 1 || history->limit > KS_TIMELINE_MAX_ITEMS)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--limit must be between 1 and %d"),
                 KS_TIMELINE_MAX_ITEMS);
  else if (history->before != NULL
           && (history->before[0] == '\0' || strlen (history->before) > KS_TIMELINE_MAX_PLACE))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 _ ("--before needs the place that an earlier call has named"));
  return *error == NULL;
}

static void
release (gpointer data)
{
  History *history = data;

  if (history == NULL)
    return;
  g_clear_object (&history->timeline);
  g_free (history->before);
  g_free (history->room_id);
  g_free (history);
}

/* Reads the room: one row, a page after the other, until there is enough. What has come until
 * then is shown also if no more can be had. Only reads. */

static void
load (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = op;
  History *history = cli->verb_data;

  if (history->timeline == NULL)
    {
      history->timeline = ks_rooms_open_id (ks_account_get_rooms (ks_cli_account (cli)), history->room_id);
      if (history->before != NULL)
        ks_timeline_set_place (history->timeline, history->before);
    }
  history->n_before = g_list_model_get_n_items (G_LIST_MODEL (history->timeline));
  ks_timeline_load_older_async (history->timeline, 100, cancellable, ready, run);
}

static const char *
word_of (GType type, int value)
{
  GEnumClass *class = g_type_class_ref (type);
  const char *nick = g_enum_get_value (class, value)->value_nick;

  g_type_class_unref (class);
  return nick;
}

static void
add_string (JsonBuilder *line, const char *name, const char *value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (line, name);
  json_builder_add_string_value (line, value);
}

static void
add_true (JsonBuilder *line, const char *name, gboolean value)
{
  if (!value)
    return;
  json_builder_set_member_name (line, name);
  json_builder_add_boolean_value (line, TRUE);
}

static void
add_attachment (JsonBuilder *line, const KsAttachment *attachment)
{
  json_builder_set_member_name (line, "attachment");
  json_builder_begin_object (line);
  add_string (line, "name", ks_attachment_get_name (attachment));
  add_string (line, "mimetype", ks_attachment_get_mimetype (attachment));
  if (ks_attachment_get_size (attachment) >= 0)
    {
      json_builder_set_member_name (line, "size");
      json_builder_add_int_value (line, ks_attachment_get_size (attachment));
    }
  add_true (line, "encrypted", ks_attachment_get_encrypted (attachment));
  json_builder_end_object (line);
}

/* Members that do not apply are left out. */
static void
add_content (JsonBuilder *line, KsTimelineItem *item)
{
  KsTimelineKind kind = ks_timeline_item_get_kind (item);

  if (kind == KS_TIMELINE_UNREADABLE)
    {
      json_builder_set_member_name (line, "undecryptable");
      json_builder_begin_object (line);
      add_string (line, "reason", word_of (KS_TYPE_UNREADABLE, (int) ks_timeline_item_get_reason (item)));
      add_string (line, "code", ks_timeline_item_get_withheld_code (item));
      json_builder_end_object (line);
      return;
    }
  add_true (line, "redacted", kind == KS_TIMELINE_REDACTED);
  add_string (line, "msgtype", ks_timeline_item_get_msgtype (item));
  add_string (line, "body", ks_timeline_item_get_body (item));
  add_string (line, "formatted_body", ks_timeline_item_get_formatted_body (item));
  add_true (line, "edited", ks_timeline_item_get_edited (item));
  add_true (line, "edit_missing", ks_timeline_item_get_edit_missing (item));
  add_string (line, "in_reply_to", ks_timeline_item_get_reply_to (item));
  if (ks_timeline_item_get_attachment (item) != NULL)
    add_attachment (line, ks_timeline_item_get_attachment (item));
  if (ks_timeline_item_get_authenticity (item) != KS_AUTHENTICITY_NONE)
    add_string (line, "authenticity",
                word_of (KS_TYPE_AUTHENTICITY, (int) ks_timeline_item_get_authenticity (item)));
}

static void
print_line (KsTimelineItem *item)
{
  g_autoptr (JsonBuilder) line = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (line);
  add_string (line, "event_id", ks_timeline_item_get_event_id (item));
  add_string (line, "sender", ks_timeline_item_get_sender (item));
  json_builder_set_member_name (line, "origin_server_ts");
  json_builder_add_int_value (line, ks_timeline_item_get_time (item));
  add_string (line, "type", ks_timeline_item_get_event_type (item));
  add_content (line, item);
  json_builder_end_object (line);
  root = json_builder_get_root (line);
  text = ks_cli_json_text (root);
  puts (text);
}

static const char *
reason_sentence (KsUnreadable reason)
{
  switch (reason)
    {
    case KS_UNREADABLE_NOT_IN_BACKUP:
      return _ ("its key is not in the backup");
    case KS_UNREADABLE_BACKUP_BAD:
      return _ ("its key in the backup is damaged");
    case KS_UNREADABLE_WITHHELD:
      return _ ("its sender did not give this session the key");
    case KS_UNREADABLE_KEY_LATER:
      return _ ("the key that is here begins with a later message");
    case KS_UNREADABLE_KEY_DAMAGED:
      return _ ("its key is damaged here; restore it from the backup");
    case KS_UNREADABLE_MALFORMED:
      return _ ("it has not the form of a message");
    case KS_UNREADABLE_OTHER_KIND:
      return _ ("it is encrypted in a way that this version does not know");
    case KS_UNREADABLE_NOT_AUTHENTIC:
      return _ ("it was changed on the way");
    case KS_UNREADABLE_REPLAYED:
      return _ ("refused: the same message is there a second time");
    case KS_UNREADABLE_WRONG_ROOM:
      return _ ("refused: it is of another room");
    case KS_UNREADABLE_WRONG_SENDER:
      return _ ("refused: its key is another session's");
    case KS_UNREADABLE_NO_KEY:
    case KS_UNREADABLE_NOT:
    default:
      return _ ("its key is not here; restoring may bring it");
    }
}

/* What the item says, each of its lines harmless by itself. */
static void
write_body (GString *text, KsTimelineItem *item)
{
  const KsAttachment *attachment = ks_timeline_item_get_attachment (item);
  const char *body = ks_timeline_item_get_body (item);
  g_auto (GStrv) lines = body != NULL ? g_strsplit (body, "\n", -1) : NULL;

  if (attachment != NULL)
    {
      g_autofree char *name = ks_cli_harmless (ks_attachment_get_name (attachment));

      g_string_append_printf (text, "    [%s]\n", name);
    }
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      g_autofree char *line = ks_cli_harmless (lines[i]);

      g_string_append_printf (text, "    %s\n", line);
    }
  if (attachment == NULL && lines == NULL)
    {
      g_autofree char *type = ks_cli_harmless (ks_timeline_item_get_event_type (item));

      g_string_append_printf (text, "    (%s)\n", type);
    }
}

static void
write_item (GString *text, KsTimelineItem *item)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (ks_timeline_item_get_time (item) / 1000);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autofree char *when = local != NULL ? g_date_time_format (local, "%F %T") : g_strdup ("?");
  g_autofree char *sender = ks_cli_harmless (ks_timeline_item_get_sender (item));

  g_string_append_printf (text, "%s  %s%s\n", when, sender,
                          ks_timeline_item_get_edited (item) ? _ (" (edited)") : "");
  switch (ks_timeline_item_get_kind (item))
    {
    case KS_TIMELINE_UNREADABLE:
      g_string_append_printf (text, "    — %s\n", reason_sentence (ks_timeline_item_get_reason (item)));
      break;
    case KS_TIMELINE_REDACTED:
      g_string_append_printf (text, "    — %s\n", _ ("deleted"));
      break;
    case KS_TIMELINE_TEXT:
    case KS_TIMELINE_EMOTE:
    case KS_TIMELINE_NOTICE:
    case KS_TIMELINE_ATTACHMENT:
    case KS_TIMELINE_OTHER:
    default:
      write_body (text, item);
    }
}

static void
tell (KsCli *cli, const History *history)
{
  GListModel *items = G_LIST_MODEL (history->timeline);
  guint n = g_list_model_get_n_items (items);

  for (guint i = n > (guint) history->limit ? n - (guint) history->limit : 0; i < n; i++)
    {
      g_autoptr (KsTimelineItem) item = g_list_model_get_item (items, i);

      if (cli->json)
        print_line (item);
      else
        write_item (cli->text, item);
    }
  cli->streamed = TRUE;
}

static gboolean
take_page (History *history, GAsyncResult *result, GError **error)
{
  guint n;

  if (!ks_timeline_load_older_finish (history->timeline, result, error))
    return FALSE;
  n = g_list_model_get_n_items (G_LIST_MODEL (history->timeline));
  history->n_in_vain = n == history->n_before ? history->n_in_vain + 1 : 0;
  if (history->n_in_vain < MAX_IN_VAIN || ks_timeline_get_at_start (history->timeline))
    return TRUE;
  g_set_error (error, KS_CLI_ERROR, KS_CLI_ERROR_NO_MESSAGES, "--before %s",
               ks_timeline_get_place (history->timeline));
  return FALSE;
}

static KsStepVerdict
loaded (gpointer op, GObject *timeline, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  History *history = cli->verb_data;
  guint n;

  if (!take_page (history, result, error))
    {
      tell (cli, history);
      if (!cli->json)
        fputs (cli->text->str, stdout);
      return KS_STEP_FAIL;
    }
  n = g_list_model_get_n_items (G_LIST_MODEL (timeline));
  ks_cli_progress (cli, "%u", n);
  if (n < (guint) history->limit && !ks_timeline_get_at_start (KS_TIMELINE (timeline)))
    return KS_STEP_AGAIN;
  tell (cli, history);
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "load", .begin = load, .end = loaded },
  { 0 },
};

const KsCliVerb ks_cli_history = {
  .name = "history",
  .arguments = "--room ID [--limit N] [--before PLACE]",
  .help = N_ ("Show the newest messages of a room; with --json, an object a line"),
  .opens = KS_PROFILE_OPEN_READ_ONLY,
  .needs_account = TRUE,
  .steps = steps,
  .parse = parse,
  .release = release,
};
