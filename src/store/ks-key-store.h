/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The room keys of one account, and which of them are in which backup version. It
 * neither imports nor compares keys: which of two for the same session is better
 * is decided by the function that the caller passes in.
 */
#pragma once

#include "store/ks-account-store.h"

G_BEGIN_DECLS

/* How a key came here; numbers are stored. */
typedef enum
{
  KS_ROOM_KEY_DIRECT = 1,    /* m.room_key over Olm from its sender: authenticated */
  KS_ROOM_KEY_FORWARDED = 2, /* from another of the user's verified sessions */
  KS_ROOM_KEY_BACKUP = 3,    /* from the key backup */
  KS_ROOM_KEY_FILE = 4,      /* from a room-key file */
} KsRoomKeyProvenance;

/* What is known of the room that a key is said to be of; numbers are stored. A session belongs to
 * one room, and nothing in its key says to which: anybody who hands one over can say any. Its
 * messages say it, sealed, and so prove it. */
typedef enum
{
  KS_ROOM_CLAIM_UNPROVEN = 0, /* nothing contradicts it; or another one that is not proven either */
  KS_ROOM_CLAIM_PROVEN = 1,   /* a message says so */
  KS_ROOM_CLAIM_FALSE = 2,    /* a message says another one */
} KsRoomClaim;

typedef struct
{
  gint64 id; /* given by the store; rises; the place in an iteration */
  char *room_id;
  char *session_id;
  char *sender_key;       /* Curve25519, unpadded base64; empty: not known */
  char *claimed_ed25519;  /* NULL: not known */
  char *forwarding_chain; /* NULL or text that the store does not look into */
  gboolean shared_history;
  guint32 first_index; /* first_message_index: the earliest message that the key opens */
  KsRoomKeyProvenance provenance;
  char *backed_up_version; /* NULL: in no backup that we know of */
  char
      *refused_version; /* NULL: no backup has refused it; only read, see ks_key_store_mark_refused_async() */
  guint8 *session_key;  /* the session in the key-export format, binary; wiped when freed */
  gsize session_key_size;
  gboolean elsewhere;     /* set by ks_key_store_put_async(): it was not stored, see there */
  KsRoomClaim room_claim; /* only read, see ks_key_store_note_rooms_async() */
} KsStoredRoomKey;

void ks_stored_room_key_free (KsStoredRoomKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsStoredRoomKey, ks_stored_room_key_free)

/* In bytes, of all that is said in it. */
gsize ks_stored_room_key_get_size (const KsStoredRoomKey *key);

#define KS_TYPE_KEY_STORE (ks_key_store_get_type ())
G_DECLARE_FINAL_TYPE (KsKeyStore, ks_key_store, KS, KEY_STORE, GObject)

/* For @account, of which id, user_id and device_id are used. */
KsKeyStore *ks_key_store_new (KsDatabase *database, const KsAccountRecord *account) G_GNUC_WARN_UNUSED_RESULT;

/* What is to become of an offered key whose session is here already. */
typedef enum
{
  KS_ROOM_KEY_KEEP,    /* what is here stays */
  KS_ROOM_KEY_REPLACE, /* the offered one takes its place */
  KS_ROOM_KEY_BOTH,    /* one of the two is made up, and nothing tells which: neither is lost */
} KsRoomKeyMerge;

/* Called on the writer thread for an @offered key whose session is here already; it may be
 * changed where it is to replace (all but room_id and session_id). Must not wait for anything.
 *
 * After KS_ROOM_KEY_BOTH it is asked once more, with @data NULL, about what was kept beside
 * before, if there is anything. */
typedef KsRoomKeyMerge (*KsRoomKeyMergeFunc) (const KsStoredRoomKey *here,
                                              KsStoredRoomKey *offered,
                                              gpointer data);

typedef struct
{
  guint added;
  guint replaced;
  guint kept;      /* what was here stayed, alone or with the offered one beside it */
  guint elsewhere; /* not stored: the session is here under another room */
} KsKeyStorePut;

/* Stores the KsStoredRoomKey elements of @keys in one transaction; some 1,000 at
 * a time are a good measure. @keys is left to the store until the callback. @merge
 * decides for sessions that are here already; without it a key with a lower first
 * index replaces, any other is kept out.
 *
 * A session belongs to one room. A key that says another one than what is here is not stored,
 * and its "elsewhere" is set, where a message has proven the one that is here, or it came by a
 * better way: from its sender, or from another session of the person, and the offered one did not.
 * What it opens beyond the key that is here is kept all the same, in the room of that. Any other
 * stands beside what is here, until a message proves one of the two: else the first lie would win
 * for ever.
 *
 * Of the keys that @merge wants both of, the second is kept as the twin of the first, once for
 * a session: what came from a backup, which still has it, makes room for what did not; else the
 * first comer stays. A twin is tried where the other opens nothing (ks-key-lookup.h), and
 * listed where all keys are. It is not uploaded, until a message proves it
 * (ks_key_store_prefer_twins_async()). Where it is offered by a backup version whose
 * place for the session it thereby takes, what is here counts as refused by that version: no
 * server puts it in the place of a key that reaches as far back. */
void ks_key_store_put_async (KsKeyStore *self,
                             GPtrArray *keys,
                             KsRoomKeyMergeFunc merge,
                             gpointer merge_data,
                             GDestroyNotify merge_destroy,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean ks_key_store_put_finish (KsKeyStore *self, GAsyncResult *result, KsKeyStorePut *put, GError **error);

/* Gives the next keys of a put that comes in pieces; called on the writer thread, within its
 * transaction, until it gives none. @put counts what became of those before, and the "elsewhere"
 * of their elements is set by then. @keys is set to a new reference, or to NULL at the end. FALSE
 * with the error set: nothing of the whole put is stored. Must not wait for anything but a file. */
typedef gboolean (*KsKeyStoreSource) (const KsKeyStorePut *put,
                                      GPtrArray **keys,
                                      gpointer data,
                                      GError **error);

/* As ks_key_store_put_async(), for all that @source gives: all of it is stored, or nothing.
 * @data is given to @source, and @merge_data to @merge; both must live until the callback. */
void ks_key_store_put_all_async (KsKeyStore *self,
                                 KsKeyStoreSource source,
                                 gpointer data,
                                 KsRoomKeyMergeFunc merge,
                                 gpointer merge_data,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean
ks_key_store_put_all_finish (KsKeyStore *self, GAsyncResult *result, KsKeyStorePut *put, GError **error);

/* Makes the twins that KsStoredRoomKey elements of @twins are (as they were looked up) the first
 * keys of their sessions, and what was first their twins: a message has proven them. Neither is
 * lost. One that is not the twin any more is left as it is.
 *
 * From then on it is what goes into a backup that has neither. Where the backup version is known
 * to have the other one, and that reaches as far back, no server puts this one in its place: it
 * counts as refused by it, and so as being only here. @twins is left to the store until the
 * callback. */
void ks_key_store_prefer_twins_async (KsKeyStore *self,
                                      GPtrArray *twins,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean ks_key_store_prefer_twins_finish (KsKeyStore *self, GAsyncResult *result, GError **error);

/* Notes that messages of @room_id were opened with the KsStoredRoomKey elements of @keys (as they
 * were looked up, each of a session of its own): their sessions are proven to be @room_id's. One that
 * is here under another room only is kept under this one too; where it contradicts the key that is
 * here under this one, it comes first, and that becomes its twin. Any other room that is said of
 * the session, and not proven, is false from then on: such a key is not listed, counted or
 * uploaded any more, and is only used once a message proves it after all. What it opens beyond
 * the proven one goes to that. @merge as for ks_key_store_put_async(), with @data NULL; @keys is
 * left to the store until the callback. */
void ks_key_store_note_rooms_async (KsKeyStore *self,
                                    const char *room_id,
                                    GPtrArray *keys,
                                    KsRoomKeyMergeFunc merge,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean ks_key_store_note_rooms_finish (KsKeyStore *self, GAsyncResult *result, GError **error);

/* One key. KS_STORE_ERROR_NOT_FOUND. */
void ks_key_store_get_async (KsKeyStore *self,
                             const char *room_id,
                             const char *session_id,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
KsStoredRoomKey *ks_key_store_get_finish (KsKeyStore *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* How many keys there are (but those of a room that is false, here and below), how many of them are still to go into the backup @version (all
 * of them for NULL), and how many that backup refused: they are not in it and not pending,
 * and exist only here, as do twins that are not from that backup. Works while the store is
 * locked. */
void ks_key_store_count_async (KsKeyStore *self,
                               const char *version,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* Each count may be NULL. */
gboolean ks_key_store_count_finish (KsKeyStore *self,
                                    GAsyncResult *result,
                                    guint64 *total,
                                    guint64 *pending,
                                    guint64 *refused,
                                    GError **error);

/* Besides the keys of a list. */
typedef struct
{
  guint damaged; /* keys whose seal does not open: left out */
  gint64 last;   /* the id of the last key that was looked at, damaged or not; 0: there was none */
} KsKeyStoreList;

/* Up to @limit keys that are neither in the backup @version nor refused by it (NULL: all
 * keys, and behind them their twins, which have their ids) with an id above @after (0 begins),
 * by rising id: KsStoredRoomKey elements. Damaged
 * ones are left out, so that there may be fewer, or none, and yet more behind them: go on
 * behind the last one until that is 0. */
void ks_key_store_list_pending_async (KsKeyStore *self,
                                      const char *version,
                                      gint64 after,
                                      guint limit,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* @list may be NULL. */
GPtrArray *ks_key_store_list_pending_finish (KsKeyStore *self,
                                             GAsyncResult *result,
                                             KsKeyStoreList *list,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for all keys of a room, with their twins. */
void ks_key_store_list_room_async (KsKeyStore *self,
                                   const char *room_id,
                                   gint64 after,
                                   guint limit,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
GPtrArray *
ks_key_store_list_room_finish (KsKeyStore *self, GAsyncResult *result, KsKeyStoreList *list, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Marks the KsStoredRoomKey elements of @keys as being in the backup @version,
 * except those whose first index has changed since they were read: a better key
 * has come that the backup does not have. */
void ks_key_store_mark_backed_up_async (KsKeyStore *self,
                                        const char *version,
                                        GPtrArray *keys,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean ks_key_store_mark_backed_up_finish (KsKeyStore *self, GAsyncResult *result, GError **error);

/* Marks the KsStoredRoomKey elements of @keys as refused by the backup @version: the server
 * does not take them, each tried alone. They are kept out of what is pending for that
 * version, so that they do not stop the others. Again except those whose first index has
 * changed. A better key in the place of one has no such mark. */
void ks_key_store_mark_refused_async (KsKeyStore *self,
                                      const char *version,
                                      GPtrArray *keys,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean ks_key_store_mark_refused_finish (KsKeyStore *self, GAsyncResult *result, GError **error);

/* Forgets that the KsStoredRoomKey elements of @keys are in the backup @version or were
 * refused by it, again except those whose first index has changed. */
void ks_key_store_unmark_async (KsKeyStore *self,
                                const char *version,
                                GPtrArray *keys,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ks_key_store_unmark_finish (KsKeyStore *self, GAsyncResult *result, GError **error);

/* Forgets that any key is in the backup @version or was refused by it; not that one is refused
 * whose place there its twin is known to have. */
void ks_key_store_reset_marks_async (KsKeyStore *self,
                                     const char *version,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean ks_key_store_reset_marks_finish (KsKeyStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
