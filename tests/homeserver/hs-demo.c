/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-demo.h"

#include "hs-accounts.h"
#include "hs-demo-history.h"
#include "hs-events.h"

static void
set_state (HsServer *server, const char *room, const char *user, const char *type, JsonObject *content)
{
  g_free (hs_event_add (server, room, type, "", user, NULL, NULL, content));
}

/* An encrypted room that @owner made and @guest is in. */
static void
make_room (HsServer *server, const char *room, const char *name, const char *owner, const char *guest)
{
  hs_database_run (server->db, "INSERT INTO room VALUES (?, '11')", "s", room);
  set_state (server, room, owner, "m.room.create", hs_object ("room_version", 's', "11", NULL));
  hs_event_set_membership (server, room, owner, owner, "join");
  set_state (server, room, owner, "m.room.join_rules", hs_object ("join_rule", 's', "invite", NULL));
  set_state (server, room, owner, "m.room.history_visibility",
             hs_object ("history_visibility", 's', "shared", NULL));
  set_state (server, room, owner, "m.room.encryption",
             hs_object ("algorithm", 's', "m.megolm.v1.aes-sha2", NULL));
  set_state (server, room, owner, "m.room.name", hs_object ("name", 's', name, NULL));
  hs_event_set_membership (server, room, owner, guest, "invite");
  hs_event_set_membership (server, room, guest, guest, "join");
}

static void
make_session (HsServer *server, const char *user, const char *device, const char *name)
{
  json_object_unref (hs_session_new (server, user, device, name));
  hs_database_run (server->db, "UPDATE device SET seen = ? WHERE user = ? AND device = ?", "iss",
                   g_get_real_time () / 1000, user, device);
}

static void
make_alice (HsServer *server)
{
  g_autofree char *alice = hs_account_full_id (server, "alice");

  hs_account_new (server, alice, "wonderland", FALSE);
}

/* The one who reinstalled: what the app is to restore hangs on this account. */
static void
make_bob (HsServer *server)
{
  static const struct
  {
    const char *name;
    guint n_messages, n_lost;
  } rooms[] = { { "Family", 2000, 0 }, { "Allotment 14", 300, 24 }, { "Night shift", 120, 120 } };
  g_autofree char *bob = hs_account_full_id (server, "bob");
  g_autofree char *carol = hs_account_full_id (server, "carol");

  if (!hs_account_new (server, bob, "builder", FALSE))
    return;
  hs_account_new (server, carol, "carol", FALSE);
  make_session (server, bob, "OLDLAPTOP", "Element on the old laptop");
  hs_database_run (server->db, "BEGIN", "");
  hs_demo_make_secrets (server, bob, "OLDLAPTOP");
  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      g_autofree char *room = g_strdup_printf ("!demo%u:%s", i + 1, server->name);

      make_room (server, room, rooms[i].name, bob, carol);
      hs_demo_make_messages (server, room, bob, carol, rooms[i].n_messages, rooms[i].n_lost,
                             HS_DEMO_ROOM_KEYS / G_N_ELEMENTS (rooms));
    }
  hs_database_run (server->db, "COMMIT", "");
}

void
hs_demo_make (HsServer *server)
{
  make_alice (server);
  make_bob (server);
}
