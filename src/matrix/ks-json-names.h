/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names of the members that an open JSON object has had so far: to refuse a
 * second one of the same name. Part of the scanner (ks-json-scan.h).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct KsJsonNames KsJsonNames;

KsJsonNames *ks_json_names_new (void) G_GNUC_WARN_UNUSED_RESULT;
void ks_json_names_free (KsJsonNames *names); /* NULL is allowed */

/* Forgets all names and keeps the memory for the next object. With @fingerprints
 * a name takes 11 to 22 bytes of memory whatever its length. */
void ks_json_names_reset (KsJsonNames *names, gboolean fingerprints);

/* FALSE: @name was there already (with fingerprints, two different ones are taken
 * for equal with a probability of 2^-64; their key is random, so that nobody can
 * look for such a pair). */
gboolean ks_json_names_add (KsJsonNames *names, const char *name, gsize length);

G_END_DECLS
