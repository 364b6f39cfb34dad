/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/account/ks-leave.h"

#include "base/ks-steps.h"
#include "engine/account/ks-only-here.h"
#include "engine/recovery/ks-recovery-unlock.h"
#include "ui/account/ks-server-gone.h"
#include "ui/ks-ask.h"
#include "ui/ks-error-text.h"
#include "ui/ks-number-text.h"

#include <glib/gi18n.h>

/* How long the keyring has to answer, in milliseconds: whoever wants to leave waits for it. */
#define KEYRING_PATIENCE 2000

typedef struct
{
  GtkWindow *parent;     /* owned */
  KsAccount *account;    /* owned */
  GCancellable *looking; /* owned: of the look at the keyring */
  guint limit;           /* source: of that; 0: none */
  KsOnlyHere only_here;
  gboolean counted;     /* only_here is known */
  gboolean key_remains; /* in the desktop keyring */
  GError *failure;      /* owned; why the server did not end the session, else NULL */
} Leave;

static void
leave_free (gpointer data)
{
  Leave *leave = data;

  g_clear_handle_id (&leave->limit, g_source_remove);
  g_object_unref (leave->looking);
  g_object_unref (leave->parent);
  g_object_unref (leave->account);
  g_clear_error (&leave->failure);
  g_free (leave);
}

/* Adds @sentence, which it takes, to what is said so far. */
static void
add (GString *text, char *sentence)
{
  if (text->len > 0)
    g_string_append_c (text, ' ');
  g_string_append (text, sentence);
  g_free (sentence);
}

static char *
lost_keys (const KsOnlyHere *only_here)
{
  g_autofree char *number = ks_number_text (only_here->keys);

  if (only_here->asked)
    return g_strdup_printf (g_dngettext (NULL, "%s room key exists only on this computer and will be lost.",
                                         "%s room keys exist only on this computer and will be lost.",
                                         (gulong) only_here->keys),
                            number);
  return g_strdup_printf (g_dngettext (NULL,
                                       "The homeserver doesn't tell what its backup has. If it isn't there, "
                                       "%s room key will be lost.",
                                       "The homeserver doesn't tell what its backup has. If they aren't "
                                       "there, %s room keys will be lost.",
                                       (gulong) only_here->keys),
                          number);
}

static char *
lost_messages (const KsOnlyHere *only_here)
{
  g_autofree char *number = ks_number_text (only_here->unread);

  return g_strdup_printf (g_dngettext (NULL,
                                       "%s notice to this session has not been read yet. A room key in it "
                                       "will be lost, unless another session of yours has it.",
                                       "%s notices to this session have not been read yet. Room keys in "
                                       "them will be lost, unless another session of yours has them.",
                                       (gulong) only_here->unread),
                          number);
}

/* Which keys it has is the homeserver's word. */
static char *
nothing_lost (const KsOnlyHere *only_here)
{
  g_autofree char *number = ks_number_text (only_here->backed_up);

  if (only_here->backed_up == 0)
    return g_strdup (_ ("No room key exists only on this computer, so nothing is lost."));
  return g_strdup_printf (g_dngettext (NULL,
                                       "The homeserver says that the backup has the %s room key that is "
                                       "here. "
                                       "As long as you have your Security Key, nothing is lost.",
                                       "The homeserver says that the backup has all %s room keys that are "
                                       "here. As long as you have your Security Key, nothing is lost.",
                                       (gulong) only_here->backed_up),
                          number);
}

static char *
what_is_lost (const Leave *leave)
{
  const KsOnlyHere *only_here = &leave->only_here;
  g_autoptr (GString) text = g_string_new (NULL);

  if (!leave->counted)
    return g_strdup (_ ("Room keys that exist only on this computer will be lost."));
  if (ks_only_here_is_nothing (only_here))
    return nothing_lost (only_here);
  if (only_here->secrets && !only_here->asked)
    add (text, g_strdup (_ ("The homeserver doesn't tell whether your Security Key opens the private keys of "
                            "your account that are here. If it doesn't, they will be lost.")));
  else if (only_here->changed)
    add (text,
         g_strdup (_ (
             "Keepsake hasn't seen your Security Key open what the homeserver stores of your account's "
             "private "
             "keys now, so they may exist only on this computer. Unlock Secure Backup first to be sure.")));
  else if (only_here->replaced)
    add (text, g_strdup (_ ("Private keys of your account exist only on this computer, and the homeserver "
                            "shows other keys in their place. If you reset Secure Backup in another app, "
                            "you don't need them any more. If you didn't, they may be the only ones that "
                            "open your messages.")));
  else if (only_here->secrets)
    add (text, g_strdup (_ ("Private keys of your account exist only on this computer: your Security Key "
                            "doesn't open them. Without them, what is in the backup may never be opened "
                            "again.")));
  if (only_here->setting_up)
    add (text, g_strdup (_ ("Secure Backup is not set up to its end, and that can be finished only on this "
                            "computer.")));
  if (only_here->keys > 0)
    add (text, lost_keys (only_here));
  if (only_here->unread > 0)
    add (text, lost_messages (only_here));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What the dialog says: what is lost, and what is not removed. */
static char *
what_follows (const Leave *leave)
{
  g_autofree char *lost = what_is_lost (leave);

  if (!leave->key_remains)
    return g_steal_pointer (&lost);
  return g_strdup_printf ("%s\n\n%s", lost,
                          _ ("Your Security Key stays in the desktop keyring, for the next time that you "
                             "sign in here. If this computer isn't yours, remove it there afterwards."));
}

/* Signs out.
 *
 *   1. look       what exists only here
 *   2. keyring    whether the Security Key stays there; asks nobody anything
 *   3. ask        with that
 *   4. sign out   the session ends on the server, then here
 *   5. offer      where the server did not end it and may be gone: to leave without it
 *   6. forget     the account is removed here
 *
 * A stop before 4 changes nothing; what a stop in 4 leaves is told beside
 * ks_account_sign_out_async(). Other failures in 4 are told, and leave all as it was. */

static void
look (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_only_here_look_async (((Leave *) op)->account, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer op, GObject *account, GAsyncResult *result, GError **error)
{
  Leave *leave = op;

  /* Not knowing it is no reason to keep anybody from leaving. */
  leave->counted = ks_only_here_look_finish (KS_ACCOUNT (account), result, &leave->only_here, NULL);
  return KS_STEP_NEXT;
}

static gboolean
on_limit (gpointer data)
{
  Leave *leave = data;

  leave->limit = 0;
  g_cancellable_cancel (leave->looking);
  return G_SOURCE_REMOVE;
}

static void
look_at_keyring (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Leave *leave = op;

  leave->limit = g_timeout_add (KEYRING_PATIENCE, on_limit, leave);
  ks_recovery_has_key_in_keyring_async (ks_account_get_recovery (leave->account), leave->looking, ready, run);
}

static KsStepVerdict
keyring_looked_at (gpointer op, GObject *recovery, GAsyncResult *result, GError **error)
{
  Leave *leave = op;

  g_clear_handle_id (&leave->limit, g_source_remove);
  ks_recovery_has_key_in_keyring_finish (KS_RECOVERY (recovery), result, &leave->key_remains, NULL);
  return KS_STEP_NEXT;
}

static void
ask (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Leave *leave = op;
  g_autofree char *text = what_follows (leave);

  ks_ask_async (leave->parent, _ ("Sign Out?"), text, _ ("_Sign Out"), TRUE, ready, run);
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
  g_autofree char *follows = what_follows (leave);
  g_autofree char *body =
      g_strdup_printf ("%s\n\n%s\n\n%s", reason,
                       _ ("If the homeserver is gone for good, Keepsake can forget the account on this "
                          "computer only. Where the session still exists, it stays on the homeserver, "
                          "and you can end it in another Matrix app."),
                       follows);

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
  { .name = "look", .begin = look, .end = looked },
  { .name = "keyring", .begin = look_at_keyring, .end = keyring_looked_at },
  { .name = "ask", .begin = ask, .end = asked },
  { .name = "sign out", .begin = sign_out, .end = signed_out },
  { .name = "offer", .begin = offer, .end = asked },
  { .name = "forget", .begin = forget, .end = forgotten },
  { 0 },
};

void
ks_leave_async (GtkWindow *parent,
                KsAccount *account,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  Leave *leave = g_new0 (Leave, 1);

  leave->parent = g_object_ref (parent);
  leave->account = g_object_ref (account);
  leave->looking = g_cancellable_new ();
  ks_steps_start (steps, leave, leave_free, NULL, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_leave_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
