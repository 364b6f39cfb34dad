/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any text as base64: both decoders are of one mind, and what they take has the one
 * spelling that is written.
 */

#include "crypto/ks-encoding.h"
#include "fuzz/fuzz-target.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *) data;
  g_autofree uint8_t *bytes = g_malloc (KS_BASE64_BYTES (size));
  g_autofree uint8_t *exact = NULL;
  g_autofree char *again = NULL;
  g_autoptr (KsSecret) secret = NULL;
  size_t n;
  KsDecodeResult result = ks_base64_decode (text, size, bytes, &n);

  g_assert_cmpint (ks_base64_decode_secret (text, size, &secret), ==, result);
  if (result != KS_DECODE_OK)
    return 0;
  g_assert_cmpmem (ks_secret_bytes (secret), ks_secret_size (secret), bytes, n);
  exact = g_malloc (n + 1);
  g_assert_cmpint (ks_base64_decode_exact (text, size, exact, n), ==, KS_DECODE_OK);
  g_assert_cmpint (ks_base64_decode_exact (text, size, exact, n + 1), ==, KS_DECODE_WRONG_SIZE);
  g_assert_cmpint (ks_base64_decode_secret_exact (text, size, exact, n), ==, KS_DECODE_OK);
  again =
      ks_base64_encode (bytes, n, size > 0 && data[size - 1] == '=' ? KS_BASE64_PADDED : KS_BASE64_UNPADDED);
  g_assert_cmpmem (again, strlen (again), text, size);
  return 0;
}
