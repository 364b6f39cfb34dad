/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What came of unlocking: which key it was, what had to be put right in it, what it opened.
 */
#pragma once

#include "engine/keys/ks-key-report.h"
#include "engine/secrets/ks-secret-name.h"
#include "engine/unlock/ks-key-candidates.h"
#include "engine/unlock/ks-phrase-variants.h"
#include "engine/unlock/ks-unlock-note.h"

G_BEGIN_DECLS

typedef enum
{
  KS_UNLOCK_DEFAULT = 0,
  /* The person was told that the account has another identity than the one that this
   * session knew, and wants that one. */
  KS_UNLOCK_TAKE_OTHER_IDENTITY = 1 << 0,
  /* The person wants the key in the desktop keyring too. */
  KS_UNLOCK_KEEP_KEY = 1 << 1,
  /* Nothing is written, neither on the server nor here: the result is what the key would open. */
  KS_UNLOCK_ONLY_TRY = 1 << 2,
} KsUnlockFlags;

typedef struct
{
  guint lock;           /* which of the account's locks it fits */
  KsSecret *key;        /* owned: 32 bytes */
  KsKeyMistake mistake; /* that was found in the key and put right */
  gboolean by_phrase;
  gint64 rounds;     /* by phrase: of hashing */
  KsPhraseForm form; /* by phrase: the spelling that fits */
  gboolean trimmed;  /* likewise */
  gboolean lossy;    /* likewise: other phrases give the same key */
} KsFoundKey;

void ks_found_key_free (KsFoundKey *found); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsFoundKey, ks_found_key_free)

/* What became of a secret. */
typedef enum
{
  KS_OPENED_NOTHING,  /* nothing is stored under this key */
  KS_OPENED_UNUSED,   /* it opens, and the server publishes no other half: it is good for nothing yet */
  KS_OPENED_SECRET,   /* it opens, is the half of what is published, and is kept here */
  KS_OPENED_DAMAGED,  /* it is stored and does not open, or is no key */
  KS_OPENED_MISMATCH, /* it opens, and is no half of the identity or backup that is published */
  KS_OPENED_CHANGED,  /* the identity is not the one that this session knew, and none of it is taken */
  KS_OPENED_OLDER,    /* it opens, and is the key of an older backup, whose room keys are here now */
  KS_OPENED_UNKNOWN,  /* the server did not tell what it would have to be compared with */
} KsOpened;
#define KS_N_OPENED (KS_OPENED_UNKNOWN + 1)

/* "nothing", "unused", "opened", "damaged", "mismatch", "changed", "older", "unknown". Static. */
const char *ks_opened_to_string (KsOpened opened);

typedef struct
{
  char *key_id;            /* owned: of secret storage; NULL: the key is that of the backup itself */
  gboolean is_default_key; /* and the one that other clients ask for */
  KsFoundKey *found;       /* owned: the key, and what was put right in it */
  gboolean weak_phrase;    /* by phrase: with fewer rounds than are safe against who runs the server */
  KsOpened opened[KS_N_SECRETS];
  gboolean other_key[KS_N_SECRETS]; /* of KS_OPENED_NOTHING: it is stored under another key than this one */
  gboolean only_older;       /* nothing but an older backup: see KS_OPENED_OLDER. This session is as locked as
                                it was, and what follows is empty but for what was uploaded */
  KsKeyReport *older;        /* owned: what came from there; NULL: there is none */
  gboolean identity_changed; /* the identity is not the one that was known: see KS_OPENED_CHANGED */
  GError *device;            /* owned: what the server refused of this session's own keys; NULL: nothing */
  GError *signing;           /* owned: why this session could not be signed; NULL: it was, or no key for it
                                was opened */
  KsUnlockNote *note;        /* owned: for a repair of what did not open; NULL: all is open and whole */
  gboolean ill_spelled;      /* an earlier version of Keepsake stored it unpadded: see ks-respell.h */
  gboolean no_identity;      /* the account has none yet, which could verify this session */
  gboolean device_verified;  /* this session is signed by an identity that the key has proved */
  char *backup_version;      /* owned: the one that the backup key opens; NULL: none */
  gboolean backup_writable;  /* with backup_version: other clients can read what goes up to it */
  uint8_t backup_key[32];    /* with backup_version: the public half */
  GError *keyring;           /* owned: why it did not take the key; NULL if it did, or was not asked to */
  guint64 uploaded;          /* room keys that went up right after */
  guint64 refused;           /* and that the server did not take */
  GError *upload;            /* owned: why not all of them went up; NULL otherwise */
} KsUnlockResult;

void ks_unlock_result_free (KsUnlockResult *result); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsUnlockResult, ks_unlock_result_free)

G_END_DECLS
