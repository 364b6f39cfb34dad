/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/ks-hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

struct KsHmac
{
  EVP_MAC_CTX *context; /* owned */
};

KsHmac *
ks_hmac_new (void)
{
  KsHmac *hmac = g_new0 (KsHmac, 1);
  EVP_MAC *algorithm = EVP_MAC_fetch (NULL, OSSL_MAC_NAME_HMAC, NULL);
  char digest[] = OSSL_DIGEST_NAME_SHA2_256;
  OSSL_PARAM parameters[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_MAC_PARAM_DIGEST, digest, 0),
    OSSL_PARAM_construct_end (),
  };

  hmac->context = EVP_MAC_CTX_new (algorithm);
  EVP_MAC_free (algorithm);
  if (hmac->context == NULL || EVP_MAC_CTX_set_params (hmac->context, parameters) != 1)
    g_error ("libcrypto has no HMAC-SHA-256");
  return hmac;
}

void
ks_hmac_free (KsHmac *hmac)
{
  if (hmac == NULL)
    return;
  EVP_MAC_CTX_free (hmac->context); /* wipes its key */
  g_free (hmac);
}

bool
ks_hmac_start (KsHmac *hmac, const uint8_t *key, size_t key_size)
{
  /* No key at all would mean the one of last time. */
  static const uint8_t empty[1] = { 0 };

  return EVP_MAC_init (hmac->context, key_size > 0 ? key : empty, key_size, NULL) == 1;
}

bool
ks_hmac_update (KsHmac *hmac, const void *bytes, size_t size)
{
  return size == 0 || EVP_MAC_update (hmac->context, bytes, size) == 1;
}

bool
ks_hmac_finish (KsHmac *hmac, uint8_t mac[KS_HMAC_SIZE])
{
  size_t size = 0;

  return EVP_MAC_final (hmac->context, mac, &size, KS_HMAC_SIZE) == 1 && size == KS_HMAC_SIZE;
}

bool
ks_hmac (KsHmac *hmac,
         const uint8_t *key,
         size_t key_size,
         const void *bytes,
         size_t size,
         uint8_t mac[KS_HMAC_SIZE])
{
  return ks_hmac_start (hmac, key, key_size) && ks_hmac_update (hmac, bytes, size)
         && ks_hmac_finish (hmac, mac);
}
