/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/unlock/ks-find-key.h"

#include "crypto/ks-kdf.h"
#include "engine/secrets/ks-recovery-error.h"

#include <string.h>

typedef struct
{
  KsKeyEntry *entry; /* owned */
  GPtrArray *locks;  /* owned: KsKeyLock elements, which never change */
  gboolean salted;   /* a key of the account comes from a phrase */
  gboolean refused;  /* and could not be derived */
  gboolean other;    /* one does in a way that is not known here */
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  ks_key_entry_free (search->entry);
  g_ptr_array_unref (search->locks);
  g_free (search);
}

static void
free_found (gpointer found)
{
  ks_found_key_free (found);
}

static KsFoundKey *
found_new (guint lock, KsSecret *key)
{
  KsFoundKey *found = g_new0 (KsFoundKey, 1);

  found->lock = lock;
  found->key = ks_secret_ref (key);
  return found;
}

/* NULL: none fits. Of several keys the one for the first lock is the best. */
static KsFoundKey *
try_keys (Search *search, KsSecret *const *keys, guint n)
{
  for (guint lock = 0; lock < search->locks->len; lock++)
    for (guint i = 0; i < n; i++)
      if (ks_key_lock_fits (search->locks->pdata[lock], keys[i]))
        return found_new (lock, keys[i]);
  return NULL;
}

static KsFoundKey *
try_candidates (Search *search)
{
  g_auto (KsKeyCandidates) candidates = { 0 };
  KsFoundKey *found = NULL;

  if (search->entry->characters == NULL)
    return NULL;
  ks_key_candidates_init (&candidates, search->entry->characters);
  while (found == NULL)
    {
      KsKeyMistake mistake;
      g_autoptr (KsSecret) key = ks_key_candidates_next (&candidates, &mistake);

      if (key == NULL)
        break;
      found = try_keys (search, &key, 1);
      if (found != NULL)
        found->mistake = mistake;
    }
  return found;
}

/* One spelling, as the lock @at says how; its key may be that of another lock, too. NULL: it fits none. */
static KsFoundKey *
try_variant (Search *search, guint at, const KsPhraseVariant *variant)
{
  const KsKeyLock *lock = search->locks->pdata[at];
  g_autoptr (KsSecret) key = NULL;
  KsFoundKey *found;

  if (ks_phrase_to_storage_key (variant->text, lock->salt, strlen (lock->salt), lock->rounds, lock->bits,
                                &key)
      != KS_PBKDF2_OK)
    {
      search->refused = TRUE;
      return NULL;
    }
  found = try_keys (search, &key, 1);
  if (found == NULL)
    return NULL;
  found->by_phrase = TRUE;
  found->rounds = lock->rounds;
  found->form = variant->form;
  found->trimmed = variant->trimmed;
  found->lossy = variant->lossy;
  return found;
}

static KsFoundKey *
try_phrase (Search *search, GCancellable *cancellable)
{
  g_auto (KsPhraseVariants) variants = { 0 };
  KsFoundKey *found = NULL;

  if (search->entry->phrase == NULL)
    return NULL;
  ks_phrase_variants_init (&variants, search->entry->phrase);
  for (guint i = 0; i < search->locks->len; i++)
    {
      const KsKeyLock *lock = search->locks->pdata[i];

      search->other = search->other || lock->other_phrase;
      if (lock->salt == NULL)
        continue;
      search->salted = TRUE;
      for (guint v = 0; v < variants.n; v++)
        {
          if (g_cancellable_is_cancelled (cancellable))
            return NULL;
          found = try_variant (search, i, &variants.variants[v]);
          if (found != NULL)
            return found;
        }
    }
  return NULL;
}

static const char *
describe_fault (const KsRecoveryKeyReading *reading, char *text, gsize size)
{
  switch (reading->fault)
    {
    case KS_RECOVERY_KEY_BAD_CHARACTER:
      g_snprintf (text, size, "group %u has a character that no key has", reading->group);
      break;
    case KS_RECOVERY_KEY_TOO_SHORT:
    case KS_RECOVERY_KEY_TOO_LONG:
      g_snprintf (text, size, "%u characters instead of %d", reading->characters, KS_RECOVERY_KEY_CHARACTERS);
      break;
    case KS_RECOVERY_KEY_BAD_PREFIX:
      g_snprintf (text, size, "it does not begin as every key does");
      break;
    case KS_RECOVERY_KEY_OK:
    case KS_RECOVERY_KEY_EMPTY:
    case KS_RECOVERY_KEY_BAD_PARITY:
    default:
      g_snprintf (text, size, "characters are mistyped");
    }
  return text;
}

static void
set_error (GError **error, KsRecoveryError code, const char *message)
{
  g_set_error_literal (error, KS_RECOVERY_ERROR, code, message);
}

static void
explain_phrase (const Search *search, GError **error)
{
  if (search->other)
    set_error (error, KS_RECOVERY_ERROR_UNSUPPORTED, "a key comes from a phrase in an unknown way");
  else if (!search->salted)
    set_error (error, KS_RECOVERY_ERROR_NO_PHRASE, "no key of this account comes from a phrase");
  else if (search->refused)
    set_error (error, KS_RECOVERY_ERROR_HARD_PHRASE, "the server asks for too much work, or a wrong size");
  else
    set_error (error, KS_RECOVERY_ERROR_WRONG_PHRASE, "no spelling of the phrase fits");
}

/* What was tried, and did not fit. */
static void
explain (const Search *search, GError **error)
{
  char fault[96];

  switch (search->entry->kind)
    {
    case KS_KEY_ENTRY_KEY:
      set_error (error, KS_RECOVERY_ERROR_WRONG_KEY, "a whole key, which fits nothing of this account");
      break;
    case KS_KEY_ENTRY_NEARLY_KEY:
      set_error (error, KS_RECOVERY_ERROR_BROKEN_KEY,
                 "there is a mistake in the key, and no single correction fits");
      break;
    case KS_KEY_ENTRY_BROKEN_KEY:
      set_error (error, KS_RECOVERY_ERROR_BROKEN_KEY,
                 describe_fault (&search->entry->reading, fault, sizeof fault));
      break;
    case KS_KEY_ENTRY_PHRASE:
    case KS_KEY_ENTRY_EMPTY:
    case KS_KEY_ENTRY_ROOM_KEY_FILE:
    case KS_KEY_ENTRY_JSON:
    case KS_KEY_ENTRY_OTHER:
    default:
      explain_phrase (search, error);
    }
}

static void
search_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Search *search = data;
  KsFoundKey *found = try_keys (search, search->entry->keys, search->entry->n_keys);
  GError *error = NULL;

  /* The cheap ones first: a phrase takes its time. */
  if (found == NULL)
    found = try_candidates (search);
  if (found == NULL)
    found = try_phrase (search, cancellable);
  if (found != NULL)
    {
      g_task_return_pointer (task, found, free_found);
      return;
    }
  explain (search, &error);
  g_task_return_error (task, error);
}

/* FALSE: it is nothing that could be tried. */
static gboolean
can_be_tried (const KsKeyEntry *entry, GError **error)
{
  switch (entry->kind)
    {
    case KS_KEY_ENTRY_EMPTY:
      set_error (error, KS_RECOVERY_ERROR_NOT_A_KEY, "it is empty");
      return FALSE;
    case KS_KEY_ENTRY_ROOM_KEY_FILE:
      set_error (error, KS_RECOVERY_ERROR_ROOM_KEY_FILE, "it holds exported room keys");
      return FALSE;
    case KS_KEY_ENTRY_JSON:
      set_error (error, KS_RECOVERY_ERROR_NOT_A_KEY, "it holds JSON");
      return FALSE;
    case KS_KEY_ENTRY_OTHER:
      set_error (error, KS_RECOVERY_ERROR_NOT_A_KEY, "there is no key in it");
      return FALSE;
    case KS_KEY_ENTRY_KEY:
    case KS_KEY_ENTRY_NEARLY_KEY:
    case KS_KEY_ENTRY_BROKEN_KEY:
    case KS_KEY_ENTRY_PHRASE:
    default:
      return TRUE;
    }
}

void
ks_find_key_async (KsKeyEntry *entry,
                   GPtrArray *locks,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Search *search = g_new0 (Search, 1);
  GError *error = NULL;

  search->entry = entry;
  search->locks = g_ptr_array_ref (locks);
  g_task_set_name (task, G_STRFUNC);
  g_task_set_task_data (task, search, search_free);
  if (!can_be_tried (entry, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, search_in_thread);
}

KsFoundKey *
ks_find_key_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
