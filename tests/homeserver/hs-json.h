/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON as the handlers read and write it, and the signatures over it. For a
 * server that only tests talk to: a reader of hostile input it is not.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* An object from triples of key, type and value, ended by NULL. Types: 's' const
 * char * (left out if NULL), 'z' the same but null if NULL, 'i' gint64, 'b'
 * gboolean, 'o' JsonObject *, 'a' JsonArray * (both taken; left out if NULL), 't'
 * const char * with JSON text. */
JsonObject *hs_object (const char *key, ...) G_GNUC_NULL_TERMINATED;

/* Members that may be missing or of another type: NULL, @otherwise. */
const char *hs_object_string (JsonObject *object, const char *key);
JsonObject *hs_object_object (JsonObject *object, const char *key);
JsonArray *hs_object_array (JsonObject *object, const char *key);
gint64 hs_object_int (JsonObject *object, const char *key, gint64 otherwise);

JsonNode *hs_json_parse (const char *text);
JsonObject *hs_json_parse_object (const char *text);
char *hs_json_text (JsonObject *object);
char *hs_json_node_text (JsonNode *node);

/* Canonical JSON (appendices, "Canonical JSON") of @object without "signatures"
 * and "unsigned". */
char *hs_json_canonical (JsonObject *object);

/* The 32 bytes of an Ed25519 or Curve25519 key in unpadded base64. */
gboolean hs_key_decode (const char *base64, guint8 key[32]);

/* Whether @object carries a valid signature by @user's key @key_id
 * ("ed25519:…"), whose public half is @public_key in unpadded base64. */
gboolean hs_json_is_signed (JsonObject *object, const char *user, const char *key_id, const char *public_key);

/* @length characters, each at random out of @alphabet. */
char *hs_random_text (const char *alphabet, guint length);

G_END_DECLS
