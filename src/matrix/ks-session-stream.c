/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-session-stream.h"

#include <string.h>

#include "crypto/ks-secret.h"
#include "matrix/ks-json-scan.h"
#include "matrix/ks-json.h"
#include "matrix/ks-list-split.h"
#include "matrix/ks-matrix-error.h"

/* Twice the characters of a key; nothing in it moves while it is filled. */
#define SESSION_KEY_ROOM 512

/* Of a session as it is written: its names and signs are not in KS_SESSION_MAX_SIZE. */
#define TEXT_ROOM (4 * KS_SESSION_MAX_SIZE)

/* What an open object or array is. */
typedef enum
{
  SESSIONS, /* a list of this one alone */
  SESSION,
  CLAIMED, /* sender_claimed_keys */
  CHAIN,   /* forwarding_curve25519_key_chain */
  OTHER,   /* nothing that we know; and all below it */
} Role;

/* Members of SESSION and CLAIMED. The first ones are strings, without which there is no key. */
typedef enum
{
  ALGORITHM,
  ROOM_ID,
  SESSION_ID,
  SESSION_KEY,
  N_STRINGS,
  SENDER_KEY,
  CLAIMED_KEYS,
  FORWARDING_CHAIN,
  SHARED_HISTORY,
  ED25519,
  UNKNOWN,
} Member;

static const struct
{
  const char *name;
  Member member;
} member_names[] = {
  { "algorithm", ALGORITHM },
  { "room_id", ROOM_ID },
  { "session_id", SESSION_ID },
  { "sender_key", SENDER_KEY },
  { "session_key", SESSION_KEY },
  { "sender_claimed_keys", CLAIMED_KEYS },
  { "forwarding_curve25519_key_chain", FORWARDING_CHAIN },
  { "m.shared_history", SHARED_HISTORY },
  /* Its name while it was proposed (MSC3061). */
  { "org.matrix.msc3061.shared_history", SHARED_HISTORY },
};

struct KsSessionStream
{
  KsListSplit *split;     /* owned */
  KsJsonScanner *scanner; /* borrowed: of the session that is read */
  KsSessionFunc on_session;
  gpointer user_data;
  GError *stopped; /* owned: why on_session wants no more */

  Role open[KS_JSON_MAX_DEPTH];
  guint depth;
  Member member; /* the last name in SESSION or CLAIMED */

  GString *strings[N_STRINGS]; /* owned; the last one is wiped */
  guint has;                   /* bit n: strings[n] */
  GString *sender;             /* owned; empty: not said */
  GString *claimed;            /* owned; likewise */
  GString *chain;              /* owned; likewise */
  gboolean chain_ends;         /* what comes next is not in it any more */
  gboolean shared_history;
  gsize size;          /* of the session's strings so far */
  gsize names;         /* bytes of its names */
  const char *problem; /* static */
};

static void
spoil (KsSessionStream *self, const char *problem)
{
  if (self->problem == NULL)
    self->problem = problem;
}

static Role
role (KsSessionStream *self)
{
  return self->depth > 0 ? self->open[self->depth - 1] : OTHER;
}

static void
forget_session (KsSessionStream *self)
{
  ks_wipe (self->strings[SESSION_KEY]->str, self->strings[SESSION_KEY]->len);
  for (int i = 0; i < N_STRINGS; i++)
    g_string_truncate (self->strings[i], 0);
  g_string_truncate (self->sender, 0);
  g_string_truncate (self->claimed, 0);
  g_string_truncate (self->chain, 0);
  self->has = 0;
  self->size = self->names = 0;
  self->chain_ends = FALSE;
  self->shared_history = FALSE;
  self->problem = NULL;
}

static gboolean
end_session (KsSessionStream *self)
{
  KsSession session = { .room_id = self->strings[ROOM_ID]->str,
                        .session_id = self->strings[SESSION_ID]->str };
  gboolean go_on;

  if (self->size > KS_SESSION_MAX_SIZE)
    spoil (self, "the session is too large");
  if (self->has != (1u << N_STRINGS) - 1)
    spoil (self, "a member is absent");
  if (self->problem == NULL)
    {
      session.algorithm = self->strings[ALGORITHM]->str;
      session.sender_key = self->sender->len > 0 ? self->sender->str : NULL;
      session.session_key = self->strings[SESSION_KEY]->str;
      session.session_key_length = self->strings[SESSION_KEY]->len;
      session.claimed_ed25519 = self->claimed->len > 0 ? self->claimed->str : NULL;
      session.forwarding_chain = self->chain->len > 0 ? self->chain->str : NULL;
      session.shared_history = self->shared_history;
    }
  go_on = self->on_session (&session, self->problem, self->user_data, &self->stopped);
  forget_session (self);
  return go_on;
}

/* What a string that a session can do without is put into; NULL: nothing. */
static GString *
optional (KsSessionStream *self)
{
  return self->member == SENDER_KEY && role (self) == SESSION ? self->sender
         : self->member == ED25519 && role (self) == CLAIMED  ? self->claimed
                                                              : NULL;
}

/* A string of a chain. Commas come before, so that what is cut off leaves a list. */
static void
take_link (KsSessionStream *self, const char *string)
{
  gsize before = self->chain->len;

  if (self->chain_ends)
    return;
  g_string_append_c (self->chain, before == 0 ? '[' : ',');
  if (string != NULL && self->size <= KS_SESSION_MAX_SIZE && ks_json_append_string (self->chain, string))
    return;
  g_string_truncate (self->chain, before);
  self->chain_ends = TRUE;
}

/* A value of a wrong type, or one that nobody asked for. */
static gboolean
take_other (KsSessionStream *self)
{
  switch (role (self))
    {
    case SESSIONS:
      spoil (self, "the session is not an object");
      return end_session (self);
    case SESSION:
      if (self->member < N_STRINGS)
        spoil (self, "a member has a wrong type");
      return TRUE;
    case CHAIN:
      self->chain_ends = TRUE;
      return TRUE;
    case CLAIMED:
    case OTHER:
    default:
      return TRUE;
    }
}

static gboolean
open_level (KsSessionStream *self, Role new_role)
{
  if (new_role == OTHER && !take_other (self))
    return FALSE;
  self->open[self->depth++] = new_role;
  return TRUE;
}

static gboolean
stop (KsSessionStream *self, const char *reason)
{
  ks_json_scanner_fail (self->scanner, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 0, NULL, 0, FALSE,
                                                            "bad room-key file: %s", reason));
  return FALSE;
}

static gboolean
start_object (gpointer sink)
{
  KsSessionStream *self = sink;

  if (role (self) == SESSIONS)
    return open_level (self, SESSION);
  return open_level (self, role (self) == SESSION && self->member == CLAIMED_KEYS ? CLAIMED : OTHER);
}

static gboolean
end_object (gpointer sink)
{
  KsSessionStream *self = sink;

  self->depth--;
  return self->open[self->depth] != SESSION || end_session (self);
}

static gboolean
start_array (gpointer sink)
{
  KsSessionStream *self = sink;

  if (self->depth == 0)
    {
      self->open[self->depth++] = SESSIONS;
      return TRUE;
    }
  return open_level (self, role (self) == SESSION && self->member == FORWARDING_CHAIN ? CHAIN : OTHER);
}

static gboolean
end_array (gpointer sink)
{
  KsSessionStream *self = sink;

  self->depth--;
  if (self->open[self->depth] == CHAIN && self->chain->len > 0)
    g_string_append_c (self->chain, ']');
  return TRUE;
}

static gboolean
take_key (gpointer sink, const char *key, gsize length)
{
  KsSessionStream *self = sink;
  Role where = role (self);

  self->names += length + 16;
  self->member = UNKNOWN;
  /* Names are remembered until the session is closed: one of nothing but names must end. */
  if (key == NULL || self->names > KS_SESSION_MAX_SIZE)
    return stop (self, "a session has too many members");
  if (where == CLAIMED && strcmp (key, "ed25519") == 0)
    self->member = ED25519;
  for (gsize i = 0; where == SESSION && i < G_N_ELEMENTS (member_names); i++)
    if (strcmp (key, member_names[i].name) == 0)
      self->member = member_names[i].member;
  return TRUE;
}

static gboolean
take_required (KsSessionStream *self, const char *string, gsize length)
{
  GString *place = self->strings[self->member];
  gsize room = self->member == SESSION_KEY                             ? SESSION_KEY_ROOM
               : self->member == ROOM_ID || self->member == SESSION_ID ? KS_SESSION_ID_MAX_SIZE
                                                                       : KS_SESSION_MAX_SIZE;

  if (string == NULL || length > room || (length == 0 && self->member != ALGORITHM))
    {
      spoil (self, "a member is empty or too long");
      return TRUE;
    }
  g_string_append_len (place, string, (gssize) length);
  self->has |= 1u << self->member;
  return TRUE;
}

static gboolean
take_string (gpointer sink, const char *string, gsize length)
{
  KsSessionStream *self = sink;
  GString *place = optional (self);

  self->size += string != NULL ? length : KS_SESSION_MAX_SIZE + 1;
  switch (role (self))
    {
    case SESSION:
    case CLAIMED:
      if (place != NULL && string != NULL)
        g_string_assign (place, string);
      return role (self) == SESSION && self->member < N_STRINGS ? take_required (self, string, length) : TRUE;
    case CHAIN:
      take_link (self, string);
      return TRUE;
    case SESSIONS:
    case OTHER:
    default:
      return take_other (self);
    }
}

static gboolean
take_number (gpointer sink, gboolean is_integer, gint64 integer, double real)
{
  return take_other (sink);
}

static gboolean
take_boolean (gpointer sink, gboolean value)
{
  KsSessionStream *self = sink;

  if (role (self) != SESSION || self->member != SHARED_HISTORY)
    return take_other (self);
  self->shared_history = value;
  return TRUE;
}

static gboolean
take_null (gpointer sink)
{
  return take_other (sink);
}

static const KsJsonSink stream_sink = {
  .start_object = start_object,
  .end_object = end_object,
  .start_array = start_array,
  .end_array = end_array,
  .key = take_key,
  .string = take_string,
  .number = take_number,
  .odd_number = take_null,
  .boolean = take_boolean,
  .null = take_null,
};

/* One that is not even JSON, or that breaks a limit of it, costs no other one. */
static gboolean
spoil_session (KsSessionStream *self, const char *problem)
{
  spoil (self, problem);
  return end_session (self);
}

static gboolean
read_session (const char *text, gsize size, gpointer data, GError **error)
{
  KsSessionStream *self = data;
  g_autoptr (KsJsonScanner) scanner = NULL;
  gboolean fine = FALSE;

  if (text != NULL && text[0] == '{')
    {
      scanner = ks_json_scanner_new (&stream_sink, self, KS_SESSION_MAX_SIZE);
      self->scanner = scanner;
      self->depth = 0;
      fine = ks_json_scanner_feed (scanner, "[", 1, NULL) && ks_json_scanner_feed (scanner, text, size, NULL)
             && ks_json_scanner_feed (scanner, "]", 1, NULL) && ks_json_scanner_end (scanner, NULL);
      self->scanner = NULL;
    }
  if (fine)
    return TRUE;
  if (self->stopped == NULL
      && spoil_session (self, text == NULL      ? "the session is too large"
                              : scanner == NULL ? "the session is not an object"
                                                : "the session cannot be read"))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->stopped));
  return FALSE;
}

KsSessionStream *
ks_session_stream_new (KsSessionFunc on_session, gpointer user_data)
{
  KsSessionStream *self = g_new0 (KsSessionStream, 1);

  self->split = ks_list_split_new (TEXT_ROOM, read_session, self);
  self->on_session = on_session;
  self->user_data = user_data;
  for (int i = 0; i < N_STRINGS; i++)
    self->strings[i] = g_string_sized_new (SESSION_KEY_ROOM);
  self->sender = g_string_new (NULL);
  self->claimed = g_string_new (NULL);
  self->chain = g_string_new (NULL);
  return self;
}

void
ks_session_stream_free (KsSessionStream *stream)
{
  if (stream == NULL)
    return;
  forget_session (stream);
  ks_list_split_free (stream->split);
  g_clear_error (&stream->stopped);
  for (int i = 0; i < N_STRINGS; i++)
    g_string_free (stream->strings[i], TRUE);
  g_string_free (stream->sender, TRUE);
  g_string_free (stream->claimed, TRUE);
  g_string_free (stream->chain, TRUE);
  g_free (stream);
}

gboolean
ks_session_stream_feed (KsSessionStream *stream, const void *bytes, gsize size, GError **error)
{
  return ks_list_split_feed (stream->split, bytes, size, error);
}

gboolean
ks_session_stream_end (KsSessionStream *stream, GError **error)
{
  return ks_list_split_end (stream->split, error);
}
