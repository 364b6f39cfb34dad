/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /sync, which waits until there is something to say, and the parts of its
 * answer that other requests give too.
 */
#pragma once

#include "hs-server.h"

G_BEGIN_DECLS

GHashTable *hs_sync_cache_new (void);

/* At the end of the server: requests that still wait are let go unanswered. */
void hs_sync_drop_waiting (HsServer *server);

/* {"signed_curve25519": 50, …} of a session. */
JsonObject *hs_one_time_key_counts (HsServer *server, const char *user, const char *device);

/* {"changed": […], "left": […]}: whose devices changed since @since, out of those
 * who share a room with @user, and who shares none any more. */
JsonObject *hs_device_list_changes (HsServer *server, const char *user, gint64 since);

/* What a filter says, as far as this server cares. */
typedef struct
{
  JsonObject *object; /* owned */
} HsFilter;

/* Whether a list of types in the filter's @section ("account_data", "timeline",
 * "state": the last two of rooms) lets @type through. */
gboolean hs_filter_takes_type (HsFilter *filter, const char *section, const char *type);
gboolean hs_filter_takes_room (HsFilter *filter, const char *room);
gint64 hs_filter_timeline_limit (HsFilter *filter);

/* The "rooms" of an answer since @since (0: initial), or NULL if there are none. */
JsonObject *
hs_sync_rooms (HsRequest *request, HsFilter *filter, gint64 since, gint64 now, const char *next_batch);

G_END_DECLS
