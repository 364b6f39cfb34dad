/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-demo-history.h"

#include <sodium.h>
#include <string.h>

#include "hs-demo-crypto.h"

#define KEY_ID "demokey"

/* What HS_DEMO_SECURITY_KEY stands for. */
static const guint8 security_key[32] = { 0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
                                         0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
                                         0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a };

typedef struct
{
  guint8 seed[32];
  guint8 secret[64];
  char *public_key; /* owned: base64 */
} Signer;

static void
signer_init (Signer *self, const char *name)
{
  guint8 public_key[32];

  hs_demo_key (name, self->seed);
  crypto_sign_seed_keypair (public_key, self->secret, self->seed);
  self->public_key = hs_demo_base64 (public_key, sizeof public_key);
}

static char *
sign (const Signer *self, JsonObject *object)
{
  g_autofree char *text = hs_json_canonical (object);
  guint8 signature[64];

  crypto_sign_detached (signature, NULL, (const guint8 *) text, strlen (text), self->secret);
  return hs_demo_base64 (signature, sizeof signature);
}

static void
add_signature (JsonObject *object, const char *user, const char *key_id, const char *signature)
{
  g_autofree char *name = g_strconcat ("ed25519:", key_id, NULL);
  JsonObject *of_user = hs_object (name, 's', signature, NULL);

  json_object_set_object_member (object, "signatures", hs_object (user, 'o', of_user, NULL));
}

static void
set_account_data (HsServer *server, const char *user, const char *type, JsonObject *content)
{
  g_autofree char *text = hs_json_text (content);

  hs_database_run (server->db, "INSERT OR REPLACE INTO account_data VALUES (?, '', ?, ?, ?)", "sssi", user,
                   type, text, hs_database_next_stream (server->db));
  json_object_unref (content);
}

static void
keep_secret (HsServer *server, const char *user, const char *name, const guint8 secret[32])
{
  g_autofree char *text = g_base64_encode (secret, 32);
  JsonObject *sealed = hs_demo_seal (security_key, name, text);

  set_account_data (server, user, name,
                    hs_object ("encrypted", 'o', hs_object (KEY_ID, 'o', sealed, NULL), NULL));
}

static void
publish (HsServer *server, const char *user, const char *usage, const Signer *key, const Signer *master)
{
  g_autofree char *key_id = g_strconcat ("ed25519:", key->public_key, NULL);
  g_autofree char *text = NULL;
  JsonArray *usages = json_array_new ();
  g_autoptr (JsonObject) object = NULL;

  json_array_add_string_element (usages, usage);
  object = hs_object ("user_id", 's', user, "usage", 'a', usages, "keys", 'o',
                      hs_object (key_id, 's', key->public_key, NULL), NULL);
  if (key != master)
    {
      g_autofree char *signature = sign (master, object);

      add_signature (object, user, master->public_key, signature);
    }
  text = hs_json_text (object);
  hs_database_run (server->db, "INSERT OR REPLACE INTO cross_signing_key VALUES (?, ?, ?)", "sss", user,
                   usage, text);
}

static void
publish_device (HsServer *server, const char *user, const char *device, const Signer *self_signing)
{
  g_autofree char *signing_id = g_strconcat ("ed25519:", device, NULL);
  g_autofree char *identity_id = g_strconcat ("curve25519:", device, NULL);
  g_autofree char *self_id = g_strconcat ("ed25519:", self_signing->public_key, NULL);
  g_autofree char *identity = NULL;
  g_autofree char *own = NULL;
  g_autofree char *by_identity = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonArray *algorithms = json_array_new ();
  Signer signer;
  guint8 key[32];

  signer_init (&signer, device);
  hs_demo_key (identity_id, key);
  identity = hs_demo_base64 (key, sizeof key);
  json_array_add_string_element (algorithms, "m.olm.v1.curve25519-aes-sha2");
  json_array_add_string_element (algorithms, "m.megolm.v1.aes-sha2");
  object =
      hs_object ("user_id", 's', user, "device_id", 's', device, "algorithms", 'a', algorithms, "keys", 'o',
                 hs_object (signing_id, 's', signer.public_key, identity_id, 's', identity, NULL), NULL);
  own = sign (&signer, object);
  by_identity = sign (self_signing, object);
  add_signature (object, user, device, own);
  text = hs_json_text (object);
  hs_database_run (server->db, "INSERT OR REPLACE INTO device_keys VALUES (?, ?, ?)", "sss", user, device,
                   text);
  hs_database_run (server->db, "INSERT OR REPLACE INTO signature VALUES (?, ?, ?, ?, ?)", "sssss", user,
                   self_id, user, device, by_identity);
  g_free (signer.public_key);
}

static void
make_backup (HsServer *server, const char *user, const Signer *master)
{
  g_autoptr (JsonObject) auth = NULL;
  g_autofree char *public_text = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *text = NULL;
  HsDemoBackup backup;
  guint8 private_key[32];

  hs_demo_key ("backup", private_key);
  hs_demo_backup_init (&backup, private_key);
  public_text = hs_demo_base64 (backup.public_key, sizeof backup.public_key);
  auth = hs_object ("public_key", 's', public_text, NULL);
  signature = sign (master, auth);
  add_signature (auth, user, master->public_key, signature);
  text = hs_json_text (auth);
  hs_database_run (server->db,
                   "INSERT INTO backup (user, version, algorithm, auth_data) VALUES (?, 1,"
                   " 'm.megolm_backup.v1.curve25519-aes-sha2', ?)",
                   "ss", user, text);
  keep_secret (server, user, "m.megolm_backup.v1", private_key);
}

void
hs_demo_make_secrets (HsServer *server, const char *user, const char *device)
{
  static const char *const usages[] = { "master", "self_signing", "user_signing" };
  Signer signers[G_N_ELEMENTS (usages)];

  for (guint i = 0; i < G_N_ELEMENTS (usages); i++)
    {
      g_autofree char *name = g_strconcat ("m.cross_signing.", usages[i], NULL);

      signer_init (&signers[i], usages[i]);
      publish (server, user, usages[i], &signers[i], &signers[0]);
      keep_secret (server, user, name, signers[i].seed);
    }
  publish_device (server, user, device, &signers[1]);
  make_backup (server, user, &signers[0]);
  set_account_data (server, user, "m.secret_storage.key." KEY_ID, hs_demo_describe (security_key));
  set_account_data (server, user, "m.secret_storage.default_key", hs_object ("key", 's', KEY_ID, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (usages); i++)
    g_free (signers[i].public_key);
}
