/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   probe    connect, collection
 *   lookup   connect, collection, search, unlock, both again, load
 *   clear    connect, collection, search, unlock, both again, delete (each)
 *   store    connect, collection, open (unlock it, or make the first one),
 *            collection again, search for earlier items, create, search again, load
 *            what was created, delete (the earlier items; or the new one if it is
 *            not what was stored)
 *
 * Whether a keyring was unlocked is looked at afterwards. What the prompt's answer
 * says about it is not relied on: services differ in what they say when dismissed.
 *
 * A stop anywhere loses nothing: an item that was created and not checked yet is
 * the newest, but the earlier ones are still there. The next store() removes what
 * is left of both. */

#include "store/ks-keyring-operation.h"

#include "store/ks-keyring-failure.h"
#include "store/ks-keyring-service.h"

void
ks_keyring_operation_free (gpointer data)
{
  KsKeyringOperation *op = data;

  ks_keyring_place_clear (&op->place);
  ks_secret_unref (op->secret);
  g_clear_object (&op->service);
  g_clear_object (&op->collection);
  g_list_free_full (op->items, g_object_unref);
  g_list_free_full (op->unneeded, g_object_unref);
  g_clear_object (&op->created);
  g_free (op->serial);
  g_free (op);
}

/* For a step that finds nothing to wait for once it is entered. */
static void
skip (KsKeyringOperation *op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, ready, run);

  op->skipped = TRUE;
  g_task_return_boolean (task, TRUE);
}

static gboolean
was_skipped (KsKeyringOperation *op)
{
  gboolean skipped = op->skipped;

  op->skipped = FALSE;
  return skipped;
}

static void
connect_service (gpointer op, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  /* A connection of our own each time: libsecret's shared one keeps the session
   * with a service that was restarted since. */
  secret_service_open (KS_TYPE_KEYRING_SERVICE, NULL, SECRET_SERVICE_OPEN_SESSION, cancellable, ready, run);
}

static KsStepVerdict
connected (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  GError *cause = NULL;

  op->service = secret_service_open_finish (result, &cause);
  if (op->service != NULL)
    {
      ks_keyring_service_set_interactive (KS_KEYRING_SERVICE (op->service), op->interactive);
      return KS_STEP_NEXT;
    }

  return ks_keyring_fail_to_connect (cause, error);
}

static void
find_collection (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsKeyringOperation *op = data;

  secret_collection_for_alias (op->service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, cancellable,
                               ready, run);
}

static KsStepVerdict
found_collection (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  GError *cause = NULL;

  g_clear_object (&op->collection);
  op->collection = secret_collection_for_alias_finish (result, &cause);
  if (cause != NULL)
    return ks_keyring_fail (cause, error);
  op->state = op->collection == NULL || secret_collection_get_locked (op->collection) ? KS_KEYRING_LOCKED
                                                                                      : KS_KEYRING_READY;
  return KS_STEP_NEXT;
}

static void
search (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsKeyringOperation *op = data;
  g_autoptr (GHashTable) attributes = ks_keyring_item_attributes (&op->place, NULL);

  secret_service_search (op->service, ks_keyring_item_schema (), attributes, SECRET_SEARCH_ALL, cancellable,
                         ready, run);
}

static KsStepVerdict
searched (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  GError *cause = NULL;
  GList *items = secret_service_search_finish (op->service, result, &cause);

  if (cause != NULL)
    return ks_keyring_fail (cause, error);
  g_list_free_full (op->items, g_object_unref);
  op->items = ks_keyring_item_filter (items, &op->place);
  return KS_STEP_NEXT;
}

/* What keeps us from answering: SecretItem or SecretCollection, borrowed. */
static GList *
list_locked (KsKeyringOperation *op)
{
  GList *locked = NULL;

  for (GList *link = op->items; link != NULL; link = link->next)
    if (secret_item_get_locked (link->data))
      locked = g_list_append (locked, link->data);
  /* Some services do not tell what a locked keyring holds. */
  if (op->items == NULL && op->collection != NULL && secret_collection_get_locked (op->collection))
    locked = g_list_append (locked, op->collection);
  return locked;
}

static void
unlock (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsKeyringOperation *op = data;
  g_autoptr (GList) locked = list_locked (op);

  if (locked == NULL || !op->interactive)
    skip (op, cancellable, ready, run);
  else
    secret_service_unlock (op->service, locked, cancellable, ready, run);
}

static KsStepVerdict
unlocked (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  g_autoptr (GList) locked = list_locked (op);
  GError *cause = NULL;

  if (was_skipped (op))
    {
      if (locked != NULL || (op->items == NULL && op->collection == NULL && !op->interactive))
        return ks_keyring_refuse (KS_KEYRING_ERROR_LOCKED, "the keyring is locked", error);
      return KS_STEP_NEXT;
    }
  secret_service_unlock_finish (op->service, result, NULL, &cause);
  return cause == NULL ? KS_STEP_NEXT : ks_keyring_fail (cause, error);
}

/* As unlock(), but for the keyring that a new item goes into. */
static void
open_collection (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsKeyringOperation *op = data;
  g_autoptr (GList) collections = NULL;

  if (op->state == KS_KEYRING_READY || !op->interactive)
    {
      skip (op, cancellable, ready, run);
      return;
    }
  if (op->collection == NULL)
    {
      secret_collection_create (op->service, "Default", SECRET_COLLECTION_DEFAULT,
                                SECRET_COLLECTION_CREATE_NONE, cancellable, ready, run);
      return;
    }
  collections = g_list_append (NULL, op->collection);
  secret_service_unlock (op->service, collections, cancellable, ready, run);
}

static KsStepVerdict
opened_collection (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  GError *cause = NULL;

  if (was_skipped (op))
    return op->state == KS_KEYRING_READY
               ? KS_STEP_NEXT
               : ks_keyring_refuse (KS_KEYRING_ERROR_LOCKED, "the keyring is locked", error);
  if (op->collection == NULL)
    {
      g_autoptr (SecretCollection) made = secret_collection_create_finish (result, &cause);

      if (made == NULL && cause == NULL)
        return ks_keyring_refuse (KS_KEYRING_ERROR_FAILED, "the keyring could not be made", error);
    }
  else
    secret_service_unlock_finish (op->service, result, NULL, &cause);
  return cause == NULL ? KS_STEP_NEXT : ks_keyring_fail (cause, error);
}

static KsStepVerdict
found_open_collection (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  KsStepVerdict verdict = found_collection (data, source, result, error);

  if (verdict == KS_STEP_FAIL || op->state == KS_KEYRING_READY)
    return verdict;
  return ks_keyring_refuse (KS_KEYRING_ERROR_DENIED, "the keyring was not unlocked", error);
}

static void
create (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsKeyringOperation *op = data;
  g_autoptr (GHashTable) attributes = NULL;
  g_autofree char *label = ks_keyring_item_label (&op->place);
  SecretValue *value = ks_keyring_item_encode (op->place.kind, op->secret);

  op->serial = ks_keyring_item_next_serial (op->items);
  attributes = ks_keyring_item_attributes (&op->place, op->serial);
  /* Not SECRET_ITEM_CREATE_REPLACE: the earlier item stays until the new one is checked. */
  secret_item_create (op->collection, ks_keyring_item_schema (), attributes, label, value,
                      SECRET_ITEM_CREATE_NONE, cancellable, ready, run);
  secret_value_unref (value);
}

static KsStepVerdict
created (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  GError *cause = NULL;
  g_autoptr (SecretItem) item = secret_item_create_finish (result, &cause);

  return item != NULL ? KS_STEP_NEXT : ks_keyring_fail (cause, error);
}

/* After the search that follows create(): the new item, as the service has it now,
 * apart from the earlier ones. */
static KsStepVerdict
found_again (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;

  if (searched (data, source, result, error) == KS_STEP_FAIL)
    return KS_STEP_FAIL;
  op->unneeded = g_steal_pointer (&op->items);
  for (GList *link = op->unneeded; link != NULL; link = link->next)
    if (ks_keyring_item_matches (link->data, &op->place, op->serial))
      {
        op->created = link->data;
        op->unneeded = g_list_delete_link (op->unneeded, link);
        return KS_STEP_NEXT;
      }
  return ks_keyring_refuse (KS_KEYRING_ERROR_FAILED, "the keyring did not keep the item", error);
}

static void
load_created (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  secret_item_load_secret (((KsKeyringOperation *) data)->created, cancellable, ready, run);
}

/* The content of @item after a load. NULL: the error is set. */
static KsSecret *
take_secret (KsKeyringOperation *op, SecretItem *item, GError **error)
{
  SecretValue *value = secret_item_get_secret (item);
  KsSecret *secret;

  if (value == NULL)
    {
      g_set_error_literal (error, KS_KEYRING_ERROR, KS_KEYRING_ERROR_LOCKED, "the item is locked");
      return NULL;
    }
  secret = ks_keyring_item_decode (op->place.kind, value);
  secret_value_unref (value);
  if (secret == NULL)
    g_set_error_literal (error, KS_KEYRING_ERROR, KS_KEYRING_ERROR_FAILED, "the item holds something else");
  return secret;
}

static KsStepVerdict
loaded_created (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  g_autoptr (KsSecret) read_back = NULL;
  GError *cause = NULL;

  if (!secret_item_load_secret_finish (op->created, result, &cause))
    return ks_keyring_fail (cause, error);
  read_back = take_secret (op, op->created, NULL);
  if (read_back == NULL || !ks_secret_equal (read_back, op->secret))
    {
      op->mismatch = TRUE;
      g_list_free_full (op->unneeded, g_object_unref);
      op->unneeded = g_list_append (NULL, g_steal_pointer (&op->created));
    }
  return KS_STEP_NEXT;
}

static void
delete_next (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  KsKeyringOperation *op = data;

  if (op->unneeded == NULL)
    skip (op, cancellable, ready, run);
  else
    secret_item_delete (op->unneeded->data, cancellable, ready, run);
}

static gboolean
finish_delete (KsKeyringOperation *op, GAsyncResult *result, GError **error)
{
  g_autoptr (SecretItem) item = op->unneeded->data;

  op->unneeded = g_list_delete_link (op->unneeded, op->unneeded);
  return secret_item_delete_finish (item, result, error);
}

/* What cannot be deleted stays: it is older, and the newest item is what counts. */
static KsStepVerdict
deleted_unneeded (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  g_autoptr (GError) cause = NULL;

  if (!was_skipped (op))
    {
      if (!finish_delete (op, result, &cause))
        g_debug ("an item of the keyring could not be deleted: %s", cause->message);
      return KS_STEP_AGAIN;
    }
  if (op->mismatch)
    return ks_keyring_refuse (KS_KEYRING_ERROR_FAILED, "the keyring gave back something else than was stored",
                              error);
  return KS_STEP_NEXT;
}

static KsStepVerdict
deleted_item (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  GError *cause = NULL;

  if (was_skipped (op))
    return KS_STEP_NEXT;
  return finish_delete (op, result, &cause) ? KS_STEP_AGAIN : ks_keyring_fail (cause, error);
}

/* The search after unlocking. */
static KsStepVerdict
searched_again (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  KsStepVerdict verdict = searched (data, source, result, error);
  g_autoptr (GList) locked = verdict == KS_STEP_FAIL ? NULL : list_locked (op);

  if (locked != NULL)
    return ks_keyring_refuse (KS_KEYRING_ERROR_DENIED, "the keyring was not unlocked", error);
  return verdict;
}

static KsStepVerdict
found_unneeded (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  KsStepVerdict verdict = searched_again (data, source, result, error);

  op->unneeded = g_steal_pointer (&op->items);
  return verdict;
}

static KsStepVerdict
found_any (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  KsStepVerdict verdict = searched_again (data, source, result, error);

  if (verdict != KS_STEP_FAIL && op->items == NULL)
    return ks_keyring_refuse (KS_KEYRING_ERROR_NOT_FOUND, "the keyring has no such item", error);
  return verdict;
}

static void
load_newest (gpointer data, GCancellable *cancellable, GAsyncReadyCallback ready, gpointer run)
{
  secret_item_load_secret (((KsKeyringOperation *) data)->items->data, cancellable, ready, run);
}

static KsStepVerdict
loaded_newest (gpointer data, GObject *source, GAsyncResult *result, GError **error)
{
  KsKeyringOperation *op = data;
  GError *cause = NULL;

  if (!secret_item_load_secret_finish (op->items->data, result, &cause))
    return ks_keyring_fail (cause, error);
  op->secret = take_secret (op, op->items->data, error);
  if (op->secret == NULL)
    return KS_STEP_FAIL;
  op->state = KS_KEYRING_READY;
  return KS_STEP_NEXT;
}

const KsStep ks_keyring_probe_steps[] = {
  { .name = "connect", .begin = connect_service, .end = connected },
  { .name = "collection", .begin = find_collection, .end = found_collection },
  { 0 },
};

const KsStep ks_keyring_lookup_steps[] = {
  { .name = "connect", .begin = connect_service, .end = connected },
  { .name = "collection", .begin = find_collection, .end = found_collection },
  { .name = "search", .begin = search, .end = searched },
  { .name = "unlock", .begin = unlock, .end = unlocked },
  { .name = "collection again", .begin = find_collection, .end = found_collection },
  { .name = "search again", .begin = search, .end = found_any },
  { .name = "load", .begin = load_newest, .end = loaded_newest },
  { 0 },
};

const KsStep ks_keyring_clear_steps[] = {
  { .name = "connect", .begin = connect_service, .end = connected },
  { .name = "collection", .begin = find_collection, .end = found_collection },
  { .name = "search", .begin = search, .end = searched },
  { .name = "unlock", .begin = unlock, .end = unlocked },
  { .name = "collection again", .begin = find_collection, .end = found_collection },
  { .name = "search again", .begin = search, .end = found_unneeded },
  { .name = "delete", .begin = delete_next, .end = deleted_item, .committed = TRUE },
  { 0 },
};

const KsStep ks_keyring_store_steps[] = {
  { .name = "connect", .begin = connect_service, .end = connected },
  { .name = "collection", .begin = find_collection, .end = found_collection },
  { .name = "open", .begin = open_collection, .end = opened_collection },
  { .name = "collection again", .begin = find_collection, .end = found_open_collection },
  { .name = "search", .begin = search, .end = searched },
  { .name = "create", .begin = create, .end = created, .committed = TRUE },
  { .name = "search again", .begin = search, .end = found_again, .committed = TRUE },
  { .name = "load", .begin = load_created, .end = loaded_created, .committed = TRUE },
  { .name = "delete", .begin = delete_next, .end = deleted_unneeded, .committed = TRUE },
  { 0 },
};
