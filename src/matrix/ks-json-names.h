/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names of the members that an open JSON object has had so far: to refuse a
 * second one of the same name. Part of the reading of JSON (ks-json-scan.h,
 * ks-json-read.c).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct KsJsonNames KsJsonNames;

KsJsonNames *ks_json_names_new (void) G_GNUC_WARN_UNUSED_RESULT;
void ks_json_names_free (KsJsonNames *names); /* NULL is allowed */

/* Forgets all names and keeps some of the memory for the next object. */
void ks_json_names_reset (KsJsonNames *names);

/* FALSE: @name was there already. Of the first 16 the names themselves are kept. Of the
 * others only fingerprints are, 11 to 22 bytes of memory whatever the length of the name: two
 * different names are taken for equal with a probability of 2^-64. The key of the fingerprints
 * is random, so that nobody can look for such a pair, nor for names that make this slow. */
gboolean ks_json_names_add (KsJsonNames *names, const char *name, gsize length);

G_END_DECLS
