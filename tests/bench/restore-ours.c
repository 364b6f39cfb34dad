/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-restore PROFILE STORE-KEY-FILE VERSION PRIVATE-KEY [ROOM]
 *
 * Restores the room keys of the backup VERSION into a profile, and nothing else. Prints one
 * JSON object: "restored", "seconds", the processor's seconds ("cpu"), and the largest
 * resident memory of the process in KiB before ("idle") and in the end ("peak"). With ROOM,
 * its keys are asked for besides, as for a room that is open: "room" is the seconds until
 * they were there.
 */

#include "crypto/ks-encoding.h"
#include "engine/restore/ks-restore.h"
#include "store/signed-in.h"
#include "store/store-fixture.h"

#include <string.h>
#include <sys/resource.h>

static struct rusage
usage (void)
{
  struct rusage now;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &now), ==, 0);
  return now;
}

static double
seconds (const struct timeval *time)
{
  return (double) time->tv_sec + (double) time->tv_usec / G_USEC_PER_SEC;
}

typedef struct
{
  gint64 end; /* 0: not yet */
  guint64 keys;
} Room;

static void
on_room_restored (GObject *http, GAsyncResult *result, gpointer data)
{
  Room *room = data;
  g_autoptr (KsKeyReport) report = NULL;
  g_autoptr (GError) error = NULL;

  ks_restore_finish (KS_HTTP (http), result, &report, &error);
  g_assert_no_error (error);
  room->keys = report->added + report->here;
  room->end = g_get_monotonic_time ();
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KsAccountRecord) account = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (KsSecret) private_key = NULL;
  g_autoptr (KsKeyReport) report = NULL;
  uint8_t bytes[32];
  KsDatabase *database;
  KsKeyStore *keys;
  KsHttp *http;
  struct rusage before;
  struct rusage after;
  gint64 begin;
  gint64 end;
  Room room = { 0 };

  g_assert_true (argc == 5 || argc == 6);
  g_assert_cmpint (ks_base64_decode_exact (argv[4], strlen (argv[4]), bytes, sizeof bytes), ==, KS_DECODE_OK);
  private_key = ks_secret_new_copy (bytes, sizeof bytes);
  database = signed_in_open (argv[1], argv[2], &account);
  keys = ks_key_store_new (database, account);
  http = ks_http_new (account->homeserver, &error);
  g_assert_no_error (error);
  g_assert_true (ks_http_set_token (http, account->access_token));

  before = usage ();
  begin = g_get_monotonic_time ();
  ks_restore_async (http, keys, argv[3], NULL, private_key, NULL, NULL, NULL, store_on_ready, &result);
  if (argc == 6)
    ks_restore_async (http, keys, argv[3], argv[5], private_key, NULL, NULL, NULL, on_room_restored, &room);
  ks_restore_finish (http, store_wait (&result), &report, &error);
  end = g_get_monotonic_time ();
  after = usage ();
  g_assert_no_error (error);
  while (argc == 6 && room.end == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (report->added + report->here, ==, report->total);
  g_assert_true (argc == 5 || room.keys > 0);
  g_print ("{\"restored\":%lu,\"seconds\":%.6f,\"room\":%.6f,\"cpu\":%.6f,\"idle\":%ld,\"peak\":%ld}\n",
           (gulong) report->total, (double) (end - begin) / G_USEC_PER_SEC,
           argc == 6 ? (double) (room.end - begin) / G_USEC_PER_SEC : 0.0,
           seconds (&after.ru_utime) + seconds (&after.ru_stime) - seconds (&before.ru_utime)
               - seconds (&before.ru_stime),
           before.ru_maxrss, after.ru_maxrss);

  g_clear_object (&result);
  g_object_unref (http);
  g_object_unref (keys);
  store_close (database);
  return 0;
}
