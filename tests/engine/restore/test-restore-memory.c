/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "engine/restore/ks-restore-memory.h"

#define ROOM "!room:x"
#define OTHER "!other:x"

static KsKeyReport *
report_of (guint n_failures)
{
  KsKeyReport *report = ks_key_report_new ();

  for (guint i = 0; i < n_failures; i++)
    {
      g_autofree char *session = g_strdup_printf ("bad%u", i);

      ks_key_report_add_failure (report, ROOM, session, KS_KEY_NOT_OURS);
    }
  return report;
}

static void
note (KsRestoreMemory *memory, const char *room_id, guint n_failures, gboolean whole)
{
  g_autoptr (KsKeyReport) report = report_of (n_failures);

  ks_restore_memory_note (memory, room_id, report, whole);
}

static void
test_nothing_is_known_before_a_restore (void)
{
  g_autoptr (KsRestoreMemory) memory = ks_restore_memory_new ();

  g_assert_cmpint (ks_restore_memory_explain (memory, ROOM, "a"), ==, KS_MISSING_KEY_NOT_KNOWN);
}

static void
test_whole_restore_tells_what_is_not_in_the_backup (void)
{
  g_autoptr (KsRestoreMemory) memory = ks_restore_memory_new ();

  note (memory, NULL, 1, TRUE);
  g_assert_cmpint (ks_restore_memory_explain (memory, ROOM, "a"), ==, KS_MISSING_KEY_NOT_IN_BACKUP);
  g_assert_cmpint (ks_restore_memory_explain (memory, ROOM, "bad0"), ==, KS_MISSING_KEY_UNUSABLE);
  g_assert_cmpint (ks_restore_memory_explain (memory, OTHER, "bad0"), ==, KS_MISSING_KEY_NOT_IN_BACKUP);
}

/* A server that kept entries back may have the one that is missing. */
static void
test_restore_that_was_not_whole_claims_nothing (void)
{
  g_autoptr (KsRestoreMemory) memory = ks_restore_memory_new ();

  note (memory, NULL, 1, FALSE);
  g_assert_cmpint (ks_restore_memory_explain (memory, ROOM, "a"), ==, KS_MISSING_KEY_NOT_KNOWN);
  g_assert_cmpint (ks_restore_memory_explain (memory, ROOM, "bad0"), ==, KS_MISSING_KEY_UNUSABLE);
}

static void
test_more_failures_than_are_kept_claim_nothing (void)
{
  g_autoptr (KsRestoreMemory) memory = ks_restore_memory_new ();

  note (memory, NULL, KS_KEY_FAILURES_KEPT + 1, TRUE);
  g_assert_cmpint (ks_restore_memory_explain (memory, ROOM, "a"), ==, KS_MISSING_KEY_NOT_KNOWN);
}

static void
test_room_alone_tells_of_itself_until_all_are_restored (void)
{
  g_autoptr (KsRestoreMemory) memory = ks_restore_memory_new ();

  note (memory, ROOM, 0, TRUE);
  g_assert_cmpint (ks_restore_memory_explain (memory, ROOM, "bad0"), ==, KS_MISSING_KEY_NOT_IN_BACKUP);
  g_assert_cmpint (ks_restore_memory_explain (memory, OTHER, "a"), ==, KS_MISSING_KEY_NOT_KNOWN);
  note (memory, NULL, 1, TRUE);
  g_assert_cmpint (ks_restore_memory_explain (memory, ROOM, "bad0"), ==, KS_MISSING_KEY_UNUSABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/restore-memory/before", test_nothing_is_known_before_a_restore);
  g_test_add_func ("/restore-memory/whole", test_whole_restore_tells_what_is_not_in_the_backup);
  g_test_add_func ("/restore-memory/not-whole", test_restore_that_was_not_whole_claims_nothing);
  g_test_add_func ("/restore-memory/many-failures", test_more_failures_than_are_kept_claim_nothing);
  g_test_add_func ("/restore-memory/room", test_room_alone_tells_of_itself_until_all_are_restored);
  return g_test_run ();
}
