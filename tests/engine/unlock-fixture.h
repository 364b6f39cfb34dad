/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An account that has Secure Backup, and a new session of it that is to be unlocked; and
 * what other clients, or a server that lies, may have made of the account data.
 */
#pragma once

#include "engine/engine-fixture.h"
#include "engine/recovery/ks-recovery-unlock.h"

G_BEGIN_DECLS

#define UNLOCK_KEY ENGINE_DATA "m.secret_storage.key."

typedef struct
{
  EngineFixture engine;
  KsSecret *key; /* owned: the Security Key */
  char *text;    /* owned: as a person has it */
  char *key_id;  /* owned */
} UnlockFixture;

/* @data: the phrase that the key comes from; NULL: it is generated. */
void unlock_set_up (UnlockFixture *f, gconstpointer data);
void unlock_tear_down (UnlockFixture *f, gconstpointer data);

KsUnlockResult *unlock_with (UnlockFixture *f, const char *text, KsKeyEntrySource source, GError **error);

/* Unlocks with the Security Key, and asserts that something opens. */
KsUnlockResult *unlock_some (UnlockFixture *f);

/* Unlocks with @text, typed, and asserts that all of it is open. */
KsUnlockResult *unlock_whole (UnlockFixture *f, const char *text);

/* Asserts that unlocking with @text fails with @code, and that nothing is written: not on
 * the server, not here. */
void unlock_assert_refused (UnlockFixture *f, const char *text, KsRecoveryError code);

/* Asserts that this session is as locked as a new one. */
void unlock_assert_locked (UnlockFixture *f);

/* The text of a key. */
char *unlock_format (const KsSecret *key);

/* One of the four secrets, opened with the Security Key. */
KsSecret *unlock_open (UnlockFixture *f, KsSecretName name);

/* Account data as an object to be changed, and back. */
JsonObject *unlock_read (UnlockFixture *f, const char *type);
void unlock_write (UnlockFixture *f, const char *type, JsonObject *content);

/* The description of the key, and the entry of a secret under it: as unlock_read(). */
JsonObject *unlock_read_description (UnlockFixture *f);
void unlock_write_description (UnlockFixture *f, JsonObject *content);

/* In the account data @content of a secret: what is stored under the Security Key. Borrowed. */
JsonObject *unlock_entry_of (UnlockFixture *f, JsonObject *content);

/* As other clients delete a secret. */
void unlock_empty (UnlockFixture *f, KsSecretName name);

/* Answers version 1 of the backup with @public_key, unsigned, until the proxy's rules are removed. */
void unlock_answer_version (UnlockFixture *f, const char *public_key);

/* Stores @value as the secret @name under @key_id, beside what is there. */
void unlock_put (
    UnlockFixture *f, KsSecretName name, const char *key_id, const KsSecret *key, const KsSecret *value);

G_END_DECLS
