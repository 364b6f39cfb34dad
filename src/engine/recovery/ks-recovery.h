/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secure Backup of one account as one thing: secret storage, cross-signing and key
 * backup. Everything above the engine asks and tells only this façade.
 */
#pragma once

#include "crypto/ks-backup-cipher.h"
#include "engine/backup/ks-backup-trust.h"
#include "engine/secrets/ks-secret-name.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _KsSetUp KsSetUp;

/* What Secure Backup is for this session right now. */
typedef enum
{
  KS_RECOVERY_UNKNOWN,    /* not asked yet */
  KS_RECOVERY_OFFLINE,    /* the server did not answer */
  KS_RECOVERY_NOT_SET_UP, /* the account has none of it */
  KS_RECOVERY_SETTING_UP, /* a set-up is under way: see ks_recovery_get_set_up() */
  KS_RECOVERY_LOCKED,     /* the account has it; this session has not opened it */
  KS_RECOVERY_INCOMPLETE, /* parts are missing on the server, or cannot be used */
  KS_RECOVERY_READY,      /* whole, and open for this session */
  KS_RECOVERY_UNTRUSTED,  /* the current backup is none that this session may write to */
  KS_RECOVERY_CONFLICT,   /* the identity or the key is not the one that this session knew */
} KsRecoveryState;

#define KS_TYPE_RECOVERY_STATE (ks_recovery_state_get_type ())
GType ks_recovery_state_get_type (void);

/* What was found on the server and here. What the server says about itself is not
 * believed where it matters: see device_verified, matches and backup_trust. */
typedef struct
{
  char *default_key_id;                  /* owned: of secret storage; NULL: none */
  gboolean key_described;                /* the default key's description is there and can be used */
  char *key_file;                        /* owned: the file that the person saved it to; NULL: not known */
  gboolean stored[KS_N_SECRETS];         /* encrypted under the default key */
  gboolean published[KS_N_SECRETS - 1];  /* public halves of the identity */
  gboolean here[KS_N_SECRETS];           /* private halves in this session */
  gboolean matches[KS_N_SECRETS];        /* here, and the halves of what the server publishes */
  gboolean device_published;             /* this session's own device keys */
  gboolean device_verified;              /* signed by the identity whose private keys are here */
  char *device_key;                      /* owned: this session's Ed25519 key, base64; NULL: none */
  char **other_sessions;                 /* owned: names of the account's other sessions with keys */
  char *backup_version;                  /* owned: NULL: no backup */
  gboolean backup_readable;              /* of the one kind that Keepsake can open */
  gboolean backup_usable;                /* and other clients can, too: its public key is well-formed */
  guint8 backup_key[KS_BACKUP_KEY_SIZE]; /* its public key, where it is usable */
  KsBackupTrust backup_trust;
  KsBackupSigner backup_signer;
  char *backup_signer_name; /* owned: the session's, as it can be shown; NULL unless …_SESSION */
  gint64 backup_count;      /* room keys in it, as the server says; negative: it does not */
  char *backup_etag;        /* owned; NULL: not known */
  guint64 local_keys;       /* room keys here */
  guint64 pending_upload;   /* of them, not in the current backup */
  guint64 refused_upload;   /* of them, not taken by it */
  guint64 lost_upload;      /* of them, taken by it, and it has fewer now (threat A23) */
  gint64 last_check;        /* milliseconds since 1970; 0: never */
  KsLastCheck check_result;
  GError *failure;                      /* owned: why a part could not be read; NULL: all could be */
  gboolean secret_unread[KS_N_SECRETS]; /* what is stored of it could not be, and may be anything */
  gboolean identity_unread;             /* what is published, and which sessions there are */
  gboolean backup_unread;               /* the current version */
  gboolean key_unread;                  /* which key is the default one, or how one is described */
  gboolean saved[KS_N_SECRETS];         /* here, and stored as the known key was seen to open it */
  gboolean replaced[KS_N_SECRETS];      /* here, and another public half is published */
  gboolean storage_changed; /* what is stored for what is here is not what that key was seen to open */
  gboolean to_unlock; /* something is stored that is not here, or has changed, to try a key or phrase on */
  gboolean opened_before;   /* and was tried: the right key opened all that it opens */
  gboolean accepted;        /* and the person has taken the identity that is published for theirs */
  gboolean other_default;   /* the default key claims all secrets, and is not the one that was tried */
  gboolean other_backup;    /* a backup's key is stored under another key than the default one, too */
  gboolean older_backup;    /* there may be a version before the current one, which another key opens */
  gboolean stored_anywhere; /* a secret is stored, under whatever key */
  gboolean master_changed;  /* the identity is not the one that this session knew */
  gboolean key_changed;     /* the default key is not the one that this session knew */
  gboolean backup_changed;  /* the current version is not the one that this session knew */
} KsRecoverySnapshot;

/* The smallest step that leads on from what was seen. There is always one, unless all is well. */
typedef enum
{
  KS_NEXT_STEP_NONE,            /* all is well */
  KS_NEXT_STEP_SET_UP,          /* there is nothing yet, or a set-up to go on with */
  KS_NEXT_STEP_UNLOCK,          /* a key or phrase opens what is not open here */
  KS_NEXT_STEP_REPAIR,          /* see ks_recovery_get_plan() */
  KS_NEXT_STEP_ACCEPT_IDENTITY, /* the person says whether they have reset it */
  KS_NEXT_STEP_RETRY,           /* the server did not tell */
  KS_NEXT_STEP_OTHER_SESSION,   /* nothing here can mend it; another session, or another key, may */
} KsNextStep;

/* "none", "set-up", "unlock", "repair", "accept-identity", "retry", "other-session". Static. */
const char *ks_next_step_to_string (KsNextStep step);

#define KS_TYPE_RECOVERY (ks_recovery_get_type ())
G_DECLARE_FINAL_TYPE (KsRecovery, ks_recovery, KS, RECOVERY, GObject)

/* Signals: "refreshed": the snapshot is a new one; "keys-changed": room keys have come in, or better
 * ones; "uploading" (two guint64, room keys done and in all): how far an upload after unlocking, or
 * of engine/recovery/ks-recovery-back-up.h, is. The other verbs tell theirs in their headers.
 *
 * Property "state", read-only. It follows a set-up that begins by itself; what it has
 * become at the end of one is seen by the next refresh. */
KsRecoveryState ks_recovery_get_state (KsRecovery *self);

/* What ks_recovery_refresh_async() saw last. Borrowed, until the next refresh;
 * NULL before the first that ended well. */
const KsRecoverySnapshot *ks_recovery_get_snapshot (KsRecovery *self);

/* What leads on from the state and the snapshot. */
KsNextStep ks_recovery_get_next_step (KsRecovery *self);

/* Whether the backup that was seen last can be read here: its private key is. */
gboolean ks_recovery_is_backup_open (KsRecovery *self);

/* Setting it up. Borrowed, never NULL. */
KsSetUp *ks_recovery_get_set_up (KsRecovery *self);

/* Asks the server, and looks what is here. A server that cannot be reached sets the
 * state to OFFLINE, keeps the snapshot, and is an error too. */
void ks_recovery_refresh_async (KsRecovery *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean ks_recovery_refresh_finish (KsRecovery *self, GAsyncResult *result, GError **error);

/* TRUE: @key (32 bytes) is certainly not the key of secret storage that was seen last. FALSE:
 * it is, or nothing is known that would tell. */
gboolean ks_recovery_is_other_key (KsRecovery *self, const KsSecret *key) G_GNUC_WARN_UNUSED_RESULT;

/* Proves that @key (the Security Key, 32 bytes) opens all of it, as it is on the server; the
 * errors are those of ks_check_key_async(). Changes nothing. @checked: room keys of the
 * backup that were opened; 0: none was there to check, which proves nothing. */
void ks_recovery_check_key_async (KsRecovery *self,
                                  KsSecret *key,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean
ks_recovery_check_key_finish (KsRecovery *self, GAsyncResult *result, guint *checked, GError **error);

/* How many room keys are here. Needs no server. */
void ks_recovery_count_keys_async (KsRecovery *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean
ks_recovery_count_keys_finish (KsRecovery *self, GAsyncResult *result, guint64 *keys, GError **error);

G_END_DECLS
