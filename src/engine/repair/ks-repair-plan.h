/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an account's Secure Backup lacks, and the smallest repair. From a table of each secret's
 * places – on the server under which key, its public half, here – follows what can be put right,
 * what needs the Security Key, and what nothing here can mend. No I/O.
 */
#pragma once

#include "engine/identity/ks-server-look.h"

G_BEGIN_DECLS

/* What a repair can do, in the order in which it does it. */
typedef enum
{
  KS_REPAIR_DESCRIBE_KEY, /* the description of the Security Key is written again */
  KS_REPAIR_STORE,        /* secrets are stored again under it */
  KS_REPAIR_PUBLISH,      /* public halves of the identity are published again */
  KS_REPAIR_SIGN,         /* this session is signed */
  KS_REPAIR_BACKUP,       /* a new backup is made; the one before is kept on the server */
  KS_REPAIR_NAME_KEY,     /* the Security Key becomes the default one */
} KsRepairAction;
#define KS_N_REPAIR_ACTIONS (KS_REPAIR_NAME_KEY + 1)

typedef struct
{
  gboolean actions[KS_N_REPAIR_ACTIONS];
  gboolean any;                              /* there is an action */
  gboolean store[KS_N_SECRETS];              /* of KS_REPAIR_STORE */
  gboolean publish[KS_N_CROSS_SIGNING_KEYS]; /* of KS_REPAIR_PUBLISH */
  gboolean make[KS_N_SECRETS];               /* it is made anew, since there is none */
  gboolean lost[KS_N_SECRETS];               /* the private half of what is published is nowhere that could be
                                                opened. A new backup may be made with the key of an older one */
  gboolean keep[KS_N_SECRETS];               /* it is proven, or will be, and is to be kept here */
  gboolean news;                             /* one of those is not here yet, or was not known to be stored */
  gboolean needs_key;                        /* an action needs the Security Key, which is not here */
  gboolean weak_key;                         /* the key comes from a phrase that is hashed too little, so
                                                that nothing more is stored under it */
  gboolean elsewhere;                        /* what would be made anew is stored under another key, too,
                                                which was not given yet */
  gboolean apart;                            /* the key shares its ID with another one, and gets its own */
  gboolean foreign;                          /* the identity that is published is somebody else's, as far as
                                                the person has not said that it is theirs */
  char *key_id;      /* owned: of the key that secrets are stored under; NULL: one that has no ID yet */
  char *old_version; /* owned: of the backup that is kept; NULL: none */
  KsSecret *older; /* owned: the key of an older backup, which is written over by that of the current one, so
                        that what it opens is brought back before; NULL: none */
} KsRepairPlan;

void ks_repair_plan_free (KsRepairPlan *plan); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsRepairPlan, ks_repair_plan_free)

/* What is here. All borrowed. */
typedef struct
{
  const char *user_id;
  KsSecret *secrets[KS_N_SECRETS]; /* the private halves in this session; NULL: not here */
  const char *master_key;          /* the public master key that this session knew, base64; NULL: none */
  gboolean accepted;               /* the person has taken the identity that is published for theirs */
  const char *known_key;           /* the ID of the default key that this session knew; NULL: none */
  const char *storage_proof;       /* what was proven of storage under it: see ks-storage-proof.h */
  gboolean device_verified;
  KsSecret *key;           /* the Security Key, once it was given; NULL: not here */
  const char *key_id;      /* of it in secret storage; NULL: it is the backup's own so far */
  JsonObject *description; /* of that key, where it is not the default one; NULL: none */
  gboolean weak;           /* the key comes from a phrase that can be guessed: see KsUnlockNote */
  KsSecret *const *made;   /* KS_N_SECRETS: made by a repair that was stopped; NULL: none */
} KsRepairPlace;

/* @look must be whole, without failures. @values (KS_N_SECRETS, may be NULL): the private halves that
 * the repair works with, each with a reference: those that fit what is published, or are to be
 * published; NULL where there is none. */
KsRepairPlan *ks_repair_plan_new (const KsServerLook *look, const KsRepairPlace *place, KsSecret **values)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether the secret @name is lost, and the repair neither makes it anew nor follows the backup that it is
 * of with a new one. */
gboolean ks_repair_plan_leaves_lost (const KsRepairPlan *plan, KsSecretName name);
gboolean ks_repair_plan_leaves_any_lost (const KsRepairPlan *plan);

/* Adds what @other does, makes and calls lost to @plan, which says where the two differ what is still needed:
 * a repair that was asked for the password in its middle is announced as one. */
void ks_repair_plan_add (KsRepairPlan *plan, const KsRepairPlan *other);

/* "describe-key", "store", "publish", "sign", "backup", "name-key". Static. */
const char *ks_repair_action_to_string (KsRepairAction action);

G_END_DECLS
