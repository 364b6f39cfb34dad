/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Room-key files for tests: written with libcrypto and GLib alone, byte by byte as the
 * specification says, so that any of them can be wrong; and whole files read and written
 * with the code under test.
 */
#pragma once

#include "crypto/ks-key-file.h"

G_BEGIN_DECLS

#define KEY_FILE_FIRST_LINE "-----BEGIN MEGOLM SESSION DATA-----"
#define KEY_FILE_END_LINE "-----END MEGOLM SESSION DATA-----"

/* The bytes inside a file of @rounds (of which PBKDF2 does at least one). */
GByteArray *
key_file_bytes (const char *phrase, const uint8_t iv[16], uint32_t rounds, const void *plain, gsize size);

/* The same where the counter has 64 bits, of one round, with a vector that runs over after the
 * first block. */
GByteArray *key_file_bytes_64 (const char *phrase, const void *plain, gsize size);

/* These bytes as text, in lines of @width characters (0: one line) that end in @newline. */
char *key_file_armour (const GByteArray *bytes, gsize width, const char *newline, bool padded);

/* The bytes inside a text. */
GByteArray *key_file_unarmour (const char *text);

/* Both passes over @text in pieces of @piece bytes. @plain: what was given out. */
KsKeyFileResult key_file_read (const char *text,
                               gsize size,
                               gsize piece,
                               const char *phrase,
                               KsKeyFileCounter counter,
                               GByteArray *plain);

/* The first pass alone. */
KsKeyFileResult
key_file_verify (const char *text, gsize size, gsize piece, const char *phrase, KsKeyFileProof **proof);

/* A file written by the code under test, fed in pieces of @piece bytes. */
char *key_file_write (const char *phrase, int64_t rounds, const void *plain, gsize size, gsize piece);

/* A sink that appends to the GByteArray @data. */
bool key_file_append (const uint8_t *bytes, size_t size, gpointer data);

G_END_DECLS
