/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rooms of which the homeserver doesn't say whether they are encrypted, in the list of "History".
 */

#include "config.h"

#include "ui/history-window.h"

#include "matrix/ks-json.h"
#include "ui/history/ks-history-page.h"
#include "ui/history/ks-room-row.h"

#include <string.h>

#define NOT_SAID "Your homeserver doesn't say if it is encrypted"

static const char *
share_of (GtkListBoxRow *row)
{
  return gtk_label_get_label (history_window_part (row, KS_TYPE_ROOM_ROW, "share"));
}

static KsRoom *
room_of (GtkListBoxRow *row)
{
  return ks_room_row_get_room (KS_ROOM_ROW (row));
}

static void
keep_quiet (HistoryWindow *f)
{
  hs_fixture_rule (f->history.engine.server,
                   "{\"path\":\"m.room.encryption\",\"times\":0,\"action\":\"answer\",\"status\":403,"
                   "\"body\":\"{\\\"errcode\\\":\\\"M_FORBIDDEN\\\"}\"}");
}

/* The row of the room @id; NULL: it has none. */
static GtkListBoxRow *
find_row (HistoryWindow *f, const char *id)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = history_window_row (f, i)) != NULL; i++)
    if (g_str_equal (ks_room_get_room_id (room_of (row)), id))
      return row;
  return NULL;
}

/* It is there, says so, and stops saying so when messages were looked at. */
static void
test_unknown_room_is_in_the_list_and_says_so (HistoryWindow *f, gconstpointer data)
{
  g_autofree char *before G_GNUC_UNUSED = g_steal_pointer (&f->history.room_id);
  g_autofree char *empty = history_make_room (&f->history, "Empty");

  f->history.room_id = history_make_room (&f->history, "Another room");
  g_free (history_say (&f->history, "one"));
  history_put_key (&f->history, 0, KS_ROOM_KEY_BACKUP);
  keep_quiet (f);
  history_window_open (f);
  while (find_row (f, empty) == NULL || find_row (f, f->history.room_id) == NULL
         || ks_room_get_n_seen (room_of (find_row (f, f->history.room_id))) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (share_of (find_row (f, empty)), ==, NOT_SAID);
  g_assert_cmpstr (share_of (find_row (f, f->history.room_id)), ==, "1 of the newest 1 message readable");
}

/* Once the homeserver says that it is not encrypted, nothing can be missing there. */
static void
test_room_that_is_not_encrypted_leaves_the_list (HistoryWindow *f, gconstpointer data)
{
  g_autofree char *made =
      hs_fixture_request (f->history.engine.server, "POST", "/_matrix/client/v3/createRoom",
                          f->history.engine.observer, "{\"name\":\"Open\"}", NULL);
  g_autoptr (JsonObject) answer = ks_json_parse_object (made, strlen (made), NULL);
  const char *id = json_object_get_string_member (answer, "room_id");

  keep_quiet (f);
  history_window_open (f);
  while (find_row (f, id) == NULL)
    g_main_context_iteration (NULL, TRUE);
  hs_fixture_clear_rules (f->history.engine.server);
  while (find_row (f, id) != NULL)
    {
      ks_history_page_refresh (MAIN (f, "history_page"));
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_nonnull (find_row (f, f->history.room_id));
}

#define ADD(name, test) \
  g_test_add ("/room-row/" name, HistoryWindow, NULL, history_window_set_up, test, history_window_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("unknown", test_unknown_room_is_in_the_list_and_says_so);
  ADD ("not-encrypted", test_room_that_is_not_encrypted_leaves_the_list);
  return g_test_run ();
}
