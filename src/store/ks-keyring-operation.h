/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the verbs of the keyring do, step by step. Nothing here watches the clock:
 * a call may hang for as long as the Secret Service does, and KsKeyring leaves it
 * behind then. Internal to the store.
 */
#pragma once

#include "base/ks-steps.h"
#include "store/ks-keyring-item.h"

G_BEGIN_DECLS

/* The task data of the tables below. */
typedef struct
{
  KsKeyringPlace place; /* owned */
  gboolean interactive;
  KsSecret *secret;     /* owned: what is to be stored, or what was found */
  KsKeyringState state; /* how the default keyring was found */

  SecretService *service;       /* owned */
  SecretCollection *collection; /* owned; NULL: the service has no default keyring */
  GList *items;                 /* owned: SecretItem that match, newest first */
  GList *unneeded;              /* owned: SecretItem to be deleted */
  SecretItem *created;          /* owned */
  char *serial;                 /* owned: of the item that is stored */
  gboolean skipped;             /* the step had nothing to wait for */
  gboolean mismatch;            /* what was read back is not what was stored */
} KsKeyringOperation;

void ks_keyring_operation_free (gpointer operation);

extern const KsStep ks_keyring_probe_steps[];
extern const KsStep ks_keyring_store_steps[];
extern const KsStep ks_keyring_lookup_steps[];
extern const KsStep ks_keyring_clear_steps[];

G_END_DECLS
