/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/history/ks-attachment-private.h"

#include "crypto/ks-encoding.h"
#include "engine/history-fixture.h"
#include "matrix/ks-json.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define PLAIN "what is in the file"

/* --- what a message says of it --- */

static KsAttachment *
read_it (const char *json, const char *msgtype)
{
  g_autoptr (JsonObject) content = ks_json_parse_object (json, strlen (json), NULL);

  g_assert_nonnull (content);
  return ks_attachment_read (content, msgtype);
}

static void
test_names_are_fit_for_files (void)
{
  static const struct
  {
    const char *body;
    const char *name;
  } cases[] = {
    { "photo.jpg", "photo.jpg" }, { "../../.ssh/authorized_keys", "_.._.ssh_authorized_keys" },
    { "..", "attachment" },       { "a\\\\b/c", "a_b_c" },
    { "", "attachment" },         { "one\\ntwo\\u202egpj.exe", "one twogpj.exe" },
    { "名前.pdf", "名前.pdf" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"body\":\"%s\"}", cases[i].body);
      g_autoptr (KsAttachment) attachment = read_it (json, "m.file");

      g_assert_cmpstr (ks_attachment_get_name (attachment), ==, cases[i].name);
    }
}

static void
test_long_names_keep_their_ending (void)
{
  g_autofree char *long_name = g_strnfill (300, 'x');
  g_autofree char *json = g_strdup_printf ("{\"body\":\"é%s.tar\"}", long_name);
  g_autoptr (KsAttachment) attachment = read_it (json, "m.file");

  g_assert_cmpuint (strlen (ks_attachment_get_name (attachment)), <=, 200);
  g_assert_true (g_utf8_validate (ks_attachment_get_name (attachment), -1, NULL));
}

#define FILE_WITH(more)                                                                                  \
  "{\"body\":\"b\",\"file\":{\"v\":\"v2\",\"url\":\"mxc://x/y\",\"iv\":\"AAAAAAAAAAAAAAAAAAAAAA\","      \
  "\"key\":{\"kty\":\"oct\",\"alg\":\"A256CTR\",\"k\":\"aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0\"}," \
  "\"hashes\":{\"sha256\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}" more "}}"

/* JSON of which one place is exchanged for something wrong. */
static void
test_descriptions_that_do_not_hold_are_not_usable (void)
{
  const char *const exchanges[][2] = {
    { "\"v2\"", "\"v3\"" },
    { "\"v2\"", "2" },
    { "mxc://x/y", "https://x/y" },
    { "mxc://x/y", "mxc://x/../y" },
    { "\"iv\":\"AA", "\"iv\":\"A" },
    { "A256CTR", "A128CTR" },
    { "\"oct\"", "\"RSA\"" },
    { "aWF6-32", "aWF6.32" },
    { "\"sha256\":\"AA", "\"sha256\":\"A" },
    { "\"sha256\"", "\"md5\"" },
    { "\"hashes\"", "\"hash\"" },
  };
  g_autoptr (KsAttachment) good = read_it (FILE_WITH (""), "m.image");

  g_assert_true (ks_attachment_get_usable (good) && ks_attachment_get_encrypted (good));
  g_assert_cmpint (ks_attachment_get_kind (good), ==, KS_ATTACHMENT_IMAGE);
  g_assert_cmpint (ks_attachment_get_size (good), ==, -1);
  g_assert_null (ks_attachment_get_mimetype (good));
  for (gsize i = 0; i < G_N_ELEMENTS (exchanges); i++)
    {
      g_auto (GStrv) parts = g_strsplit (FILE_WITH (""), exchanges[i][0], 2);
      g_autofree char *json = g_strjoinv (exchanges[i][1], parts);
      g_autoptr (KsAttachment) bad = read_it (json, "m.image");

      g_assert_cmpuint (g_strv_length (parts), ==, 2);
      g_assert_false (ks_attachment_get_usable (bad));
      /* Never fetched as if it had come unencrypted. */
      g_assert_true (ks_attachment_get_encrypted (bad));
    }
}

/* What other clients write and wrote. */
static void
test_other_spellings_are_the_same_description (void)
{
  const char *const exchanges[][2] = {
    { "\"v2\"", "\"v1\"" },
    { "aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0", "aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0=" },
    { "aWF6-32KGYaC3A_FEUCk1Bt0JA37zP0wrStgmdCaW-0", "aWF6+32KGYaC3A/FEUCk1Bt0JA37zP0wrStgmdCaW+0" },
    { "\"iv\":\"AAAAAAAAAAAAAAAAAAAAAA\"", "\"iv\":\"AAAAAAAAAAAAAAAAAAAAAA==\"" },
    { "\"iv\":\"AAAAAAAAAAAAAAAAAAAAAA\"", "\"iv\":\"AAAAAAAAAAA\"" },
    { "\"sha256\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
      "\"sha256\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"" },
    { "\"kty\":\"oct\",", "" },
    { "\"alg\":\"A256CTR\",", "" },
  };
  g_autoptr (KsAttachment) good = read_it (FILE_WITH (""), "m.file");

  for (gsize i = 0; i < G_N_ELEMENTS (exchanges); i++)
    {
      g_auto (GStrv) parts = g_strsplit (FILE_WITH (""), exchanges[i][0], 2);
      g_autofree char *json = g_strjoinv (exchanges[i][1], parts);
      g_autoptr (KsAttachment) other = read_it (json, "m.file");

      g_assert_cmpuint (g_strv_length (parts), ==, 2);
      g_assert_true (ks_attachment_get_usable (other));
      g_assert_cmpmem (other->key, sizeof other->key, good->key, sizeof good->key);
      g_assert_cmpmem (other->iv, sizeof other->iv, good->iv, sizeof good->iv);
      g_assert_cmpmem (other->hash, sizeof other->hash, good->hash, sizeof good->hash);
      g_assert_cmpint (other->counter, ==, KS_ATTACHMENT_COUNTER_64);
    }
}

/* Before there were versions, the counter was the whole block. */
static void
test_counter_is_the_one_of_its_time (void)
{
  const char *const old[] = { "", "\"v\":null,", "\"v\":\"\",", "\"v\":\"v0\"," };

  for (gsize i = 0; i < G_N_ELEMENTS (old); i++)
    {
      g_auto (GStrv) parts = g_strsplit (FILE_WITH (""), "\"v\":\"v2\",", 2);
      g_autofree char *json = g_strjoinv (old[i], parts);
      g_autoptr (KsAttachment) attachment = read_it (json, "m.file");

      g_assert_cmpuint (g_strv_length (parts), ==, 2);
      g_assert_true (ks_attachment_get_usable (attachment));
      g_assert_cmpint (attachment->counter, ==, KS_ATTACHMENT_COUNTER_128);
    }
}

static void
test_what_is_said_of_it_is_bounded (void)
{
  g_autoptr (KsAttachment) good =
      read_it ("{\"body\":\"b\",\"url\":\"mxc://x/y\",\"info\":{\"size\":7,\"mimetype\":\"image/svg+xml\"}}",
               "m.file");
  g_autoptr (KsAttachment) bad =
      read_it ("{\"body\":\"b\",\"url\":7,\"info\":{\"size\":-7,\"mimetype\":\"image/<b>\"}}", "m.audio");

  g_assert_cmpint (ks_attachment_get_size (good), ==, 7);
  g_assert_cmpstr (ks_attachment_get_mimetype (good), ==, "image/svg+xml");
  g_assert_true (ks_attachment_get_usable (good) && !ks_attachment_get_encrypted (good));
  g_assert_cmpint (ks_attachment_get_size (bad), ==, -1);
  g_assert_null (ks_attachment_get_mimetype (bad));
  g_assert_false (ks_attachment_get_usable (bad));
  g_assert_null (read_it ("{\"body\":\"b\"}", "m.text"));
}

/* --- fetching and saving --- */

/* PLAIN on the server, encrypted under a key of zeros and an IV that leaves no zero in it, as
 * a message says it; @hash: of the file, or of another one. */
static char *
upload (HistoryFixture *f, gboolean right)
{
  uint8_t key[KS_ATTACHMENT_KEY_SIZE] = { 0 }, iv[KS_ATTACHMENT_IV_SIZE];
  char file[sizeof PLAIN] = { 0 };
  g_autofree char *sum = NULL;
  g_autofree char *iv_text = NULL;
  g_autofree char *hash_text = NULL;
  g_autofree char *answer = NULL;
  g_autoptr (JsonObject) object = NULL;
  uint8_t hash[32];

  do
    {
      g_autoptr (KsAttachmentCipher) cipher = NULL;

      ks_random (iv, sizeof iv);
      cipher = ks_attachment_cipher_new (key, iv, KS_ATTACHMENT_COUNTER_64);
      g_assert_true (
          ks_attachment_cipher_run (cipher, (const uint8_t *) PLAIN, strlen (PLAIN), (uint8_t *) file));
    }
  while (strlen (file) != strlen (PLAIN));
  answer = hs_fixture_request (f->engine.server, "POST", "/_matrix/media/v3/upload", f->engine.observer, file,
                               NULL);
  object = ks_json_parse_object (answer, strlen (answer), NULL);
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, right ? file : "another", -1);
  g_assert_cmpint (ks_hex_decode_exact (sum, strlen (sum), hash, sizeof hash), ==, KS_DECODE_OK);
  hash_text = ks_base64_encode (hash, sizeof hash, KS_BASE64_UNPADDED);
  iv_text = ks_base64_encode (iv, sizeof iv, KS_BASE64_UNPADDED);
  return g_strdup_printf ("{\"msgtype\":\"m.file\",\"body\":\"a "
                          "caption\",\"filename\":\"a.txt\",\"file\":{\"v\":\"v2\",\"url\":\"%s\","
                          "\"iv\":\"%s\",\"key\":{\"kty\":\"oct\",\"alg\":\"A256CTR\",\"ext\":true,"
                          "\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"},\"hashes\":{\"sha256\":\"%"
                          "s\"}}}",
                          json_object_get_string_member (object, "content_uri"), iv_text, hash_text);
}

/* The attachment of the one message of the room. */
static KsAttachment *
attachment_of (HistoryFixture *f, const char *content)
{
  g_autoptr (GError) error = NULL;

  g_free (history_seal (f, NULL, content, NULL));
  history_put_key (f, 0, KS_ROOM_KEY_BACKUP);
  history_load (f, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ks_timeline_item_get_kind (history_item (f, 0)), ==, KS_TIMELINE_ATTACHMENT);
  return ks_timeline_item_get_attachment (history_item (f, 0));
}

static gboolean
save (HistoryFixture *f, KsAttachment *attachment, const char *path, gboolean replace, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ks_timeline_save_attachment_async (f->timeline, attachment, path, replace, NULL, NULL, NULL, engine_done,
                                     &result);
  return ks_timeline_save_attachment_finish (f->timeline, engine_wait (&result), error);
}

static void
assert_file (const char *path, const char *text)
{
  g_autofree char *found = NULL;

  g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, text);
}

static void
test_file_is_decrypted_for_its_owner_only (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *content = upload (f, TRUE);
  g_autofree char *path = g_build_filename (f->engine.top, "saved", NULL);
  KsAttachment *attachment = attachment_of (f, content);
  g_autoptr (GError) error = NULL;
  struct stat info;

  g_assert_cmpstr (ks_attachment_get_name (attachment), ==, "a.txt");
  g_assert_cmpstr (ks_timeline_item_get_body (history_item (f, 0)), ==, "a caption");
  save (f, attachment, path, FALSE, &error);
  g_assert_no_error (error);
  assert_file (path, PLAIN);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

static void
test_other_file_is_only_replaced_when_asked (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *content = upload (f, TRUE);
  g_autofree char *path = g_build_filename (f->engine.top, "saved", NULL);
  KsAttachment *attachment = attachment_of (f, content);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  g_assert_false (save (f, attachment, path, FALSE, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST);
  assert_file (path, "mine");
  g_clear_error (&error);
  save (f, attachment, path, TRUE, &error);
  g_assert_no_error (error);
  assert_file (path, PLAIN);
}

/* What was exchanged on the server never comes into the hands of anybody. */
static void
test_changed_file_is_not_saved (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *content = upload (f, FALSE);
  g_autofree char *path = g_build_filename (f->engine.top, "saved", NULL);
  KsAttachment *attachment = attachment_of (f, content);
  g_autoptr (GError) error = NULL;

  g_assert_false (save (f, attachment, path, FALSE, &error));
  g_assert_error (error, KS_ATTACHMENT_ERROR, KS_ATTACHMENT_ERROR_CHANGED);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_unusable_one_is_not_asked_for (HistoryFixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->engine.top, "saved", NULL);
  KsAttachment *attachment = attachment_of (f, "{\"msgtype\":\"m.file\",\"body\":\"a.txt\",\"file\":{}}");
  g_autoptr (GError) error = NULL;

  g_assert_null (ks_timeline_item_get_body (history_item (f, 0)));
  g_assert_false (save (f, attachment, path, FALSE, &error));
  g_assert_error (error, KS_ATTACHMENT_ERROR, KS_ATTACHMENT_ERROR_UNUSABLE);
  g_assert_cmpuint (hs_fixture_count (f->engine.server, "/media/download"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attachment/name", test_names_are_fit_for_files);
  g_test_add_func ("/attachment/long-name", test_long_names_keep_their_ending);
  g_test_add_func ("/attachment/unusable", test_descriptions_that_do_not_hold_are_not_usable);
  g_test_add_func ("/attachment/spellings", test_other_spellings_are_the_same_description);
  g_test_add_func ("/attachment/counter", test_counter_is_the_one_of_its_time);
  g_test_add_func ("/attachment/said", test_what_is_said_of_it_is_bounded);
#define ADD(name, function) \
  g_test_add ("/attachment/" name, HistoryFixture, NULL, history_set_up, function, history_tear_down)
  ADD ("saved", test_file_is_decrypted_for_its_owner_only);
  ADD ("replaced", test_other_file_is_only_replaced_when_asked);
  ADD ("changed", test_changed_file_is_not_saved);
  ADD ("not-asked-for", test_unusable_one_is_not_asked_for);
#undef ADD
  return g_test_run ();
}
