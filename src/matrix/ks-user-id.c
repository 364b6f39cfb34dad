/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-user-id.h"

#include <gio/gio.h>
#include <string.h>

#define MAX_SIZE 255

gboolean
ks_user_id_is_valid (const char *user_id)
{
  const char *colon = strchr (user_id, ':');

  if (user_id[0] != '@' || colon == NULL || colon == user_id + 1 || strlen (user_id) > MAX_SIZE
      || !g_utf8_validate (user_id, -1, NULL))
    return FALSE;
  for (const char *c = user_id; c < colon; c++)
    if (g_ascii_iscntrl (*c) || g_ascii_isspace (*c))
      return FALSE;
  return ks_server_name_is_valid (colon + 1);
}

const char *
ks_user_id_get_server_name (const char *user_id)
{
  return strchr (user_id, ':') + 1;
}

/* Where the port begins, NULL if there is none. */
static const char *
colon_of (const char *server_name)
{
  const char *after = server_name[0] == '[' ? strchr (server_name, ']') : NULL;

  return strchr (after != NULL ? after : server_name, ':');
}

char *
ks_server_name_get_host (const char *server_name)
{
  const char *after = server_name[0] == '[' ? strchr (server_name, ']') : NULL;
  const char *colon = colon_of (server_name);

  if (after != NULL)
    return g_strndup (server_name + 1, (gsize) (after - server_name - 1));
  return g_strndup (server_name, colon != NULL ? (gsize) (colon - server_name) : strlen (server_name));
}

guint
ks_server_name_get_port (const char *server_name)
{
  const char *colon = colon_of (server_name);

  return colon != NULL ? (guint) g_ascii_strtoull (colon + 1, NULL, 10) : 0;
}

gboolean
ks_server_name_is_valid (const char *server_name)
{
  const char *after = server_name[0] == '[' ? strchr (server_name, ']') : NULL;
  const char *colon = colon_of (server_name);
  guint port = ks_server_name_get_port (server_name);
  g_autofree char *host = NULL;

  if (strlen (server_name) > MAX_SIZE || (server_name[0] == '[' && after == NULL))
    return FALSE;
  if (after != NULL && after[1] != '\0' && after[1] != ':')
    return FALSE;
  if (colon != NULL
      && (colon[1] == '\0' || strlen (colon + 1) > 5
          || strspn (colon + 1, "0123456789") != strlen (colon + 1)))
    return FALSE;
  host = ks_server_name_get_host (server_name);
  if (colon != NULL && (port == 0 || port > G_MAXUINT16))
    return FALSE;
  if (after != NULL)
    return strchr (host, ':') != NULL && g_hostname_is_ip_address (host);
  return host[0] != '\0'
         && strspn (host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
                == strlen (host);
}
