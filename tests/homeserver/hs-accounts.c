/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "hs-accounts.h"

#include <sodium.h>
#include <string.h>

gboolean
hs_account_exists (HsServer *server, const char *user)
{
  return hs_database_int (server->db, "SELECT count(*) FROM account WHERE user = ?", "s", user) > 0;
}

/* The weakest password hash that libsodium has: tests make many accounts. */
gboolean
hs_account_new (HsServer *server, const char *user, const char *password, gboolean admin)
{
  char hash[crypto_pwhash_STRBYTES];
  g_autofree char *localpart = NULL;

  if (hs_account_exists (server, user))
    return FALSE;
  if (crypto_pwhash_str (hash, password, strlen (password), crypto_pwhash_OPSLIMIT_MIN,
                         crypto_pwhash_MEMLIMIT_MIN)
      != 0)
    g_error ("out of memory");
  localpart = g_strndup (user + 1, strcspn (user + 1, ":"));
  hs_database_run (server->db, "INSERT INTO account (user, password, displayname, admin) VALUES (?, ?, ?, ?)",
                   "sssi", user, hash, localpart, (gint64) admin);
  return TRUE;
}

gboolean
hs_account_has_password (HsServer *server, const char *user, const char *password)
{
  g_autofree char *hash =
      hs_database_text (server->db, "SELECT password FROM account WHERE user = ?", "s", user);

  return hash != NULL && crypto_pwhash_str_verify (hash, password, strlen (password)) == 0;
}

char *
hs_account_full_id (HsServer *server, const char *name)
{
  return name[0] == '@' ? g_strdup (name) : g_strdup_printf ("@%s:%s", name, server->name);
}

JsonObject *
hs_session_new (HsServer *server, const char *user, const char *device, const char *name)
{
  g_autofree char *id = NULL;
  g_autofree char *token = NULL;
  g_autofree char *random =
      hs_random_text ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32);

  id = device != NULL ? g_strdup (device) : hs_random_text ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 10);
  token = g_strdup_printf ("syt_%s", random);
  hs_database_run (server->db, "INSERT INTO token VALUES (?, ?, ?)", "sss", token, user, id);
  hs_database_run (server->db, "INSERT INTO device VALUES (?, ?, ?, NULL) ON CONFLICT DO NOTHING", "sss",
                   user, id, name);
  if (hs_database_changes (server->db) > 0)
    hs_device_list_changed (server, user);
  return hs_object ("user_id", 's', user, "access_token", 's', token, "home_server", 's', server->name,
                    "device_id", 's', id, NULL);
}

void
hs_session_end (HsServer *server, const char *user, const char *device)
{
  static const char *const statements[] = {
    "DELETE FROM token WHERE user = ? AND device = ?",
    "DELETE FROM device WHERE user = ? AND device = ?",
    "DELETE FROM device_keys WHERE user = ? AND device = ?",
    "DELETE FROM one_time_key WHERE user = ? AND device = ?",
    "DELETE FROM fallback_key WHERE user = ? AND device = ?",
    "DELETE FROM to_device WHERE user = ? AND device = ?",
    "DELETE FROM txn WHERE user = ? AND device = ?",
    "DELETE FROM signature WHERE user = ? AND target = ?",
  };

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    hs_database_run (server->db, statements[i], "ss", user, device);
  hs_device_list_changed (server, user);
}

void
hs_device_list_changed (HsServer *server, const char *user)
{
  hs_database_run (server->db, "INSERT OR REPLACE INTO device_list VALUES (?, ?)", "si", user,
                   hs_database_next_stream (server->db));
  hs_server_wake (server);
}
