/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which of the to-device events that others send this session are kept until something reads them:
 *
 *   m.room.encrypted      all: a room key or a secret comes in nothing else, and what is in one is
 *                         not known before it is opened
 *   m.key.verification.*  from the account's own sessions: others are not verified here
 *   m.room_key.withheld   says why a key does not come
 *
 * And nothing else. What is in the clear where it has to come over Olm (m.room_key,
 * m.forwarded_room_key, m.secret.send: threat A1) must never be believed. What asks for something
 * (m.room_key_request, m.secret.request) is answered at once or not at all: whoever asks goes on
 * asking all their sessions, and this one gives no keys away (threat A6). What nobody knows here
 * is not for this session, which says by its device keys what it understands. What is to be read
 * later is let in by the change that reads it.
 *
 * Nor is one larger than it can honestly be. How many of each: store/ks-inbox.h.
 */
#pragma once

#include "store/ks-inbox.h"

G_BEGIN_DECLS

/* In bytes of an event's text. Homeservers take up to 65,536 of what its sender says; beside
 * that stands who that is, and what the server may add. */
#define KS_KEEP_EVENT_MAX_SIZE (65536 + 2048)
#define KS_KEEP_EVENT_MAX_VERIFICATION_SIZE 16384
#define KS_KEEP_EVENT_MAX_WITHHELD_SIZE 4096

/* Whether the event with the text @json, sent to a session of @user_id, is kept; and then its
 * @kind. */
gboolean ks_keep_event (const KsSecret *json, const char *user_id, KsInboxKind *kind);

G_END_DECLS
