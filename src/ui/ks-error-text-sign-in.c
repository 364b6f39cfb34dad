/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sentences of ks-error-text.h that only somebody who signs in gets to see.
 */

#include "config.h"

#include "ui/ks-error-text.h"

#include "engine/account/ks-sign-in.h"
#include "matrix/ks-matrix-error.h"

#include <glib/gi18n.h>
#include <string.h>

char *
ks_error_text_sign_in (const GError *error)
{
  const char *errcode = ks_matrix_error_get_errcode (error);

  if (g_strcmp0 (errcode, KS_SESSION_OWNER_OTHER) == 0)
    return g_strdup (_ ("Your homeserver signed in another user ID than the one you entered, so Keepsake "
                        "signed out again. Capital letters count. Check your user ID, or contact your "
                        "homeserver's administrator."));
  if (g_strcmp0 (errcode, KS_SIGN_IN_REFUSED) == 0)
    return g_strdup (_ ("Your homeserver doesn't accept the session it just created. Nothing was changed. "
                        "Try again with your user ID in lower case, or contact your homeserver's "
                        "administrator."));
  if (g_strcmp0 (errcode, "M_USER_DEACTIVATED") == 0)
    return g_strdup (_ ("This account was closed. It can't be signed in to any more."));
  if (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_FORBIDDEN))
    return g_strdup (
        _ ("Wrong user name or password. Try again; after several tries the server may make you wait."));
  if (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_UNSUPPORTED))
    return g_strdup (_ ("This homeserver doesn't let you sign in with a password."));
  return ks_error_text (error);
}

/* The server in what was typed, of a user ID the part after the colon: a person is no server.
 * NULL: there is none in it. */
static char *
server_of (const char *typed)
{
  g_autofree char *text = g_strstrip (g_strdup (typed));
  const char *colon = strchr (text, ':');
  const char *server = text;

  if (text[0] == '@')
    server = colon != NULL ? colon + 1 : "";
  /* "alice:example.org" is no server and its port, nor is an address of e-mail. */
  else if (strstr (text, "://") == NULL
           && (strchr (text, '@') != NULL
               || (colon != NULL && text[0] != '[' && !g_ascii_isdigit (colon[1]))))
    return NULL;
  return server[0] != '\0' ? g_strdup (server) : NULL;
}

char *
ks_error_text_homeserver (const GError *error, const char *typed)
{
  g_autofree char *server = server_of (typed);

  if (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NO_SUCH_SERVER))
    return server != NULL
               /* Translators: %s is the name of a server. */
               ? g_strdup_printf (_ ("Couldn't find “%s”. Check the spelling and your internet connection."),
                                  server)
               : g_strdup (_ ("Enter a user ID such as @alice:matrix.org, or your homeserver's address."));
  if (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK) && server != NULL)
    /* Translators: %s is the name of a server. */
    return g_strdup_printf (_ ("Couldn't reach “%s”. Check the spelling and your internet connection."),
                            server);
  if (g_error_matches (error, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NOT_A_HOMESERVER) && server != NULL)
    return g_strdup_printf (_ ("%s isn't a Matrix homeserver. Check the spelling, or enter the homeserver's "
                               "own "
                               "address below."),
                            server);
  return ks_error_text (error);
}
