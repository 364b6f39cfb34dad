/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Security Key as people see it: 48 characters in 12 groups of 4 ("Cryptographic
 * key representation" in the appendices of the Matrix specification), and what is wrong
 * with a text that is none. It does not know which account a key belongs to.
 *
 * All functions may be called from any thread.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

#define KS_RECOVERY_KEY_SIZE 32
#define KS_RECOVERY_KEY_CHARACTERS 48
#define KS_RECOVERY_KEY_GROUPS 12
/* With the spaces between the groups, without a terminating zero. */
#define KS_RECOVERY_KEY_LENGTH 59

/* What a text is. In this order: the first that fits is told. */
typedef enum
{
  KS_RECOVERY_KEY_OK,
  KS_RECOVERY_KEY_EMPTY,         /* nothing but white space */
  KS_RECOVERY_KEY_BAD_CHARACTER, /* one that no key holds, such as 0, O, I and l */
  KS_RECOVERY_KEY_TOO_SHORT,     /* fewer characters than a key has */
  KS_RECOVERY_KEY_TOO_LONG,      /* more */
  KS_RECOVERY_KEY_BAD_PREFIX,    /* does not begin with the "Es" that every key begins with */
  KS_RECOVERY_KEY_BAD_PARITY,    /* a mistyped or swapped character somewhere */
} KsRecoveryKeyFault;

typedef struct
{
  KsRecoveryKeyFault fault;
  unsigned characters; /* counted without white space */
  unsigned group;      /* 1 to 12: the first group with a bad character; else 0 */
} KsRecoveryKeyReading;

/* Reads @length bytes of UTF-8. White space of every kind and anywhere is ignored, as
 * are characters that cannot be seen (byte order mark, zero-width space, directional
 * marks): copying brings them along.
 *
 * Returns the KS_RECOVERY_KEY_SIZE bytes, or NULL. @reading may be NULL. The caller
 * wipes @text. */
KsSecret *ks_recovery_key_parse (const char *text, size_t length, KsRecoveryKeyReading *reading)
    G_GNUC_WARN_UNUSED_RESULT;

/* Is this one of the characters that reading a key leaves out? */
bool ks_recovery_key_ignores (gunichar c) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the text of @key, groups separated by one space each, and a terminating zero.
 * The caller wipes @text. false: @key is not of KS_RECOVERY_KEY_SIZE bytes; @text is
 * empty. */
bool ks_recovery_key_format (const KsSecret *key, char text[KS_RECOVERY_KEY_LENGTH + 1])
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
