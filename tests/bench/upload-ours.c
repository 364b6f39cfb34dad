/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-upload PROFILE STORE-KEY-FILE VERSION PUBLIC-KEY
 *
 * Uploads the room keys of a profile that are not in the backup VERSION yet, and nothing
 * else. Prints one JSON object: "uploaded", "seconds", and the largest resident memory of
 * the program in KiB before ("idle") and in the end ("peak").
 */

#include "crypto/ks-encoding.h"
#include "engine/backup/ks-upload.h"
#include "store/signed-in.h"
#include "store/store-fixture.h"

#include <stdlib.h>
#include <string.h>

/* Of the program alone: getrusage() counts what its parent had when it was forked. */
static glong
peak_memory (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "VmHWM:");
  g_assert_nonnull (line);
  return strtol (line + strlen ("VmHWM:"), NULL, 10);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsAccountRecord) account = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  uint8_t public_key[KS_BACKUP_KEY_SIZE];
  KsDatabase *database;
  KsKeyStore *keys;
  KsHttp *http;
  KsUploaded sum;
  gint64 begin;
  gint64 end;
  glong idle;

  g_assert_cmpint (argc, ==, 5);
  g_assert_cmpint (ks_base64_decode_exact (argv[4], strlen (argv[4]), public_key, sizeof public_key), ==,
                   KS_DECODE_OK);
  database = signed_in_open (argv[1], argv[2], &account);
  keys = ks_key_store_new (database, account);
  http = ks_http_new (account->homeserver, &error);
  g_assert_no_error (error);
  g_assert_true (ks_http_set_token (http, account->access_token));

  idle = peak_memory ();
  begin = g_get_monotonic_time ();
  ks_upload_async (http, keys, argv[3], public_key, NULL, NULL, NULL, store_on_ready, &result);
  ks_upload_finish (http, store_wait (&result), &sum, &error);
  end = g_get_monotonic_time ();
  g_assert_no_error (error);
  g_assert_cmpuint (sum.refused, ==, 0);
  g_print ("{\"uploaded\":%lu,\"seconds\":%.6f,\"idle\":%ld,\"peak\":%ld}\n", (gulong) sum.uploaded,
           (double) (end - begin) / G_USEC_PER_SEC, idle, peak_memory ());

  g_clear_object (&result);
  g_object_unref (http);
  g_object_unref (keys);
  store_close (database);
  return 0;
}
