/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an unlock leaves behind when not all of it opened: with which key it was tried, and what
 * the account looked like then. By this a later look knows that entering the key again opens
 * nothing more, and a repair has the key that it stores secrets under.
 *
 * It lies sealed in the journal, and is wiped once all is open or repaired. No I/O here.
 */
#pragma once

#include "engine/identity/ks-server-look.h"

G_BEGIN_DECLS

/* The journal's kind of operation, and its only step. */
#define KS_UNLOCK_NOTE_KIND "repair"
#define KS_UNLOCK_NOTE_STEP "noted"

#define KS_UNLOCK_NOTE_DIGEST_SIZE 32

typedef struct
{
  uint8_t digest[KS_UNLOCK_NOTE_DIGEST_SIZE];
  KsSecret *key;                /* owned: 32 bytes: what the person gave */
  char *key_id;                 /* owned: of secret storage; NULL: it has none, as the backup's own key */
  gboolean weak;                /* it comes from a phrase that is safe from nobody who runs the server */
  gboolean accepted;            /* the person has taken the identity that is published for theirs */
  KsSecret *made[KS_N_SECRETS]; /* owned: 32 bytes each: made anew by a repair under way; NULL: not */
} KsUnlockNote;

KsUnlockNote *ks_unlock_note_new (const KsServerLook *look, KsSecret *key, const char *key_id)
    G_GNUC_WARN_UNUSED_RESULT;
void ks_unlock_note_free (KsUnlockNote *note); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsUnlockNote, ks_unlock_note_free)

KsUnlockNote *ks_unlock_note_copy (const KsUnlockNote *note) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a repair that was stopped has keys in it. */
gboolean ks_unlock_note_has_made (const KsUnlockNote *note) G_GNUC_WARN_UNUSED_RESULT;

/* To the journal's payload and back. NULL: it is no such. */
KsSecret *ks_unlock_note_write (const KsUnlockNote *note) G_GNUC_WARN_UNUSED_RESULT;
KsUnlockNote *ks_unlock_note_read (const KsSecret *bytes) G_GNUC_WARN_UNUSED_RESULT;

/* What of an account decides whether a key opens anything: the secrets and the key that they are
 * under, and the public halves. How base64 is padded and who has signed makes no difference. */
void ks_unlock_note_digest (const KsServerLook *look, uint8_t digest[KS_UNLOCK_NOTE_DIGEST_SIZE]);

/* Whether the account is still as it was noted. */
gboolean ks_unlock_note_is_of (const KsUnlockNote *note, const KsServerLook *look) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
