/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any text as base58 and as a Security Key: what is taken is written the same way again,
 * and what is not is told a reason that makes sense.
 */

#include "crypto/ks-encoding.h"
#include "crypto/ks-recovery-key.h"
#include "fuzz/fuzz-target.h"

#include <string.h>

static void
try_base58 (const char *text, size_t size)
{
  uint8_t bytes[KS_BASE58_MAX_SIZE];
  char again[KS_BASE58_MAX_LENGTH + 1];
  size_t n;

  if (ks_base58_decode (text, size, bytes, &n) != KS_DECODE_OK)
    return;
  g_assert_cmpint (ks_base58_encode (bytes, n, again), ==, size);
  g_assert_cmpmem (again, strlen (again), text, size);
}

static void
try_recovery_key (const char *text, size_t size)
{
  KsRecoveryKeyReading reading;
  g_autoptr (KsSecret) key = ks_recovery_key_parse (text, size, &reading);
  g_autoptr (KsSecret) same = NULL;
  char formatted[KS_RECOVERY_KEY_LENGTH + 1];

  g_assert_true ((key != NULL) == (reading.fault == KS_RECOVERY_KEY_OK));
  g_assert_true ((reading.group != 0) == (reading.fault == KS_RECOVERY_KEY_BAD_CHARACTER));
  g_assert_cmpint (reading.group, <=, KS_RECOVERY_KEY_GROUPS);
  if (key == NULL)
    return;
  g_assert_cmpint (reading.characters, ==, KS_RECOVERY_KEY_CHARACTERS);
  g_assert_true (ks_recovery_key_format (key, formatted));
  same = ks_recovery_key_parse (formatted, KS_RECOVERY_KEY_LENGTH, NULL);
  g_assert_true (ks_secret_equal (same, key));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  try_base58 ((const char *) data, size);
  try_recovery_key ((const char *) data, size);
  return 0;
}
