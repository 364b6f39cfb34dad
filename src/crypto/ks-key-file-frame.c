/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-key-file-frame.h"

#include <string.h>

/* Takes as much of the header as there is; says how much that was. */
static KsKeyFileResult
take_header (KsKeyFileFrame *frame,
             const KsKeyFilePass *pass,
             gpointer pass_data,
             const uint8_t *bytes,
             size_t size,
             size_t *taken)
{
  *taken = MIN (size, sizeof frame->header - frame->header_size);
  if (*taken == 0)
    return KS_KEY_FILE_OK;
  memcpy (frame->header + frame->header_size, bytes, *taken);
  frame->header_size += *taken;
  if (frame->header[0] != KS_KEY_FILE_VERSION)
    return KS_KEY_FILE_UNKNOWN_VERSION;
  if (frame->header_size < sizeof frame->header)
    return KS_KEY_FILE_OK;
  return pass->on_header (pass_data, frame->header);
}

/* Hands a block on as soon as what may be the MAC lies behind it. */
static KsKeyFileResult
take_bytes (
    KsKeyFileFrame *frame, const KsKeyFilePass *pass, gpointer pass_data, const uint8_t *bytes, size_t size)
{
  size_t taken;
  KsKeyFileResult result = take_header (frame, pass, pass_data, bytes, size, &taken);

  while (result == KS_KEY_FILE_OK && taken < size)
    {
      size_t n = MIN (size - taken, sizeof frame->block - frame->block_size);

      memcpy (frame->block + frame->block_size, bytes + taken, n);
      frame->block_size += n;
      taken += n;
      if (frame->block_size < sizeof frame->block)
        continue;
      result = pass->on_block (pass_data, frame->block, KS_KEY_FILE_BLOCK_SIZE);
      memmove (frame->block, frame->block + KS_KEY_FILE_BLOCK_SIZE, KS_KEY_FILE_MAC_SIZE);
      frame->block_size = KS_KEY_FILE_MAC_SIZE;
    }
  return result;
}

KsKeyFileResult
ks_key_file_frame_feed (
    KsKeyFileFrame *frame, const KsKeyFilePass *pass, gpointer pass_data, const uint8_t *text, size_t size)
{
  uint8_t bytes[KS_ARMOUR_BYTES];

  while (frame->result == KS_KEY_FILE_OK && size > 0)
    {
      size_t slice = MIN (size, KS_ARMOUR_SLICE_SIZE), n;

      if (ks_armour_reader_feed (&frame->armour, text, slice, bytes, &n))
        frame->result = take_bytes (frame, pass, pass_data, bytes, n);
      else
        frame->result = KS_KEY_FILE_DAMAGED;
      text += slice;
      size -= slice;
    }
  return frame->result;
}

static KsKeyFileResult
judge_end (const KsKeyFileFrame *frame)
{
  if (frame->armour.place == KS_ARMOUR_BEFORE)
    return KS_KEY_FILE_NO_HEADER;
  if (frame->armour.place != KS_ARMOUR_AFTER || frame->header_size < sizeof frame->header
      || frame->block_size < KS_KEY_FILE_MAC_SIZE)
    return KS_KEY_FILE_DAMAGED;
  return KS_KEY_FILE_OK;
}

KsKeyFileResult
ks_key_file_frame_finish (KsKeyFileFrame *frame,
                          const KsKeyFilePass *pass,
                          gpointer pass_data,
                          uint8_t mac[KS_KEY_FILE_MAC_SIZE])
{
  size_t last;

  if (frame->result == KS_KEY_FILE_OK)
    frame->result = judge_end (frame);
  if (frame->result != KS_KEY_FILE_OK)
    return frame->result;
  last = frame->block_size - KS_KEY_FILE_MAC_SIZE;
  memcpy (mac, frame->block + last, KS_KEY_FILE_MAC_SIZE);
  if (last > 0)
    frame->result = pass->on_block (pass_data, frame->block, last);
  return frame->result;
}
