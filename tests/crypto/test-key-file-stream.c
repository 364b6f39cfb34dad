/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The key file's cipher as a stream: big files, flat memory, and a second pass that meets
 * another file than the first.
 */

#include "crypto/ks-key-file-frame.h"
#include "key-file-text.h"
#include "vectors.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const uint8_t iv[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static uint8_t *
random_bytes (gsize size)
{
  uint8_t *bytes = g_malloc (size + 1);

  ks_random (bytes, size);
  return bytes;
}

/* Where a block, a slice or the MAC at the end of it could be off by one. */
static void
test_sizes_about_the_blocks (void)
{
  static const gsize about[] = { 4096, KS_KEY_FILE_BLOCK_SIZE, 2 * KS_KEY_FILE_BLOCK_SIZE,
                                 3 * KS_KEY_FILE_BLOCK_SIZE };

  for (gsize i = 0; i < G_N_ELEMENTS (about); i++)
    for (gsize size = about[i] - 33; size <= about[i] + 33; size += size + 34 > about[i] ? 1 : 31)
      {
        g_autofree uint8_t *bytes = random_bytes (size);
        g_autofree char *text = key_file_write ("phrase", 1, bytes, size, 5000);
        g_autoptr (GByteArray) plain = g_byte_array_new ();

        g_assert_cmpint (key_file_read (text, strlen (text), 65537, "phrase", KS_KEY_FILE_COUNTER_128, plain),
                         ==, KS_KEY_FILE_OK);
        g_assert_cmpmem (plain->data, plain->len, bytes, size);
      }
}

/* The counter of 64 bits starts again within a block, at its end and in a later one. */
static void
test_counter_wraps_anywhere (void)
{
  static const gsize wraps[] = { 1, 2, 4095, 4096, 4097, 8191, 8192, 10000 };
  const gsize size = 3 * KS_KEY_FILE_BLOCK_SIZE - 7, blocks = (size + 15) / 16;
  g_autofree uint8_t *bytes = random_bytes (size);

  for (gsize i = 0; i < G_N_ELEMENTS (wraps); i++)
    {
      g_autoptr (GByteArray) plain = g_byte_array_new (), long_plain = g_byte_array_new ();
      g_autoptr (GByteArray) first = NULL;
      g_autoptr (KsKeyFileProof) proof = NULL;
      g_autofree char *text = NULL;
      uint64_t low = GUINT64_TO_BE ((uint64_t) 0 - wraps[i]);
      uint8_t wrapping[16];

      memset (wrapping, 0xab, 8);
      memcpy (wrapping + 8, &low, 8);
      first = key_file_bytes ("phrase", wrapping, 1, bytes, size);
      text = key_file_armour (first, 96, "\n", true);
      g_assert_cmpint (key_file_verify (text, strlen (text), 1000, "phrase", &proof), ==, KS_KEY_FILE_OK);
      g_assert_true (ks_key_file_proof_counter_matters (proof));
      g_assert_cmpint (key_file_read (text, strlen (text), 70000, "phrase", KS_KEY_FILE_COUNTER_128,
                                      long_plain),
                       ==, KS_KEY_FILE_OK);
      g_assert_cmpmem (long_plain->data, long_plain->len, bytes, size);
      /* Up to the wrap the two agree; after it they agree nowhere. */
      g_assert_cmpint (key_file_read (text, strlen (text), 70000, "phrase", KS_KEY_FILE_COUNTER_64, plain),
                       ==, KS_KEY_FILE_OK);
      g_assert_cmpmem (plain->data, wraps[i] * 16, bytes, wraps[i] * 16);
      for (gsize block = wraps[i]; block + 1 < blocks; block += 97)
        g_assert_true (memcmp (plain->data + block * 16, bytes + block * 16, 16) != 0);
    }
}

/* One block before the counter ends, it does not matter yet. */
static void
test_counter_matters_at_the_last_block (void)
{
  for (gsize size = 0; size <= 64; size++)
    {
      g_autofree uint8_t *bytes = random_bytes (size);
      uint8_t ending[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe };
      g_autoptr (GByteArray) inside = key_file_bytes ("phrase", ending, 1, bytes, size);
      g_autofree char *text = key_file_armour (inside, 96, "\n", true);
      g_autoptr (KsKeyFileProof) proof = NULL;

      g_assert_cmpint (key_file_verify (text, strlen (text), 1000, "phrase", &proof), ==, KS_KEY_FILE_OK);
      g_assert_true (ks_key_file_proof_counter_matters (proof) == (size > 32));
    }
}

/* The second pass over @text with the proof of another file; what came out before. */
static KsKeyFileResult
second_pass (const KsKeyFileProof *proof, const char *text, GByteArray *plain)
{
  g_autoptr (KsKeyFileDecryptor) decryptor =
      ks_key_file_decryptor_new (proof, KS_KEY_FILE_COUNTER_128, key_file_append, plain);
  KsKeyFileResult result = ks_key_file_decryptor_update (decryptor, text, strlen (text));
  KsKeyFileResult last = ks_key_file_decryptor_finish (decryptor);

  if (result != KS_KEY_FILE_OK)
    g_assert_cmpint (last, ==, result);
  return last;
}

/* A byte changed between the passes: nothing of its block comes out. */
static void
test_changed_between_passes (void)
{
  const gsize size = 2 * KS_KEY_FILE_BLOCK_SIZE + 1000;
  g_autofree uint8_t *bytes = random_bytes (size);
  g_autoptr (GByteArray) inside = key_file_bytes ("phrase", iv, 1, bytes, size);
  g_autofree char *text = key_file_armour (inside, 96, "\n", true);
  g_autoptr (KsKeyFileProof) proof = NULL;

  g_assert_cmpint (key_file_verify (text, strlen (text), 1000, "phrase", &proof), ==, KS_KEY_FILE_OK);
  for (gsize at = 0; at < inside->len; at += at < 40 || at >= 37 + size ? 1 : MIN (4999, 37 + size - at))
    {
      g_autoptr (GByteArray) plain = g_byte_array_new ();
      g_autofree char *changed = NULL;

      inside->data[at] ^= 1;
      changed = key_file_armour (inside, 96, "\n", true);
      inside->data[at] ^= 1;
      g_assert_cmpint (second_pass (proof, changed, plain), ==, KS_KEY_FILE_CHANGED);
      g_assert_cmpmem (plain->data, plain->len, bytes, plain->len);
      if (at < 37)
        g_assert_cmpint (plain->len, ==, 0);
      else if (at < 37 + size)
        g_assert_cmpint (plain->len, ==, (at - 37) / KS_KEY_FILE_BLOCK_SIZE * KS_KEY_FILE_BLOCK_SIZE);
    }
}

static void
test_other_file_in_second_pass (void)
{
  const gsize size = 2 * KS_KEY_FILE_BLOCK_SIZE;
  g_autofree uint8_t *bytes = random_bytes (size + 16);
  g_autoptr (GByteArray) inside = key_file_bytes ("phrase", iv, 1, bytes, size), swapped = NULL;
  g_autofree char *text = key_file_armour (inside, 96, "\n", true);
  g_autoptr (KsKeyFileProof) proof = NULL;
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GByteArray) plain = g_byte_array_new ();

  g_assert_cmpint (key_file_verify (text, strlen (text), 1000, "phrase", &proof), ==, KS_KEY_FILE_OK);
  swapped = g_byte_array_new ();
  g_byte_array_append (swapped, inside->data, 37);
  g_byte_array_append (swapped, inside->data + 37 + KS_KEY_FILE_BLOCK_SIZE, KS_KEY_FILE_BLOCK_SIZE);
  g_byte_array_append (swapped, inside->data + 37, KS_KEY_FILE_BLOCK_SIZE);
  g_byte_array_append (swapped, inside->data + 37 + size, 32);
  g_ptr_array_add (others, key_file_armour (swapped, 96, "\n", true));
  g_ptr_array_add (others, key_file_write ("phrase", 1, bytes, size, size));
  g_ptr_array_add (others, g_strdup (""));
  g_ptr_array_add (others, g_strdup ("no key file"));
  g_ptr_array_add (others, g_strdup (KEY_FILE_FIRST_LINE "\n" KEY_FILE_END_LINE));
  g_ptr_array_add (others, g_strdup (KEY_FILE_FIRST_LINE "\n!"));
  for (guint i = 0; i < others->len; i++)
    {
      g_assert_cmpint (second_pass (proof, others->pdata[i], plain), ==, KS_KEY_FILE_CHANGED);
      g_assert_cmpint (plain->len, ==, 0);
    }
  /* Cut, with the MAC of the whole: what came out is what was proven. */
  g_byte_array_remove_range (inside, 37 + KS_KEY_FILE_BLOCK_SIZE, KS_KEY_FILE_BLOCK_SIZE);
  g_free (text);
  text = key_file_armour (inside, 96, "\n", true);
  g_assert_cmpint (second_pass (proof, text, plain), ==, KS_KEY_FILE_CHANGED);
  g_assert_cmpint (plain->len, ==, KS_KEY_FILE_BLOCK_SIZE);
  g_assert_cmpmem (plain->data, plain->len, bytes, plain->len);
}

/* The text may be wrapped in another way: inside it is the same. One proof serves both. */
static void
test_same_bytes_in_another_form (void)
{
  const gsize size = KS_KEY_FILE_BLOCK_SIZE + 5;
  g_autofree uint8_t *bytes = random_bytes (size);
  g_autoptr (GByteArray) inside = key_file_bytes ("phrase", iv, 1, bytes, size);
  g_autofree char *text = key_file_armour (inside, 96, "\n", true),
                  *other = key_file_armour (inside, 0, "\r\n", false);
  g_autoptr (KsKeyFileProof) proof = NULL;

  g_assert_cmpint (key_file_verify (text, strlen (text), 1000, "phrase", &proof), ==, KS_KEY_FILE_OK);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GByteArray) plain = g_byte_array_new ();

      g_assert_cmpint (second_pass (proof, other, plain), ==, KS_KEY_FILE_OK);
      g_assert_cmpmem (plain->data, plain->len, bytes, size);
    }
}

static bool
count_down (const uint8_t *bytes, size_t size, gpointer data)
{
  int *left = data;

  g_assert_cmpint (*left, >, 0);
  g_assert_cmpint (size, >, 0);
  return --*left > 0;
}

/* After a sink has had enough it is not asked again. */
static void
test_sink_stops (void)
{
  const gsize size = 5 * KS_KEY_FILE_BLOCK_SIZE;
  g_autofree uint8_t *bytes = random_bytes (size);
  g_autofree char *text = key_file_write ("phrase", 1, bytes, size, size);
  g_autoptr (KsSecret) phrase = secret_of_text ("phrase");
  g_autoptr (KsKeyFileProof) proof = NULL;

  g_assert_cmpint (key_file_verify (text, strlen (text), 1000, "phrase", &proof), ==, KS_KEY_FILE_OK);
  for (int calls = 1; calls <= 5; calls++)
    {
      int left = calls;
      g_autoptr (KsKeyFileDecryptor) decryptor =
          ks_key_file_decryptor_new (proof, KS_KEY_FILE_COUNTER_128, count_down, &left);
      KsKeyFileResult result = ks_key_file_decryptor_update (decryptor, text, strlen (text));

      /* The last block is not known as such before the end. */
      g_assert_cmpint (result, ==, calls == 5 && left > 0 ? KS_KEY_FILE_OK : KS_KEY_FILE_STOPPED);
      g_assert_cmpint (ks_key_file_decryptor_finish (decryptor), ==, KS_KEY_FILE_STOPPED);
      g_assert_cmpint (ks_key_file_decryptor_update (decryptor, text, 10), ==, KS_KEY_FILE_STOPPED);
      g_assert_cmpint (left, ==, 0);
    }
  for (int calls = 1; calls <= 5; calls++)
    {
      int left = calls;
      g_autoptr (KsKeyFileEncryptor) encryptor = ks_key_file_encryptor_new (phrase, 1, count_down, &left);

      g_assert_cmpint (ks_key_file_encryptor_update (encryptor, bytes, size), ==, KS_KEY_FILE_STOPPED);
      g_assert_cmpint (ks_key_file_encryptor_finish (encryptor), ==, KS_KEY_FILE_STOPPED);
      g_assert_cmpint (left, ==, 0);
    }
}

static bool
write_to_file (const uint8_t *bytes, size_t size, gpointer data)
{
  return fwrite (bytes, 1, size, data) == size;
}

typedef struct
{
  uint64_t size;
  uint64_t wrong;
} Count;

static uint8_t
byte_at (uint64_t i)
{
  return (uint8_t) ((i * 2654435761u) >> 13);
}

static bool
count_bytes (const uint8_t *bytes, size_t size, gpointer data)
{
  Count *count = data;

  for (size_t i = 0; i < size; i++)
    count->wrong += bytes[i] != byte_at (count->size + i);
  count->size += size;
  return true;
}

static gsize
resident_pages (void)
{
  g_autofree char *text = NULL;
  gsize pages = 0;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%*u %zu", &pages), ==, 1);
  return pages;
}

/* As many bytes as 100,000 room keys take: written to a file, and read twice. */
static void
test_flat_memory (void)
{
  const uint64_t total = 72 * 1000 * 1000;
  const gsize limit = 4 * 1024 * 1024 / (gsize) sysconf (_SC_PAGESIZE), piece = 65536;
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "keepsake-key-file-XXXXXX", NULL);
  g_autofree uint8_t *buffer = g_malloc (piece);
  g_autoptr (KsSecret) phrase = secret_of_text ("phrase");
  FILE *file = fdopen (g_mkstemp (path), "w+b");
  gsize before, n;
  Count count = { 0 };

  g_assert_nonnull (file);
  memset (buffer, 1, piece);
  before = resident_pages ();
  {
    g_autoptr (KsKeyFileEncryptor) encryptor = ks_key_file_encryptor_new (phrase, 1, write_to_file, file);

    for (uint64_t done = 0; done < total; done += n)
      {
        n = (gsize) MIN (piece, total - done);
        for (gsize i = 0; i < n; i++)
          buffer[i] = byte_at (done + i);
        g_assert_cmpint (ks_key_file_encryptor_update (encryptor, buffer, n), ==, KS_KEY_FILE_OK);
      }
    g_assert_cmpint (ks_key_file_encryptor_finish (encryptor), ==, KS_KEY_FILE_OK);
    g_assert_cmpint (resident_pages (), <, before + limit);
  }
  {
    g_autoptr (KsKeyFileVerifier) verifier = ks_key_file_verifier_new (phrase);
    g_autoptr (KsKeyFileProof) proof = NULL;
    g_autoptr (KsKeyFileDecryptor) decryptor = NULL;

    rewind (file);
    while ((n = fread (buffer, 1, piece, file)) > 0)
      g_assert_cmpint (ks_key_file_verifier_update (verifier, buffer, n), ==, KS_KEY_FILE_OK);
    g_assert_cmpint (ks_key_file_verifier_finish (verifier, &proof), ==, KS_KEY_FILE_OK);
    g_assert_cmpint (resident_pages (), <, before + limit);
    decryptor = ks_key_file_decryptor_new (proof, KS_KEY_FILE_COUNTER_128, count_bytes, &count);
    rewind (file);
    while ((n = fread (buffer, 1, piece, file)) > 0)
      g_assert_cmpint (ks_key_file_decryptor_update (decryptor, buffer, n), ==, KS_KEY_FILE_OK);
    g_assert_cmpint (ks_key_file_decryptor_finish (decryptor), ==, KS_KEY_FILE_OK);
    g_assert_cmpint (resident_pages (), <, before + limit);
  }
  g_assert_cmpint (count.size, ==, total);
  g_assert_cmpint (count.wrong, ==, 0);
  fclose (file);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-file-stream/sizes-about-the-blocks", test_sizes_about_the_blocks);
  g_test_add_func ("/key-file-stream/counter-wraps-anywhere", test_counter_wraps_anywhere);
  g_test_add_func ("/key-file-stream/counter-matters-at-the-last-block",
                   test_counter_matters_at_the_last_block);
  g_test_add_func ("/key-file-stream/changed-between-passes", test_changed_between_passes);
  g_test_add_func ("/key-file-stream/other-file-in-second-pass", test_other_file_in_second_pass);
  g_test_add_func ("/key-file-stream/same-bytes-in-another-form", test_same_bytes_in_another_form);
  g_test_add_func ("/key-file-stream/sink-stops", test_sink_stops);
  g_test_add_func ("/key-file-stream/flat-memory", test_flat_memory);
  return g_test_run ();
}
