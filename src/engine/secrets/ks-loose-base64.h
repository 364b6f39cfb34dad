/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Base64 in secret storage as other clients may have spelled it: with white space, in the URL-safe
 * alphabet, with padding of any length, with bits at its end that belong to no byte. Who calls this a
 * damaged secret writes over the only copy. All else is read by ks-encoding.h, which is strict, as
 * clients are; so it is told what they could not read.
 */
#pragma once

#include "crypto/ks-encoding.h"

G_BEGIN_DECLS

/* As ks_base64_decode(). @odd is set to TRUE where that one refuses @text, and left alone else. */
KsDecodeResult
ks_loose_base64_decode (const char *text, gsize length, uint8_t *bytes, gsize *size, gboolean *odd)
    G_GNUC_WARN_UNUSED_RESULT;

/* As ks_base64_decode_exact(), likewise. */
KsDecodeResult
ks_loose_base64_decode_exact (const char *text, gsize length, uint8_t *bytes, gsize size, gboolean *odd)
    G_GNUC_WARN_UNUSED_RESULT;

/* As ks_base64_decode_secret(), likewise; in constant time where that is. */
KsDecodeResult ks_loose_base64_decode_secret (const char *text, gsize length, KsSecret **bytes, gboolean *odd)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
