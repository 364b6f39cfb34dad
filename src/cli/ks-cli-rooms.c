/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "cli/ks-cli.h"
#include "engine/history/ks-rooms.h"

#include <glib/gi18n.h>

static gboolean
parse (KsCli *cli, int argc, char **argv, GError **error)
{
  const GOptionEntry none[] = { { NULL, 0, 0, 0, NULL, NULL, NULL } };

  return ks_cli_parse (&ks_cli_rooms, none, argc, argv, error);
}

/* Lists the rooms.
 *
 *   1. list    which there are, and what they are called
 *   2. survey  how much of the newest messages of each can be read
 *
 * Only reads. */

static KsRooms *
rooms_of (KsCli *cli)
{
  return ks_account_get_rooms (ks_cli_account (cli));
}

/* Whoever has many rooms waits, but sees why. */
static void
on_room_changed (KsRoom *room, GParamSpec *pspec, KsCli *cli)
{
  g_autofree char *name = ks_cli_harmless (ks_room_get_name (room));

  ks_cli_progress (cli, "%s", name);
}

static void
on_rooms_changed (GListModel *rooms, guint position, guint removed, guint added, KsCli *cli)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (KsRoom) room = g_list_model_get_item (rooms, i);

      g_signal_connect (room, "notify::encryption", G_CALLBACK (on_room_changed), cli);
      g_signal_connect (room, "notify::known", G_CALLBACK (on_room_changed), cli);
      g_signal_connect (room, "notify::n-seen", G_CALLBACK (on_room_changed), cli);
    }
}

static void
list (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsCli *cli = op;

  g_signal_connect (rooms_of (cli), "items-changed", G_CALLBACK (on_rooms_changed), cli);
  ks_rooms_load_async (rooms_of (cli), cancellable, ready, run);
}

static KsStepVerdict
listed (gpointer op, GObject *rooms, GAsyncResult *result, GError **error)
{
  return ks_rooms_load_finish (KS_ROOMS (rooms), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
survey (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_rooms_survey_async (rooms_of (op), cancellable, ready, run);
}

static void
answer_number (KsCli *cli, const char *name, gint64 number)
{
  json_builder_set_member_name (cli->answer, name);
  json_builder_add_int_value (cli->answer, number);
}

/* null where the server does not say. */
static void
answer_encrypted (KsCli *cli, KsRoom *room)
{
  KsRoomEncryption encryption = ks_room_get_encryption (room);

  if (encryption == KS_ROOM_ENCRYPTION_ON || encryption == KS_ROOM_ENCRYPTION_OFF)
    ks_cli_answer_boolean (cli, "encrypted", encryption == KS_ROOM_ENCRYPTION_ON);
  else
    ks_cli_answer_string (cli, "encrypted", NULL);
}

static void
answer_room (KsCli *cli, KsRoom *room)
{
  GEnumClass *kinds = g_type_class_ref (KS_TYPE_ROOM_NAME_KIND);

  json_builder_begin_object (cli->answer);
  ks_cli_answer_string (cli, "room_id", ks_room_get_room_id (room));
  ks_cli_answer_string (cli, "name", ks_room_get_name (room));
  ks_cli_answer_string (cli, "named_by",
                        g_enum_get_value (kinds, (int) ks_room_get_name_kind (room))->value_nick);
  answer_encrypted (cli, room);
  answer_number (cli, "seen", ks_room_get_n_seen (room));
  answer_number (cli, "readable", ks_room_get_n_readable (room));
  answer_number (cli, "last_ts", ks_room_get_last_time (room));
  json_builder_end_object (cli->answer);
  g_type_class_unref (kinds);
}

/* What may be encrypted has keys that may be missing. */
static void
write_share (GString *text, KsRoom *room)
{
  guint seen = ks_room_get_n_seen (room);
  gboolean encrypted = ks_room_get_encrypted (room);

  if (!encrypted)
    g_string_append (text, _ ("The homeserver doesn't say whether it is encrypted."));
  if (!encrypted && seen > 0)
    g_string_append_c (text, ' ');
  if (seen > 0)
    /* Translators: both are counts of messages. */
    g_string_append_printf (text, _ ("Of the newest %u messages %u can be read."), seen,
                            ks_room_get_n_readable (room));
  else if (encrypted)
    g_string_append (text, _ ("No messages."));
}

static void
write_room (KsCli *cli, KsRoom *room)
{
  g_autofree char *id = ks_cli_harmless (ks_room_get_room_id (room));
  g_autofree char *name = ks_cli_harmless (ks_room_get_name (room));

  g_string_append_printf (cli->text, "%s  %s\n    ", id, name);
  if (ks_room_get_encryption (room) == KS_ROOM_ENCRYPTION_OFF)
    g_string_append (cli->text, _ ("Not encrypted."));
  else
    write_share (cli->text, room);
  g_string_append_c (cli->text, '\n');
}

static KsStepVerdict
surveyed (gpointer op, GObject *source, GAsyncResult *result, GError **error)
{
  KsCli *cli = op;
  GListModel *rooms = G_LIST_MODEL (source);

  if (!ks_rooms_survey_finish (KS_ROOMS (source), result, error))
    return KS_STEP_FAIL;
  json_builder_set_member_name (cli->answer, "rooms");
  json_builder_begin_array (cli->answer);
  for (guint i = 0; i < g_list_model_get_n_items (rooms); i++)
    {
      g_autoptr (KsRoom) room = g_list_model_get_item (rooms, i);

      answer_room (cli, room);
      write_room (cli, room);
    }
  json_builder_end_array (cli->answer);
  return KS_STEP_NEXT;
}

static const KsStep steps[] = {
  { .name = "list", .begin = list, .end = listed },
  { .name = "survey", .begin = survey, .end = surveyed },
  { 0 },
};

const KsCliVerb ks_cli_rooms = {
  .name = "rooms",
  .arguments = "",
  .help = N_ ("List the account's rooms, and how much of each can be read"),
  .opens = KS_PROFILE_OPEN_READ_ONLY,
  .needs_account = TRUE,
  .steps = steps,
  .parse = parse,
};
