/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a Security Phrase would withstand guessing by whoever holds the server's
 * data and may try without limit: words of Latin letters as a sentence, other scripts a
 * character at a time, both on the careful side.
 *
 * Nothing is kept, logged or copied to where it is not wiped. Any thread.
 */
#pragma once

#include "crypto/ks-secret.h"

#include <glib.h>

G_BEGIN_DECLS

/* The only score with which a Security Phrase may be used. */
#define KS_PHRASE_STRENGTH_ENOUGH 4

/* The least score for the phrase of a room-key file, as in Element: whoever guesses at it must
 * have the file first. */
#define KS_PHRASE_STRENGTH_ENOUGH_FOR_FILE 3

/* What a phrase that is too weak suffers from most. */
typedef enum
{
  KS_PHRASE_WEAK_COMMON, /* too few words, or common ones */
  KS_PHRASE_WEAK_NAME,   /* the person's name, the server, what this is for */
  KS_PHRASE_WEAK_LOOK_ALIKES,
  KS_PHRASE_WEAK_REPEATED,
  KS_PHRASE_WEAK_SEQUENCE,
  KS_PHRASE_WEAK_KEYBOARD,
  KS_PHRASE_WEAK_FAMOUS, /* a sentence that everybody knows */
  KS_PHRASE_WEAK_DATE,
} KsPhraseWeakness;

/* What will be regretted later, however strong it is. */
typedef enum
{
  KS_PHRASE_WARNING_NONE,
  KS_PHRASE_WARNING_BLANK,     /* begins or ends with one */
  KS_PHRASE_WARNING_NOT_ASCII, /* not every keyboard, nor every app, writes it the same */
  KS_PHRASE_WARNING_PASSWORD,  /* it is the account's password */
} KsPhraseWarning;

typedef struct
{
  guint score;    /* 0 to 4: from 10, 20, 26, 42 bits on */
  double bits;    /* log2 of the guesses */
  gboolean empty; /* there is nothing to judge */
  KsPhraseWeakness weakness;
  KsPhraseWarning warning;
} KsPhraseStrength;

/* Whether @phrase is the account's password: compares salted hashes. */
typedef bool (*KsIsPassword) (KsSecret *phrase, gpointer data);

/* Judges @phrase: UTF-8, zero-terminated, of any length, of which the first
 * KS_PHRASE_STRENGTH_READ characters count. @words: what somebody who knows the account
 * tries first, NULL-terminated; may be NULL. @is_password may be NULL: not known. A
 * phrase that is the password has score 0: the server is told it at each sign-in. */
void ks_phrase_strength_judge (const char *phrase,
                               const char *const *words,
                               KsIsPassword is_password,
                               gpointer data,
                               KsPhraseStrength *strength);
/* libzxcvbn takes time with the square of the length. */
#define KS_PHRASE_STRENGTH_READ 100

/* What to hand in as @words: the user ID and the homeserver with their parts, and what
 * this is all about. Both may be NULL. Free with g_strfreev(). */
char **ks_phrase_strength_words (const char *user_id, const char *homeserver) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
