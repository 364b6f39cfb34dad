/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ks_recovery_refresh_async(): what the server has and what is here, as one new snapshot.
 */

#include "engine/recovery/ks-recovery-private.h"
#include "engine/secrets/ks-secret-storage.h"

#include "base/ks-steps.h"
#include "crypto/ks-olm-account.h"
#include "engine/recovery/ks-recovery-facts.h"
#include "engine/recovery/ks-recovery-state.h"
#include "engine/set-up/ks-set-up.h"
#include "engine/unlock/ks-unlock-note-store.h"
#include "matrix/ks-api-account-data.h"
#include "matrix/ks-matrix-error.h"
#include "store/ks-store-error.h"

/* Collects what there is to know.
 *
 *   1. set-up   whether an earlier start left one to go on with
 *   2. look     at the server; a part whose answer makes no sense is not known, and hides no other
 *   3. secret   each of the four, here
 *   4. record   what this session knew before
 *   5. note     what an unlock has left that did not open all
 *   6. describes  what is said of the key in it, where that is not the default one
 *   7. olm      this session's own keys
 *   8. count    the room keys here, and those that the current backup lacks
 *
 * Only reads. A stop anywhere leaves the snapshot before as it was. */

typedef struct
{
  KsRecovery *recovery; /* owned */
  KsRecoveryFacts facts;
  guint number; /* of those that have begun */
  int at;       /* the secret that is asked for */
} Refresh;

static void
refresh_free (gpointer data)
{
  Refresh *refresh = data;

  ks_recovery_facts_clear (&refresh->facts);
  g_object_unref (refresh->recovery);
  g_free (refresh);
}

/* What is not here, or cannot be opened, is not here. */
static gboolean
is_absent (const GError *error)
{
  return g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND)
         || g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_LOCKED)
         || g_error_matches (error, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED);
}

static KsStepVerdict
next_unless (GError *failure, GError **error)
{
  if (failure == NULL || is_absent (failure))
    {
      g_clear_error (&failure);
      return KS_STEP_NEXT;
    }
  g_propagate_error (error, failure);
  return KS_STEP_FAIL;
}

static void
load_set_up (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_set_up_load_async (((Refresh *) data)->recovery->set_up, cancellable, ready, run);
}

static KsStepVerdict
set_up_loaded (gpointer data, GObject *set_up, GAsyncResult *result, GError **error)
{
  GError *failure = NULL;

  ks_set_up_load_finish (KS_SET_UP (set_up), result, &failure);
  return next_unless (failure, error);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsRecovery *self = ((Refresh *) data)->recovery;

  ks_server_look_sense_async (self->http, self->user_id, self->device_id, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Refresh *refresh = data;

  refresh->facts.look = ks_server_look_sense_finish (KS_HTTP (http), result, error);
  return refresh->facts.look != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
get_secret (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Refresh *refresh = data;

  ks_secret_store_get_async (refresh->recovery->secret_store,
                             ks_secret_name_to_string ((KsSecretName) refresh->at), cancellable, ready, run);
}

static KsStepVerdict
got_secret (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Refresh *refresh = data;
  GError *failure = NULL;

  refresh->facts.secrets[refresh->at] =
      ks_secret_store_get_finish (KS_SECRET_STORE (store), result, &failure);
  if (next_unless (failure, error) == KS_STEP_FAIL)
    return KS_STEP_FAIL;
  return ++refresh->at < KS_N_SECRETS ? KS_STEP_AGAIN : KS_STEP_NEXT;
}

static void
get_record (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_recovery_store_get_async (((Refresh *) data)->recovery->recovery_store, cancellable, ready, run);
}

static KsStepVerdict
got_record (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Refresh *refresh = data;
  GError *failure = NULL;

  refresh->facts.record = ks_recovery_store_get_finish (KS_RECOVERY_STORE (store), result, &failure);
  return next_unless (failure, error);
}

static void
load_note (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_unlock_note_load_async (((Refresh *) data)->recovery->journal, cancellable, ready, run);
}

static KsStepVerdict
note_loaded (gpointer data, GObject *journal, GAsyncResult *result, GError **error)
{
  KsRecoveryFacts *facts = &((Refresh *) data)->facts;

  if (!ks_unlock_note_load_finish (KS_JOURNAL (journal), result, &facts->note, error))
    return KS_STEP_FAIL;
  return facts->note != NULL && facts->note->key_id != NULL
                 && g_strcmp0 (facts->note->key_id, facts->look->default_key_id) != 0
             ? KS_STEP_NEXT
             : KS_STEP_SKIP; /* "describes" */
}

static void
get_description (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Refresh *refresh = data;
  g_autofree char *type = ks_secret_storage_key_type (refresh->facts.note->key_id);

  ks_api_account_data_get_async (refresh->recovery->http, refresh->recovery->user_id, type, cancellable,
                                 ready, run);
}

static KsStepVerdict
got_description (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  KsRecoveryFacts *facts = &((Refresh *) data)->facts;
  GError *failure = NULL;

  if (ks_api_account_data_get_finish (KS_HTTP (http), result, &facts->description, &failure))
    return KS_STEP_NEXT;
  if (ks_matrix_error_is_lasting (failure))
    {
      facts->description_failure = failure;
      return KS_STEP_NEXT;
    }
  g_propagate_error (error, failure);
  return KS_STEP_FAIL;
}

static void
load_olm (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_olm_store_load_async (((Refresh *) data)->recovery->olm_store, cancellable, ready, run);
}

static KsStepVerdict
olm_loaded (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  Refresh *refresh = data;
  GError *failure = NULL;
  g_autoptr (KsSecret) pickle = ks_olm_store_load_finish (KS_OLM_STORE (store), result, NULL, &failure);
  KsOlmAccount *account = NULL;

  if (pickle != NULL && ks_olm_account_unpickle (pickle, &account) == KS_OLM_ACCOUNT_OK)
    refresh->facts.device_key = g_strdup (ks_olm_account_ed25519 (account));
  ks_olm_account_free (account);
  return next_unless (failure, error);
}

static void
count (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Refresh *refresh = data;
  const KsBackupVersion *version = refresh->facts.look->version;

  ks_key_store_count_async (refresh->recovery->keys, version != NULL ? version->version : NULL, cancellable,
                            ready, run);
}

static KsStepVerdict
counted (gpointer data, GObject *store, GAsyncResult *result, GError **error)
{
  KsRecoveryFacts *facts = &((Refresh *) data)->facts;

  return ks_key_store_count_finish (KS_KEY_STORE (store), result, &facts->total, &facts->pending,
                                    &facts->refused, error)
             ? KS_STEP_NEXT
             : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "set-up", .begin = load_set_up, .end = set_up_loaded },
  { .name = "look", .begin = look, .end = looked },
  { .name = "secret", .begin = get_secret, .end = got_secret },
  { .name = "record", .begin = get_record, .end = got_record },
  { .name = "note", .begin = load_note, .end = note_loaded },
  { .name = "describes", .begin = get_description, .end = got_description },
  { .name = "olm", .begin = load_olm, .end = olm_loaded },
  { .name = "count", .begin = count, .end = counted },
  { 0 },
};

/* What cannot be used is as good as none. */
static void
take_description (KsRecovery *self, JsonObject *content)
{
  g_clear_pointer (&self->description, ks_key_description_free);
  if (ks_key_description_read (content, &self->description) != KS_KEY_DESCRIPTION_OK)
    self->description = NULL;
}

/* Whether what is stored is all that it should be, only the key can tell, where it is here: the plan
 * was made with it. */
static void
take_plan (KsRecovery *self, const KsRecoveryFacts *facts)
{
  KsRecoverySnapshot *seen = self->snapshot;

  ks_repair_plan_free (self->plan);
  self->plan = ks_recovery_facts_plan (facts, seen);
  if (facts->note == NULL || g_strcmp0 (self->plan->key_id, seen->default_key_id) != 0)
    return;
  for (int i = 0; i < KS_N_SECRETS; i++)
    seen->stored[i] = seen->stored[i] && (self->plan->make[i] || !self->plan->store[i]);
}

static void
take (KsRecovery *self, const Refresh *refresh)
{
  const KsRecoveryFacts *facts = &refresh->facts;

  /* One that began later has seen more. */
  if (refresh->number < self->shown)
    return;
  self->shown = refresh->number;
  ks_recovery_snapshot_free (self->snapshot);
  self->snapshot = ks_recovery_facts_judge (facts);
  take_description (self, facts->look->description);
  take_plan (self, facts);
  ks_unlock_note_digest (facts->look, self->digest);
  ks_recovery_set_state (self, ks_recovery_is_setting_up (self)
                                   ? KS_RECOVERY_SETTING_UP
                                   : ks_recovery_snapshot_to_state (self->snapshot, facts->record != NULL));
  g_signal_emit_by_name (self, "refreshed");
}

static gboolean
is_of_the_server (const GError *failure)
{
  return g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK)
         || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_SERVER)
         || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_BAD_ANSWER)
         || g_error_matches (failure, KS_MATRIX_ERROR, KS_MATRIX_ERROR_RATE_LIMITED);
}

/* Whoever asked, and whether or not they want to know. */
static void
on_seen (GObject *object, GAsyncResult *result, gpointer data)
{
  KsRecovery *self = KS_RECOVERY (object);
  g_autoptr (GTask) task = data;
  GError *failure = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &failure))
    {
      take (self, g_task_get_task_data (G_TASK (result)));
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (is_of_the_server (failure))
    ks_recovery_set_state (self, KS_RECOVERY_OFFLINE);
  g_task_return_error (task, failure);
}

void
ks_recovery_refresh_async (KsRecovery *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Refresh *refresh = g_new0 (Refresh, 1);

  refresh->recovery = g_object_ref (self);
  refresh->number = ++self->asked;
  refresh->facts.user_id = self->user_id;
  refresh->facts.device_id = self->device_id;
  g_task_set_name (task, G_STRFUNC);
  ks_steps_start (steps, refresh, refresh_free, self, G_STRFUNC, cancellable, on_seen, task);
}

gboolean
ks_recovery_refresh_finish (KsRecovery *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
