/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/upload-fixture.h"

#include "crypto/ks-encoding.h"
#include "matrix/ks-json.h"

#include <string.h>

char *
upload_make_version (UploadFixture *f, const uint8_t public_key[KS_BACKUP_KEY_SIZE])
{
  g_autofree char *text = ks_base64_encode (public_key, KS_BACKUP_KEY_SIZE, KS_BASE64_UNPADDED);
  g_autofree char *body =
      g_strdup_printf ("{\"algorithm\":\"m.megolm_backup.v1.curve25519-aes-sha2\",\"auth_data\":"
                       "{\"public_key\":\"%s\",\"signatures\":{}}}",
                       text);
  g_autofree char *answer =
      hs_fixture_request (f->engine.server, "POST", ENGINE_BACKUP, f->engine.observer, body, NULL);
  g_autoptr (JsonObject) object = ks_json_parse_object (answer, strlen (answer), NULL);
  const char *version;

  g_assert_true (ks_json_get_string (object, "version", &version));
  return g_strdup (version);
}

void
upload_set_up (UploadFixture *f, gconstpointer data)
{
  engine_set_up (&f->engine, data);
  f->private_key = ks_secret_new_random (KS_BACKUP_KEY_SIZE);
  g_assert_true (ks_backup_public_key (f->private_key, f->public_key));
  f->version = upload_make_version (f, f->public_key);
  f->cancellable = g_cancellable_new ();
}

void
upload_tear_down (UploadFixture *f, gconstpointer data)
{
  g_object_unref (f->cancellable);
  g_free (f->version);
  ks_secret_unref (f->private_key);
  engine_tear_down (&f->engine, data);
}

static void
on_progress (guint64 done, guint64 total, gpointer data)
{
  UploadFixture *f = data;

  g_assert_cmpuint (done, <=, total);
  f->done = done;
  f->total = total;
  if (f->on_progress != NULL)
    f->on_progress (f);
}

gboolean
upload (UploadFixture *f, GCancellable *cancellable, KsUploaded *sum, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_upload_async (f->engine.http, f->engine.keys, f->version, f->public_key, on_progress, f, cancellable,
                   engine_done, &result);
  return ks_upload_finish (f->engine.http, engine_wait (&result), sum, error);
}

guint
upload_count_puts (UploadFixture *f)
{
  return hs_fixture_count (f->engine.server, "^PUT .*room_keys/keys");
}

void
upload_assert_counts (UploadFixture *f, guint64 pending, guint64 refused, gint64 on_server)
{
  g_autofree char *path = g_strconcat (ENGINE_BACKUP "/", f->version, NULL);
  g_autoptr (JsonObject) version = engine_read_object (&f->engine, path);
  guint64 is_pending;
  guint64 is_refused;
  gint64 count;

  engine_count (&f->engine, f->version, &is_pending, &is_refused);
  g_assert_cmpuint (is_pending, ==, pending);
  g_assert_cmpuint (is_refused, ==, refused);
  g_assert_true (ks_json_get_integer (version, "count", &count));
  g_assert_cmpint (count, ==, on_server);
}

char *
upload_entry_path (UploadFixture *f, const KsStoredRoomKey *key)
{
  g_autofree char *room = g_uri_escape_string (key->room_id, NULL, FALSE);
  g_autofree char *session = g_uri_escape_string (key->session_id, NULL, FALSE);

  return g_strdup_printf ("/_matrix/client/v3/room_keys/keys/%s/%s?version=%s", room, session, f->version);
}

void
upload_assert_on_server (UploadFixture *f, const KsStoredRoomKey *key, gboolean there)
{
  g_autofree char *path = upload_entry_path (f, key);
  g_autofree char *entry = engine_read (&f->engine, path);

  g_assert_true ((entry != NULL) == there);
}
