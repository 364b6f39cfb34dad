/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The crypto layer as a calculator: reads a request a line from standard input, writes an
 * answer a line to standard output. compare.py asks it what other implementations
 * answered. Bytes are hex, "-" is none; an answer is a result's number, then bytes.
 */

#include "crypto/ks-aes-hmac.h"
#include "crypto/ks-encoding.h"
#include "crypto/ks-kdf.h"
#include "crypto/ks-recovery-key.h"
#include "key-file-text.h"
#include "vectors.h"

#include <stdio.h>
#include <string.h>

typedef struct
{
  const uint8_t *data;
  gsize size;
  GBytes *bytes; /* owned */
} Field;

static Field
field (char **words, int i)
{
  Field it = { 0 };

  g_assert_nonnull (words[i]);
  it.bytes = bytes_of_hex (strcmp (words[i], "-") == 0 ? "" : words[i]);
  it.data = g_bytes_get_data (it.bytes, &it.size);
  return it;
}

static void
field_clear (Field *it)
{
  g_bytes_unref (it->bytes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Field, field_clear)

static void
answer (int result, const void *bytes, gsize size)
{
  g_autofree char *hex = ks_hex_encode (bytes, size);

  printf ("%d %s", result, size > 0 ? hex : "-");
}

static void
answer_secret (int result, const KsSecret *secret)
{
  answer (result, secret != NULL ? ks_secret_bytes (secret) : NULL,
          secret != NULL ? ks_secret_size (secret) : 0);
}

/* hkdf KEY SALT INFO SIZE */
static void
do_hkdf (char **words)
{
  g_auto (Field) key = field (words, 1);
  g_auto (Field) salt = field (words, 2);
  g_auto (Field) info = field (words, 3);
  gsize size = (gsize) g_ascii_strtoull (words[4], NULL, 10);
  g_autofree uint8_t *output = g_malloc0 (size + 1);
  bool done =
      ks_hkdf_sha256 (NULL, key.data, key.size, salt.data, salt.size, info.data, info.size, output, size);

  answer (!done, output, size);
}

/* pbkdf2 PHRASE SALT ITERATIONS BITS */
static void
do_pbkdf2 (char **words)
{
  g_auto (Field) phrase = field (words, 1);
  g_auto (Field) salt = field (words, 2);
  g_autoptr (KsSecret) secret = ks_secret_new_copy (phrase.data, phrase.size);
  g_autoptr (KsSecret) key = NULL;
  int result = ks_pbkdf2_sha512 (secret, salt.data, salt.size, g_ascii_strtoll (words[3], NULL, 10),
                                 g_ascii_strtoll (words[4], NULL, 10), &key);

  answer_secret (result, key);
}

/* encrypt KEY NAME PLAIN, answers IV, MAC and ciphertext in one */
static void
do_encrypt (char **words)
{
  g_auto (Field) key = field (words, 1);
  g_auto (Field) name = field (words, 2);
  g_auto (Field) plain = field (words, 3);
  g_autoptr (KsSecret) secret = ks_secret_new_copy (key.data, key.size);
  g_autofree char *text = g_strndup ((const char *) name.data, name.size);
  g_autofree uint8_t *output = g_malloc (16 + 32 + plain.size);
  int result = ks_aes_hmac_encrypt (secret, text, plain.data, plain.size, output, output + 48, output + 16);

  answer (result, output, 48 + plain.size);
}

/* decrypt KEY NAME IV CIPHERTEXT MAC */
static void
do_decrypt (char **words)
{
  g_auto (Field) key = field (words, 1);
  g_auto (Field) name = field (words, 2);
  g_auto (Field) iv = field (words, 3);
  g_auto (Field) ciphertext = field (words, 4);
  g_auto (Field) mac = field (words, 5);
  g_autoptr (KsSecret) secret = ks_secret_new_copy (key.data, key.size);
  g_autoptr (KsSecret) plain = NULL;
  g_autofree char *text = g_strndup ((const char *) name.data, name.size);
  int result = ks_aes_hmac_decrypt (secret, text, iv.data, iv.size, ciphertext.data, ciphertext.size,
                                    mac.data, mac.size, &plain);

  answer_secret (result, plain);
}

/* base64 TEXT; base58 TEXT */
static void
do_decode (char **words)
{
  g_auto (Field) text = field (words, 1);
  g_autofree uint8_t *bytes = g_malloc (MAX (KS_BASE64_BYTES (text.size), KS_BASE58_MAX_SIZE));
  size_t size = 0;
  int result = strcmp (words[0], "base64") == 0
                   ? (int) ks_base64_decode ((const char *) text.data, text.size, bytes, &size)
                   : (int) ks_base58_decode ((const char *) text.data, text.size, bytes, &size);

  answer (result, bytes, size);
}

/* recovery-key KEY, answers its text */
static void
do_recovery_key (char **words)
{
  g_auto (Field) key = field (words, 1);
  g_autoptr (KsSecret) secret = ks_secret_new_copy (key.data, key.size);
  char text[KS_RECOVERY_KEY_LENGTH + 1];
  bool done = ks_recovery_key_format (secret, text);

  answer (!done, text, strlen (text));
}

/* read-key-file FILE PHRASE COUNTER, answers the plaintext */
static void
do_read_key_file (char **words)
{
  g_auto (Field) phrase = field (words, 2);
  g_autofree char *text = NULL, *phrase_text = g_strndup ((const char *) phrase.data, phrase.size);
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  gsize size;
  int result;

  g_assert_true (g_file_get_contents (words[1], &text, &size, NULL));
  result =
      key_file_read (text, size, 4099, phrase_text,
                     strcmp (words[3], "64") == 0 ? KS_KEY_FILE_COUNTER_64 : KS_KEY_FILE_COUNTER_128, plain);
  answer (result, plain->data, plain->len);
}

/* write-key-file FILE PHRASE ITERATIONS PLAIN */
static void
do_write_key_file (char **words)
{
  g_auto (Field) phrase = field (words, 2);
  g_auto (Field) plain = field (words, 4);
  g_autofree char *phrase_text = g_strndup ((const char *) phrase.data, phrase.size);
  g_autofree char *text =
      key_file_write (phrase_text, g_ascii_strtoll (words[3], NULL, 10), plain.data, plain.size, 999);

  answer (!g_file_set_contents (words[1], text, -1, NULL), NULL, 0);
}

static const struct
{
  const char *name;
  guint n_words;
  void (*run) (char **words);
} requests[] = {
  { "hkdf", 5, do_hkdf },
  { "pbkdf2", 5, do_pbkdf2 },
  { "encrypt", 4, do_encrypt },
  { "decrypt", 6, do_decrypt },
  { "base64", 2, do_decode },
  { "base58", 2, do_decode },
  { "recovery-key", 2, do_recovery_key },
  { "read-key-file", 4, do_read_key_file },
  { "write-key-file", 5, do_write_key_file },
};

int
main (void)
{
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length;

  while ((length = getline (&line, &capacity, stdin)) > 0)
    {
      g_auto (GStrv) words = g_strsplit (g_strchomp (line), " ", -1);
      bool known = false;

      for (gsize i = 0; i < G_N_ELEMENTS (requests) && !known; i++)
        {
          known = strcmp (words[0], requests[i].name) == 0;
          if (known && g_strv_length (words) == requests[i].n_words)
            requests[i].run (words);
        }
      printf (known ? "\n" : "unknown request\n");
      fflush (stdout);
    }
  free (line);
  return 0;
}
