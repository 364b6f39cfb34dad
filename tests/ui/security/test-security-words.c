/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "matrix/ks-matrix-error.h"
#include "ui/security/ks-found-text.h"
#include "ui/security/ks-key-place.h"
#include "ui/security/ks-state-text.h"

#include <string.h>

/* All of it there, made by another app: this session has nothing of it. */
static KsRecoverySnapshot
whole (void)
{
  KsRecoverySnapshot seen = { .default_key_id = (char *) "key",
                              .key_described = TRUE,
                              .backup_version = (char *) "3",
                              .backup_readable = TRUE,
                              .backup_usable = TRUE,
                              .backup_count = 1204 };

  for (int i = 0; i < KS_N_SECRETS; i++)
    seen.stored[i] = TRUE;
  for (int i = 0; i < KS_N_SECRETS - 1; i++)
    seen.published[i] = TRUE;
  return seen;
}

static void
assert_holds (const char *text, const char *part)
{
  g_assert_nonnull (text);
  if (strstr (text, part) == NULL)
    g_error ("\"%s\" is not in \"%s\"", part, text);
}

static void
test_whole_has_all_parts_and_misses_none (void)
{
  KsRecoverySnapshot seen = whole ();
  g_autofree char *parts = ks_found_text_parts (&seen);
  g_autofree char *missing = ks_found_text_missing (&seen);

  assert_holds (parts, "Secret storage");
  assert_holds (parts, "Cross-signing");
  assert_holds (parts, "Key backup");
  g_assert_null (missing);
}

static void
test_nothing_has_no_parts (void)
{
  KsRecoverySnapshot seen = { 0 };

  g_assert_null (ks_found_text_parts (&seen));
  g_assert_null (ks_found_text_backup (&seen));
}

/* @seen lacks what @part says, and nothing else. */
static void
assert_misses (const KsRecoverySnapshot *seen, const char *part)
{
  g_autofree char *missing = ks_found_text_missing (seen);

  g_assert_cmpstr (missing, ==, part);
}

static void
test_each_missing_part_is_named (void)
{
  KsRecoverySnapshot seen = whole ();

  seen.key_described = FALSE;
  assert_misses (&seen, "Secret storage with a Security Key");
  seen.stored_anywhere = TRUE;
  assert_misses (&seen, "What other apps check your Security Key with");
  seen.default_key_id = NULL;
  assert_misses (&seen, "Which Security Key other apps ask for");
  seen = whole ();
  seen.published[KS_SECRET_USER_SIGNING] = FALSE;
  assert_misses (&seen, "User-signing key");
  memset (seen.published, 0, sizeof seen.published);
  assert_misses (&seen, "Cross-signing");
  seen = whole ();
  seen.backup_version = NULL;
  assert_misses (&seen, "Key backup");
  seen = whole ();
  seen.backup_readable = FALSE;
  assert_misses (&seen, "Key backup that Keepsake can open");
  seen = whole ();
  seen.backup_usable = FALSE;
  assert_misses (&seen, "Key backup that other apps can use");
  seen = whole ();
  seen.stored[KS_SECRET_MASTER] = FALSE;
  assert_misses (&seen, "Cross-signing keys in secret storage");
  seen = whole ();
  seen.stored[KS_SECRET_BACKUP] = FALSE;
  seen.other_backup = TRUE;
  assert_misses (&seen, "Backup key under the Security Key that other apps ask for");
  seen.other_backup = FALSE;
  assert_misses (&seen, "Backup key in secret storage");
}

static void
assert_signed (const KsRecoverySnapshot *seen, const char *text)
{
  g_autofree char *backup = ks_found_text_backup (seen);

  g_assert_cmpstr (backup, ==, text);
}

/* The identity's signature is the person's only where this session can tell. */
static void
test_signer_is_told_as_far_as_it_is_known (void)
{
  KsRecoverySnapshot seen = whole ();

  assert_signed (&seen, "Version 3, not signed by anybody who belongs to your account");
  seen.backup_signer = KS_BACKUP_SIGNER_IDENTITY;
  assert_signed (&seen, "Version 3, signed by your account's identity as the homeserver shows it");
  seen.backup_trust = KS_BACKUP_TRUST_SIGNATURE;
  assert_signed (&seen, "Version 3, signed by your account's identity");
  seen.backup_signer = KS_BACKUP_SIGNER_HERE;
  assert_signed (&seen, "Version 3, signed by this session");
  seen.backup_signer = KS_BACKUP_SIGNER_SESSION;
  seen.backup_signer_name = (char *) "Element on a phone";
  assert_signed (&seen, "Version 3, signed by the session “Element on a phone”");
}

/* A version is whatever a server says: one line, and its direction is not turned. */
static void
test_version_is_made_fit_to_be_shown (void)
{
  KsRecoverySnapshot seen = whole ();
  g_autofree char *backup = NULL;

  seen.backup_version = (char *) "3\n\n\342\200\2564";
  backup = ks_found_text_backup (&seen);
  g_assert_null (strchr (backup, '\n'));
  g_assert_null (strstr (backup, "\342\200\256"));
}

static void
assert_place (
    KsProfileState keyring, gboolean in_keyring, const char *file, const char *expected, gboolean ask)
{
  g_autofree char *text = ks_key_place_text (keyring, in_keyring, file);

  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpint (ks_key_place_can_ask (keyring, in_keyring), ==, ask);
}

static void
test_places_of_the_key (void)
{
  assert_place (KS_PROFILE_READY, TRUE, NULL, "Kept in the desktop keyring", TRUE);
  assert_place (KS_PROFILE_READY, TRUE, "key.txt", "Kept in the desktop keyring, and saved to key.txt", TRUE);
  assert_place (KS_PROFILE_READY, FALSE, "key.txt", "Saved to key.txt", FALSE);
  assert_place (KS_PROFILE_READY, FALSE, NULL, "Only where you saved it", FALSE);
  assert_place (KS_PROFILE_KEYRING_ABSENT, FALSE, NULL, "Only where you saved it", FALSE);
  assert_place (KS_PROFILE_KEYRING_LOCKED, FALSE, NULL,
                "Where you saved it, and perhaps in the desktop keyring, which is locked", TRUE);
}

static void
test_only_a_filled_backup_is_quiet (void)
{
  KsRecoverySnapshot seen = whole ();
  char *sessions[] = { (char *) "Element", NULL };

  for (int state = KS_RECOVERY_UNKNOWN; state <= KS_RECOVERY_CONFLICT; state++)
    {
      g_auto (KsStateText) text = { 0 };

      ks_state_text_describe ((KsRecoveryState) state, &seen, NULL, &text);
      g_assert_cmpint (text.quiet, ==, state == KS_RECOVERY_READY);
      g_assert_nonnull (text.title);
      g_assert_nonnull (text.text);
    }
  seen.backup_count = 0;
  seen.other_sessions = sessions;
  for (int other = 0; other < 2; other++)
    {
      g_auto (KsStateText) text = { 0 };

      sessions[other == 0 ? 1 : 0] = NULL;
      ks_state_text_describe (KS_RECOVERY_READY, &seen, NULL, &text);
      g_assert_false (text.quiet);
      g_assert_cmpstr (text.title, ==, "On, but Nothing Is in It Yet");
      assert_holds (text.text, other == 0 ? "Element" : "Sign in to your chat app");
    }
}

static void
assert_uneasy (const KsRecoverySnapshot *seen, const GError *stopped, const char *title, const char *part)
{
  g_auto (KsStateText) text = { 0 };

  ks_state_text_describe (KS_RECOVERY_READY, seen, stopped, &text);
  g_assert_false (text.quiet);
  g_assert_cmpstr (text.look, ==, "attention");
  g_assert_cmpstr (text.title, ==, title);
  assert_holds (text.text, part);
}

/* Keys that exist only here are never passed over in silence, and take the green shield away. */
static void
test_keys_that_wait_are_counted (void)
{
  const char *title = "On, but Not Everything Is in It Yet";
  KsRecoverySnapshot seen = whole ();
  g_auto (KsStateText) all = { 0 };
  g_autoptr (GError) offline = g_error_new_literal (KS_MATRIX_ERROR, KS_MATRIX_ERROR_NETWORK, "");

  ks_state_text_describe (KS_RECOVERY_READY, &seen, NULL, &all);
  assert_holds (all.text, "204 room keys are backed up.");
  g_assert_null (strstr (all.text, "only on this computer"));
  seen.pending_upload = 30;
  seen.refused_upload = 6;
  assert_uneasy (&seen, NULL, title,
                 "36 more exist only on this computer. Keepsake backs up 30 of them by itself.");
  assert_uneasy (&seen, offline, title, "Keepsake will try again by itself.");
  seen.refused_upload = 0;
  assert_uneasy (&seen, NULL, title,
                 "30 more exist only on this computer. Keepsake backs them up by itself.");
  seen.refused_upload = 6;
  seen.pending_upload = 0;
  assert_uneasy (&seen, NULL, title, "6 more exist only on this computer. The homeserver doesn't keep them.");
}

/* Threat A23: what a server has lost is not covered by what it once took. */
static void
test_keys_that_the_server_lost_are_told (void)
{
  KsRecoverySnapshot seen = whole ();

  seen.lost_upload = 12;
  assert_uneasy (&seen, NULL, "The Homeserver Has Lost Room Keys", "12 more exist only on this computer.");
  seen.backup_count = 0;
  assert_uneasy (&seen, NULL, "The Homeserver Has Lost Room Keys", "12 more exist only on this computer.");
}

/* What came in after the last look, and could not be looked at, may be anything. */
static void
test_look_that_failed_is_not_quiet (void)
{
  KsRecoverySnapshot seen = whole ();
  g_autoptr (GError) refused = g_error_new_literal (KS_MATRIX_ERROR, KS_MATRIX_ERROR_FORBIDDEN, "");

  assert_uneasy (&seen, refused, "Secure Backup Can't Be Checked", "204 room keys are backed up.");
}

/* What is there and is something else is not called missing. */
static void
test_storage_that_changed_is_not_called_missing (void)
{
  KsRecoverySnapshot seen = whole ();
  g_auto (KsStateText) changed = { 0 };
  g_auto (KsStateText) missing = { 0 };

  seen.stored[KS_SECRET_BACKUP] = FALSE;
  ks_state_text_describe (KS_RECOVERY_INCOMPLETE, &seen, NULL, &missing);
  assert_holds (missing.title, "Incomplete");
  seen.storage_changed = TRUE;
  ks_state_text_describe (KS_RECOVERY_INCOMPLETE, &seen, NULL, &changed);
  assert_holds (changed.title, "Changed");
  assert_holds (changed.text, "Enter your Security Key");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/security-words/whole", test_whole_has_all_parts_and_misses_none);
  g_test_add_func ("/security-words/nothing", test_nothing_has_no_parts);
  g_test_add_func ("/security-words/missing", test_each_missing_part_is_named);
  g_test_add_func ("/security-words/signer", test_signer_is_told_as_far_as_it_is_known);
  g_test_add_func ("/security-words/version", test_version_is_made_fit_to_be_shown);
  g_test_add_func ("/security-words/places", test_places_of_the_key);
  g_test_add_func ("/security-words/quiet", test_only_a_filled_backup_is_quiet);
  g_test_add_func ("/security-words/waiting", test_keys_that_wait_are_counted);
  g_test_add_func ("/security-words/lost", test_keys_that_the_server_lost_are_told);
  g_test_add_func ("/security-words/failed", test_look_that_failed_is_not_quiet);
  g_test_add_func ("/security-words/changed", test_storage_that_changed_is_not_called_missing);
  return g_test_run ();
}
