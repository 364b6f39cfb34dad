/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-demo-history.h"

#include <olm/olm.h>
#include <sodium.h>
#include <string.h>

#include "hs-demo-crypto.h"
#include "hs-events.h"

/* How many messages a session is used for, as in Element. */
#define MESSAGES_PER_SESSION 100
/* From one message to the next, in milliseconds. */
#define PAUSE (7 * 60 * 1000)

/* An exported key: version, index, ratchet, public key; a shared one has a signature more. */
#define EXPORT_SIZE 165
#define SHARE_SIZE 229

static const char *const texts[] = {
  "Has anybody seen the blue watering can?",
  "It is behind the shed, where it always is.",
  "Found it, thank you!",
  "The bus is ten minutes late again.",
  "Shall we meet at six?",
  "Half past would be better for me.",
  "Fine. I'll bring the bread.",
  "明天见！",
  "Did you water the tomatoes?",
  "Twice. They look happy. \xf0\x9f\x8d\x85",
  "I have put the pictures of Sunday into the album.",
  "Lovely ones, especially the one with the dog.",
};

/* Somebody's key for the room. */
typedef struct
{
  OlmOutboundGroupSession *olm; /* owned */
  char id[44];
  guint n_sent;
} Session;

static void
session_clear (Session *self)
{
  if (self->olm == NULL)
    return;
  olm_clear_outbound_group_session (self->olm);
  g_clear_pointer (&self->olm, g_free);
}

static void
session_begin (Session *self)
{
  guint8 random[256];

  session_clear (self);
  self->olm = olm_outbound_group_session (g_malloc (olm_outbound_group_session_size ()));
  randombytes_buf (random, sizeof random);
  olm_init_outbound_group_session (self->olm, random,
                                   olm_init_outbound_group_session_random_length (self->olm));
  memset (self->id, 0, sizeof self->id);
  olm_outbound_group_session_id (self->olm, (uint8_t *) self->id, 43);
  self->n_sent = 0;
}

static void
session_export (Session *self, guint8 exported[EXPORT_SIZE])
{
  gsize length = olm_outbound_group_session_key_length (self->olm);
  g_autofree char *text = g_malloc0 (length + 5);
  g_autofree guint8 *shared = NULL;
  gsize size;

  olm_outbound_group_session_key (self->olm, (uint8_t *) text, length);
  while (strlen (text) % 4 != 0)
    strcat (text, "=");
  shared = g_base64_decode (text, &size);
  g_assert (size == SHARE_SIZE);
  memcpy (exported, shared, EXPORT_SIZE);
  exported[0] = 1;
}

static void
back_up (HsServer *server,
         const HsDemoBackup *backup,
         const char *user,
         const char *room,
         const char *sender_key,
         const guint8 exported[EXPORT_SIZE])
{
  g_autofree char *id = hs_demo_base64 (exported + EXPORT_SIZE - 32, 32);
  g_autofree char *key = hs_demo_base64 (exported, EXPORT_SIZE);
  g_autofree char *plain =
      g_strdup_printf ("{\"algorithm\":\"m.megolm.v1.aes-sha2\",\"forwarding_curve25519_key_chain\":[],"
                       "\"sender_claimed_keys\":"
                       "{\"ed25519\":\"%s\"},\"sender_key\":\"%s\",\"session_key\":\"%s\"}",
                       sender_key, sender_key, key);
  g_autofree char *sealed = hs_demo_backup_seal (backup, plain);

  hs_database_run (server->db, "INSERT INTO backup_session VALUES (?, 1, ?, ?, 0, 0, 0, ?)", "ssss", user,
                   room, id, sealed);
}

/* A key that no message is left of. */
static void
make_other_key (guint8 exported[EXPORT_SIZE])
{
  guint8 seed[32], secret[64];

  memset (exported, 0, 5);
  exported[0] = 1;
  randombytes_buf (exported + 5, 128);
  randombytes_buf (seed, sizeof seed);
  crypto_sign_seed_keypair (exported + 133, secret, seed);
}

static void
say (HsServer *server,
     const char *room,
     const char *sender,
     Session *session,
     const char *sender_key,
     const char *text,
     gint64 time)
{
  g_autofree char *plain =
      g_strdup_printf ("{\"type\":\"m.room.message\",\"room_id\":\"%s\",\"content\":{\"msgtype\":\"m.text\","
                       "\"body\":\"%s\"}}",
                       room, text);
  gsize length = olm_group_encrypt_message_length (session->olm, strlen (plain));
  g_autofree char *sealed = g_malloc0 (length + 1);
  g_autofree char *id = NULL;

  olm_group_encrypt (session->olm, (const uint8_t *) plain, strlen (plain), (uint8_t *) sealed, length);
  session->n_sent++;
  id = hs_event_add (server, room, "m.room.encrypted", NULL, sender, NULL, NULL,
                     hs_object ("algorithm", 's', "m.megolm.v1.aes-sha2", "session_id", 's', session->id,
                                "sender_key", 's', sender_key, "ciphertext", 's', sealed, NULL));
  hs_database_run (server->db, "UPDATE event SET ts = ? WHERE id = ?", "is", time, id);
}

void
hs_demo_make_messages (HsServer *server,
                       const char *room,
                       const char *user,
                       const char *guest,
                       guint n_messages,
                       guint n_lost,
                       guint n_keys)
{
  const char *const people[] = { user, guest };
  Session sessions[G_N_ELEMENTS (people)] = { { NULL, "", 0 }, { NULL, "", 0 } };
  gint64 now = g_get_real_time () / 1000;
  guint8 exported[EXPORT_SIZE], private_key[32];
  HsDemoBackup backup;
  guint n_backed_up = 0;

  hs_demo_key ("backup", private_key);
  hs_demo_backup_init (&backup, private_key);
  for (guint i = 0; i < n_messages; i++)
    {
      guint who = i / 2 % G_N_ELEMENTS (people);
      g_autofree char *sender_key = NULL;
      guint8 key[32];

      for (guint j = 0; i == n_lost && j < G_N_ELEMENTS (people); j++)
        session_clear (&sessions[j]);
      hs_demo_key (people[who], key);
      sender_key = hs_demo_base64 (key, sizeof key);
      if (sessions[who].olm == NULL || sessions[who].n_sent == MESSAGES_PER_SESSION)
        {
          session_begin (&sessions[who]);
          session_export (&sessions[who], exported);
          if (i >= n_lost)
            {
              back_up (server, &backup, user, room, sender_key, exported);
              n_backed_up++;
            }
        }
      say (server, room, people[who], &sessions[who], sender_key, texts[i % G_N_ELEMENTS (texts)],
           now - (gint64) (n_messages - i) * PAUSE);
    }
  for (; n_backed_up < n_keys; n_backed_up++)
    {
      make_other_key (exported);
      back_up (server, &backup, user, room, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", exported);
    }
  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    session_clear (&sessions[i]);
  hs_database_run (server->db, "UPDATE backup SET etag = etag + ? WHERE user = ?", "is", (gint64) n_keys,
                   user);
}
