/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/security/ks-found-text.h"

#include "engine/identity/ks-shown-name.h"

#include <glib/gi18n.h>

const char *
ks_found_text_key (KsSecretName name)
{
  switch (name)
    {
    case KS_SECRET_MASTER:
      return _ ("Master key");
    case KS_SECRET_SELF_SIGNING:
      return _ ("Self-signing key");
    case KS_SECRET_USER_SIGNING:
      return _ ("User-signing key");
    case KS_SECRET_BACKUP:
    default:
      return _ ("Backup key");
    }
}

static guint
count (const gboolean *there)
{
  guint n = 0;

  for (int i = 0; i < KS_N_SECRETS - 1; i++)
    n += there[i] ? 1 : 0;
  return n;
}

/* NULL for an empty list. */
static char *
join (GPtrArray *items)
{
  if (items->len == 0)
    return NULL;
  g_ptr_array_add (items, NULL);
  /* Translators: between the items of a list. */
  return g_strjoinv (_ (", "), (char **) items->pdata);
}

char *
ks_found_text_parts (const KsRecoverySnapshot *seen)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();

  if (seen->key_described)
    g_ptr_array_add (items, _ ("Secret storage with a Security Key"));
  if (count (seen->published) == KS_N_SECRETS - 1)
    g_ptr_array_add (items, _ ("Cross-signing"));
  if (seen->backup_version != NULL && seen->backup_readable)
    g_ptr_array_add (items, _ ("Key backup"));
  return join (items);
}

static void
add_missing_identity (const KsRecoverySnapshot *seen, GPtrArray *items)
{
  if (count (seen->published) == 0)
    {
      g_ptr_array_add (items, _ ("Cross-signing"));
      return;
    }
  for (int i = 0; i < KS_N_SECRETS - 1; i++)
    if (!seen->published[i])
      g_ptr_array_add (items, (gpointer) ks_found_text_key ((KsSecretName) i));
}

/* Secrets may be stored, and other apps not find them. */
static const char *
name_missing_storage (const KsRecoverySnapshot *seen)
{
  if (!seen->stored_anywhere)
    return _ ("Secret storage with a Security Key");
  if (seen->default_key_id == NULL)
    return _ ("Which Security Key other apps ask for");
  return _ ("What other apps check your Security Key with");
}

char *
ks_found_text_missing (const KsRecoverySnapshot *seen)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();

  if (!seen->key_described)
    g_ptr_array_add (items, (gpointer) name_missing_storage (seen));
  add_missing_identity (seen, items);
  if (seen->backup_version == NULL)
    g_ptr_array_add (items, _ ("Key backup"));
  else if (!seen->backup_readable)
    g_ptr_array_add (items, _ ("Key backup that Keepsake can open"));
  else if (!seen->backup_usable)
    g_ptr_array_add (items, _ ("Key backup that other apps can use"));
  /* Without secret storage nothing can be in it. */
  if (seen->key_described && count (seen->stored) < KS_N_SECRETS - 1)
    g_ptr_array_add (items, _ ("Cross-signing keys in secret storage"));
  if (seen->key_described && !seen->stored[KS_SECRET_BACKUP])
    g_ptr_array_add (items, seen->other_backup
                                ? _ ("Backup key under the Security Key that other apps ask for")
                                : _ ("Backup key in secret storage"));
  return join (items);
}

char *
ks_found_text_backup (const KsRecoverySnapshot *seen)
{
  g_autofree char *version = ks_shown_name (seen->backup_version);

  if (version == NULL)
    return NULL;
  switch (seen->backup_signer)
    {
    case KS_BACKUP_SIGNER_IDENTITY:
      /* Without a key of its own to compare with, a session has only the server's word. */
      if (seen->backup_trust == KS_BACKUP_TRUST_NONE)
        /* Translators: %s is a number. */
        return g_strdup_printf (
            _ ("Version %s, signed by your account's identity as the homeserver shows it"), version);
      /* Translators: %s is a number. */
      return g_strdup_printf (_ ("Version %s, signed by your account's identity"), version);
    case KS_BACKUP_SIGNER_HERE:
      /* Translators: %s is a number. */
      return g_strdup_printf (_ ("Version %s, signed by this session"), version);
    case KS_BACKUP_SIGNER_SESSION:
      /* Translators: the first %s is a number, the second the name of a session. */
      return g_strdup_printf (_ ("Version %s, signed by the session “%s”"), version,
                              seen->backup_signer_name);
    case KS_BACKUP_SIGNER_NOBODY:
    default:
      /* Translators: %s is a number. */
      return g_strdup_printf (_ ("Version %s, not signed by anybody who belongs to your account"), version);
    }
}
