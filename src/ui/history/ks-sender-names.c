/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-sender-names.h"

#include "crypto/ks-keyed-hash.h"
#include "engine/identity/ks-shown-name.h"

#include <string.h>

struct KsSenderNames
{
  GHashTable *names;  /* owned: user ID to name */
  GHashTable *owners; /* owned: short name, without regard to case, to the user ID that had it first */
};

KsSenderNames *
ks_sender_names_new (void)
{
  KsSenderNames *self = g_rc_box_new0 (KsSenderNames);

  self->names = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, g_free);
  self->owners = g_hash_table_new_full (ks_keyed_str_hash, g_str_equal, g_free, g_free);
  return self;
}

KsSenderNames *
ks_sender_names_ref (KsSenderNames *self)
{
  return g_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  KsSenderNames *self = data;

  g_hash_table_unref (self->names);
  g_hash_table_unref (self->owners);
}

void
ks_sender_names_unref (KsSenderNames *self)
{
  g_rc_box_release_full (self, clear);
}

/* The whole of it, as it can be shown. */
static char *
whole_name (const char *user_id)
{
  char *name = ks_shown_name (user_id);

  return name != NULL ? name : g_strdup ("?");
}

/* As user IDs are (Client-Server API, "Historical User IDs"): of other letters some look like
 * these, and some like nothing. */
static gboolean
is_plain (const char *local)
{
  for (const char *c = local; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c))
      return FALSE;
  return TRUE;
}

static char *
short_name (const char *user_id)
{
  const char *colon = strchr (user_id, ':');
  g_autofree char *local = NULL;
  char *name;

  if (user_id[0] != '@' || colon == NULL)
    return whole_name (user_id);
  local = g_strndup (user_id + 1, (gsize) (colon - user_id) - 1);
  name = is_plain (local) ? ks_shown_name (local) : NULL;
  return name != NULL ? name : whole_name (user_id);
}

void
ks_sender_names_add (KsSenderNames *self, const char *user_id)
{
  g_autofree char *name = NULL;
  g_autofree char *folded = NULL;
  const char *owner;

  if (g_hash_table_contains (self->names, user_id))
    return;
  name = short_name (user_id);
  folded = g_utf8_casefold (name, -1);
  owner = g_hash_table_lookup (self->owners, folded);
  if (owner == NULL)
    {
      g_hash_table_insert (self->owners, g_steal_pointer (&folded), g_strdup (user_id));
      g_hash_table_insert (self->names, g_strdup (user_id), g_steal_pointer (&name));
      return;
    }
  g_hash_table_insert (self->names, g_strdup (owner), whole_name (owner));
  g_hash_table_insert (self->names, g_strdup (user_id), whole_name (user_id));
}

const char *
ks_sender_names_get (KsSenderNames *self, const char *user_id)
{
  return g_hash_table_lookup (self->names, user_id);
}
