/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/account/ks-bring-in.h"

#include "base/ks-steps.h"
#include "engine/account/ks-account.h"
#include "engine/account/ks-set-aside.h"
#include "engine/keys/ks-better-key.h"
#include "engine/recovery/ks-recovery-private.h"
#include "store/ks-account-store.h"
#include "store/ks-secret-store.h"
#include "store/ks-store-error.h"

/* Brings in.
 *
 *   1. open      the copy
 *   2. accounts  that it has of this person
 *   3. keys      listed there, a batch at a time, and put here; for each account in turn
 *   4. names     of the private keys that are here
 *   5. secrets   those there that are not here, one after the other; for each account in turn
 *   6. keep      them
 *
 * A stop leaves what was put; the next run finds it here. */

#define BATCH_SIZE 1000

typedef struct
{
  KsProfile *profile;   /* owned */
  KsRecovery *recovery; /* owned: the account may end before this does */
  GFile *file;          /* owned */
  KsBringInFunc on_progress;
  gpointer progress_data;
  KsSetAside *aside; /* owned */
  GPtrArray *found;  /* owned: KsAccountRecord elements */
  guint at;          /* the one at hand */

  gint64 last;               /* id of its last key that was listed */
  GPtrArray *batch;          /* owned: listed, and not put yet; NULL: to be listed */
  KsBetterKeyCounts *merged; /* owned: of the put that goes on */
  KsKeyReport *report;       /* owned; NULL once it was given away */

  GStrv here;        /* owned: names of private keys */
  GStrv there;       /* owned: likewise; NULL: to be listed */
  guint next;        /* among them */
  GPtrArray *names;  /* owned: of what is to be kept */
  GPtrArray *values; /* owned: KsSecret elements, likewise */
} Op;

static void
op_free (gpointer data)
{
  Op *op = data;

  g_ptr_array_unref (op->names);
  g_ptr_array_unref (op->values);
  g_strfreev (op->here);
  g_strfreev (op->there);
  ks_key_report_free (op->report);
  g_clear_pointer (&op->merged, ks_better_key_counts_free);
  g_clear_pointer (&op->batch, g_ptr_array_unref);
  g_ptr_array_unref (op->found);
  ks_set_aside_free (op->aside);
  g_object_unref (op->file);
  g_object_unref (op->recovery);
  g_object_unref (op->profile);
  g_free (op);
}

static void
open_copy (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  ks_set_aside_open_async (op->profile, op->file, cancellable, ready, run);
}

static KsStepVerdict
copy_opened (gpointer data, GObject *profile, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->aside = ks_set_aside_open_finish (KS_PROFILE (profile), result, error);
  return op->aside != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
list_accounts (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  g_autoptr (KsAccountStore) accounts = ks_account_store_new (((Op *) data)->aside->database);

  ks_account_store_list_async (accounts, cancellable, ready, run);
}

static KsStepVerdict
accounts_listed (gpointer data, GObject *accounts, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GPtrArray) all = ks_account_store_list_finish (KS_ACCOUNT_STORE (accounts), result, error);

  if (all == NULL)
    return KS_STEP_FAIL;
  for (guint i = 0; i < all->len; i++)
    if (g_str_equal (((KsAccountRecord *) all->pdata[i])->user_id, op->recovery->user_id))
      g_ptr_array_add (op->found, ks_account_record_copy (all->pdata[i]));
  if (op->found->len > 0)
    return KS_STEP_NEXT;
  g_set_error_literal (error, KS_STORE_ERROR, KS_STORE_ERROR_NOT_FOUND,
                       "nothing of this account is in the file");
  return KS_STEP_FAIL;
}

/* --- room keys --- */

static void
list_or_put (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;

  if (op->batch == NULL)
    {
      g_autoptr (KsKeyStore) keys = ks_key_store_new (op->aside->database, op->found->pdata[op->at]);

      ks_key_store_list_pending_async (keys, NULL, op->last, BATCH_SIZE, cancellable, ready, run);
      return;
    }
  op->merged = ks_better_key_counts_new ();
  ks_key_store_put_async (op->recovery->keys, op->batch, ks_better_key_merge, op->merged, NULL, cancellable,
                          ready, run);
}

static KsStepVerdict
put_done (Op *op, GObject *keys, GAsyncResult *result, GError **error)
{
  KsKeyStorePut put;

  if (!ks_key_store_put_finish (KS_KEY_STORE (keys), result, &put, error))
    return KS_STEP_FAIL;
  op->report->total += op->batch->len;
  ks_better_key_counts_report (op->merged, &put, op->batch, op->report);
  g_clear_pointer (&op->merged, ks_better_key_counts_free);
  g_clear_pointer (&op->batch, g_ptr_array_unref);
  if (op->on_progress != NULL)
    op->on_progress (op->report->total, op->progress_data);
  return KS_STEP_AGAIN;
}

static KsStepVerdict
listed_or_put (gpointer data, GObject *keys, GAsyncResult *result, GError **error)
{
  Op *op = data;
  KsKeyStoreList list;

  if (op->batch != NULL)
    return put_done (op, keys, result, error);
  op->batch = ks_key_store_list_pending_finish (KS_KEY_STORE (keys), result, &list, error);
  if (op->batch == NULL)
    return KS_STEP_FAIL;
  /* Which backup has what the file's own time knew; it is asked again. */
  for (guint i = 0; i < op->batch->len; i++)
    g_clear_pointer (&((KsStoredRoomKey *) op->batch->pdata[i])->backed_up_version, g_free);
  op->last = list.last;
  if (op->batch->len > 0)
    return KS_STEP_AGAIN;
  g_clear_pointer (&op->batch, g_ptr_array_unref);
  if (list.last > 0)
    return KS_STEP_AGAIN;
  if (++op->at < op->found->len)
    return KS_STEP_AGAIN;
  op->at = 0;
  return KS_STEP_NEXT;
}

/* --- private keys --- */

static void
list_here (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_secret_store_list_names_async (((Op *) data)->recovery->secret_store, cancellable, ready, run);
}

static KsStepVerdict
here_listed (gpointer data, GObject *secrets, GAsyncResult *result, GError **error)
{
  Op *op = data;

  op->here = ks_secret_store_list_names_finish (KS_SECRET_STORE (secrets), result, error);
  return op->here != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
list_or_get (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autoptr (KsSecretStore) secrets = ks_secret_store_new (op->aside->database, op->found->pdata[op->at]);

  if (op->there == NULL)
    ks_secret_store_list_names_async (secrets, cancellable, ready, run);
  else
    ks_secret_store_get_async (secrets, op->there[op->next], cancellable, ready, run);
}

/* Goes on to the next one that is not here, in this account or the next. */
static KsStepVerdict
go_on (Op *op)
{
  for (; op->there[op->next] != NULL; op->next++)
    if (!g_strv_contains ((const char *const *) op->here, op->there[op->next])
        && !g_ptr_array_find_with_equal_func (op->names, op->there[op->next], g_str_equal, NULL))
      return KS_STEP_AGAIN;
  g_clear_pointer (&op->there, g_strfreev);
  op->next = 0;
  if (++op->at < op->found->len)
    return KS_STEP_AGAIN;
  return op->names->len > 0 ? KS_STEP_NEXT : KS_STEP_DONE;
}

static KsStepVerdict
listed_or_got (gpointer data, GObject *secrets, GAsyncResult *result, GError **error)
{
  Op *op = data;
  g_autoptr (GError) failure = NULL;
  KsSecret *value;

  if (op->there == NULL)
    {
      op->there = ks_secret_store_list_names_finish (KS_SECRET_STORE (secrets), result, error);
      return op->there != NULL ? go_on (op) : KS_STEP_FAIL;
    }
  value = ks_secret_store_get_finish (KS_SECRET_STORE (secrets), result, &failure);
  if (value != NULL)
    {
      g_ptr_array_add (op->names, g_strdup (op->there[op->next]));
      g_ptr_array_add (op->values, value);
    }
  else if (!g_error_matches (failure, KS_STORE_ERROR, KS_STORE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return KS_STEP_FAIL;
    }
  op->next++;
  return go_on (op);
}

static void
keep (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Op *op = data;
  g_autofree KsNamedSecret *secrets = g_new (KsNamedSecret, op->names->len);

  for (guint i = 0; i < op->names->len; i++)
    secrets[i] = (KsNamedSecret){ op->names->pdata[i], op->values->pdata[i] };
  ks_secret_store_put_async (op->recovery->secret_store, secrets, op->names->len, cancellable, ready, run);
}

static KsStepVerdict
kept (gpointer data, GObject *secrets, GAsyncResult *result, GError **error)
{
  return ks_secret_store_put_finish (KS_SECRET_STORE (secrets), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "open", .begin = open_copy, .end = copy_opened },
  { .name = "accounts", .begin = list_accounts, .end = accounts_listed },
  { .name = "keys", .begin = list_or_put, .end = listed_or_put },
  { .name = "names", .begin = list_here, .end = here_listed },
  { .name = "secrets", .begin = list_or_get, .end = listed_or_got },
  { .name = "keep", .begin = keep, .end = kept },
  { 0 },
};

static void
free_account (gpointer record)
{
  ks_account_record_free (record);
}

static void
free_secret (gpointer secret)
{
  ks_secret_unref (secret);
}

void
ks_bring_in_async (KsProfile *profile,
                   GFile *file,
                   KsBringInFunc on_progress,
                   gpointer progress_data,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->profile = g_object_ref (profile);
  op->recovery = g_object_ref (ks_account_get_recovery (ks_profile_get_account (profile)));
  op->file = g_object_ref (file);
  op->on_progress = on_progress;
  op->progress_data = progress_data;
  op->found = g_ptr_array_new_with_free_func (free_account);
  op->report = ks_key_report_new ();
  op->names = g_ptr_array_new_with_free_func (g_free);
  op->values = g_ptr_array_new_with_free_func (free_secret);
  ks_steps_start (steps, op, op_free, profile, G_STRFUNC, cancellable, callback, user_data);
}

gboolean
ks_bring_in_finish (
    KsProfile *profile, GAsyncResult *result, KsKeyReport **report, guint *secrets, GError **error)
{
  Op *op = g_task_get_task_data (G_TASK (result));

  /* After a stop in the middle, too: what came in is only here. */
  if (op->report->total > 0 || op->names->len > 0)
    g_signal_emit_by_name (op->recovery, "keys-changed");
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (report != NULL)
    *report = g_steal_pointer (&op->report);
  if (secrets != NULL)
    *secrets = op->names->len;
  return TRUE;
}
