/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ks_set_up_make_key_async(): makes the secrets of a set-up.
 */

#include "engine/set-up/ks-set-up-private.h"

#include "base/ks-steps.h"
#include "crypto/ks-kdf.h"
#include "engine/identity/ks-server-look.h"
#include "engine/secrets/ks-recovery-error.h"
#include "engine/secrets/ks-secret-storage.h"

#include <string.h>

/* Makes the secrets.
 *
 *   1. look     the account must have nothing that a set-up would replace
 *   2. derive   the key from the phrase, in a thread; left out without one
 *   3. wipe     a journal that cannot be read, which kept the secrets of nothing that is
 *               there; left out if there is none
 *   4. journal  all of it, sealed; left out if the journal has it
 *
 * Stopped before 4, nothing has happened; after it, the key is made, whoever hears of it,
 * and the next call takes the secrets that are there, so that a key that the person has
 * saved already stays the key. */

typedef struct
{
  KsSetUp *set_up;        /* owned */
  KsSecret *phrase;       /* owned; NULL: a key is generated */
  char *salt;             /* owned; with phrase */
  KsSecret *key;          /* owned */
  KsSetUpSecrets *before; /* owned: what the journal has until it has the new ones; NULL: nothing */
} Make;

static void
make_free (gpointer data)
{
  Make *make = data;

  ks_set_up_secrets_free (make->before);
  ks_secret_unref (make->key);
  g_free (make->salt);
  ks_secret_unref (make->phrase);
  g_object_unref (make->set_up);
  g_free (make);
}

static void
look (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsSetUp *self = ((Make *) data)->set_up;

  ks_server_look_async (self->http, self->user_id, self->device_id, cancellable, ready, run);
}

static KsStepVerdict
looked (gpointer data, GObject *http, GAsyncResult *result, GError **error)
{
  Make *make = data;
  KsSetUp *self = make->set_up;
  g_autoptr (KsServerLook) seen = ks_server_look_finish (KS_HTTP (http), result, error);
  const char *what = NULL;

  if (seen == NULL)
    return KS_STEP_FAIL;
  if (seen->default_key_id != NULL)
    what = "secret storage";
  else if (seen->identity.any)
    what = "an identity";
  else if (seen->version != NULL)
    what = "a backup";
  if (what != NULL)
    {
      g_set_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS, "the account has %s", what);
      return KS_STEP_FAIL;
    }
  if (make->phrase != NULL)
    {
      /* The same salt as before, so that the same phrase gives the same key. */
      make->salt =
          ks_set_up_has_phrase (self) ? g_strdup (self->secrets->salt) : ks_secret_storage_new_key_id ();
      return KS_STEP_NEXT;
    }
  make->key = self->secrets != NULL && self->secrets->salt == NULL
                  ? ks_secret_ref (self->secrets->key)
                  : ks_secret_new_random (KS_STORED_SECRET_SIZE);
  return KS_STEP_SKIP; /* "derive" */
}

static void
unref_key (gpointer key)
{
  ks_secret_unref (key);
}

typedef struct
{
  KsSecret *phrase; /* owned */
  char *salt;       /* owned */
} Derive;

static void
derive_free (gpointer data)
{
  Derive *derive = data;

  ks_secret_unref (derive->phrase);
  g_free (derive->salt);
  g_free (derive);
}

static void
derive_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Derive *derive = data;
  KsSecret *key;

  if (ks_phrase_to_storage_key (derive->phrase, derive->salt, strlen (derive->salt),
                                KS_PBKDF2_DEFAULT_ITERATIONS, 8 * KS_STORED_SECRET_SIZE, &key)
      == KS_PBKDF2_OK)
    g_task_return_pointer (task, key, unref_key);
  else
    g_task_return_new_error (task, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_CORRUPT,
                             "no key could be derived from the phrase");
}

static void
derive (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Make *make = data;
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, run);
  Derive *derivation = g_new0 (Derive, 1);

  derivation->phrase = ks_secret_ref (make->phrase);
  derivation->salt = g_strdup (make->salt);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, derivation, derive_free);
  /* It cannot be stopped; who no longer waits for it is not kept. */
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, derive_in_thread);
}

static KsStepVerdict
derived (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Make *make = data;

  make->key = g_task_propagate_pointer (G_TASK (result), error);
  return make->key != NULL ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static KsStepVerdict
compare (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  Make *make = data;
  KsSetUp *self = make->set_up;

  if (self->step != NULL && ks_secret_equal (self->secrets->key, make->key))
    {
      ks_set_up_set_stage (self, KS_SET_UP_KEY_MADE);
      return KS_STEP_DONE;
    }
  return self->damaged ? KS_STEP_NEXT : KS_STEP_SKIP; /* "wipe" */
}

static void
wipe (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  ks_set_up_end_journal_async (((Make *) data)->set_up, cancellable, ready, run);
}

static KsStepVerdict
wiped (gpointer data, GObject *set_up, GAsyncResult *result, GError **error)
{
  return ks_set_up_end_journal_finish (KS_SET_UP (set_up), result, error) ? KS_STEP_NEXT : KS_STEP_FAIL;
}

static void
write_down (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  Make *make = data;
  KsSetUp *self = make->set_up;

  make->before = g_steal_pointer (&self->secrets);
  self->secrets = ks_set_up_secrets_new (make->key, make->salt, KS_PBKDF2_DEFAULT_ITERATIONS);
  ks_set_up_write_journal_async (self, KS_SET_UP_MADE, cancellable, ready, run);
}

static KsStepVerdict
written_down (gpointer data, GObject *set_up, GAsyncResult *result, GError **error)
{
  Make *make = data;
  KsSetUp *self = KS_SET_UP (set_up);

  if (ks_set_up_write_journal_finish (self, result, error))
    {
      ks_set_up_set_stage (self, KS_SET_UP_KEY_MADE);
      return KS_STEP_NEXT;
    }
  /* What is not on the disk must not be shown to anybody. What was there, and the person
   * may have by now, stays. */
  ks_set_up_secrets_free (self->secrets);
  self->secrets = g_steal_pointer (&make->before);
  return KS_STEP_FAIL;
}

static const KsStep steps[] = {
  { .name = "look", .begin = look, .end = looked },
  { .name = "derive", .begin = derive, .end = derived },
  { .name = "compare", .end = compare },
  { .name = "wipe", .begin = wipe, .end = wiped },
  { .name = "journal", .begin = write_down, .end = written_down },
  { 0 },
};

void
ks_set_up_make_key_async (KsSetUp *self,
                          KsSecret *phrase,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Make *make = g_new0 (Make, 1);

  make->set_up = g_object_ref (self);
  make->phrase = phrase != NULL ? ks_secret_ref (phrase) : NULL;
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, make, make_free);
  if (self->stage != KS_SET_UP_NONE && self->stage != KS_SET_UP_KEY_MADE)
    {
      g_task_return_new_error (task, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS,
                               "a set-up with another key is under way");
      g_object_unref (task);
      return;
    }
  ks_steps_run (task, steps);
}

gboolean
ks_set_up_make_key_finish (KsSetUp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
