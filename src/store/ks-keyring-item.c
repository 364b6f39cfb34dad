/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/ks-keyring-item.h"

#include <string.h>

#include "store/ks-store-key-text.h"

#define ATTRIBUTE_KIND "kind"
#define ATTRIBUTE_PROFILE "profile"
#define ATTRIBUTE_USER "user"
#define ATTRIBUTE_DEVICE "device"
#define ATTRIBUTE_SERIAL "serial"

/* Microseconds since 1970 with leading zeros, so that text compares as numbers do. */
#define SERIAL_SIZE 20
#define SERIAL_FORMAT "%020" G_GUINT64_FORMAT

/* The service adds the schema's name to the attributes under this one. */
#define ATTRIBUTE_SCHEMA "xdg:schema"

static const SecretSchema schema = {
  .name = "io.github.keepsake.Keepsake",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = {
    { ATTRIBUTE_KIND, SECRET_SCHEMA_ATTRIBUTE_STRING },
    { ATTRIBUTE_PROFILE, SECRET_SCHEMA_ATTRIBUTE_STRING },
    { ATTRIBUTE_USER, SECRET_SCHEMA_ATTRIBUTE_STRING },
    { ATTRIBUTE_DEVICE, SECRET_SCHEMA_ATTRIBUTE_STRING },
    { ATTRIBUTE_SERIAL, SECRET_SCHEMA_ATTRIBUTE_STRING },
  },
};

static const char *
kind_name (KsKeyringKind kind)
{
  switch (kind)
    {
    case KS_KEYRING_ACCESS_TOKEN:
      return "access-token";
    case KS_KEYRING_SECURITY_KEY:
      return "security-key";
    case KS_KEYRING_STORE_KEY:
    default:
      return "store-key";
    }
}

void
ks_keyring_place_clear (KsKeyringPlace *place)
{
  g_clear_pointer (&place->profile, g_free);
  g_clear_pointer (&place->user_id, g_free);
  g_clear_pointer (&place->device_id, g_free);
}

const SecretSchema *
ks_keyring_item_schema (void)
{
  return &schema;
}

static void
add_attribute (GHashTable *attributes, const char *name, const char *value)
{
  if (value != NULL)
    g_hash_table_insert (attributes, g_strdup (name), g_strdup (value));
}

GHashTable *
ks_keyring_item_attributes (const KsKeyringPlace *place, const char *serial)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  add_attribute (attributes, ATTRIBUTE_KIND, kind_name (place->kind));
  add_attribute (attributes, ATTRIBUTE_PROFILE, place->profile);
  add_attribute (attributes, ATTRIBUTE_USER, place->user_id);
  add_attribute (attributes, ATTRIBUTE_DEVICE, place->device_id);
  add_attribute (attributes, ATTRIBUTE_SERIAL, serial);
  return attributes;
}

char *
ks_keyring_item_label (const KsKeyringPlace *place)
{
  switch (place->kind)
    {
    case KS_KEYRING_ACCESS_TOKEN:
      return g_strdup_printf ("Keepsake: Access Token of %s (%s)", place->user_id, place->device_id);
    case KS_KEYRING_SECURITY_KEY:
      return g_strdup_printf ("Keepsake: Security Key of %s", place->user_id);
    case KS_KEYRING_STORE_KEY:
    default:
      return g_strdup_printf ("Keepsake: Key of the Local Data (%s)", place->profile);
    }
}

static gboolean
attribute_is (GHashTable *attributes, const char *name, const char *value)
{
  return g_strcmp0 (g_hash_table_lookup (attributes, name), value) == 0;
}

gboolean
ks_keyring_item_matches (SecretItem *item, const KsKeyringPlace *place, const char *serial)
{
  g_autoptr (GHashTable) attributes = secret_item_get_attributes (item);
  gboolean any_device = place->device_id == NULL && place->kind != KS_KEYRING_STORE_KEY;

  return attributes != NULL && attribute_is (attributes, ATTRIBUTE_SCHEMA, schema.name)
         && attribute_is (attributes, ATTRIBUTE_KIND, kind_name (place->kind))
         && attribute_is (attributes, ATTRIBUTE_PROFILE, place->profile)
         && attribute_is (attributes, ATTRIBUTE_USER, place->user_id)
         && (any_device || attribute_is (attributes, ATTRIBUTE_DEVICE, place->device_id))
         && (serial == NULL || attribute_is (attributes, ATTRIBUTE_SERIAL, serial));
}

/* "" for an item without a proper one: older than any other. */
static char *
get_serial (SecretItem *item)
{
  g_autoptr (GHashTable) attributes = secret_item_get_attributes (item);
  const char *serial = attributes == NULL ? NULL : g_hash_table_lookup (attributes, ATTRIBUTE_SERIAL);

  if (serial == NULL || strlen (serial) != SERIAL_SIZE || strspn (serial, "0123456789") != SERIAL_SIZE)
    return g_strdup ("");
  return g_strdup (serial);
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  g_autofree char *serial_a = get_serial (SECRET_ITEM ((gpointer) a));
  g_autofree char *serial_b = get_serial (SECRET_ITEM ((gpointer) b));

  return strcmp (serial_b, serial_a);
}

GList *
ks_keyring_item_filter (GList *items, const KsKeyringPlace *place)
{
  GList *next;

  for (GList *link = items; link != NULL; link = next)
    {
      next = link->next;
      if (ks_keyring_item_matches (link->data, place, NULL))
        continue;
      g_debug ("the keyring answered with an item that was not asked for");
      g_object_unref (link->data);
      items = g_list_delete_link (items, link);
    }
  return g_list_sort (items, compare_newest_first);
}

char *
ks_keyring_item_next_serial (GList *items)
{
  guint64 now = (guint64) g_get_real_time ();

  if (items != NULL)
    {
      g_autofree char *newest = get_serial (items->data);
      guint64 last = g_ascii_strtoull (newest, NULL, 10);

      if (last < G_MAXUINT64)
        now = MAX (now, last + 1);
    }
  return g_strdup_printf (SERIAL_FORMAT, now);
}

SecretValue *
ks_keyring_item_encode (KsKeyringKind kind, const KsSecret *secret)
{
  g_autoptr (KsSecret) text = NULL;

  if (kind == KS_KEYRING_STORE_KEY)
    text = ks_store_key_to_text (secret);
  else
    text = ks_secret_new_copy (ks_secret_bytes (secret), ks_secret_size (secret));
  return secret_value_new ((const char *) ks_secret_bytes (text), (gssize) ks_secret_size (text),
                           "text/plain");
}

KsSecret *
ks_keyring_item_decode (KsKeyringKind kind, SecretValue *value)
{
  gsize size;
  const char *bytes = secret_value_get (value, &size);

  if (kind == KS_KEYRING_STORE_KEY)
    return ks_store_key_from_text (bytes, size);
  return ks_secret_new_copy (bytes, size);
}
