/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON in and out: strict reading into json-glib's types, getters that survive
 * whatever a server sends, canonical and plain writing, bodies with a secret in
 * them. json-glib serves as the data model only; its parser and generator are
 * not used. No function here knows what a member means.
 *
 * Any thread, as long as no two touch one object.
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "crypto/ks-secret.h"
#include "matrix/ks-json-scan.h"

G_BEGIN_DECLS

/* Reading. The rules are those of ks-json-scan.h. Integers become gint64;
 * numbers with a fraction become doubles: legal here, refused by the canonical
 * writer. Errors are KS_MATRIX_ERROR_BAD_ANSWER and quote nothing of the text.
 *
 * json-glib finds members by g_str_hash(), which has no key: names that were made for it can
 * all lie in one place of its table, and each costs then as much as all before it. So an
 * object has a limit of members, which no object reaches that this app reads: an event has at
 * most 64 KiB (Client-Server API, "Size limits"), an account hundreds of sessions. Key
 * backups and room-key files, where it is not enough, are streamed (ks-json-stream.h). And
 * few of its names may have the same hash: among 4,096 honest ones there is hardly a pair.
 * What is left takes 25 ms an object at worst, measured. */
#define KS_JSON_MAX_MEMBERS 4096
#define KS_JSON_MAX_ALIKE 64

/* The text must be one object. */
JsonObject *ks_json_parse_object (const void *bytes, gsize size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As above, for what a server says, and for a thread: ends soon after @cancellable (may be NULL) with
 * G_IO_ERROR_CANCELLED. A number that is out of range is a KS_JSON_REAL that cannot be written again,
 * canonically or otherwise: no answer is worth losing for that, and none is passed on with it changed. */
JsonObject *ks_json_parse_answer (const void *bytes, gsize size, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* As above, but string members of the root that are named in @names (ended by
 * NULL) do not get into the object: each becomes a secret in the place of the
 * same index in @secrets, NULL where it was absent. The caller wipes @bytes. A number that is out
 * of range becomes null: no answer with a secret in it is worth losing for that. */
JsonObject *ks_json_parse_object_with_secrets (const void *bytes,
                                               gsize size,
                                               const char *const *names,
                                               KsSecret **secrets,
                                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same without a secret's memory, which takes a dozen system calls to make and to give
 * back: for texts by the thousand. @on_secret is called in the middle of the parsing, so that
 * the text may still turn out to be unacceptable, with the index of the name; @text is not
 * ended by a zero, and gone afterwards. */
typedef void (*KsJsonSecretFunc) (gsize index, const char *text, gsize length, gpointer user_data);

JsonObject *ks_json_parse_object_but (const void *bytes,
                                      gsize size,
                                      const char *const *names,
                                      KsJsonSecretFunc on_secret,
                                      gpointer user_data,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @bytes and @more after them are one value that ks_json_parse_answer() would take as an element
 * of a list in an object. */
gboolean ks_json_is_fit (const void *bytes, gsize size, const char *more);

/* Only looks whether the text is acceptable (any value as root). */
gboolean ks_json_check (const void *bytes, gsize size, GError **error);

/* Getters. ks_json_get_…: TRUE if the member is there with the right type;
 * otherwise FALSE, and @out is NULL, 0 or FALSE. ks_json_optional_…: TRUE also if
 * the member is absent or null (@out is NULL, 0 or FALSE then); FALSE only for a
 * wrong type. @object may be NULL: it then has no members. What they hand out is
 * borrowed from @object. An integer is always within ±(2^53−1). */
typedef enum
{
  KS_JSON_ABSENT, /* or null */
  KS_JSON_STRING,
  KS_JSON_INTEGER,
  KS_JSON_REAL,
  KS_JSON_BOOLEAN,
  KS_JSON_OBJECT,
  KS_JSON_ARRAY,
} KsJsonType;

KsJsonType ks_json_get_type (JsonObject *object, const char *name);

gboolean ks_json_get_string (JsonObject *object, const char *name, const char **out);
gboolean ks_json_get_integer (JsonObject *object, const char *name, gint64 *out);
gboolean ks_json_get_boolean (JsonObject *object, const char *name, gboolean *out);
gboolean ks_json_get_object (JsonObject *object, const char *name, JsonObject **out);
gboolean ks_json_get_array (JsonObject *object, const char *name, JsonArray **out);

gboolean ks_json_optional_string (JsonObject *object, const char *name, const char **out);
gboolean ks_json_optional_integer (JsonObject *object, const char *name, gint64 *out);
gboolean ks_json_optional_boolean (JsonObject *object, const char *name, gboolean *out);
gboolean ks_json_optional_object (JsonObject *object, const char *name, JsonObject **out);
gboolean ks_json_optional_array (JsonObject *object, const char *name, JsonArray **out);

/* The same for the elements of an array; @array may be NULL, @index too large. */
gboolean ks_json_element_string (JsonArray *array, guint index, const char **out);
gboolean ks_json_element_object (JsonArray *array, guint index, JsonObject **out);

/* Building: beside json_object_set_…_member(). */

/* Sets string members, pairs of name and value, ended by NULL. A pair whose
 * value is NULL cannot be given. Returns @object. */
JsonObject *
ks_json_set_strings (JsonObject *object, const char *name, const char *value, ...) G_GNUC_NULL_TERMINATED;

/* Adds an empty object as member @name (replacing what was there) and returns it,
 * borrowed. */
JsonObject *ks_json_add_object (JsonObject *parent, const char *name);

/* Adds @child as member @name, or nothing if @child is NULL. Takes a reference;
 * json_object_set_object_member() would take the caller's. */
void ks_json_set_object (JsonObject *parent, const char *name, JsonObject *child);

/* A deep copy; json-glib's copies share what lies below. */
JsonObject *ks_json_copy_object (JsonObject *object) G_GNUC_WARN_UNUSED_RESULT;

/* Writing. Returned strings are UTF-8 without NUL. All of them fail with
 * KS_MATRIX_ERROR_BAD_ANSWER on nesting deeper than 64 and on strings that are
 * not UTF-8; the canonical ones also on numbers that are no integers or beyond
 * ±(2^53−1). @size may be NULL. */

/* Appendices, "Canonical JSON". */
char *ks_json_to_canonical (JsonObject *object, gsize *size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a signature covers: canonical, without the members "signatures" and
 * "unsigned" of the root (Appendices, "Signing JSON"). @object is not changed. */
char *ks_json_to_signable (JsonObject *object, gsize *size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As canonical, but numbers with a fraction are written too: for content of
 * other clients that is written back. Infinity and NaN fail. */
char *ks_json_to_text (JsonObject *object, gsize *size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends @string with quotes to text that is written by hand, where there is too much of
 * it for objects. FALSE, and nothing is appended: @string is not UTF-8. */
gboolean ks_json_append_string (GString *text, const char *string) G_GNUC_WARN_UNUSED_RESULT;

/* As ks_json_to_text(), with one more string member @name in @holder, which is
 * @object or an object somewhere in it. The secret's bytes (UTF-8) are written
 * into the text and nowhere else. */
KsSecret *ks_json_to_secret_text (JsonObject *object,
                                  JsonObject *holder,
                                  const char *name,
                                  const KsSecret *value,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
