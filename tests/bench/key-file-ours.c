/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-key-file PROFILE STORE-KEY-FILE export|import FILE PHRASE
 *
 * Exports the room keys of a profile to a file, or imports a file into it, and nothing else.
 * Prints one JSON object: "keys", "seconds", the processor's seconds ("cpu"), and the largest
 * resident memory of the process in KiB before ("idle") and in the end ("peak").
 */

#include "engine/key-file/ks-export-keys.h"
#include "engine/key-file/ks-import-keys.h"
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

static guint64 export(KsKeyStore *keys, GFile *file, KsSecret *phrase)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  KsExportReport report;

  ks_export_keys_async (keys, NULL, file, phrase, KS_EXPORT_KEEP, NULL, NULL, NULL, store_on_ready, &result);
  ks_export_keys_finish (keys, store_wait (&result), &report, &error);
  g_assert_no_error (error);
  return report.keys;
}

static guint64
import (KsKeyStore *keys, GFile *file, KsSecret *phrase)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (KsKeyReport) report = NULL;

  ks_import_keys_async (keys, file, phrase, KS_IMPORT_ALL_OR_NOTHING, NULL, NULL, NULL, store_on_ready,
                        &result);
  ks_import_keys_finish (keys, store_wait (&result), &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report->added, ==, report->total);
  return report->total;
}

int
main (int argc, char **argv)
{
  g_autoptr (KsAccountRecord) account = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (KsSecret) phrase = NULL;
  KsDatabase *database;
  KsKeyStore *keys;
  struct rusage before;
  struct rusage after;
  guint64 n;
  gint64 begin;
  gint64 end;

  g_assert_cmpint (argc, ==, 6);
  file = g_file_new_for_path (argv[4]);
  phrase = ks_secret_new_copy (argv[5], strlen (argv[5]));
  database = signed_in_open (argv[1], argv[2], &account);
  keys = ks_key_store_new (database, account);

  before = usage ();
  begin = g_get_monotonic_time ();
  n = g_str_equal (argv[3], "export") ? export(keys, file, phrase) : import (keys, file, phrase);
  end = g_get_monotonic_time ();
  after = usage ();
  g_print ("{\"keys\":%lu,\"seconds\":%.6f,\"cpu\":%.6f,\"idle\":%ld,\"peak\":%ld}\n", (gulong) n,
           (double) (end - begin) / G_USEC_PER_SEC,
           seconds (&after.ru_utime) + seconds (&after.ru_stime) - seconds (&before.ru_utime)
               - seconds (&before.ru_stime),
           before.ru_maxrss, after.ru_maxrss);

  g_object_unref (keys);
  store_close (database);
  return 0;
}
