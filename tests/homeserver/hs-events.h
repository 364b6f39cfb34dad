/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Events and memberships in the database. A room is its events; the tables
 * "state" and "member" follow from them.
 */
#pragma once

#include "hs-server.h"

G_BEGIN_DECLS

/* Columns for hs_event_json(), to be selected from the table event. */
#define HS_EVENT_COLUMNS "stream, id, room, type, state_key, sender, ts, content, device, txn"

/* Appends an event. @state_key NULL: no state event. @device and @txn may be
 * NULL. @content is taken. Returns the event ID. */
char *hs_event_add (HsServer *server,
                    const char *room,
                    const char *type,
                    const char *state_key,
                    const char *sender,
                    const char *device,
                    const char *txn,
                    JsonObject *content);

/* A new state of @user in @room. */
void hs_event_set_membership (
    HsServer *server, const char *room, const char *sender, const char *user, const char *membership);

/* "join", "invite", "leave", or NULL: never there. */
char *hs_event_membership (HsServer *server, const char *room, const char *user);

/* The row as an event for a session of @request's. /sync leaves the room out. */
JsonObject *hs_event_json (HsRequest *request, HsRows *rows, gboolean with_room);

/* The content of the current state event, or NULL. */
JsonObject *hs_event_state (HsServer *server, const char *room, const char *type, const char *state_key);

/* Whether the requester is in the room; else answers M_FORBIDDEN. */
gboolean hs_event_need_joined (HsRequest *request, const char *room);

G_END_DECLS
