/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The text around and of an exported room-key file: its first and last line and the
 * base64 between them, in a stream. For ks-key-file.h; knows nothing of what the bytes
 * are.
 */
#pragma once

#include "crypto/ks-key-file.h"

G_BEGIN_DECLS

/* --- Reading --- */

typedef enum
{
  KS_ARMOUR_BEFORE, /* looking for the first line */
  KS_ARMOUR_INSIDE, /* base64 */
  KS_ARMOUR_END,    /* within the end line */
  KS_ARMOUR_AFTER,  /* past it: everything is ignored */
} KsArmourPlace;

/* What is read at a time, so that pieces of any size need no memory of their own. */
#define KS_ARMOUR_SLICE_SIZE 4096

/* All zero to begin with. */
typedef struct
{
  KsArmourPlace place;
  size_t matched;                         /* characters of the first or end line */
  char pending[KS_ARMOUR_SLICE_SIZE + 4]; /* base64 without white space, not decoded yet */
  size_t n_pending;
  bool padded; /* padding was decoded: nothing may follow */
} KsArmourReader;

/* The most bytes that come out of one call. */
#define KS_ARMOUR_BYTES (KS_ARMOUR_SLICE_SIZE / 4 * 3 + 8)

/* Reads @size characters, at most KS_ARMOUR_SLICE_SIZE, and writes the bytes that became
 * complete to @bytes. false: something that does not belong there. */
bool ks_armour_reader_feed (KsArmourReader *reader,
                            const uint8_t *text,
                            size_t size,
                            uint8_t bytes[KS_ARMOUR_BYTES],
                            size_t *n_bytes) G_GNUC_WARN_UNUSED_RESULT;

/* --- Writing --- */

#define KS_ARMOUR_LINE_BYTES 72 /* 96 characters, as Element writes them */
#define KS_ARMOUR_TEXT_SIZE 65536

/* Give it sink and sink_data, and leave the rest zero. */
typedef struct
{
  KsKeyFileSink sink;
  gpointer sink_data;
  bool begun;
  uint8_t line[KS_ARMOUR_LINE_BYTES];
  size_t line_size;
  uint8_t text[KS_ARMOUR_TEXT_SIZE];
  size_t text_size;
} KsArmourWriter;

/* false: the sink wants no more. */
bool ks_armour_writer_write (KsArmourWriter *writer, const uint8_t *bytes, size_t size)
    G_GNUC_WARN_UNUSED_RESULT;

/* The end line, and whatever was kept back. */
bool ks_armour_writer_finish (KsArmourWriter *writer) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
