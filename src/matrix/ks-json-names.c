/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-json-names.h"

#include <string.h>

#include "crypto/ks-keyed-hash.h"

/* Most objects are small: their names lie one after the other and are compared
 * one by one. Only beyond this many is a table made. */
#define FEW 16

struct KsJsonNames
{
  GString *few; /* owned: length (guint32) and bytes of each name */
  guint n;

  guint64 *slots; /* owned: open addressing, 0 is empty; NULL until it is needed */
  gsize n_slots;  /* a power of two, or 0 */
  gsize n_used;
};

KsJsonNames *
ks_json_names_new (void)
{
  KsJsonNames *names = g_new0 (KsJsonNames, 1);

  names->few = g_string_sized_new (256);
  return names;
}

void
ks_json_names_free (KsJsonNames *names)
{
  if (names == NULL)
    return;
  g_string_free (names->few, TRUE);
  g_free (names->slots);
  g_free (names);
}

void
ks_json_names_reset (KsJsonNames *names)
{
  names->n = 0;
  g_string_truncate (names->few, 0);
  g_clear_pointer (&names->slots, g_free);
  names->n_slots = 0;
  names->n_used = 0;
}

static guint64
fingerprint (const char *name, gsize length)
{
  guint64 value = ks_keyed_hash (name, length);

  return value != 0 ? value : 1;
}

static gboolean
insert (guint64 *slots, gsize n_slots, guint64 value)
{
  for (gsize i = value & (n_slots - 1);; i = (i + 1) & (n_slots - 1))
    {
      if (slots[i] == value)
        return FALSE;
      if (slots[i] != 0)
        continue;
      slots[i] = value;
      return TRUE;
    }
}

static gboolean
add_fingerprint (KsJsonNames *names, guint64 value)
{
  if (names->n_used >= names->n_slots / 4 * 3)
    {
      gsize n_slots = MAX (names->n_slots * 2, 64);
      guint64 *slots = g_new0 (guint64, n_slots);

      for (gsize i = 0; i < names->n_slots; i++)
        if (names->slots[i] != 0)
          insert (slots, n_slots, names->slots[i]);
      g_free (names->slots);
      names->slots = slots;
      names->n_slots = n_slots;
    }
  if (!insert (names->slots, names->n_slots, value))
    return FALSE;
  names->n_used++;
  return TRUE;
}

/* Calls for each of the few; @length_out is read unaligned. */
static const char *
few_at (KsJsonNames *names, gsize *offset, gsize *length_out)
{
  guint32 length;
  const char *name;

  if (*offset >= names->few->len)
    return NULL;
  memcpy (&length, names->few->str + *offset, sizeof length);
  name = names->few->str + *offset + sizeof length;
  *offset += sizeof length + length;
  *length_out = length;
  return name;
}

/* The few become fingerprints among the others. */
static void
make_table (KsJsonNames *names)
{
  gsize offset = 0;
  gsize length;
  const char *name;

  while ((name = few_at (names, &offset, &length)) != NULL)
    add_fingerprint (names, fingerprint (name, length));
}

gboolean
ks_json_names_add (KsJsonNames *names, const char *name, gsize length)
{
  gsize offset = 0;
  gsize other_length;
  guint32 length32 = (guint32) length;
  const char *other;

  if (names->n == FEW && names->slots == NULL)
    make_table (names);
  if (names->slots != NULL)
    return add_fingerprint (names, fingerprint (name, length));

  while ((other = few_at (names, &offset, &other_length)) != NULL)
    if (other_length == length && memcmp (other, name, length) == 0)
      return FALSE;
  g_string_append_len (names->few, (const char *) &length32, sizeof length32);
  g_string_append_len (names->few, name, (gssize) length);
  names->n++;
  return TRUE;
}
