/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-new-description.h"

#include "engine/secrets/ks-key-description.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"

static void
set_members (JsonObject *content, JsonObject *from)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init (&iter, from);
  while (json_object_iter_next (&iter, &name, &member))
    json_object_set_member (content, name, json_node_copy (member));
}

/* @before without the members that nobody here could write again as they are. */
static JsonObject *
writable_part (JsonObject *before)
{
  g_autoptr (JsonObject) part = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init (&iter, before);
  while (json_object_iter_next (&iter, &name, &member))
    {
      g_autoptr (JsonObject) alone = json_object_new ();
      g_autofree char *text = NULL;

      json_object_set_member (alone, name, json_node_copy (member));
      text = ks_json_to_text (alone, NULL, NULL);
      if (text != NULL)
        json_object_set_member (part, name, json_node_copy (member));
    }
  return g_steal_pointer (&part);
}

/* What @before says of the phrase, with numbers that are spelled as all clients read them. It is written
 * over what @content has of it, which says as much in fewer members. What cannot be read is carried over
 * as it is: a newer client may read it. */
static void
carry_phrase (JsonObject *content, JsonObject *before)
{
  g_autoptr (KsKeyDescription) read = NULL;
  JsonObject *now;
  JsonObject *old;

  if (!ks_json_get_object (content, "passphrase", &now) || !ks_json_get_object (before, "passphrase", &old))
    return;
  old = ks_json_copy_object (old);
  set_members (old, now);
  if (ks_json_get_type (old, "bits") != KS_JSON_ABSENT
      && ks_key_description_read_parts (before, &read) != KS_KEY_DESCRIPTION_ABSENT && read->salt != NULL)
    json_object_set_int_member (old, "bits", read->bits);
  json_object_set_object_member (content, "passphrase", old);
}

/* Whether no client could read a description for its member @name. */
static gboolean
is_unreadable (JsonObject *content, const char *name)
{
  g_autoptr (JsonObject) alone = json_object_new ();
  g_autoptr (KsKeyDescription) read = NULL;

  if (!json_object_has_member (content, name))
    return FALSE;
  json_object_set_string_member (alone, "algorithm", KS_SECRET_STORAGE_ALGORITHM);
  json_object_set_member (alone, name, json_object_dup_member (content, name));
  return ks_key_description_read (alone, &read) != KS_KEY_DESCRIPTION_OK;
}

JsonObject *
ks_new_description (JsonObject *before, const KsSecret *key, const char *salt, gint64 rounds)
{
  const char *const others[] = { "name", "passphrase" };
  g_autoptr (JsonObject) description = ks_secret_storage_describe (key, salt, rounds);
  g_autoptr (JsonObject) content = NULL;

  if (description == NULL || before == NULL)
    return g_steal_pointer (&description);
  content = writable_part (before);
  json_object_remove_member (content, "signatures");
  set_members (content, description);
  carry_phrase (content, before);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (is_unreadable (content, others[i]))
      json_object_remove_member (content, others[i]);
  return g_steal_pointer (&content);
}
