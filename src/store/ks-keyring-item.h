/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How an item of ours looks in the Secret Service: its attributes and its label,
 * and whether one that came back is the one that was asked for. Internal to the
 * store.
 */
#pragma once

#include <libsecret/secret.h>

#include "store/ks-keyring.h"

G_BEGIN_DECLS

/* Which item. */
typedef struct
{
  KsKeyringKind kind;
  char *profile;
  char *user_id;   /* NULL for KS_KEYRING_STORE_KEY */
  char *device_id; /* NULL: for KS_KEYRING_STORE_KEY, or of whichever device */
} KsKeyringPlace;

void ks_keyring_place_clear (KsKeyringPlace *place);

/* io.github.keepsake.Keepsake */
const SecretSchema *ks_keyring_item_schema (void);

/* What to search for (@serial NULL), or what a new item gets. */
GHashTable *ks_keyring_item_attributes (const KsKeyringPlace *place, const char *serial)
    G_GNUC_WARN_UNUSED_RESULT;

/* "Keepsake: Security Key of @alice:example.org": what a person sees in the
 * keyring's own window. Not translated: it outlives a change of language. */
char *ks_keyring_item_label (const KsKeyringPlace *place) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @item has the attributes of @place, and of @serial unless that is NULL. */
gboolean ks_keyring_item_matches (SecretItem *item, const KsKeyringPlace *place, const char *serial);

/* Those of @items (SecretItem, taken over) that match, newest first. */
GList *ks_keyring_item_filter (GList *items, const KsKeyringPlace *place) G_GNUC_WARN_UNUSED_RESULT;

/* A serial for a new item: the time, but above those of all of @items (SecretItem,
 * newest first), whatever the clock says. */
char *ks_keyring_item_next_serial (GList *items) G_GNUC_WARN_UNUSED_RESULT;

/* The item's content, and back. NULL: not what an item of this kind holds. */
SecretValue *ks_keyring_item_encode (KsKeyringKind kind, const KsSecret *secret) G_GNUC_WARN_UNUSED_RESULT;
KsSecret *ks_keyring_item_decode (KsKeyringKind kind, SecretValue *value) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
