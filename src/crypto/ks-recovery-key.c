/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-recovery-key.h"
#include "crypto/ks-encoding.h"

#include <string.h>

/* Appendices, "Cryptographic key representation": two bytes say what it is, the last is
 * such that all of them XOR to zero. */
#define PREFIX_0 0x8b
#define PREFIX_1 0x01
/* What these two bytes make of the text, whatever follows. */
#define TEXT_PREFIX "Es"
#define RAW_SIZE (2 + KS_RECOVERY_KEY_SIZE + 1)
#define GROUP_SIZE (KS_RECOVERY_KEY_CHARACTERS / KS_RECOVERY_KEY_GROUPS)

bool
ks_recovery_key_ignores (gunichar c)
{
  /* Controls that are line breaks: g_unichar_isspace() leaves these out. */
  if (c == 0x0b || c == 0x85 || g_unichar_isspace (c))
    return true;
  /* What a person cannot see, and would not understand a message about. */
  return c != 0 && g_unichar_type (c) == G_UNICODE_FORMAT;
}

static bool
is_base58 (gunichar c)
{
  if (c == '0' || c == 'O' || c == 'I' || c == 'l')
    return false;
  return c < 0x80 && g_ascii_isalnum ((char) c);
}

/* Copies the first KS_RECOVERY_KEY_CHARACTERS characters to @characters and counts them
 * all; notes the group of the first bad one. */
static void
collect (const char *text, size_t length, char *characters, KsRecoveryKeyReading *reading)
{
  const char *end = text + length;

  while (text < end)
    {
      gunichar c = g_utf8_get_char_validated (text, end - text);
      bool valid = c != (gunichar) -1 && c != (gunichar) -2 && *text != '\0';

      text = valid ? g_utf8_next_char (text) : text + 1;
      if (valid && ks_recovery_key_ignores (c))
        continue;
      if (!(valid && is_base58 (c)) && reading->group == 0)
        reading->group = MIN (reading->characters / GROUP_SIZE + 1, KS_RECOVERY_KEY_GROUPS);
      if (reading->characters < KS_RECOVERY_KEY_CHARACTERS)
        characters[reading->characters] = (char) c;
      reading->characters++;
    }
}

static KsRecoveryKeyFault
judge_characters (const KsRecoveryKeyReading *reading)
{
  if (reading->characters == 0)
    return KS_RECOVERY_KEY_EMPTY;
  if (reading->group != 0)
    return KS_RECOVERY_KEY_BAD_CHARACTER;
  if (reading->characters < KS_RECOVERY_KEY_CHARACTERS)
    return KS_RECOVERY_KEY_TOO_SHORT;
  if (reading->characters > KS_RECOVERY_KEY_CHARACTERS)
    return KS_RECOVERY_KEY_TOO_LONG;
  return KS_RECOVERY_KEY_OK;
}

/* The 48 characters are base58, of @size bytes if these are no more than fit. */
static KsRecoveryKeyFault
judge_raw (const char *characters, const uint8_t *raw, size_t size)
{
  uint8_t parity = 0;

  if (memcmp (characters, TEXT_PREFIX, strlen (TEXT_PREFIX)) != 0)
    return KS_RECOVERY_KEY_BAD_PREFIX;
  /* With the right beginning, other bytes come of a mistake in the groups after it. */
  if (size != RAW_SIZE || raw[0] != PREFIX_0 || raw[1] != PREFIX_1)
    return KS_RECOVERY_KEY_BAD_PARITY;
  for (size_t i = 0; i < RAW_SIZE; i++)
    parity ^= raw[i];
  return parity == 0 ? KS_RECOVERY_KEY_OK : KS_RECOVERY_KEY_BAD_PARITY;
}

KsSecret *
ks_recovery_key_parse (const char *text, size_t length, KsRecoveryKeyReading *reading)
{
  KsRecoveryKeyReading found = { 0 };
  char characters[KS_RECOVERY_KEY_CHARACTERS] = { 0 };
  uint8_t raw[KS_BASE58_MAX_SIZE] = { 0 };
  KsSecret *key = NULL;
  size_t size = 0;

  collect (text, length, characters, &found);
  found.fault = judge_characters (&found);
  if (found.fault == KS_RECOVERY_KEY_OK
      && ks_base58_decode (characters, sizeof characters, raw, &size) != KS_DECODE_OK)
    found.fault = KS_RECOVERY_KEY_BAD_PARITY;
  if (found.fault == KS_RECOVERY_KEY_OK)
    found.fault = judge_raw (characters, raw, size);
  if (found.fault == KS_RECOVERY_KEY_OK)
    key = ks_secret_new_copy (raw + 2, KS_RECOVERY_KEY_SIZE);
  ks_wipe (characters, sizeof characters);
  ks_wipe (raw, sizeof raw);
  if (reading != NULL)
    *reading = found;
  return key;
}

bool
ks_recovery_key_format (const KsSecret *key, char text[KS_RECOVERY_KEY_LENGTH + 1])
{
  uint8_t raw[RAW_SIZE] = { PREFIX_0, PREFIX_1 };
  char characters[KS_BASE58_MAX_LENGTH + 1];
  char *to = text;

  text[0] = '\0';
  if (ks_secret_size (key) != KS_RECOVERY_KEY_SIZE)
    return false;
  memcpy (raw + 2, ks_secret_bytes (key), KS_RECOVERY_KEY_SIZE);
  for (size_t i = 0; i < RAW_SIZE - 1; i++)
    raw[RAW_SIZE - 1] ^= raw[i];
  ks_base58_encode (raw, sizeof raw, characters);
  for (size_t i = 0; i < KS_RECOVERY_KEY_CHARACTERS; i++)
    {
      if (i > 0 && i % GROUP_SIZE == 0)
        *to++ = ' ';
      *to++ = characters[i];
    }
  *to = '\0';
  ks_wipe (raw, sizeof raw);
  ks_wipe (characters, sizeof characters);
  return true;
}
