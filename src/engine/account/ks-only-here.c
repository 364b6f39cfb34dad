/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-only-here.h"

#include "base/ks-steps.h"
#include "engine/account/ks-account-private.h"
#include "engine/recovery/ks-recovery-private.h"

/* How long the server has to answer, in milliseconds. */
#define PATIENCE 5000

/* Looks what would be lost.
 *
 *   1. ask     the server; what it said earlier may not be true any more (threat A23). It has not
 *              long to answer: whoever wants to leave waits for it
 *   2. count   the room keys that are here; only where it could not be asked
 *   3. names   of the private keys that are here, which count where it could not be asked
 *   4. unread  what came for this session and was not read
 *
 * Only reads. */

typedef struct
{
  KsAccount *account;        /* owned */
  GCancellable *cancellable; /* owned: of the question */
  guint limit;               /* source; 0: none */
  KsOnlyHere found;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_clear_handle_id (&look->limit, g_source_remove);
  g_object_unref (look->cancellable);
  g_object_unref (look->account);
  g_free (look);
}

static gboolean
on_limit (gpointer data)
{
  Look *look = data;

  look->limit = 0;
  g_cancellable_cancel (look->cancellable);
  return G_SOURCE_REMOVE;
}

static void
ask (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Look *look = data;

  look->limit = g_timeout_add (PATIENCE, on_limit, look);
  ks_recovery_refresh_async (ks_account_get_recovery (look->account), look->cancellable, ready, run);
}

/* Private keys of the account that nothing else brings back: secret storage has lost them, or got another
 * key. What the server shows in the place of one never makes it useless: it can show anything, today this
 * and tomorrow what was. Only the person knows whether they have made new ones. */
static void
judge_secrets (const KsRecoverySnapshot *seen, KsOnlyHere *found)
{
  guint lost = 0;
  guint replaced = 0;
  guint stored = 0;

  for (int i = 0; i < KS_N_SECRETS; i++)
    if (seen->here[i] && !seen->saved[i])
      {
        lost++;
        replaced += seen->replaced[i];
        stored += seen->stored[i];
      }
  found->secrets = lost > 0;
  found->replaced = lost > 0 && replaced == lost;
  found->changed = lost > 0 && !found->replaced && (seen->storage_changed || stored == lost);
}

/* A backup saves keys for certain only where all is whole and open: it is of no use that its
 * private key is here, if it is nowhere else. */
static void
judge (KsRecovery *recovery, KsOnlyHere *found)
{
  const KsRecoverySnapshot *seen = ks_recovery_get_snapshot (recovery);
  guint64 missing = seen->pending_upload + seen->refused_upload + seen->lost_upload;

  found->keys = ks_recovery_get_state (recovery) == KS_RECOVERY_READY ? missing : seen->local_keys;
  found->backed_up = seen->local_keys - MIN (seen->local_keys, found->keys);
  judge_secrets (seen, found);
}

static KsStepVerdict
asked (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  Look *look = data;
  g_autoptr (GError) failure = NULL;

  g_clear_handle_id (&look->limit, g_source_remove);
  look->found.asked = ks_recovery_refresh_finish (KS_RECOVERY (recovery), result, &failure);
  look->found.setting_up = ks_recovery_is_setting_up (KS_RECOVERY (recovery));
  if (look->found.asked)
    {
      judge (KS_RECOVERY (recovery), &look->found);
      return KS_STEP_SKIP; /* "count" */
    }
  g_message ("the server was not asked what it has: %s", failure->message);
  return KS_STEP_NEXT;
}

static void
count (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_count_keys_async (ks_account_get_recovery (((Look *) data)->account), cancellable, ready, run);
}

static KsStepVerdict
counted (gpointer data, GObject *recovery, GAsyncResult *result, GError **error)
{
  return ks_recovery_count_keys_finish (KS_RECOVERY (recovery), result, &((Look *) data)->found.keys, error)
             ? KS_STEP_NEXT
             : KS_STEP_FAIL;
}

/* Of what the server may have lost, or never had, these are the only copies. */
static void
list_names (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_secret_store_list_names_async (ks_account_get_recovery (((Look *) data)->account)->secret_store,
                                    cancellable, ready, run);
}

static KsStepVerdict
names_listed (gpointer data, GObject *secrets, GAsyncResult *result, GError **error)
{
  Look *look = data;
  g_auto (GStrv) names = ks_secret_store_list_names_finish (KS_SECRET_STORE (secrets), result, error);

  if (names == NULL)
    return KS_STEP_FAIL;
  if (!look->found.asked)
    look->found.secrets = names[0] != NULL;
  return KS_STEP_NEXT;
}

static void
count_unread (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_inbox_count_async (ks_account_get_inbox (((Look *) data)->account), cancellable, ready, run);
}

static KsStepVerdict
unread_counted (gpointer data, GObject *inbox, GAsyncResult *result, GError **error)
{
  return ks_inbox_count_finish (KS_INBOX (inbox), result, &((Look *) data)->found.unread, error)
             ? KS_STEP_NEXT
             : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "ask", .begin = ask, .end = asked },
  { .name = "count", .begin = count, .end = counted },
  { .name = "names", .begin = list_names, .end = names_listed },
  { .name = "unread", .begin = count_unread, .end = unread_counted },
  { 0 },
};

void
ks_only_here_look_async (KsAccount *account,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  Look *look = g_new0 (Look, 1);

  look->account = g_object_ref (account);
  look->cancellable = g_cancellable_new ();
  ks_steps_start (steps, look, look_free, account, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_only_here_look_finish (KsAccount *account, GAsyncResult *result, KsOnlyHere *only_here, GError **error)
{
  const Look *look = g_task_get_task_data (G_TASK (result));

  *only_here = look->found;
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
ks_only_here_is_nothing (const KsOnlyHere *only_here)
{
  return only_here->keys == 0 && only_here->unread == 0 && !only_here->secrets && !only_here->setting_up;
}
