/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/engine-fixture.h"

#include "crypto/ks-backup-cipher.h"
#include "crypto/ks-encoding.h"
#include "crypto/ks-room-key.h"
#include "crypto/ks-signing.h"
#include "engine/account/ks-sign-in.h"
#include "matrix/ks-json.h"

#include <libsoup/soup.h>
#include <sqlite3.h>
#include <string.h>

void
engine_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

GAsyncResult *
engine_wait (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static void
open_profile (EngineFixture *f)
{
  g_autofree char *directory = g_build_filename (f->top, "profile", NULL);
  g_autofree char *key_file = g_build_filename (f->top, "key", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  f->profile = ks_profile_new (directory, key_file);
  ks_profile_open_async (f->profile, KS_PROFILE_OPEN_QUIETLY, NULL, engine_done, &result);
  ks_profile_open_finish (f->profile, engine_wait (&result), &error);
  g_assert_no_error (error);
}

static void
sign_in (EngineFixture *f)
{
  g_autoptr (GAsyncResult) found = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsHomeserver) homeserver = NULL;
  g_autoptr (KsSecret) password = ks_secret_new_copy (ENGINE_PASSWORD, strlen (ENGINE_PASSWORD));

  ks_find_homeserver_async (hs_fixture_url (f->server), NULL, engine_done, &found);
  homeserver = ks_find_homeserver_finish (engine_wait (&found), &error);
  g_assert_no_error (error);
  ks_sign_in_async (f->profile, homeserver, "alice", password, "Keepsake in a test", NULL, engine_done,
                    &result);
  ks_sign_in_finish (f->profile, engine_wait (&result), &error);
  g_assert_no_error (error);
}

static void
take_parts (EngineFixture *f)
{
  KsAccount *account = ks_profile_get_account (f->profile);
  KsAccountRecord record = { .id = 1, .user_id = (char *) ENGINE_USER };

  f->database = ks_profile_get_database (f->profile);
  f->http = ks_account_get_http (account);
  /* Faults are to be seen, not waited out. */
  ks_http_set_patience (f->http, ENGINE_PATIENCE);
  f->recovery = ks_account_get_recovery (account);
  f->set_up = ks_recovery_get_set_up (f->recovery);
  f->device_id = ks_account_get_device_id (account);
  record.device_id = (char *) f->device_id;
  f->keys = ks_key_store_new (f->database, &record);
}

void
engine_set_up (EngineFixture *f, gconstpointer data)
{
  f->top = g_dir_make_tmp ("keepsake-engine.XXXXXX", NULL);
  f->server = hs_fixture_new (NULL);
  hs_fixture_start_proxy (f->server);
  f->observer = hs_fixture_register (f->server, "alice", ENGINE_PASSWORD, NULL);
  open_profile (f);
  sign_in (f);
  take_parts (f);
}

static void
drop_parts (EngineFixture *f)
{
  g_clear_object (&f->keys);
  g_clear_object (&f->profile);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
remove_tree (const char *path)
{
  const char *argv[] = { "rm", "-r", path, NULL };

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

void
engine_tear_down (EngineFixture *f, gconstpointer data)
{
  drop_parts (f);
  hs_fixture_free (f->server);
  remove_tree (f->top);
  g_free (f->observer);
  g_free (f->top);
}

void
engine_restart (EngineFixture *f)
{
  drop_parts (f);
  open_profile (f);
  take_parts (f);
}

void
engine_reinstall (EngineFixture *f)
{
  g_autofree char *directory = g_build_filename (f->top, "profile", NULL);
  g_autofree char *key_file = g_build_filename (f->top, "key", NULL);

  drop_parts (f);
  remove_tree (directory);
  remove_tree (key_file);
  open_profile (f);
  sign_in (f);
  take_parts (f);
}

char *
engine_read (EngineFixture *f, const char *path)
{
  guint status;
  g_autofree char *text = hs_fixture_request (f->server, "GET", path, f->observer, NULL, &status);

  if (status == 404)
    return NULL;
  g_assert_cmpuint (status, ==, 200);
  return g_steal_pointer (&text);
}

JsonObject *
engine_read_object (EngineFixture *f, const char *path)
{
  g_autofree char *text = engine_read (f, path);
  g_autoptr (GError) error = NULL;
  JsonObject *object = NULL;

  if (text == NULL)
    return NULL;
  object = ks_json_parse_object (text, strlen (text), &error);
  g_assert_no_error (error);
  return object;
}

void
engine_write (EngineFixture *f, const char *path, const char *json)
{
  g_free (hs_fixture_request (f->server, "PUT", path, f->observer, json, NULL));
}

void
engine_no_rules (EngineFixture *f)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autofree char *url = g_strconcat (hs_fixture_url (f->server), "/_proxy/rules", NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("DELETE", url);
  g_autoptr (GBytes) answer = soup_session_send_and_read (session, message, NULL, NULL);

  g_assert_nonnull (answer);
}

KsStoredRoomKey *
engine_make_key (const char *room_id, guint32 first_index)
{
  g_autoptr (KsSecret) seed = ks_secret_new_random (32);
  KsStoredRoomKey *key = g_new0 (KsStoredRoomKey, 1);
  guint32 order = GUINT32_TO_BE (first_index);
  char session_id[KS_ROOM_KEY_ID_LENGTH + 1];

  key->session_key = g_malloc (KS_ROOM_KEY_EXPORT_SIZE);
  key->session_key_size = KS_ROOM_KEY_EXPORT_SIZE;
  key->session_key[0] = 1;
  memcpy (key->session_key + 1, &order, sizeof order);
  ks_random (key->session_key + 5, 128);
  g_assert_true (ks_signing_public_key (seed, key->session_key + 133));
  ks_room_key_export_get_id (key->session_key, session_id);
  key->session_id = g_strdup (session_id);
  key->room_id = g_strdup (room_id);
  key->sender_key = g_strdup ("EbnPwk3n3H8pyC2pXkv3aGxbM8GbGT3T4gnC4mVyiUg");
  key->claimed_ed25519 = g_strdup ("cAYfXCAjwyZ0OFQPPMJAfeMFvQi1XRI5ZXLqFnLWrqM");
  key->first_index = first_index;
  key->provenance = KS_ROOM_KEY_DIRECT;
  return key;
}

void
engine_put_keys (EngineFixture *f, GPtrArray *keys)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_key_store_put_async (f->keys, keys, NULL, NULL, NULL, NULL, engine_done, &result);
  ks_key_store_put_finish (f->keys, engine_wait (&result), NULL, &error);
  g_assert_no_error (error);
}

static void
free_key (gpointer key)
{
  ks_stored_room_key_free (key);
}

void
engine_add_keys (EngineFixture *f, guint n, GPtrArray **made)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (free_key);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *room = i % 7 == 0 ? g_strdup (ENGINE_ROOM) : g_strdup_printf ("!%u:localhost", i % 7);

      g_ptr_array_add (keys, engine_make_key (room, i % 3));
    }
  engine_put_keys (f, keys);
  if (made != NULL)
    *made = g_steal_pointer (&keys);
}

void
engine_count (EngineFixture *f, const char *version, guint64 *pending, guint64 *refused)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_key_store_count_async (f->keys, version, NULL, engine_done, &result);
  ks_key_store_count_finish (f->keys, engine_wait (&result), NULL, pending, refused, &error);
  g_assert_no_error (error);
}

gboolean
engine_make_security_key (EngineFixture *f, const char *phrase, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (KsSecret) secret = phrase != NULL ? ks_secret_new_copy (phrase, strlen (phrase)) : NULL;

  ks_set_up_make_key_async (f->set_up, secret, NULL, engine_done, &result);
  return ks_set_up_make_key_finish (f->set_up, engine_wait (&result), error);
}

gboolean
engine_note_saved (EngineFixture *f, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (KsSecret) key = ks_secret_ref (ks_set_up_get_key (f->set_up));

  ks_set_up_note_saved_async (f->set_up, key, KS_KEY_SAVED_FILE, "key.txt", NULL, engine_done, &result);
  return ks_set_up_note_saved_finish (f->set_up, engine_wait (&result), error);
}

gboolean
engine_run (EngineFixture *f, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_set_up_run_async (f->set_up, cancellable, engine_done, &result);
  return ks_set_up_run_finish (f->set_up, engine_wait (&result), error);
}

KsSecret *
engine_set_up_whole (EngineFixture *f)
{
  g_autoptr (GError) error = NULL;
  KsSecret *key;

  engine_make_security_key (f, NULL, &error);
  g_assert_no_error (error);
  engine_note_saved (f, &error);
  g_assert_no_error (error);
  key = ks_secret_ref (ks_set_up_get_key (f->set_up));
  engine_run (f, NULL, &error);
  g_assert_no_error (error);
  return key;
}

KsSecret *
engine_make_backup_alone (EngineFixture *f)
{
  KsSecret *key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  guint8 half[KS_BACKUP_KEY_SIZE];
  g_autofree char *text = NULL;
  g_autofree char *body = NULL;

  g_assert_true (ks_backup_public_key (key, half));
  text = ks_base64_encode (half, sizeof half, KS_BASE64_UNPADDED);
  body = g_strdup_printf ("{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\","
                          "\"auth_data\":{\"public_key\":\"%s\"}}",
                          text);
  g_free (hs_fixture_request (f->server, "POST", ENGINE_BACKUP, f->observer, body, NULL));
  return key;
}

KsRecoveryState
engine_refresh (EngineFixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_recovery_refresh_async (f->recovery, NULL, engine_done, &result);
  ks_recovery_refresh_finish (f->recovery, engine_wait (&result), &error);
  g_assert_no_error (error);
  return ks_recovery_get_state (f->recovery);
}

void
engine_sql (EngineFixture *f, const char *sql)
{
  g_autofree char *path = g_build_filename (f->top, "profile", "keepsake.db", NULL);
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  sqlite3_busy_timeout (database, 10000);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
}

/* What engine_at_step() waits for. */
static struct
{
  const char *name;
  guint left;
  void (*func) (gpointer data);
  gpointer data;
} at_step;

/* What engine_pass_over_warning() was told. */
static struct
{
  const char *domain;
  const char *start;
} passed_over;

static gboolean
has_field (const GLogField *fields, gsize n_fields, const char *key, const char *start)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, key) && fields[i].length < 0)
      return g_str_has_prefix (fields[i].value, start);
  return FALSE;
}

/* The runner of steps tells each in the log. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if (passed_over.domain != NULL && (level & G_LOG_LEVEL_WARNING) != 0
      && has_field (fields, n_fields, "GLIB_DOMAIN", passed_over.domain)
      && has_field (fields, n_fields, "MESSAGE", passed_over.start))
    return G_LOG_WRITER_HANDLED;
  for (gsize i = 0; at_step.func != NULL && i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && fields[i].length < 0
        && g_str_has_prefix (fields[i].value, "step "))
      {
        const char *name = (const char *) fields[i].value + strlen ("step ");
        void (*func) (gpointer) = at_step.func;

        if ((at_step.name != NULL && !g_str_equal (name, at_step.name)) || --at_step.left > 0)
          continue;
        at_step.func = NULL;
        func (at_step.data);
      }
  return g_log_writer_default (level, fields, n_fields, data);
}

static void
install_writer (void)
{
  static gsize installed;

  if (g_once_init_enter (&installed))
    {
      g_log_set_writer_func (write_log, NULL, NULL);
      g_once_init_leave (&installed, 1);
    }
}

void
engine_pass_over_warning (const char *domain, const char *start)
{
  install_writer ();
  passed_over.domain = domain;
  passed_over.start = start;
}

void
engine_at_step (const char *name, guint nth, void (*func) (gpointer data), gpointer data)
{
  install_writer ();
  at_step.name = name;
  at_step.left = nth;
  at_step.func = func;
  at_step.data = data;
}
