/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that repairs Secure Backup, and the Security Key: which one it takes, what that one
 * brings to light, and where another one may open more.
 */

#include "ui/repair-fixture.h"

#include "engine/recovery/ks-recovery-unlock.h"
#include "engine/secrets/ks-secret-storage.h"
#include "matrix/ks-json.h"

#include <string.h>

#define BACKUP_KEY ENGINE_DATA "m.megolm_backup.v1"

static void
write_object (RepairFixture *f, const char *path, JsonObject *content)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ks_json_to_text (content, NULL, &error);

  g_assert_no_error (error);
  engine_write (&f->engine, path, text);
}

static void
test_missing_key_is_stored_again_with_the_security_key (RepairFixture *f, gconstpointer data)
{
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
  char wrong[KS_RECOVERY_KEY_LENGTH + 1];
  g_autofree char *stored = NULL;

  repair_make_whole (f);
  engine_write (&f->engine, REPAIR_USER_SIGNING, "{}");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_INCOMPLETE);
  repair_open_dialog (f);
  g_assert_true (repair_is_shown (f, "plan_page"));
  repair_assert_rows (PLAN (f, "missing"),
                      "One of your identity keys: It's here, but your Security Key doesn't bring it back\n");
  repair_assert_rows (PLAN (f, "to_do"), "Add the missing key: Locked with your Security Key\n");
  repair_assert_rows (PLAN (f, "same"), "Your Security Key and Security Phrase\n"
                                        "Your identity and your verified sessions\n");
  g_assert_false (gtk_widget_get_visible (PLAN (f, "other_key")));
  repair_go_on (f);
  g_assert_true (repair_is_shown (f, "key_page"));
  g_assert_true (ks_recovery_key_format (other, wrong));
  repair_give_key (f, wrong);
  repair_until_told (DIALOG (f, "key_page"), KS_TYPE_UNLOCK_PAGE);
  g_assert_nonnull (strstr (repair_note_of (DIALOG (f, "key_page"), KS_TYPE_UNLOCK_PAGE), "doesn't fit"));
  repair_give_key (f, f->key);
  repair_until_page (f, "repaired_page");
  g_assert_cmpstr (ks_step_page_get_title (repair_page (f)), ==, "Secure Backup Is Repaired");
  repair_assert_facts (f, "Room keys: 20 backed up\nIdentity keys: All 3 in Secure Backup\n"
                          "Security Key: The same as before\nThis session: Verified\n");
  stored = engine_read (&f->engine, REPAIR_USER_SIGNING);
  g_assert_nonnull (strstr (stored, "ciphertext"));
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
  repair_go_on (f);
  repair_until_closed (f);
}

/* What the key brings to light is shown before it is done. */
static void
test_more_that_the_key_shows_is_shown_first (RepairFixture *f, gconstpointer data)
{
  const char *path = ENGINE_DATA "m.cross_signing.self_signing";
  g_autofree char *stored = NULL;
  char *mac;

  repair_make_whole (f);
  /* Of an earlier version, which did not know what the key had opened. */
  engine_sql (&f->engine, "UPDATE recovery SET storage_proof = NULL");
  engine_write (&f->engine, REPAIR_USER_SIGNING, "{}");
  stored = engine_read (&f->engine, path);
  mac = strstr (stored, "\"mac\":\"");
  g_assert_nonnull (mac);
  mac[7] = mac[7] == 'A' ? 'B' : 'A';
  engine_write (&f->engine, path, stored);
  engine_refresh (&f->engine);
  repair_open_dialog (f);
  repair_assert_rows (PLAN (f, "to_do"), "Add the missing key: Locked with your Security Key\n");
  repair_go_on (f);
  repair_give_key (f, f->key);
  repair_until_page (f, "plan_page");
  repair_assert_rows (PLAN (f, "missing"), "Two of your identity keys: They are here, but your Security Key "
                                           "doesn't bring them back\n");
  repair_assert_rows (PLAN (f, "to_do"), "Add the missing keys: Locked with your Security Key\n");
  g_assert_cmpstr (ks_step_page_get_forward_label (repair_page (f)), ==, "_Repair");
  repair_go_on (f);
  repair_until_page (f, "repaired_page");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

/* All that was in it is here. */
static void
test_empty_storage_takes_the_key_that_is_given (RepairFixture *f, gconstpointer data)
{
  repair_make_whole (f);
  repair_empty_secrets (f);
  engine_write (&f->engine, ENGINE_DATA "m.secret_storage.default_key", "{}");
  engine_refresh (&f->engine);
  repair_open_dialog (f);
  repair_go_on (f);
  g_assert_true (repair_is_shown (f, "key_page"));
  repair_give_key (f, "no key at all");
  repair_until_page (f, "repairing_page");
  repair_until_page (f, "key_page");
  g_assert_true (gtk_widget_get_visible (repair_part (repair_page (f), KS_TYPE_UNLOCK_PAGE, "problem")));
  repair_give_key (f, f->key);
  repair_until_page (f, "repaired_page");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

/* The four are gone and the key's description is not: the key opens nothing, and is the right one. */
static void
test_storage_without_secrets_takes_its_own_key (RepairFixture *f, gconstpointer data)
{
  repair_make_whole (f);
  repair_empty_secrets (f);
  engine_refresh (&f->engine);
  repair_open_dialog (f);
  repair_assert_rows (PLAN (f, "missing"),
                      "Your identity keys: They are here, but your Security Key doesn't bring them back\n"
                      "The key of your backup: It's here, but your Security Key doesn't bring it back\n");
  repair_go_on (f);
  g_assert_true (repair_is_shown (f, "key_page"));
  repair_give_key (f, f->key);
  repair_until_page (f, "repaired_page");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
}

/* A key that opens all but one: the others may be opened by another key, which is asked for. */
static void
test_another_key_is_asked_for_what_the_first_does_not_open (RepairFixture *f, gconstpointer data)
{
  g_autofree char *stored = NULL;
  g_auto (GStrv) parts = NULL;
  g_autofree char *moved = NULL;
  char *mac;

  repair_make_whole (f);
  engine_refresh (&f->engine);
  stored = engine_read (&f->engine, REPAIR_USER_SIGNING);
  parts = g_strsplit (stored, ks_recovery_get_snapshot (f->engine.recovery)->default_key_id, -1);
  moved = g_strjoinv ("another", parts);
  g_assert_cmpstr (moved, !=, stored);
  /* Nor is it this key under another ID. */
  mac = strstr (moved, "\"mac\":\"");
  g_assert_nonnull (mac);
  mac[7] = mac[7] == 'A' ? 'B' : 'A';
  engine_write (&f->engine, REPAIR_USER_SIGNING, moved);
  engine_reinstall (&f->engine);
  engine_refresh (&f->engine);
  g_assert_false (ks_repair_is_due (f->engine.recovery));
  repair_unlock (f, f->key);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_UNLOCK);
  repair_open_dialog (f);
  g_assert_true (repair_is_shown (f, "unrepairable_page"));
  g_assert_true (gtk_widget_get_visible (STUCK (f, "helps_group")));
  g_assert_true (gtk_widget_get_visible (STUCK (f, "other_key")));
  g_assert_false (gtk_widget_get_visible (STUCK (f, "without")));
  repair_enter (f, STUCK (f, "other_key"));
  repair_until_closed (f);
}

/* The backup's key lies under another key alone, which nobody here has. */
static void
move_backup_key (RepairFixture *f)
{
  const char *name = ks_secret_name_to_string (KS_SECRET_BACKUP);
  g_autoptr (KsSecret) other = ks_secret_new_random (KS_RECOVERY_KEY_SIZE);
  g_autoptr (KsSecret) value = ks_secret_new_random (KS_STORED_SECRET_SIZE);
  g_autoptr (JsonObject) description = ks_secret_storage_describe (other, NULL, 0);
  g_autoptr (JsonObject) content = ks_secret_storage_put (NULL, name, "second", other, value);

  write_object (f, ENGINE_DATA KS_KEY_TYPE_PREFIX "second", description);
  write_object (f, BACKUP_KEY, content);
}

/* What would be made anew lies under it: asked for first, and who has no other key goes on without. */
static void
test_what_lies_under_another_key_is_made_anew_only_when_asked_for (RepairFixture *f, gconstpointer data)
{
  g_autofree char *stored = NULL;

  repair_make_whole (f);
  move_backup_key (f);
  engine_reinstall (&f->engine);
  engine_refresh (&f->engine);
  g_assert_false (ks_repair_is_due (f->engine.recovery));
  repair_unlock (f, f->key);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_UNLOCK);
  repair_open_dialog (f);
  g_assert_true (repair_is_shown (f, "unrepairable_page"));
  g_assert_cmpstr (ks_step_page_get_title (repair_page (f)), ==, "Another Key May Open More");
  repair_assert_rows (STUCK (f, "missing"), "The key of your backup: Nothing here opens the backup\n");
  g_assert_true (gtk_widget_get_visible (STUCK (f, "other_key")));
  g_assert_true (gtk_widget_get_visible (STUCK (f, "without")));
  repair_enter (f, STUCK (f, "without"));
  g_assert_true (repair_is_shown (f, "plan_page"));
  repair_assert_rows (PLAN (f, "to_do"),
                      "Add the key of the new backup: Locked with your Security Key\nCreate a new backup\n");
  g_assert_cmpstr (ks_step_page_get_forward_label (repair_page (f)), ==, "_Repair");
  repair_go_on (f);
  repair_until_page (f, "repaired_page");
  g_assert_cmpint (engine_refresh (&f->engine), ==, KS_RECOVERY_READY);
  /* What the other key opens is still there for it. */
  stored = engine_read (&f->engine, BACKUP_KEY);
  g_assert_nonnull (strstr (stored, "second"));
}

static void
unlock_in_vain (RepairFixture *f)
{
  g_autoptr (KsSecret) key = ks_secret_new_copy (f->key, strlen (f->key));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_recovery_unlock_async (f->engine.recovery, key, KS_KEY_ENTRY_TYPED, KS_UNLOCK_DEFAULT, NULL, engine_done,
                            &result);
  g_assert_null (ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&result), &error));
  g_assert_error (error, KS_RECOVERY_ERROR, KS_RECOVERY_ERROR_NOTHING_STORED);
}

/* A session that has nothing, of an account where the right key opens nothing. */
static void
reinstall_emptied (RepairFixture *f)
{
  repair_make_whole (f);
  repair_empty_secrets (f);
  engine_reinstall (&f->engine);
}

#define LOST_IDENTITY                                                                        \
  "The main key of your identity: Not on this computer; another session may have it\n"       \
  "The key that verifies your sessions: Not on this computer; another session may have it\n" \
  "The key that verifies other people: Not on this computer; another session may have it\n"

static void
assert_plan_of_a_new_backup (RepairFixture *f)
{
  repair_assert_rows (PLAN (f, "missing"),
                      "The key of your backup: Nothing here opens the backup\n" LOST_IDENTITY);
  repair_assert_rows (PLAN (f, "to_do"),
                      "Add the key of the new backup: Locked with your Security Key\nCreate a new backup\n");
  g_assert_cmpstr (ks_step_page_get_forward_label (repair_page (f)), ==, "_Repair");
  repair_go_on (f);
  repair_until_page (f, "repaired_page");
  g_assert_cmpstr (ks_step_page_get_title (repair_page (f)), ==, "Repaired, but Not Whole Yet");
}

static void
test_right_key_that_opens_nothing_leads_to_a_new_backup (RepairFixture *f, gconstpointer data)
{
  reinstall_emptied (f);
  engine_refresh (&f->engine);
  g_assert_false (ks_repair_is_due (f->engine.recovery));
  unlock_in_vain (f);
  g_assert_cmpint (ks_recovery_get_next_step (f->engine.recovery), ==, KS_NEXT_STEP_REPAIR);
  repair_open_dialog (f);
  assert_plan_of_a_new_backup (f);
}

/* The same on the dialog's own page, while another client makes a backup: no error, but the new plan. */
static void
test_key_that_opens_nothing_leads_back_to_the_plan (RepairFixture *f, gconstpointer data)
{
  g_autofree char *version = NULL;

  reinstall_emptied (f);
  version = engine_read (&f->engine, ENGINE_BACKUP);
  repair_delete_backup (f);
  engine_refresh (&f->engine);
  repair_open_dialog (f);
  repair_assert_rows (PLAN (f, "missing"),
                      "A backup of your room keys: So new messages aren't backed up\n" LOST_IDENTITY);
  g_assert_cmpstr (ks_step_page_get_forward_label (repair_page (f)), ==, "C_ontinue");
  repair_go_on (f);
  g_assert_true (repair_is_shown (f, "key_page"));
  g_free (hs_fixture_request (f->engine.server, "POST", ENGINE_BACKUP, f->engine.observer, version, NULL));
  repair_give_key (f, f->key);
  repair_until_page (f, "plan_page");
  g_assert_false (
      gtk_widget_get_visible (repair_part (DIALOG (f, "key_page"), KS_TYPE_UNLOCK_PAGE, "problem")));
  assert_plan_of_a_new_backup (f);
}

#define ADD(name, test) \
  g_test_add ("/repair-keys/" name, RepairFixture, NULL, repair_set_up, test, repair_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("with-the-key", test_missing_key_is_stored_again_with_the_security_key);
  ADD ("more", test_more_that_the_key_shows_is_shown_first);
  ADD ("empty-storage", test_empty_storage_takes_the_key_that_is_given);
  ADD ("storage-without-secrets", test_storage_without_secrets_takes_its_own_key);
  ADD ("another-key", test_another_key_is_asked_for_what_the_first_does_not_open);
  ADD ("without-another-key", test_what_lies_under_another_key_is_made_anew_only_when_asked_for);
  ADD ("opens-nothing", test_right_key_that_opens_nothing_leads_to_a_new_backup);
  ADD ("opens-nothing-here", test_key_that_opens_nothing_leads_back_to_the_plan);
  return g_test_run ();
}
