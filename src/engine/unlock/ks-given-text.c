/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-given-text.h"

#include <string.h>

/* UTF-8 of up to this many bytes stands for one 16-bit unit. */
#define MAX_UTF8_OF_UNIT 3

static KsSecret *
shorten (const KsSecret *text, gsize size)
{
  return ks_secret_new_copy (ks_secret_bytes (text), size);
}

/* Of 16-bit units: where of two bytes the lower one is; -1: there is no mark of such a text. */
static int
find_order (const uint8_t *bytes, gsize size)
{
  if (size < 2 || size % 2 != 0)
    return -1;
  if (bytes[0] == 0xff && bytes[1] == 0xfe)
    return 0;
  return bytes[0] == 0xfe && bytes[1] == 0xff ? 1 : -1;
}

/* The character at @at, which moves on. A half of one that stands alone becomes U+FFFD. */
static gunichar
next_character (const uint8_t *bytes, gsize size, int low, gsize *at)
{
  gunichar unit = bytes[*at + low] | (gunichar) bytes[*at + 1 - low] << 8;
  gunichar second;

  *at += 2;
  if (unit < 0xd800 || unit > 0xdfff)
    return unit;
  if (unit > 0xdbff || *at >= size)
    return 0xfffd;
  second = bytes[*at + low] | (gunichar) bytes[*at + 1 - low] << 8;
  if (second < 0xdc00 || second > 0xdfff)
    return 0xfffd;
  *at += 2;
  return 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
}

static KsSecret *
read_16_bit (const KsSecret *secret, int low)
{
  const uint8_t *bytes = ks_secret_bytes (secret);
  gsize size = ks_secret_size (secret);
  g_autoptr (KsSecret) text = ks_secret_new (MAX_UTF8_OF_UNIT * size / 2 + 6);
  char *to = (char *) ks_secret_writable (text);
  gsize length = 0;

  for (gsize at = 2; at < size;)
    length += (gsize) g_unichar_to_utf8 (next_character (bytes, size, low, &at), to + length);
  return shorten (text, length);
}

static KsSecret *
read_latin_1 (const KsSecret *secret)
{
  gsize size = ks_secret_size (secret);
  g_autoptr (KsSecret) text = ks_secret_new (2 * size);
  char *to = (char *) ks_secret_writable (text);
  gsize length = 0;

  for (gsize i = 0; i < size; i++)
    length += (gsize) g_unichar_to_utf8 (ks_secret_bytes (secret)[i], to + length);
  return shorten (text, length);
}

KsSecret *
ks_given_text_read (KsSecret *bytes)
{
  int low = find_order (ks_secret_bytes (bytes), ks_secret_size (bytes));
  g_autoptr (KsSecret) text = NULL;

  if (ks_secret_size (bytes) == 0)
    return ks_secret_ref (bytes);
  if (low >= 0)
    text = read_16_bit (bytes, low);
  else if (g_utf8_validate ((const char *) ks_secret_bytes (bytes), (gssize) ks_secret_size (bytes), NULL))
    return ks_secret_ref (bytes);
  else
    text = read_latin_1 (bytes);
  return memchr (ks_secret_bytes (text), '\0', ks_secret_size (text)) == NULL ? g_steal_pointer (&text)
                                                                              : NULL;
}

KsSecret *
ks_given_text_read_new_phrase (KsSecret *bytes)
{
  static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };
  KsSecret *text = ks_given_text_read (bytes);
  KsSecret *phrase;

  if (text == NULL || ks_secret_size (text) < sizeof mark
      || memcmp (ks_secret_bytes (text), mark, sizeof mark) != 0)
    return text;
  phrase = ks_secret_new_copy (ks_secret_bytes (text) + sizeof mark, ks_secret_size (text) - sizeof mark);
  ks_secret_unref (text);
  return phrase;
}
