/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli/ks-cli-known.h"

#include <string.h>
#include <unistd.h>

#define GROUP "Status"

/* Members of each secret's own group. */
#define STORED "stored"
#define HERE "here"
#define MATCHES "matches"

/* A file for each session; user and device IDs may hold any character. NULL: there is no place. */
static char *
path_of (KsCli *cli)
{
  KsAccount *account = ks_cli_account (cli);
  const char *directory = ks_profile_get_place (cli->profile);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *name = NULL;

  if (account == NULL || directory == NULL)
    return NULL;
  for (int i = 0; i < 2; i++)
    {
      const char *id = i == 0 ? ks_account_get_user_id (account) : ks_account_get_device_id (account);

      g_checksum_update (checksum, (const guchar *) id, (gssize) strlen (id) + 1);
    }
  name = g_strdup_printf ("status-%.32s.ini", g_checksum_get_string (checksum));
  return g_build_filename (directory, name, NULL);
}

void
ks_cli_known_free (KsCliKnown *known)
{
  if (known == NULL)
    return;
  g_free (known->facts.backup_version);
  g_free (known->facts.backup_etag);
  g_free (known);
}

static GKeyFile *
describe (KsRecoveryState state, const KsRecoverySnapshot *seen)
{
  GKeyFile *file = g_key_file_new ();

  g_key_file_set_int64 (file, GROUP, "seen", g_get_real_time () / G_TIME_SPAN_MILLISECOND);
  g_key_file_set_integer (file, GROUP, "state", (int) state);
  g_key_file_set_boolean (file, GROUP, "device-verified", seen->device_verified);
  if (seen->backup_version != NULL)
    {
      g_key_file_set_string (file, GROUP, "backup-version", seen->backup_version);
      if (seen->backup_etag != NULL)
        g_key_file_set_string (file, GROUP, "backup-etag", seen->backup_etag);
    }
  g_key_file_set_int64 (file, GROUP, "backup-count", seen->backup_count);
  g_key_file_set_integer (file, GROUP, "backup-trust", (int) seen->backup_trust);
  g_key_file_set_uint64 (file, GROUP, "pending", seen->pending_upload);
  g_key_file_set_uint64 (file, GROUP, "refused", seen->refused_upload);
  g_key_file_set_uint64 (file, GROUP, "lost", seen->lost_upload);
  g_key_file_set_int64 (file, GROUP, "last-check", seen->last_check);
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      const char *name = ks_secret_name_to_string ((KsSecretName) i);

      g_key_file_set_boolean (file, name, STORED, seen->stored[i]);
      g_key_file_set_boolean (file, name, HERE, seen->here[i]);
      g_key_file_set_boolean (file, name, MATCHES, seen->matches[i]);
    }
  return file;
}

void
ks_cli_known_keep (KsCli *cli)
{
  g_autofree char *path = path_of (cli);
  KsRecovery *recovery = path != NULL ? ks_account_get_recovery (ks_cli_account (cli)) : NULL;
  const KsRecoverySnapshot *seen = recovery != NULL ? ks_recovery_get_snapshot (recovery) : NULL;
  g_autoptr (GKeyFile) file = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  /* What could not be read is no news of what was. */
  if (seen == NULL || seen->failure != NULL || ks_recovery_get_state (recovery) == KS_RECOVERY_OFFLINE)
    return;
  file = describe (ks_recovery_get_state (recovery), seen);
  text = g_key_file_to_data (file, &size, NULL);
  if (!g_file_set_contents_full (path, text, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_message ("the status is not kept: %s", error->message);
}

static void
read_secrets (GKeyFile *file, KsRecoverySnapshot *facts)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      const char *name = ks_secret_name_to_string ((KsSecretName) i);

      facts->stored[i] = g_key_file_get_boolean (file, name, STORED, NULL);
      facts->here[i] = g_key_file_get_boolean (file, name, HERE, NULL);
      facts->matches[i] = g_key_file_get_boolean (file, name, MATCHES, NULL);
    }
}

KsCliKnown *
ks_cli_known_load (KsCli *cli)
{
  g_autofree char *path = path_of (cli);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  KsCliKnown *known;

  if (path == NULL || !g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL)
      || g_key_file_get_int64 (file, GROUP, "seen", NULL) <= 0)
    return NULL;
  known = g_new0 (KsCliKnown, 1);
  known->seen = g_key_file_get_int64 (file, GROUP, "seen", NULL);
  known->state = (KsRecoveryState) g_key_file_get_integer (file, GROUP, "state", NULL);
  known->facts.device_verified = g_key_file_get_boolean (file, GROUP, "device-verified", NULL);
  known->facts.backup_version = g_key_file_get_string (file, GROUP, "backup-version", NULL);
  known->facts.backup_etag = g_key_file_get_string (file, GROUP, "backup-etag", NULL);
  known->facts.backup_count = g_key_file_get_int64 (file, GROUP, "backup-count", NULL);
  known->facts.backup_trust = (KsBackupTrust) g_key_file_get_integer (file, GROUP, "backup-trust", NULL);
  known->facts.pending_upload = g_key_file_get_uint64 (file, GROUP, "pending", NULL);
  known->facts.refused_upload = g_key_file_get_uint64 (file, GROUP, "refused", NULL);
  known->facts.lost_upload = g_key_file_get_uint64 (file, GROUP, "lost", NULL);
  known->facts.last_check = g_key_file_get_int64 (file, GROUP, "last-check", NULL);
  read_secrets (file, &known->facts);
  return known;
}

void
ks_cli_known_forget (KsCli *cli)
{
  g_autofree char *path = path_of (cli);

  if (path != NULL)
    unlink (path);
}
