/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secure Backup of one account as one thing: secret storage, cross-signing and
 * key backup. Everything above the engine asks and tells only this façade.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What Secure Backup is for this session right now. */
typedef enum
{
  KS_RECOVERY_UNKNOWN,    /* not asked yet */
  KS_RECOVERY_OFFLINE,    /* the server did not answer */
  KS_RECOVERY_NOT_SET_UP, /* the account has none of it */
  KS_RECOVERY_LOCKED,     /* the account has it; this session has not opened it */
  KS_RECOVERY_INCOMPLETE, /* parts are missing on the server */
} KsRecoveryState;

#define KS_TYPE_RECOVERY_STATE (ks_recovery_state_get_type ())
GType ks_recovery_state_get_type (void);

/* The three cross-signing keys and the backup key, in this order wherever they
 * are listed. */
typedef enum
{
  KS_SECRET_MASTER,
  KS_SECRET_SELF_SIGNING,
  KS_SECRET_USER_SIGNING,
  KS_SECRET_BACKUP,
} KsSecretName;
#define KS_N_SECRETS 4

/* What the server was seen to hold. Nothing in it is trusted yet. */
typedef struct
{
  char *default_key_id;                 /* owned: of secret storage; NULL: none */
  gboolean key_described;               /* the default key's description is there and can be used */
  gboolean stored[KS_N_SECRETS];        /* encrypted under the default key */
  gboolean published[KS_N_SECRETS - 1]; /* public halves of the identity */
  gboolean device_published;            /* this session's own device keys */
  char *backup_version;                 /* owned: NULL: no backup */
  gboolean backup_readable;             /* of the one kind that Keepsake can open */
  gint64 backup_count;                  /* room keys in it */
  char *backup_etag;                    /* owned */
} KsRecoverySnapshot;

#define KS_TYPE_RECOVERY (ks_recovery_get_type ())
G_DECLARE_FINAL_TYPE (KsRecovery, ks_recovery, KS, RECOVERY, GObject)

KsRecoveryState ks_recovery_get_state (KsRecovery *self); /* property "state", read-only */

/* What ks_recovery_refresh_async() saw last. Borrowed, until the next refresh;
 * NULL before the first that ended well. */
const KsRecoverySnapshot *ks_recovery_get_snapshot (KsRecovery *self);

/* Asks the server. A server that cannot be reached sets the state to OFFLINE,
 * keeps the snapshot, and is an error too. */
void ks_recovery_refresh_async (KsRecovery *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ks_recovery_refresh_finish (KsRecovery *self, GAsyncResult *result, GError **error);

/* "m.cross_signing.master" … as secret storage names them. Static. */
const char *ks_secret_name_to_string (KsSecretName name);

G_END_DECLS
