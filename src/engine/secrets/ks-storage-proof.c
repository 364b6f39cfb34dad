/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/secrets/ks-storage-proof.h"

#include "crypto/ks-encoding.h"
#include "engine/secrets/ks-secret-storage.h"

#include <string.h>

/* The text: each part's digest in base64, or this, between spaces. */
#define NOT_PROVEN "-"
#define DESCRIPTION KS_N_SECRETS

void
ks_storage_proof_read (KsStorageProof *proof, const char *key_id, const char *of_key_id, const char *text)
{
  g_auto (GStrv) words = NULL;

  *proof = (KsStorageProof){ 0 };
  if (text == NULL || key_id == NULL || g_strcmp0 (key_id, of_key_id) != 0)
    return;
  proof->known = TRUE;
  words = g_strsplit (text, " ", KS_N_STORAGE_PARTS + 1);
  if (g_strv_length (words) != KS_N_STORAGE_PARTS)
    return;
  for (int i = 0; i < KS_N_STORAGE_PARTS; i++)
    proof->proven[i] =
        ks_base64_decode_exact (words[i], strlen (words[i]), proof->digests[i], sizeof proof->digests[i])
        == KS_DECODE_OK;
}

char *
ks_storage_proof_write (const KsStorageProof *proof)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < KS_N_STORAGE_PARTS; i++)
    {
      g_autofree char *digest =
          ks_base64_encode (proof->digests[i], sizeof proof->digests[i], KS_BASE64_UNPADDED);

      if (i > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, proof->proven[i] ? digest : NOT_PROVEN);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* With its size before it, so that no other bytes have the same digest. */
static void
add_bytes (GChecksum *sum, const void *bytes, gsize size)
{
  g_autofree char *length = g_strdup_printf ("%" G_GSIZE_FORMAT ":", size);

  g_checksum_update (sum, (const guchar *) length, (gssize) strlen (length));
  g_checksum_update (sum, bytes, (gssize) size);
}

static void
finish (GChecksum *sum, uint8_t digest[KS_STORAGE_DIGEST_SIZE])
{
  gsize size = KS_STORAGE_DIGEST_SIZE;

  g_checksum_get_digest (sum, digest, &size);
}

/* FALSE: there is no such entry. */
static gboolean
digest_secret (JsonObject *content, const char *key_id, uint8_t digest[KS_STORAGE_DIGEST_SIZE])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (KsEncryptedSecret) secret = NULL;

  if (ks_encrypted_secret_read (content, key_id, &secret) != KS_KEY_DESCRIPTION_OK)
    return FALSE;
  add_bytes (sum, secret->iv, secret->iv_size);
  add_bytes (sum, secret->mac, sizeof secret->mac);
  add_bytes (sum, secret->ciphertext, secret->size);
  finish (sum, digest);
  return TRUE;
}

/* The key and the phrase that it comes from; any name that it has is the person's to change. */
static gboolean
digest_description (JsonObject *content, uint8_t digest[KS_STORAGE_DIGEST_SIZE])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (KsKeyDescription) description = NULL;
  g_autofree char *numbers = NULL;

  if (ks_key_description_read (content, &description) != KS_KEY_DESCRIPTION_OK)
    return FALSE;
  if (description->has_check)
    {
      add_bytes (sum, description->iv, description->iv_size);
      add_bytes (sum, description->mac, sizeof description->mac);
    }
  if (description->salt != NULL)
    {
      numbers = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, description->iterations,
                                 description->bits);
      add_bytes (sum, description->salt, strlen (description->salt));
      add_bytes (sum, numbers, strlen (numbers));
    }
  finish (sum, digest);
  return TRUE;
}

void
ks_storage_proof_take_secret (KsStorageProof *proof,
                              KsSecretName name,
                              JsonObject *content,
                              const char *key_id,
                              const KsSecret *key,
                              const KsSecret *value)
{
  g_autoptr (KsSecret) opened = NULL;

  proof->known = TRUE;
  proof->proven[name] =
      ks_secret_storage_open (content, ks_secret_name_to_string (name), key_id, key, &opened)
          == KS_STORED_SECRET_OK
      && ks_secret_equal (opened, value) && digest_secret (content, key_id, proof->digests[name]);
}

static gboolean
describes (JsonObject *content, const KsSecret *key)
{
  g_autoptr (KsKeyDescription) description = NULL;

  return ks_key_description_read (content, &description) == KS_KEY_DESCRIPTION_OK
         && !ks_secret_storage_describes_another (description, key);
}

void
ks_storage_proof_take_description (KsStorageProof *proof, JsonObject *content, const KsSecret *key)
{
  proof->known = TRUE;
  proof->proven[DESCRIPTION] =
      describes (content, key) && digest_description (content, proof->digests[DESCRIPTION]);
}

void
ks_storage_proof_add (KsStorageProof *proof, const KsStorageProof *other)
{
  proof->known = proof->known || other->known;
  for (int i = 0; i < KS_N_STORAGE_PARTS; i++)
    if (other->proven[i])
      {
        proof->proven[i] = TRUE;
        memcpy (proof->digests[i], other->digests[i], sizeof proof->digests[i]);
      }
}

static gboolean
is_proven (const KsStorageProof *proof, int part, const uint8_t digest[KS_STORAGE_DIGEST_SIZE])
{
  return proof->proven[part] && memcmp (proof->digests[part], digest, KS_STORAGE_DIGEST_SIZE) == 0;
}

gboolean
ks_storage_proof_has_secret (const KsStorageProof *proof,
                             KsSecretName name,
                             JsonObject *content,
                             const char *key_id)
{
  uint8_t digest[KS_STORAGE_DIGEST_SIZE];

  return !proof->known || (digest_secret (content, key_id, digest) && is_proven (proof, name, digest));
}

gboolean
ks_storage_proof_has_description (const KsStorageProof *proof, JsonObject *content)
{
  uint8_t digest[KS_STORAGE_DIGEST_SIZE];

  return !proof->known || (digest_description (content, digest) && is_proven (proof, DESCRIPTION, digest));
}

gboolean
ks_storage_proof_describes (const KsStorageProof *proof, JsonObject *content, const KsSecret *key)
{
  return proof->known && ks_storage_proof_has_description (proof, content) && describes (content, key);
}
