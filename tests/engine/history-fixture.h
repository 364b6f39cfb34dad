/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An encrypted room of the account, with somebody else in it, and messages that libolm has
 * encrypted as other clients would.
 */
#pragma once

#include "crypto/room-key-sender.h"
#include "engine/engine-fixture.h"
#include "engine/history/ks-rooms.h"

G_BEGIN_DECLS

/* Who sends with a key, as the store has it. */
#define HISTORY_SENDER_KEY "EbnPwk3n3H8pyC2pXkv3aGxbM8GbGT3T4gnC4mVyiUg"

typedef struct
{
  EngineFixture engine;
  char *bob;            /* owned: the token of somebody else, who is in the room */
  char *room_id;        /* owned */
  Sender session;       /* whose key is not here yet */
  KsRooms *rooms;       /* borrowed */
  KsTimeline *timeline; /* owned: of the room, nothing loaded */
  guint n_sent;
} HistoryFixture;

void history_set_up (HistoryFixture *f, gconstpointer data);
void history_tear_down (HistoryFixture *f, gconstpointer data);

/* A new encrypted room of the account; the caller frees its ID. */
char *history_make_room (HistoryFixture *f, const char *name);

/* Sends an event of @type into the room with @token (NULL: the account's own); its ID, for the
 * caller to free. */
char *history_send (HistoryFixture *f, const char *token, const char *type, const char *content);

/* The same encrypted with f->session, as an m.room.message. @relation: JSON of m.relates_to in
 * the part that the server sees; NULL: none. */
char *history_seal (HistoryFixture *f, const char *token, const char *content, const char *relation);

/* The content of an encrypted event: @plain (JSON of type, content and room_id) by @session. */
char *history_seal_plain (Sender *session, const char *plain, const char *relation);

/* {"msgtype":"m.text","body":@body} */
char *history_text (const char *body);

/* Says @body in the room, encrypted; its ID for the caller to free. */
char *history_say (HistoryFixture *f, const char *body);

/* From now on f->session is another one. */
void history_change_session (HistoryFixture *f);

/* f->session's key from @index on into the store. */
void history_put_key (HistoryFixture *f, guint32 index, KsRoomKeyProvenance provenance);

/* Loads one page more. */
gboolean history_load (HistoryFixture *f, guint limit, GError **error);

/* The item at @position; borrowed. */
KsTimelineItem *history_item (HistoryFixture *f, guint position);

/* Loads a page, and asserts that its only message is not readable for that reason. */
KsTimelineItem *history_assert_unreadable (HistoryFixture *f, KsUnreadable reason);

/* The server answers the @nth request for messages with @body. */
void history_answer_messages (HistoryFixture *f, guint nth, const char *body);

/* Runs the main context until @item has that reason. */
void history_wait_for (KsTimelineItem *item, KsUnreadable reason);

G_END_DECLS
