/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-session-owner.h"

#include "matrix/ks-matrix-error.h"
#include "matrix/ks-user-id.h"

#include <string.h>

GError *
ks_session_owner_other (void)
{
  return ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 200, KS_SESSION_OWNER_OTHER, 0, FALSE,
                              "the new session is another user's");
}

static gboolean
say_too_little (GError **error, const char *what)
{
  g_propagate_error (error, ks_matrix_error_new (KS_MATRIX_ERROR_BAD_ANSWER, 200, NULL, 0, FALSE,
                                                 "the server does not say %s", what));
  return FALSE;
}

/* Whoever gave a whole user ID gets that account and no other: a server that hands out somebody
 * else's would have everything that follows backed up for them. */
gboolean
ks_session_owner_may_be (const char *typed, const char *user_id)
{
  return !ks_user_id_is_valid (typed) || g_ascii_strcasecmp (typed, user_id) == 0;
}

/* A name alone may stand for any user, as where a directory names them. But one that differs in
 * nothing but case is no such name. */
static gboolean
is_asked_for (const char *typed, const char *user_id)
{
  g_autofree char *local = g_strndup (user_id + 1, strcspn (user_id + 1, ":"));
  gboolean whole = ks_user_id_is_valid (typed);
  const char *said = whole ? user_id : local;
  g_autofree char *lower = g_ascii_strdown (typed, -1);

  if (g_ascii_strcasecmp (typed, said) != 0)
    return !whole;
  return g_str_equal (said, typed) || g_str_equal (said, lower);
}

gboolean
ks_session_owner_settle (const char *typed,
                         const KsSessionOwner *login,
                         const KsSessionOwner *whoami,
                         KsSessionOwner *owner,
                         GError **error)
{
  owner->user_id = whoami != NULL ? whoami->user_id : login->user_id;
  owner->device_id = whoami != NULL && whoami->device_id != NULL ? whoami->device_id : login->device_id;
  if (owner->user_id == NULL)
    return say_too_little (error, "whose the new session is");
  if (owner->device_id == NULL)
    return say_too_little (error, "which session the new one is");
  if (!is_asked_for (typed, owner->user_id)
      || (login->user_id != NULL && g_ascii_strcasecmp (login->user_id, owner->user_id) != 0)
      || (login->device_id != NULL && !g_str_equal (login->device_id, owner->device_id)))
    {
      g_propagate_error (error, ks_session_owner_other ());
      return FALSE;
    }
  return TRUE;
}
