/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Knows every message that was decrypted by its place in its session, so that one which the
 * server plays a second time, under another event ID or with another time, is found out
 * (Client-Server API, "m.megolm.v1.aes-sha2"). Some 64 bytes a message. And whose session it
 * is said to be: only one's, since it is of one device.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct KsReplayGuard KsReplayGuard;

KsReplayGuard *ks_replay_guard_new (void) G_GNUC_WARN_UNUSED_RESULT;
void ks_replay_guard_free (KsReplayGuard *guard); /* NULL is allowed */

typedef enum
{
  KS_REPLAY_NONE,
  KS_REPLAY_PLAYED_TWICE, /* it has come before as another event; so is any that comes from now
                           * on, the one noted first too */
  KS_REPLAY_OTHER_SENDER, /* messages of that session have come as several people's; so has any
                           * that comes from now on */
} KsReplayVerdict;

/* Notes that the message @index of @session_id came as @event_id of @sender with @time. */
KsReplayVerdict ks_replay_guard_note (KsReplayGuard *guard,
                                      const char *session_id,
                                      guint32 index,
                                      const char *event_id,
                                      const char *sender,
                                      gint64 time) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsReplayGuard, ks_replay_guard_free)

G_END_DECLS
