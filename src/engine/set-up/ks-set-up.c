/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/set-up/ks-set-up-private.h"

#include "engine/secrets/ks-recovery-error.h"

G_DEFINE_FINAL_TYPE (KsSetUp, ks_set_up, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (KsSetUpStage,
                    ks_set_up_stage,
                    G_DEFINE_ENUM_VALUE (KS_SET_UP_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (KS_SET_UP_KEY_MADE, "key-made"),
                    G_DEFINE_ENUM_VALUE (KS_SET_UP_KEY_SAVED, "key-saved"),
                    G_DEFINE_ENUM_VALUE (KS_SET_UP_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (KS_SET_UP_DONE, "done"))

G_DEFINE_ENUM_TYPE (KsSetUpPart,
                    ks_set_up_part,
                    G_DEFINE_ENUM_VALUE (KS_SET_UP_SECRETS, "secrets"),
                    G_DEFINE_ENUM_VALUE (KS_SET_UP_IDENTITY, "identity"),
                    G_DEFINE_ENUM_VALUE (KS_SET_UP_BACKUP, "backup"),
                    G_DEFINE_ENUM_VALUE (KS_SET_UP_KEYS, "keys"),
                    G_DEFINE_ENUM_VALUE (KS_SET_UP_CHECK, "check"))

enum
{
  PROP_STAGE = 1,
  PROP_PART,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];
static guint progress_signal;

KsSetUpStage
ks_set_up_get_stage (KsSetUp *self)
{
  g_return_val_if_fail (KS_IS_SET_UP (self), KS_SET_UP_NONE);

  return self->stage;
}

void
ks_set_up_set_stage (KsSetUp *self, KsSetUpStage stage)
{
  if (self->stage == stage)
    return;
  self->stage = stage;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STAGE]);
}

KsSetUpPart
ks_set_up_get_part (KsSetUp *self)
{
  g_return_val_if_fail (KS_IS_SET_UP (self), KS_SET_UP_SECRETS);

  return self->part;
}

void
ks_set_up_set_part (KsSetUp *self, KsSetUpPart part)
{
  if (self->part == part)
    return;
  self->part = part;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PART]);
}

void
ks_set_up_get_keys (KsSetUp *self, guint64 *done, guint64 *total)
{
  g_return_if_fail (KS_IS_SET_UP (self));

  *done = self->keys_done;
  *total = self->keys_total;
}

void
ks_set_up_set_keys (KsSetUp *self, guint64 done, guint64 total)
{
  self->keys_done = done;
  self->keys_total = total;
  g_signal_emit (self, progress_signal, 0);
}

KsSecret *
ks_set_up_get_key (KsSetUp *self)
{
  g_return_val_if_fail (KS_IS_SET_UP (self), NULL);

  return self->secrets != NULL ? self->secrets->key : NULL;
}

const KsSetUpOutcome *
ks_set_up_get_outcome (KsSetUp *self)
{
  g_return_val_if_fail (KS_IS_SET_UP (self), NULL);

  return self->stage == KS_SET_UP_DONE ? self->outcome : NULL;
}

gboolean
ks_set_up_has_phrase (KsSetUp *self)
{
  g_return_val_if_fail (KS_IS_SET_UP (self), FALSE);

  return self->secrets != NULL && self->secrets->salt != NULL;
}

KsKeySaved
ks_set_up_get_saved (KsSetUp *self)
{
  g_return_val_if_fail (KS_IS_SET_UP (self), 0);

  return self->secrets != NULL ? self->secrets->saved : 0;
}

const char *
ks_set_up_get_file_name (KsSetUp *self)
{
  g_return_val_if_fail (KS_IS_SET_UP (self), NULL);

  return self->secrets != NULL ? self->secrets->file_name : NULL;
}

const GError *
ks_set_up_get_failure (KsSetUp *self)
{
  g_return_val_if_fail (KS_IS_SET_UP (self), NULL);

  return self->failure;
}

KsUia *
ks_set_up_get_challenge (KsSetUp *self)
{
  g_return_val_if_fail (KS_IS_SET_UP (self), NULL);

  return self->challenge;
}

void
ks_set_up_answer (KsSetUp *self, KsUiaAnswer *answer)
{
  g_return_if_fail (KS_IS_SET_UP (self));

  ks_uia_answer_unref (self->answer);
  self->answer = ks_uia_answer_ref (answer);
}

void
ks_set_up_forget (KsSetUp *self)
{
  g_return_if_fail (KS_IS_SET_UP (self));

  if (self->stage != KS_SET_UP_DONE)
    return;
  g_clear_pointer (&self->secrets, ks_set_up_secrets_free);
  g_clear_pointer (&self->outcome, ks_set_up_outcome_free);
  ks_set_up_set_stage (self, KS_SET_UP_NONE);
}

/* The person has the key. */

static void
on_saved_noted (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  KsSetUp *self = KS_SET_UP (object);
  GError *error = NULL;

  if (!ks_set_up_write_journal_finish (self, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  ks_set_up_set_stage (self, KS_SET_UP_KEY_SAVED);
  g_task_return_boolean (task, TRUE);
}

void
ks_set_up_note_saved_async (KsSetUp *self,
                            KsSecret *as_saved,
                            KsKeySaved saved,
                            const char *file_name,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  if (self->stage != KS_SET_UP_KEY_MADE && self->stage != KS_SET_UP_KEY_SAVED)
    g_task_return_new_error (task, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOT_SET_UP, "no key was made");
  else if (!ks_secret_equal (as_saved, self->secrets->key))
    g_task_return_new_error (task, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_WRONG_KEY,
                             "what was saved is another key");
  else
    {
      self->secrets->saved = saved;
      g_free (self->secrets->file_name);
      /* In whatever encoding the name is, the journal must stay readable. */
      self->secrets->file_name = file_name != NULL ? g_utf8_make_valid (file_name, -1) : NULL;
      /* Never back behind what has been published since. */
      ks_set_up_write_journal_async (self,
                                     g_str_equal (self->step, KS_SET_UP_MADE) ? KS_SET_UP_SAVED : self->step,
                                     cancellable, on_saved_noted, task);
      return;
    }
  g_object_unref (task);
}

gboolean
ks_set_up_note_saved_finish (KsSetUp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Discarding. */

static void
on_discarded (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  KsSetUp *self = KS_SET_UP (object);
  GError *error = NULL;

  if (!ks_set_up_end_journal_finish (self, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_clear_pointer (&self->secrets, ks_set_up_secrets_free);
  ks_set_up_set_stage (self, KS_SET_UP_NONE);
  g_task_return_boolean (task, TRUE);
}

void
ks_set_up_discard_async (KsSetUp *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, G_STRFUNC);
  if (self->step == NULL)
    g_task_return_boolean (task, TRUE);
  /* A run uses the secrets before the journal says so. */
  else if (self->stage == KS_SET_UP_RUNNING
           || (!g_str_equal (self->step, KS_SET_UP_MADE) && !g_str_equal (self->step, KS_SET_UP_SAVED)))
    g_task_return_new_error (task, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_EXISTS,
                             "something of the set-up may be on the server");
  else
    {
      ks_set_up_end_journal_async (self, cancellable, on_discarded, task);
      return;
    }
  g_object_unref (task);
}

gboolean
ks_set_up_discard_finish (KsSetUp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ks_set_up_outcome_free (KsSetUpOutcome *outcome)
{
  if (outcome == NULL)
    return;
  g_free (outcome->key_id);
  g_free (outcome->backup_version);
  g_clear_error (&outcome->keyring);
  g_free (outcome);
}

static void
ks_set_up_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KsSetUp *self = KS_SET_UP (object);

  switch (id)
    {
    case PROP_STAGE:
      g_value_set_enum (value, (int) self->stage);
      break;
    case PROP_PART:
      g_value_set_enum (value, (int) self->part);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_set_up_finalize (GObject *object)
{
  KsSetUp *self = KS_SET_UP (object);

  ks_set_up_outcome_free (self->outcome);
  ks_uia_answer_unref (self->answer);
  ks_uia_unref (self->challenge);
  g_clear_error (&self->failure);
  g_clear_pointer (&self->orphans, g_hash_table_unref);
  g_free (self->step);
  ks_set_up_secrets_free (self->secrets);
  g_clear_object (&self->keyring);
  g_clear_object (&self->recovery_store);
  g_clear_object (&self->secret_store);
  g_clear_object (&self->keys);
  g_clear_object (&self->olm_store);
  g_clear_object (&self->journal);
  g_free (self->device_id);
  g_free (self->user_id);
  g_clear_object (&self->http);
  G_OBJECT_CLASS (ks_set_up_parent_class)->finalize (object);
}

static void
ks_set_up_class_init (KsSetUpClass *class)
{
  G_OBJECT_CLASS (class)->get_property = ks_set_up_get_property;
  G_OBJECT_CLASS (class)->finalize = ks_set_up_finalize;

  properties[PROP_STAGE] =
      g_param_spec_enum ("stage", NULL, NULL, KS_TYPE_SET_UP_STAGE, (int) KS_SET_UP_NONE,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_PART] =
      g_param_spec_enum ("part", NULL, NULL, KS_TYPE_SET_UP_PART, (int) KS_SET_UP_SECRETS,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPERTIES, properties);

  progress_signal =
      g_signal_new ("progress", KS_TYPE_SET_UP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ks_set_up_init (KsSetUp *self)
{
}

KsSetUp *
ks_set_up_new (KsHttp *http, KsDatabase *database, KsKeyring *keyring, const KsAccountRecord *account)
{
  KsSetUp *self = g_object_new (KS_TYPE_SET_UP, NULL);

  self->http = g_object_ref (http);
  self->user_id = g_strdup (account->user_id);
  self->device_id = g_strdup (account->device_id);
  self->journal = ks_journal_new (database, account);
  self->olm_store = ks_olm_store_new (database, account);
  self->keys = ks_key_store_new (database, account);
  self->secret_store = ks_secret_store_new (database, account);
  self->recovery_store = ks_recovery_store_new (database, account);
  self->keyring = keyring != NULL ? g_object_ref (keyring) : NULL;
  return self;
}
