/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the test vectors in tests/data/crypto: key files of groups, a vector each. Its
 * base64 is GLib's and not the one under test.
 */
#pragma once

#include "crypto/ks-secret.h"

G_BEGIN_DECLS

/* A vector: the group @name of a file. */
typedef struct
{
  GKeyFile *file;
  char *name;
} Vector;

typedef void (*VectorTest) (const Vector *vector);

/* Adds one test for every vector of tests/data/crypto/@file, under @path and its name. */
void vectors_add (const char *path, const char *file, VectorTest test);

bool vector_has (const Vector *vector, const char *field);
int vector_int (const Vector *vector, const char *field);
char *vector_text (const Vector *vector, const char *field);
GBytes *vector_bytes (const Vector *vector, const char *field); /* of base64, padded or not */
KsSecret *vector_secret (const Vector *vector, const char *field);

/* The same decoding for a text in a test. */
GBytes *bytes_of_base64 (const char *text);
KsSecret *secret_of_base64 (const char *text);
KsSecret *secret_of_text (const char *text);
GBytes *bytes_of_hex (const char *text);

/* A whole file of tests/data/crypto. */
char *vector_file (const char *name, gsize *size);

G_END_DECLS
