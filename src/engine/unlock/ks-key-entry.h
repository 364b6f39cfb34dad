/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person gave: typed, pasted, or the content of a file; and what it is. It looks
 * only at the text: whether a key or phrase fits, and to what, is found out elsewhere.
 */
#pragma once

#include "crypto/ks-recovery-key.h"

G_BEGIN_DECLS

/* More is not looked into. */
#define KS_KEY_ENTRY_LARGEST 65536 /* bytes */

/* A file can hold keys of several accounts, or of several years. */
#define KS_KEY_ENTRY_MAX_KEYS 8

typedef enum
{
  KS_KEY_ENTRY_TYPED, /* a key or a phrase: what is no key is taken for a phrase */
  KS_KEY_ENTRY_FILE,  /* a file that is to hold a key, with whatever else around it */
} KsKeyEntrySource;

typedef enum
{
  KS_KEY_ENTRY_EMPTY,
  KS_KEY_ENTRY_KEY,
  KS_KEY_ENTRY_NEARLY_KEY, /* as long as a key; a mistake in it may be found: ks-key-candidates */
  KS_KEY_ENTRY_BROKEN_KEY, /* meant as a key, with more wrong than that */
  KS_KEY_ENTRY_PHRASE,
  KS_KEY_ENTRY_ROOM_KEY_FILE, /* exported room keys, which are imported instead */
  KS_KEY_ENTRY_JSON,          /* the same without its cipher, or any other JSON */
  KS_KEY_ENTRY_OTHER,         /* no text, too much of it, or a text file without a key */
} KsKeyEntryKind;

typedef struct
{
  KsKeyEntryKind kind;
  KsSecret *keys[KS_KEY_ENTRY_MAX_KEYS]; /* owned; with KEY */
  unsigned n_keys;
  KsSecret *characters; /* owned: KS_RECOVERY_KEY_CHARACTERS bytes for ks-key-candidates, which a whole key
                           may be too; NULL: no such */
  KsSecret *phrase;     /* owned: all of it as given, for whatever it looks like it may be one; NULL: in
                           a file, or no text */
  KsRecoveryKeyReading reading; /* of all of it as a key: what is wrong with a BROKEN one */
} KsKeyEntry;

/* Holds no reference to @text, but for the phrase. */
KsKeyEntry *ks_key_entry_read (KsSecret *text, KsKeyEntrySource source) G_GNUC_WARN_UNUSED_RESULT;
void ks_key_entry_free (KsKeyEntry *entry); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsKeyEntry, ks_key_entry_free)

G_END_DECLS
