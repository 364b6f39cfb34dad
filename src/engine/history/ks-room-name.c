/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-room-name.h"

#include "engine/identity/ks-shown-name.h"
#include "matrix/ks-api-rooms.h"
#include "matrix/ks-json.h"

void
ks_room_name_clear (KsRoomName *name)
{
  g_clear_pointer (&name->text, g_free);
}

static gboolean
take (JsonObject *content, const char *member, KsRoomNameKind kind, KsRoomName *out)
{
  const char *text;

  if (!ks_json_get_string (content, member, &text))
    return FALSE;
  out->text = ks_shown_name (text);
  out->kind = kind;
  out->n_others = 0;
  return out->text != NULL;
}

gboolean
ks_room_name_from_state (JsonObject *name, JsonObject *alias, KsRoomName *out)
{
  return take (name, "name", KS_ROOM_NAME_GIVEN, out) || take (alias, "alias", KS_ROOM_NAME_ALIAS, out);
}

/* How @member is called beside @others: two of the same name are told apart by their IDs. */
static char *
name_of (const KsRoomMember *member, GPtrArray *others)
{
  g_autofree char *shown = ks_shown_name (member->display_name);
  g_autofree char *id = ks_shown_name (member->user_id);

  if (shown == NULL)
    return g_steal_pointer (&id);
  for (guint i = 0; i < others->len; i++)
    {
      const KsRoomMember *other = others->pdata[i];
      g_autofree char *other_shown = other != member ? ks_shown_name (other->display_name) : NULL;

      if (g_strcmp0 (shown, other_shown) == 0)
        return g_strdup_printf ("%s (%s)", shown, id);
    }
  return g_steal_pointer (&shown);
}

void
ks_room_name_from_members (GPtrArray *members, const char *self, KsRoomName *out)
{
  g_autoptr (GPtrArray) here = g_ptr_array_new ();
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  GPtrArray *people;
  guint named;

  for (guint i = 0; i < members->len; i++)
    {
      const KsRoomMember *member = members->pdata[i];

      if (!g_str_equal (member->user_id, self))
        g_ptr_array_add (member->here ? here : gone, members->pdata[i]);
    }
  people = here->len > 0 ? here : gone;
  named = MIN (people->len, KS_ROOM_NAME_MAX_HEROES);
  out->kind = here->len > 0 ? KS_ROOM_NAME_PEOPLE : KS_ROOM_NAME_EMPTY;
  out->n_others = people->len - named;
  g_ptr_array_set_size (people, (gint) named);
  for (guint i = 0; i < named; i++)
    {
      g_autofree char *name = name_of (people->pdata[i], people);

      if (name == NULL)
        continue;
      if (text->len > 0)
        g_string_append (text, ", ");
      g_string_append (text, name);
    }
  out->text = text->len > 0 ? g_strdup (text->str) : NULL;
}
