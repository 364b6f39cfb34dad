/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json-stream.h"

#include <string.h>

#include "matrix/ks-json-scan.h"
#include "matrix/ks-matrix-error.h"

/* So that a body without end does not need memory without end. The names of
 * rooms and sessions are remembered (to refuse duplicates), 16 bytes each; what
 * is not an entry is remembered nowhere, but its names are, until it is closed. */
#define MAX_NAMED 4000000
#define MAX_OTHER_NAMES (256 * 1024)

/* What an open object or array is. */
typedef enum
{
  ROOT,
  ROOMS, /* room ID → ROOM */
  ROOM,
  SESSIONS, /* session ID → ENTRY */
  ENTRY,
  DATA,  /* session_data */
  OTHER, /* nothing that we know; and all below it */
} Role;

/* Members of ENTRY and DATA. */
typedef enum
{
  UNKNOWN = 0,
  FIRST_MESSAGE_INDEX = 1 << 0,
  FORWARDED_COUNT = 1 << 1,
  IS_VERIFIED = 1 << 2,
  EPHEMERAL = 1 << 3,
  CIPHERTEXT = 1 << 4,
  MAC = 1 << 5,
  ALL = (1 << 6) - 1,
} Member;

struct KsJsonStream
{
  KsJsonScanner *scanner; /* owned */
  KsBackupEntryFunc on_entry;
  gpointer user_data;
  gboolean one_room;

  Role open[KS_JSON_MAX_DEPTH];
  guint depth;
  gboolean found;    /* the object that was asked for */
  gboolean expected; /* the last name, in ROOT, ROOM or ENTRY, was the one that leads on */
  Member member;     /* the last name in ENTRY or DATA */
  guint n_named;
  gsize other_names; /* bytes */

  GString *room_id;    /* owned */
  GString *session_id; /* owned */
  gboolean room_bad;
  GString *ephemeral;  /* owned */
  GString *ciphertext; /* owned */
  GString *mac;        /* owned */
  KsBackupEntry entry; /* its strings are those above */
  guint members;       /* of type Member: what the entry has */
  gsize entry_size;
  const char *problem; /* static */
  guint64 n_entries;   /* handed out */
};

static gboolean
stop (KsJsonStream *self, const char *reason)
{
  ks_json_scanner_fail (self->scanner, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 0, NULL, 0, FALSE,
                                                            "bad key backup: %s", reason));
  return FALSE;
}

static void
spoil (KsJsonStream *self, const char *problem)
{
  if (self->problem == NULL)
    self->problem = problem;
}

static Role
role (KsJsonStream *self)
{
  return self->depth > 0 ? self->open[self->depth - 1] : OTHER;
}

static void
begin_entry (KsJsonStream *self)
{
  self->members = 0;
  self->entry_size = 0;
  self->other_names = 0;
  self->problem = self->room_bad ? "the room ID is too long" : NULL;
  if (self->session_id->len == 0)
    spoil (self, "the session ID is empty or too long");
}

static gboolean
end_entry (KsJsonStream *self)
{
  g_autoptr (GError) error = NULL;
  KsBackupEntry *entry = &self->entry;

  if (self->entry_size > KS_BACKUP_ENTRY_MAX_SIZE)
    self->problem = "the entry is too large";
  if (self->members != ALL)
    spoil (self, "a member is absent");

  if (self->problem != NULL)
    memset (entry, 0, sizeof *entry);
  else
    {
      entry->ephemeral = self->ephemeral->str;
      entry->ciphertext = self->ciphertext->str;
      entry->mac = self->mac->str;
      entry->ephemeral_length = self->ephemeral->len;
      entry->ciphertext_length = self->ciphertext->len;
      entry->mac_length = self->mac->len;
    }
  entry->room_id = self->room_id->str;
  entry->session_id = self->session_id->str;

  self->n_entries++;
  if (self->on_entry (entry, self->problem, self->user_data, &error))
    return TRUE;
  ks_json_scanner_fail (self->scanner, g_steal_pointer (&error));
  return FALSE;
}

/* A value of a wrong type, or one that nobody asked for. */
static gboolean
take_other (KsJsonStream *self)
{
  switch (role (self))
    {
    case ROOMS:
      return stop (self, "a room is not an object");
    case ROOT:
    case ROOM:
      return !self->expected || stop (self, "\"rooms\" or \"sessions\" is not an object");
    case SESSIONS:
      begin_entry (self);
      spoil (self, "the entry is not an object");
      return end_entry (self);
    case ENTRY:
      if (self->expected)
        spoil (self, "session_data is not an object");
      else if (self->member != UNKNOWN)
        spoil (self, "a member has a wrong type");
      return TRUE;
    case DATA:
      if (self->member != UNKNOWN)
        spoil (self, "a member has a wrong type");
      return TRUE;
    case OTHER:
    default:
      return TRUE;
    }
}

static Role
role_of_new_object (KsJsonStream *self)
{
  switch (role (self))
    {
    case ROOT:
      if (!self->expected)
        return OTHER;
      return self->one_room ? SESSIONS : ROOMS;
    case ROOMS:
      return ROOM;
    case ROOM:
      return self->expected ? SESSIONS : OTHER;
    case SESSIONS:
      return ENTRY;
    case ENTRY:
      return self->expected ? DATA : OTHER;
    case DATA:
    case OTHER:
    default:
      return OTHER;
    }
}

static gboolean
start_object (gpointer sink)
{
  KsJsonStream *self = sink;
  Role new_role = self->depth == 0 ? ROOT : role_of_new_object (self);

  if (new_role == OTHER && !take_other (self))
    return FALSE;
  if ((self->depth == 1 && new_role != OTHER))
    self->found = TRUE;
  if (new_role == ENTRY)
    begin_entry (self);
  if (new_role == ROOM)
    self->other_names = 0;
  self->open[self->depth++] = new_role;
  return TRUE;
}

static gboolean
end_object (gpointer sink)
{
  KsJsonStream *self = sink;

  self->depth--;
  return self->open[self->depth] != ENTRY || end_entry (self);
}

static gboolean
start_array (gpointer sink)
{
  KsJsonStream *self = sink;

  if (self->depth == 0)
    return stop (self, "not an object");
  if (!take_other (self))
    return FALSE;
  self->open[self->depth++] = OTHER;
  return TRUE;
}

static gboolean
end_array (gpointer sink)
{
  KsJsonStream *self = sink;

  self->depth--;
  return TRUE;
}

/* Keeps an ID; an empty string stands for one that is none. */
static void
keep_id (GString *id, const char *key, gsize length)
{
  g_string_truncate (id, 0);
  if (key != NULL && length <= KS_BACKUP_ID_MAX_SIZE)
    g_string_append_len (id, key, (gssize) length);
}

static Member
entry_member (const char *key)
{
  if (strcmp (key, "first_message_index") == 0)
    return FIRST_MESSAGE_INDEX;
  if (strcmp (key, "forwarded_count") == 0)
    return FORWARDED_COUNT;
  return strcmp (key, "is_verified") == 0 ? IS_VERIFIED : UNKNOWN;
}

static Member
data_member (const char *key)
{
  if (strcmp (key, "ephemeral") == 0)
    return EPHEMERAL;
  if (strcmp (key, "ciphertext") == 0)
    return CIPHERTEXT;
  return strcmp (key, "mac") == 0 ? MAC : UNKNOWN;
}

static gboolean
take_key (gpointer sink, const char *key, gsize length)
{
  KsJsonStream *self = sink;
  Role where = role (self);

  self->expected = FALSE;
  self->member = UNKNOWN;
  if (where == ROOMS || where == SESSIONS)
    {
      if (++self->n_named > MAX_NAMED)
        return stop (self, "too many keys");
      keep_id (where == ROOMS ? self->room_id : self->session_id, key, length);
      if (where == ROOMS)
        self->room_bad = self->room_id->len == 0;
      return TRUE;
    }

  self->other_names += length + 16;
  self->entry_size += length;
  if (key == NULL || self->other_names > MAX_OTHER_NAMES)
    return stop (self, "too much that does not belong there");
  if (where == ROOT)
    self->expected = strcmp (key, self->one_room ? "sessions" : "rooms") == 0;
  else if (where == ROOM)
    self->expected = strcmp (key, "sessions") == 0;
  else if (where == ENTRY)
    {
      self->expected = strcmp (key, "session_data") == 0;
      self->member = entry_member (key);
    }
  else if (where == DATA)
    self->member = data_member (key);
  return TRUE;
}

static gboolean
take_string (gpointer sink, const char *string, gsize length)
{
  KsJsonStream *self = sink;
  GString *place;

  self->entry_size += string != NULL ? length : KS_BACKUP_ENTRY_MAX_SIZE + 1;
  if (role (self) != DATA || self->member == UNKNOWN || string == NULL)
    return take_other (self);

  place = self->member == EPHEMERAL ? self->ephemeral : self->member == MAC ? self->mac : self->ciphertext;
  g_string_truncate (place, 0);
  g_string_append_len (place, string, (gssize) length);
  self->members |= self->member;
  return TRUE;
}

static gboolean
take_number (gpointer sink, gboolean is_integer, gint64 integer, double real)
{
  KsJsonStream *self = sink;

  if (role (self) != ENTRY || !is_integer || !(self->member & (FIRST_MESSAGE_INDEX | FORWARDED_COUNT)))
    return take_other (self);
  if (integer < 0)
    spoil (self, "a number is negative");
  if (self->member == FIRST_MESSAGE_INDEX)
    self->entry.first_message_index = integer;
  else
    self->entry.forwarded_count = integer;
  self->members |= self->member;
  return TRUE;
}

static gboolean
take_boolean (gpointer sink, gboolean value)
{
  KsJsonStream *self = sink;

  if (role (self) != ENTRY || self->member != IS_VERIFIED)
    return take_other (self);
  self->entry.is_verified = value;
  self->members |= IS_VERIFIED;
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

KsJsonStream *
ks_json_stream_new (const char *room_id, KsBackupEntryFunc on_entry, gpointer user_data)
{
  KsJsonStream *self = g_new0 (KsJsonStream, 1);

  self->scanner = ks_json_scanner_new (&stream_sink, self, KS_BACKUP_ENTRY_MAX_SIZE);
  self->on_entry = on_entry;
  self->user_data = user_data;
  self->one_room = room_id != NULL;
  self->room_id = g_string_new (room_id);
  self->session_id = g_string_new (NULL);
  self->ephemeral = g_string_new (NULL);
  self->ciphertext = g_string_new (NULL);
  self->mac = g_string_new (NULL);
  return self;
}

void
ks_json_stream_free (KsJsonStream *stream)
{
  if (stream == NULL)
    return;
  ks_json_scanner_free (stream->scanner);
  g_string_free (stream->room_id, TRUE);
  g_string_free (stream->session_id, TRUE);
  g_string_free (stream->ephemeral, TRUE);
  g_string_free (stream->ciphertext, TRUE);
  g_string_free (stream->mac, TRUE);
  g_free (stream);
}

gboolean
ks_json_stream_feed (KsJsonStream *stream, const void *bytes, gsize size, GError **error)
{
  return ks_json_scanner_feed (stream->scanner, bytes, size, error);
}

guint64
ks_json_stream_get_n_entries (KsJsonStream *stream)
{
  return stream->n_entries;
}

gboolean
ks_json_stream_end (KsJsonStream *stream, GError **error)
{
  if (!ks_json_scanner_end (stream->scanner, error))
    return FALSE;
  if (stream->found)
    return TRUE;
  g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 0, NULL, 0, FALSE,
                                                 "bad key backup: no keys are named in it"));
  return FALSE;
}
