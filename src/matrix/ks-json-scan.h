/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one place where JSON bytes from outside are looked at first: a strict,
 * streaming scanner on top of yajl. It builds nothing; it hands what it has
 * checked to a sink. json-glib's own parser is never shown anything.
 *
 * Refused: nesting deeper than 64, a member named twice in one object, strings
 * that are not valid UTF-8 or hold NUL (escaped or not) or half a surrogate
 * pair, raw control characters, integers beyond ±(2^53−1) (Appendices,
 * "Canonical JSON"), numbers that no double holds, comments, a byte order mark,
 * more than one value, no value.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define KS_JSON_MAX_DEPTH 64
#define KS_JSON_MAX_INTEGER G_GINT64_CONSTANT (9007199254740991)

/* What the scanner tells, in document order. Each function may be NULL. One that
 * answers FALSE stops the scan; it may say why with ks_json_scanner_fail().
 *
 * @key and @string are given strings that end with a zero, are valid until the
 * function returns and may be NULL: then the string was longer than the limit of
 * the scanner and its content is lost.
 * @number is given @is_integer TRUE and @integer, or FALSE and @real: a number
 * with a fraction or a negative exponent. @odd_number, where it is there, is told of
 * a number that is out of range, which is refused otherwise. */
typedef struct
{
  gboolean (*start_object) (gpointer sink);
  gboolean (*end_object) (gpointer sink);
  gboolean (*start_array) (gpointer sink);
  gboolean (*end_array) (gpointer sink);
  gboolean (*key) (gpointer sink, const char *key, gsize length);
  gboolean (*string) (gpointer sink, const char *string, gsize length);
  gboolean (*number) (gpointer sink, gboolean is_integer, gint64 integer, double real);
  gboolean (*odd_number) (gpointer sink);
  gboolean (*boolean) (gpointer sink, gboolean value);
  gboolean (*null) (gpointer sink);
} KsJsonSink;

typedef struct KsJsonScanner KsJsonScanner;

/* @sink and @data must outlive the scanner; @sink may be NULL. @max_string is
 * the length in bytes, as written, beyond which the content of a string is
 * dropped, so that a body without end needs no memory without end; 0: no limit.
 * An object may have millions of members: see ks-json-names.h. */
KsJsonScanner *ks_json_scanner_new (const KsJsonSink *sink, gpointer data, gsize max_string)
    G_GNUC_WARN_UNUSED_RESULT;
void ks_json_scanner_free (KsJsonScanner *scanner); /* NULL is allowed */

/* Looks at the next @size bytes. FALSE: refused, with KS_MATRIX_ERROR_BAD_ANSWER
 * (or what ks_json_scanner_fail() was given); nothing may be fed after that. */
gboolean ks_json_scanner_feed (KsJsonScanner *scanner, const void *bytes, gsize size, GError **error);

/* The bytes have come to an end: exactly one whole value must have been there. */
gboolean ks_json_scanner_end (KsJsonScanner *scanner, GError **error);

/* For a sink that is about to answer FALSE: takes @error over. */
void ks_json_scanner_fail (KsJsonScanner *scanner, GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsJsonScanner, ks_json_scanner_free)

G_END_DECLS
