/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-olm-account.h"
#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-encoding.h"

#include <olm/olm.h>
#include <string.h>

/* The key that libolm encrypts pickles with. A constant, known to all: the store seals
 * the pickle with AES-256-GCM, bound to its place, and libolm's AES-CBC with a MAC of 8
 * bytes beneath that would add nothing but a second key to lose. Part of the stored
 * form: it never changes. */
static const char pickle_key[] = "keepsake olm account 1";
#define PICKLE_KEY_LENGTH (sizeof pickle_key - 1)

/* What libolm writes keys between. */
#define KEYS_BEGIN "{\"curve25519\":{"
#define KEYS_END "}}"
#define KEY_TEXT_LENGTH (strlen ("\"\":\"\"") + KS_OLM_KEY_ID_LENGTH + KS_OLM_KEY_LENGTH)

struct KsOlmAccount
{
  OlmAccount *olm;  /* borrowed: in @memory */
  KsSecret *memory; /* owned */
  uint8_t ed25519[KS_OLM_KEY_SIZE];
  uint8_t curve25519[KS_OLM_KEY_SIZE];
  char ed25519_text[KS_OLM_KEY_LENGTH + 1];
  char curve25519_text[KS_OLM_KEY_LENGTH + 1];
};

static KsOlmAccount *
account_alloc (void)
{
  KsOlmAccount *account = g_new0 (KsOlmAccount, 1);

  /* Guarded memory ends at the end of a page: only whole multiples begin aligned. */
  account->memory = ks_secret_new ((olm_account_size () + 15) / 16 * 16);
  account->olm = olm_account (ks_secret_writable (account->memory));
  return account;
}

void
ks_olm_account_free (KsOlmAccount *account)
{
  if (account == NULL)
    return;
  ks_secret_unref (account->memory);
  g_free (account);
}

/* A backup's public key is an X25519 key like any other: one rule for all. */
static bool
read_curve25519 (const char *text, uint8_t bytes[KS_OLM_KEY_SIZE])
{
  G_STATIC_ASSERT (KS_OLM_KEY_SIZE == KS_BACKUP_KEY_SIZE);

  return ks_base64_decode_exact (text, KS_OLM_KEY_LENGTH, bytes, KS_OLM_KEY_SIZE) == KS_DECODE_OK
         && ks_backup_public_key_valid (bytes);
}

/* Takes @expected off the beginning of @text. */
static bool
skip (const char **text, const char *expected)
{
  if (!g_str_has_prefix (*text, expected))
    return false;
  *text += strlen (expected);
  return true;
}

/* A word of @length characters between quotation marks. */
static bool
take_word (const char **text, char *word, size_t length)
{
  if (!skip (text, "\"") || strlen (*text) < length)
    return false;
  memcpy (word, *text, length);
  word[length] = '\0';
  *text += length;
  return memchr (word, '"', length) == NULL && skip (text, "\"");
}

/* {"curve25519":"…","ed25519":"…"} */
static bool
read_identity_keys (KsOlmAccount *account)
{
  size_t length = olm_account_identity_keys_length (account->olm);
  g_autofree char *json = g_malloc0 (length + 1);
  const char *text = json;

  return olm_account_identity_keys (account->olm, json, length) == length && skip (&text, "{\"curve25519\":")
         && take_word (&text, account->curve25519_text, KS_OLM_KEY_LENGTH) && skip (&text, ",\"ed25519\":")
         && take_word (&text, account->ed25519_text, KS_OLM_KEY_LENGTH) && skip (&text, "}") && *text == '\0'
         && read_curve25519 (account->curve25519_text, account->curve25519)
         && ks_base64_decode_exact (account->ed25519_text, KS_OLM_KEY_LENGTH, account->ed25519,
                                    sizeof account->ed25519)
                == KS_DECODE_OK
         && ks_signing_public_key_valid (account->ed25519);
}

/* {"curve25519":{"ID":"key","ID":"key"}}. @room: for how many keys there is place in
 * @keys. false: that is not what @json says, or a key is none. */
static bool
read_keys (const char *json, KsOlmPublicKey *keys, size_t room, size_t *n)
{
  const char *text = json;

  *n = 0;
  if (!skip (&text, KEYS_BEGIN))
    return false;
  while (!g_str_equal (text, KEYS_END))
    {
      KsOlmPublicKey *key = keys + *n;
      uint8_t bytes[KS_OLM_KEY_SIZE];

      if (*n == room || (*n > 0 && !skip (&text, ",")) || !take_word (&text, key->id, KS_OLM_KEY_ID_LENGTH)
          || !skip (&text, ":") || !take_word (&text, key->curve25519, KS_OLM_KEY_LENGTH)
          || !read_curve25519 (key->curve25519, bytes))
        return false;
      (*n)++;
    }
  return true;
}

/* @keys gets an array for g_free(), or NULL. */
static bool
read_one_time_keys (KsOlmAccount *account, KsOlmPublicKey **keys, size_t *n)
{
  size_t length = olm_account_one_time_keys_length (account->olm);
  size_t room = length / KEY_TEXT_LENGTH;
  g_autofree char *json = g_malloc0 (length + 1);
  g_autofree KsOlmPublicKey *read = g_new0 (KsOlmPublicKey, room);

  *keys = NULL;
  if (olm_account_one_time_keys (account->olm, json, length) == olm_error ()
      || !read_keys (json, read, room, n))
    {
      *n = 0;
      return false;
    }
  if (*n > 0)
    *keys = g_steal_pointer (&read);
  return true;
}

/* @n: 1 if there is one, else 0. */
static bool
read_fallback_key (KsOlmAccount *account, KsOlmPublicKey *key, size_t *n)
{
  size_t length = olm_account_unpublished_fallback_key_length (account->olm);
  g_autofree char *json = g_malloc0 (length + 1);

  *n = 0;
  return olm_account_unpublished_fallback_key (account->olm, json, length) != olm_error ()
         && read_keys (json, key, 1, n);
}

KsOlmAccount *
ks_olm_account_new (void)
{
  KsOlmAccount *account = account_alloc ();
  g_autoptr (KsSecret) random = ks_secret_new_random (olm_create_account_random_length (account->olm));

  if (olm_create_account (account->olm, ks_secret_writable (random), ks_secret_size (random)) == olm_error ()
      || !read_identity_keys (account))
    g_error ("libolm cannot make an account: %s", olm_account_last_error (account->olm));
  return account;
}

void
ks_olm_account_identity_keys (const KsOlmAccount *account,
                              uint8_t ed25519[KS_OLM_KEY_SIZE],
                              uint8_t curve25519[KS_OLM_KEY_SIZE])
{
  memcpy (ed25519, account->ed25519, KS_OLM_KEY_SIZE);
  memcpy (curve25519, account->curve25519, KS_OLM_KEY_SIZE);
}

const char *
ks_olm_account_ed25519 (const KsOlmAccount *account)
{
  return account->ed25519_text;
}

const char *
ks_olm_account_curve25519 (const KsOlmAccount *account)
{
  return account->curve25519_text;
}

bool
ks_olm_account_sign (KsOlmAccount *account,
                     const void *message,
                     size_t size,
                     uint8_t signature[KS_SIGNATURE_SIZE])
{
  char text[KS_BASE64_LENGTH (KS_SIGNATURE_SIZE)];
  size_t length = olm_account_signature_length (account->olm);
  bool done = length <= sizeof text
              && olm_account_sign (account->olm, message, size, text, length) != olm_error ()
              && ks_base64_decode_exact (text, length, signature, KS_SIGNATURE_SIZE) == KS_DECODE_OK
              && ks_signature_verify (account->ed25519, message, size, signature);

  /* A signature made with another public key than one's own tells the private key. */
  ks_wipe (text, sizeof text);
  if (!done)
    ks_wipe (signature, KS_SIGNATURE_SIZE);
  return done;
}

size_t
ks_olm_account_max_one_time_keys (const KsOlmAccount *account)
{
  return olm_account_max_number_of_one_time_keys (account->olm);
}

bool
ks_olm_account_generate_one_time_keys (KsOlmAccount *account, size_t n)
{
  g_autoptr (KsSecret) random = NULL;

  if (n > ks_olm_account_max_one_time_keys (account))
    return false;
  random = ks_secret_new_random (olm_account_generate_one_time_keys_random_length (account->olm, n));
  return olm_account_generate_one_time_keys (account->olm, n, ks_secret_writable (random),
                                             ks_secret_size (random))
         != olm_error ();
}

KsOlmPublicKey *
ks_olm_account_list_one_time_keys (KsOlmAccount *account, size_t *n)
{
  KsOlmPublicKey *keys;

  /* What was unpickled was read once already, and what was made is libolm's own. */
  if (!read_one_time_keys (account, &keys, n))
    g_error ("libolm has one-time keys that are none");
  return keys;
}

void
ks_olm_account_generate_fallback_key (KsOlmAccount *account)
{
  g_autoptr (KsSecret) random =
      ks_secret_new_random (olm_account_generate_fallback_key_random_length (account->olm));

  if (olm_account_generate_fallback_key (account->olm, ks_secret_writable (random), ks_secret_size (random))
      == olm_error ())
    g_error ("libolm cannot make a fallback key: %s", olm_account_last_error (account->olm));
}

bool
ks_olm_account_get_fallback_key (KsOlmAccount *account, KsOlmPublicKey *key)
{
  size_t n;

  if (!read_fallback_key (account, key, &n))
    g_error ("libolm has a fallback key that is none");
  return n == 1;
}

void
ks_olm_account_mark_published (KsOlmAccount *account)
{
  olm_account_mark_keys_as_published (account->olm);
}

KsSecret *
ks_olm_account_pickle (KsOlmAccount *account)
{
  size_t length = olm_pickle_account_length (account->olm);
  KsSecret *pickle = ks_secret_new (length);

  if (olm_pickle_account (account->olm, pickle_key, PICKLE_KEY_LENGTH, ks_secret_writable (pickle), length)
      != length)
    g_error ("libolm cannot pickle an account: %s", olm_account_last_error (account->olm));
  return pickle;
}

/* The keys that will be published: what a library would only copy is looked at here. */
static bool
keys_usable (KsOlmAccount *account)
{
  g_autofree KsOlmPublicKey *keys = NULL;
  KsOlmPublicKey fallback;
  uint8_t signature[KS_SIGNATURE_SIZE];
  size_t n;

  return read_identity_keys (account) && read_one_time_keys (account, &keys, &n)
         && read_fallback_key (account, &fallback, &n) && ks_olm_account_sign (account, "", 0, signature);
}

static KsOlmAccountResult
olm_fault (KsOlmAccount *account)
{
  switch (olm_account_last_error_code (account->olm))
    {
    case OLM_UNKNOWN_PICKLE_VERSION:
    case OLM_BAD_LEGACY_ACCOUNT_PICKLE:
      return KS_OLM_ACCOUNT_BAD_VERSION;
    case OLM_BAD_ACCOUNT_KEY:
    case OLM_INVALID_BASE64:
    case OLM_CORRUPTED_PICKLE:
    case OLM_PICKLE_EXTRA_DATA:
      return KS_OLM_ACCOUNT_MALFORMED;
    default:
      return KS_OLM_ACCOUNT_FAILED;
    }
}

KsOlmAccountResult
ks_olm_account_unpickle (const KsSecret *pickle, KsOlmAccount **account)
{
  g_autoptr (KsOlmAccount) made = NULL;
  g_autoptr (KsSecret) bytes = NULL;
  g_autoptr (KsSecret) text = NULL;

  *account = NULL;
  /* libolm's base64 is not strict. */
  if (ks_base64_decode_secret ((const char *) ks_secret_bytes (pickle), ks_secret_size (pickle), &bytes)
      != KS_DECODE_OK)
    return KS_OLM_ACCOUNT_MALFORMED;
  /* It decrypts in place. */
  text = ks_secret_new_copy (ks_secret_bytes (pickle), ks_secret_size (pickle));
  made = account_alloc ();
  if (olm_unpickle_account (made->olm, pickle_key, PICKLE_KEY_LENGTH, ks_secret_writable (text),
                            ks_secret_size (text))
      == olm_error ())
    return olm_fault (made);
  if (!keys_usable (made))
    return KS_OLM_ACCOUNT_WEAK;
  *account = g_steal_pointer (&made);
  return KS_OLM_ACCOUNT_OK;
}
