/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The messages of one room, read backwards from the newest: a GListModel of KsTimelineItem,
 * oldest first. It is read-only, of this run of the program, and on no disk.
 *
 * It holds a window of the room: pages come in at the old end when they are asked for, and
 * beyond KS_TIMELINE_MAX_ITEMS messages or KS_TIMELINE_MAX_BYTES of text the newest ones
 * leave it; ks_timeline_reset() goes back to them. Of what has left, and of all that was
 * seen, some 64 bytes a message remain, by which a message is known that the server plays
 * twice. Decryption runs in worker threads.
 *
 * Keys that come while it is open, of a restore that goes on, make messages readable in
 * place. Main context only.
 */
#pragma once

#include "engine/history/ks-timeline-item.h"

G_BEGIN_DECLS

#define KS_TIMELINE_PAGE 50
#define KS_TIMELINE_MAX_ITEMS 20000
#define KS_TIMELINE_MAX_BYTES (64 * 1024 * 1024)

#define KS_TYPE_TIMELINE (ks_timeline_get_type ())
G_DECLARE_FINAL_TYPE (KsTimeline, ks_timeline, KS, TIMELINE, GObject)

const char *ks_timeline_get_room_id (KsTimeline *self); /* borrowed */

/* Read-only properties with notify: */

gboolean ks_timeline_get_loading (KsTimeline *self);   /* "loading": a page is on its way */
gboolean ks_timeline_get_at_start (KsTimeline *self);  /* "at-start": there are no older messages */
gboolean ks_timeline_get_has_newer (KsTimeline *self); /* "has-newer": newer ones have left the window */
guint ks_timeline_get_n_readable (KsTimeline *self);   /* "n-readable": of the items that are here */
guint
ks_timeline_get_n_unreadable (KsTimeline *self); /* "n-unreadable": likewise; deleted ones are neither */

/* Brings the next older messages, at least one unless "at-start" becomes TRUE: pages without
 * messages are passed over, up to 20 in a row, which then is no error. @limit: how many
 * events to ask for at a time; 0: KS_TIMELINE_PAGE; at most 100.
 *
 * Errors: G_IO_ERROR_PENDING: a page is on its way; KS_MATRIX_ERROR (_BAD_ANSWER also for a
 * server that leads in a circle), KS_STORE_ERROR, G_IO_ERROR_CANCELLED. What came before an error
 * stays, and after it the same call goes on where it was. */
void ks_timeline_load_older_async (KsTimeline *self,
                                   guint limit,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean ks_timeline_load_older_finish (KsTimeline *self, GAsyncResult *result, GError **error);

/* Where the older messages begin that were not loaded yet: a word of the server's, for another
 * timeline of the same room, in another run of the program too. Borrowed until the next page;
 * NULL: nothing was loaded, or there are none. */
const char *ks_timeline_get_place (KsTimeline *self);

/* Begins there instead of with the newest messages. Before anything is loaded; @place is not
 * empty, nor longer than KS_TIMELINE_MAX_PLACE. */
#define KS_TIMELINE_MAX_PLACE 4096
void ks_timeline_set_place (KsTimeline *self, const char *place);

/* Empties it; the next page is the newest again. Not while "loading". */
void ks_timeline_reset (KsTimeline *self);

/* The message with that event ID; borrowed; NULL: it is not here. @position, if not NULL, is
 * its place in the list; finding that takes time for long lists. */
KsTimelineItem *ks_timeline_find (KsTimeline *self, const char *event_id, guint *position);

/* Looks once more for the keys of what cannot be read. It does so by itself for keys that a
 * restore brings; for others call this. */
void ks_timeline_look_for_keys (KsTimeline *self);

/* Fetches the room's keys from the backup, ahead of the rest: also while a restore of all
 * keys goes on. Errors: as ks_recovery_restore_async(). */
void ks_timeline_fetch_keys_async (KsTimeline *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean ks_timeline_fetch_keys_finish (KsTimeline *self, GAsyncResult *result, GError **error);

/* Called on the main context while an attachment is fetched: bytes so far. */
typedef void (*KsAttachmentFunc) (guint64 received, gpointer user_data);

/* Fetches @attachment, decrypts it, and saves it as the file @path, 0600. The file has that
 * name only once all of it was there and, where it is encrypted, its hash was right.
 * @replace: another file of that name may be replaced. @on_progress may be NULL.
 *
 * Errors: KS_ATTACHMENT_ERROR, KS_MATRIX_ERROR, G_FILE_ERROR (…_EXIST: there is such a file
 * and @replace is FALSE), G_IO_ERROR_CANCELLED. Nothing is left behind then. */
void ks_timeline_save_attachment_async (KsTimeline *self,
                                        KsAttachment *attachment,
                                        const char *path,
                                        gboolean replace,
                                        KsAttachmentFunc on_progress,
                                        gpointer progress_data,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean ks_timeline_save_attachment_finish (KsTimeline *self, GAsyncResult *result, GError **error);

G_END_DECLS
