/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes that must not leak: kept in libsodium's guarded memory (locked, out of
 * core dumps, between inaccessible pages), counted by reference, wiped when the
 * last reference goes. For keys and phrases; not for bulk data: each takes pages
 * of its own.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct KsSecret KsSecret;

/* Prepares libsodium and libcrypto. Every function below and in this layer may be called
 * without it, from any thread; a program calls it early so that a failure is
 * seen at once. false: this machine cannot keep secrets; give up. */
bool ks_secret_init (void) G_GNUC_WARN_UNUSED_RESULT;

/* A secret of @size bytes, all zero. Never NULL: running out of lockable memory
 * falls back to unlocked guarded memory, running out of memory aborts. */
KsSecret *ks_secret_new (size_t size) G_GNUC_WARN_UNUSED_RESULT;

/* Copies @size bytes. The caller still has to wipe its own copy. */
KsSecret *ks_secret_new_copy (const void *bytes, size_t size) G_GNUC_WARN_UNUSED_RESULT;

/* @size bytes of the system's random generator. */
KsSecret *ks_secret_new_random (size_t size) G_GNUC_WARN_UNUSED_RESULT;

KsSecret *ks_secret_ref (KsSecret *secret);
void ks_secret_unref (KsSecret *secret); /* NULL is allowed */

/* The bytes, valid while a reference is held. Not terminated by a zero. */
const uint8_t *ks_secret_bytes (const KsSecret *secret);
size_t ks_secret_size (const KsSecret *secret);

/* The bytes for writing, while @secret is new and nobody else holds it. */
uint8_t *ks_secret_writable (KsSecret *secret);

/* Compares in constant time for equal sizes. */
bool ks_secret_equal (const KsSecret *a, const KsSecret *b) G_GNUC_WARN_UNUSED_RESULT;

/* Compares @size bytes in constant time: for MACs and keys that are not secrets. */
bool ks_bytes_equal (const void *a, const void *b, size_t size) G_GNUC_WARN_UNUSED_RESULT;

/* Overwrites @size bytes in a way that no compiler leaves out. The one function
 * for wiping. NULL with size 0 is allowed. */
void ks_wipe (void *bytes, size_t size);

/* Wipes a string up to its terminating zero and frees it with g_free(). */
void ks_wipe_free_string (char *string);

/* Fills @bytes from the system's random generator. */
void ks_random (void *bytes, size_t size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsSecret, ks_secret_unref)

G_END_DECLS
