/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Registration by a shared secret, as Synapse's administration API has it, so
 * that the same script makes accounts on both servers.
 */

#include <string.h>

#include "hs-accounts.h"
#include "hs-server.h"

static void
give_nonce (HsRequest *request)
{
  char *nonce = hs_random_text ("0123456789abcdef", 64);

  g_hash_table_add (request->server->nonces, nonce);
  hs_reply (request, 200, hs_object ("nonce", 's', nonce, NULL));
}

/* HMAC-SHA1 over nonce, name, password and "admin" or "notadmin", with zero bytes between. */
static gboolean
is_authentic (HsRequest *request, const char *nonce, const char *user, const char *password, gboolean admin)
{
  const char *secret = request->server->secret;
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *) secret, strlen (secret));
  const char *const parts[] = { nonce, user, password, admin ? "admin" : "notadmin" };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      if (i > 0)
        g_hmac_update (hmac, (const guchar *) "", 1);
      g_hmac_update (hmac, (const guchar *) parts[i], (gssize) strlen (parts[i]));
    }
  return g_strcmp0 (g_hmac_get_string (hmac), hs_object_string (request->body, "mac")) == 0;
}

static void
make_account (HsRequest *request)
{
  const char *nonce, *name, *password;
  gboolean admin = json_object_get_boolean_member_with_default (request->body, "admin", FALSE);
  g_autofree char *lower = NULL;
  g_autofree char *user = NULL;

  nonce = hs_object_string (request->body, "nonce");
  name = hs_object_string (request->body, "username");
  password = hs_object_string (request->body, "password");
  if (nonce == NULL || name == NULL || password == NULL)
    {
      hs_reply_error (request, 400, "M_BAD_JSON", "nonce, username and password must be specified");
      return;
    }
  if (!g_hash_table_remove (request->server->nonces, nonce))
    {
      hs_reply_error (request, 400, "M_UNKNOWN", "unrecognised nonce");
      return;
    }
  if (!is_authentic (request, nonce, name, password, admin))
    {
      hs_reply_error (request, 403, "M_UNKNOWN", "HMAC incorrect");
      return;
    }
  if (name[0] == '\0'
      || name[strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._=-/+")] != '\0')
    {
      hs_reply_error (request, 400, "M_INVALID_USERNAME",
                      "User ID can only contain characters a-z, 0-9, or '=_-./+'");
      return;
    }
  lower = g_ascii_strdown (name, -1);
  user = hs_account_full_id (request->server, lower);
  if (!hs_account_new (request->server, user, password, admin))
    {
      hs_reply_error (request, 400, "M_USER_IN_USE", "User ID already taken.");
      return;
    }
  hs_reply (request, 200, hs_session_new (request->server, user, NULL, NULL));
}

const HsRoute hs_register_routes[] = {
  { "GET", "/_synapse/admin/v1/register", HS_OPEN, give_nonce },
  { "POST", "/_synapse/admin/v1/register", HS_BODY, make_account },
  { 0 },
};
