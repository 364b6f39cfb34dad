/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-key-file-armour.h"
#include "crypto/ks-encoding.h"

#include <openssl/evp.h>
#include <string.h>

/* Client-Server API, "Key export format". */
static const char first_line[] = KS_KEY_FILE_FIRST_LINE;
static const char end_line[] = "-----END MEGOLM SESSION DATA-----";
#define FIRST_LINE_LENGTH (sizeof first_line - 1)
#define END_LINE_LENGTH (sizeof end_line - 1)

/* One character of what comes before the base64. */
static void
seek_first_line (KsArmourReader *reader, uint8_t c)
{
  if (c == (uint8_t) first_line[reader->matched])
    reader->matched++;
  else if (c == '-')
    /* A sixth dash: the last five may still begin the line. */
    reader->matched = reader->matched == 5 ? 5 : 1;
  else
    reader->matched = 0;
  if (reader->matched < FIRST_LINE_LENGTH)
    return;
  reader->place = KS_ARMOUR_INSIDE;
  reader->matched = 0;
}

/* Decodes what is pending: whole groups only, or all of it where the base64 ends. */
static bool
decode_pending (KsArmourReader *reader, bool all, uint8_t *bytes, size_t *n_bytes)
{
  size_t length = all ? reader->n_pending : reader->n_pending / 4 * 4;
  size_t n;

  if (length == 0)
    return true;
  if (reader->padded || ks_base64_decode (reader->pending, length, bytes + *n_bytes, &n) != KS_DECODE_OK)
    return false;
  *n_bytes += n;
  reader->padded = reader->pending[length - 1] == '=';
  reader->n_pending -= length;
  memmove (reader->pending, reader->pending + length, reader->n_pending);
  return true;
}

/* One character of the base64, its white space, or the first of the end line. */
static bool
read_inside (KsArmourReader *reader, uint8_t c, uint8_t *bytes, size_t *n_bytes)
{
  if (c == '-')
    {
      reader->place = KS_ARMOUR_END;
      reader->matched = 1;
      return decode_pending (reader, true, bytes, n_bytes);
    }
  if (!g_ascii_isspace (c) && c != '\v')
    reader->pending[reader->n_pending++] = (char) c;
  return true;
}

static bool
read_end_line (KsArmourReader *reader, uint8_t c)
{
  if (c != (uint8_t) end_line[reader->matched])
    return false;
  if (++reader->matched == END_LINE_LENGTH)
    reader->place = KS_ARMOUR_AFTER;
  return true;
}

bool
ks_armour_reader_feed (
    KsArmourReader *reader, const uint8_t *text, size_t size, uint8_t bytes[KS_ARMOUR_BYTES], size_t *n_bytes)
{
  bool good = true;

  g_return_val_if_fail (size <= KS_ARMOUR_SLICE_SIZE, false);

  *n_bytes = 0;
  for (size_t i = 0; i < size && good && reader->place != KS_ARMOUR_AFTER; i++)
    {
      if (reader->place == KS_ARMOUR_INSIDE)
        good = read_inside (reader, text[i], bytes, n_bytes);
      else if (reader->place == KS_ARMOUR_BEFORE)
        seek_first_line (reader, text[i]);
      else
        good = read_end_line (reader, text[i]);
    }
  return good && decode_pending (reader, false, bytes, n_bytes);
}

static bool
flush (KsArmourWriter *writer)
{
  size_t size = writer->text_size;

  writer->text_size = 0;
  return size == 0 || writer->sink (writer->text, size, writer->sink_data);
}

static bool
put_line (KsArmourWriter *writer, const char *line)
{
  size_t length = strlen (line);

  if (writer->text_size + length + 1 > sizeof writer->text && !flush (writer))
    return false;
  memcpy (writer->text + writer->text_size, line, length);
  writer->text_size += length;
  writer->text[writer->text_size++] = '\n';
  return true;
}

static bool
put_base64_line (KsArmourWriter *writer)
{
  char line[KS_ARMOUR_LINE_BYTES / 3 * 4 + 1];
  size_t size = writer->line_size;

  writer->line_size = 0;
  if (size == 0)
    return true;
  EVP_EncodeBlock ((unsigned char *) line, writer->line, (int) size);
  return put_line (writer, line);
}

static bool
begin (KsArmourWriter *writer)
{
  if (writer->begun)
    return true;
  writer->begun = true;
  return put_line (writer, first_line);
}

bool
ks_armour_writer_write (KsArmourWriter *writer, const uint8_t *bytes, size_t size)
{
  if (!begin (writer))
    return false;
  while (size > 0)
    {
      size_t n = MIN (size, sizeof writer->line - writer->line_size);

      memcpy (writer->line + writer->line_size, bytes, n);
      writer->line_size += n;
      bytes += n;
      size -= n;
      if (writer->line_size == sizeof writer->line && !put_base64_line (writer))
        return false;
    }
  return true;
}

bool
ks_armour_writer_finish (KsArmourWriter *writer)
{
  return begin (writer) && put_base64_line (writer) && put_line (writer, end_line) && flush (writer);
}
