/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An exported room-key file, in pieces. The first byte says whether the rest is the text
 * of a file or the bytes inside it, the second how big the pieces are, the third how the
 * text is wrapped. Of bytes inside, the rounds are set to one and, if asked, the MAC is
 * made to fit: so that the fuzzer sees what lies behind it.
 */

#include "crypto/ks-encoding.h"
#include "crypto/ks-key-file-frame.h"
#include "fuzz/fuzz-target.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define FIRST_LINE "-----BEGIN MEGOLM SESSION DATA-----"
#define END_LINE "-----END MEGOLM SESSION DATA-----"
#define MAX_ROUNDS 16
#define PHRASE "phrase"

typedef struct
{
  uint64_t size;
} Seen;

static bool
on_bytes (const uint8_t *bytes, size_t size, gpointer data)
{
  ((Seen *) data)->size += size;
  return true;
}

/* Would PBKDF2 take long? Too many rounds are no bug, but nothing to fuzz with. */
static bool
takes_long (const char *text, size_t size)
{
  const char *start = memmem (text, size, FIRST_LINE, strlen (FIRST_LINE));
  char base64[52];
  uint8_t header[KS_BASE64_BYTES (sizeof base64)];
  size_t n = 0, n_bytes;
  const uint8_t *rounds = header + KS_KEY_FILE_ROUNDS_OFFSET;

  if (start == NULL)
    return false;
  for (const char *c = start + strlen (FIRST_LINE); c < text + size && n < sizeof base64; c++)
    if (!g_ascii_isspace (*c) && *c != '\v')
      base64[n++] = *c;
  if (n < sizeof base64 || ks_base64_decode (base64, n, header, &n_bytes) != KS_DECODE_OK)
    return n == sizeof base64;
  return rounds[0] != 0 || rounds[1] != 0 || rounds[2] != 0 || rounds[3] > MAX_ROUNDS;
}

static void
try_text (const char *text, size_t size, size_t piece)
{
  static KsSecret *phrase;
  g_autoptr (KsKeyFileVerifier) verifier = NULL;
  g_autoptr (KsKeyFileProof) proof = NULL;
  KsKeyFileResult result;

  if (phrase == NULL)
    phrase = ks_secret_new_copy (PHRASE, strlen (PHRASE));
  if (takes_long (text, size))
    return;
  verifier = ks_key_file_verifier_new (phrase);
  for (size_t i = 0; i < size; i += piece)
    (void) !ks_key_file_verifier_update (verifier, text + i, MIN (piece, size - i));
  result = ks_key_file_verifier_finish (verifier, &proof);
  g_assert_true ((proof != NULL) == (result == KS_KEY_FILE_OK));
  for (KsKeyFileCounter counter = KS_KEY_FILE_COUNTER_128; proof != NULL && counter <= KS_KEY_FILE_COUNTER_64;
       counter++)
    {
      Seen seen = { 0 };
      g_autoptr (KsKeyFileDecryptor) decryptor = ks_key_file_decryptor_new (proof, counter, on_bytes, &seen);

      /* In other pieces than before. */
      for (size_t i = 0; i < size; i += piece + 1)
        g_assert_cmpint (ks_key_file_decryptor_update (decryptor, text + i, MIN (piece + 1, size - i)), ==,
                         KS_KEY_FILE_OK);
      g_assert_cmpint (ks_key_file_decryptor_finish (decryptor), ==, KS_KEY_FILE_OK);
      g_assert_cmpint (seen.size, ==, ks_key_file_proof_get_size (proof));
    }
}

static void
make_mac_fit (uint8_t *bytes, size_t size)
{
  uint8_t keys[64];

  PKCS5_PBKDF2_HMAC (PHRASE, (int) strlen (PHRASE), bytes + KS_KEY_FILE_SALT_OFFSET, KS_KEY_FILE_SALT_SIZE, 1,
                     EVP_sha512 (), sizeof keys, keys);
  HMAC (EVP_sha256 (), keys + 32, 32, bytes, size - KS_KEY_FILE_MAC_SIZE, bytes + size - KS_KEY_FILE_MAC_SIZE,
        NULL);
}

static void
try_inside (const uint8_t *data, size_t size, size_t piece, size_t width, bool fit)
{
  g_autofree uint8_t *bytes = g_memdup2 (data, size);
  g_autoptr (GString) text = g_string_new (FIRST_LINE);
  g_autofree char *base64 = NULL;

  if (size >= KS_KEY_FILE_HEADER_SIZE)
    memcpy (bytes + KS_KEY_FILE_ROUNDS_OFFSET, "\0\0\0\1", 4);
  if (fit && size >= KS_KEY_FILE_HEADER_SIZE + KS_KEY_FILE_MAC_SIZE)
    make_mac_fit (bytes, size);
  base64 = ks_base64_encode (bytes, size, width % 2 == 0 ? KS_BASE64_PADDED : KS_BASE64_UNPADDED);
  for (size_t i = 0; i < strlen (base64); i += width + 1)
    g_string_append_printf (text, "\n%.*s", (int) (width + 1), base64 + i);
  g_string_append (text, END_LINE);
  try_text (text->str, text->len, piece);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 3)
    return 0;
  if (data[0] % 3 == 0)
    try_text ((const char *) data + 3, size - 3, data[1] + 1u);
  else
    try_inside (data + 3, size - 3, data[1] + 1u, data[2], data[0] % 3 == 1);
  return 0;
}
