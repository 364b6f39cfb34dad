/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as account data of secret storage: a key description and a secret under
 * the key "k". What is read is within its bounds, and is read the same again after
 * it was written.
 */

#include "engine/secrets/ks-key-description.h"
#include "fuzz/fuzz-target.h"
#include "matrix/ks-json.h"

#include <string.h>

static void
check_description (JsonObject *content)
{
  g_autoptr (KsKeyDescription) description = NULL;
  KsKeyDescriptionResult result = ks_key_description_read (content, &description);

  g_assert_true ((description != NULL) == (result == KS_KEY_DESCRIPTION_OK));
  if (description == NULL)
    return;
  g_assert_true (!description->has_check || description->iv_size == 16 || description->iv_size == 32);
  if (description->name != NULL)
    g_assert_cmpuint (strlen (description->name), <=, KS_KEY_DESCRIPTION_MAX_NAME);
  if (description->salt == NULL)
    return;
  g_assert_cmpuint (strlen (description->salt), <=, KS_KEY_DESCRIPTION_MAX_SALT);
  g_assert_cmpint (description->iterations, >=, 1);
}

static KsKeyDescriptionResult
check_secret (JsonObject *content)
{
  g_autoptr (KsEncryptedSecret) secret = NULL;
  KsKeyDescriptionResult result = ks_encrypted_secret_read (content, "k", &secret);

  g_assert_true ((secret != NULL) == (result == KS_KEY_DESCRIPTION_OK));
  if (secret != NULL)
    g_assert_cmpuint (secret->size, <=, 65536);
  return result;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (JsonObject) content = ks_json_parse_object (data, size, NULL);
  g_autoptr (JsonObject) again = NULL;
  g_autofree char *text = NULL;
  gsize written;

  if (content == NULL)
    return 0;
  check_description (content);
  text = ks_json_to_text (content, &written, NULL);
  if (text == NULL)
    return 0;
  again = ks_json_parse_object (text, written, NULL);
  g_assert_cmpint (check_secret (content), ==, check_secret (again));
  return 0;
}
