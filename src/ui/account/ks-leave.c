/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/account/ks-leave.h"

#include "base/ks-steps.h"
#include "ui/account/ks-server-gone.h"
#include "ui/ks-ask.h"
#include "ui/ks-error-text.h"
#include "ui/ks-number-text.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkWindow *parent;  /* owned */
  KsAccount *account; /* owned */
  gssize only_here;   /* room keys; -1: not known */
  GError *failure;    /* owned; why the server did not end the session, else NULL */
} Leave;

static void
leave_free (gpointer data)
{
  Leave *leave = data;

  g_object_unref (leave->parent);
  g_object_unref (leave->account);
  g_clear_error (&leave->failure);
  g_free (leave);
}

static char *
what_is_lost (gssize only_here)
{
  g_autofree char *number = ks_number_text ((guint64) MAX (only_here, 0));

  if (only_here < 0)
    return g_strdup (_ ("Room keys that exist only on this computer will be lost."));
  if (only_here == 0)
    return g_strdup (_ ("No room key exists only on this computer, so nothing is lost."));
  return g_strdup_printf (g_dngettext (NULL, "%s room key exists only on this computer and will be lost.",
                                       "%s room keys exist only on this computer and will be lost.",
                                       (gulong) only_here),
                          number);
}

/* Signs out.
 *
 *   1. count      how many room keys exist only here
 *   2. ask        with that number
 *   3. sign out   the session ends on the server, then here
 *   4. offer      where the server did not end it and may be gone: to leave without it
 *   5. forget     the account is removed here
 *
 * A stop before 3 changes nothing; what a stop in 3 leaves is told beside
 * ks_account_sign_out_async(). Other failures in 3 are told, and leave all as it was. */

static void
count (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_account_count_keys_only_here_async (((Leave *) op)->account, cancellable, ready, run);
}

static KsStepVerdict
counted (gpointer op, GObject *account, GAsyncResult *result, GError **error)
{
  Leave *leave = op;

  /* Not knowing the number is no reason to keep anybody from leaving. */
  leave->only_here = ks_account_count_keys_only_here_finish (KS_ACCOUNT (account), result, NULL);
  return KS_STEP_NEXT;
}

static void
ask (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Leave *leave = op;
  g_autofree char *lost = what_is_lost (leave->only_here);

  ks_ask_async (leave->parent, _ ("Sign Out?"), lost, _ ("_Sign Out"), TRUE, ready, run);
}

static KsStepVerdict
asked (gpointer op, GObject *window, GAsyncResult *result, GError **error)
{
  if (ks_ask_finish (result))
    return KS_STEP_NEXT;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the answer was no");
  return KS_STEP_FAIL;
}

static void
sign_out (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_account_sign_out_async (((Leave *) op)->account, cancellable, ready, run);
}

static KsStepVerdict
signed_out (gpointer op, GObject *account, GAsyncResult *result, GError **error)
{
  Leave *leave = op;

  if (ks_account_sign_out_finish (KS_ACCOUNT (account), result, &leave->failure))
    return KS_STEP_DONE;
  if (ks_server_gone (leave->failure))
    return KS_STEP_NEXT;
  g_propagate_error (error, g_steal_pointer (&leave->failure));
  return KS_STEP_FAIL;
}

static void
offer (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Leave *leave = op;
  g_autofree char *reason = ks_error_text (leave->failure);
  g_autofree char *lost = what_is_lost (leave->only_here);
  g_autofree char *body =
      g_strdup_printf ("%s\n\n%s\n\n%s", reason,
                       _ ("If the homeserver is gone for good, Keepsake can forget the account on this "
                          "computer only. Where the session still exists, it stays on the homeserver, "
                          "and you can end it in another Matrix app."),
                       lost);

  ks_ask_async (leave->parent, _ ("Session Was Not Ended"), body, _ ("_Forget Here Only"), TRUE, ready, run);
}

static void
forget (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_account_forget_async (((Leave *) op)->account, cancellable, ready, run);
}

static KsStepVerdict
forgotten (gpointer op, GObject *account, GAsyncResult *result, GError **error)
{
  return ks_account_forget_finish (KS_ACCOUNT (account), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { "count", count, counted, FALSE },          { "ask", ask, asked, FALSE },
  { "sign out", sign_out, signed_out, FALSE }, { "offer", offer, asked, FALSE },
  { "forget", forget, forgotten, FALSE },      { NULL, NULL, NULL, FALSE },
};

void
ks_leave_async (GtkWindow *parent,
                KsAccount *account,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Leave *leave = g_new0 (Leave, 1);

  leave->parent = g_object_ref (parent);
  leave->account = g_object_ref (account);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, leave, leave_free);
  ks_steps_run (task, steps);
}

gboolean
ks_leave_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
