/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The desktop keyring (the Secret Service of D-Bus, by libsecret): its state, and
 * the items that Keepsake keeps in it. Nothing here waits on the main context,
 * nothing asks the person unless the caller says so, and every call ends within a
 * time, since a locked keyring without anybody to unlock it never answers.
 */
#pragma once

#include <gio/gio.h>

#include "crypto/ks-secret.h"
#include "store/ks-keyring-error.h"

G_BEGIN_DECLS

typedef enum
{
  KS_KEYRING_UNKNOWN,   /* nobody has asked yet */
  KS_KEYRING_READY,     /* there and open */
  KS_KEYRING_LOCKED,    /* there; a person must unlock it, or make its first keyring */
  KS_KEYRING_ABSENT,    /* no Secret Service in this session */
  KS_KEYRING_DENIED,    /* the person dismissed the prompt */
  KS_KEYRING_NO_ANSWER, /* no answer within the time */
} KsKeyringState;

#define KS_TYPE_KEYRING_STATE (ks_keyring_state_get_type ())
GType ks_keyring_state_get_type (void);

/* What an item holds. */
typedef enum
{
  KS_KEYRING_STORE_KEY,    /* 32 bytes; of the profile, without user and device */
  KS_KEYRING_ACCESS_TOKEN, /* text */
  KS_KEYRING_SECURITY_KEY, /* text, so that a person can read it in the keyring's own window */
} KsKeyringKind;

/* In milliseconds. */
#define KS_KEYRING_DEFAULT_TIMEOUT 30000

#define KS_TYPE_KEYRING (ks_keyring_get_type ())
G_DECLARE_FINAL_TYPE (KsKeyring, ks_keyring, KS, KEYRING, GObject)

/* @profile tells the items of several profiles apart: "default", or the absolute
 * path of --profile. Not something that is lost with the database: after a
 * reinstallation the Security Key is to be found again. */
KsKeyring *ks_keyring_new (const char *profile) G_GNUC_WARN_UNUSED_RESULT;

/* Property "state", KsKeyringState, read-only: as the last call found it. */
KsKeyringState ks_keyring_get_state (KsKeyring *self);

/* For one whole call, prompts included. */
void ks_keyring_set_timeout (KsKeyring *self, guint milliseconds);

/* Asks for the state, and for nothing else: the person is never prompted. All
 * states are answers, not errors; the only errors are G_IO_ERROR_CANCELLED and
 * KS_KEYRING_ERROR_FAILED. */
void ks_keyring_probe_async (KsKeyring *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean
ks_keyring_probe_finish (KsKeyring *self, GAsyncResult *result, KsKeyringState *state, GError **error);

/* Stores @secret (for text: without a final zero) as a new item, reads it back and
 * compares, and only then removes what was stored for the same place before. So a
 * failure leaves the old item as it was. @user_id and @device_id are NULL for
 * KS_KEYRING_STORE_KEY. @interactive: the person may be asked to unlock. */
void ks_keyring_store_async (KsKeyring *self,
                             KsKeyringKind kind,
                             const char *user_id,
                             const char *device_id,
                             KsSecret *secret,
                             gboolean interactive,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean ks_keyring_store_finish (KsKeyring *self, GAsyncResult *result, GError **error);

/* The newest item for the place. @device_id NULL: of whichever device (the
 * Security Key that an earlier installation kept). Items whose attributes are not
 * the ones asked for are passed over, whatever the service says. A locked keyring
 * is never taken for an empty one. */
void ks_keyring_lookup_async (KsKeyring *self,
                              KsKeyringKind kind,
                              const char *user_id,
                              const char *device_id,
                              gboolean interactive,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
KsSecret *ks_keyring_lookup_finish (KsKeyring *self, GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Removes all items for the place; none is not an error. @device_id NULL: those of
 * all devices. */
void ks_keyring_clear_async (KsKeyring *self,
                             KsKeyringKind kind,
                             const char *user_id,
                             const char *device_id,
                             gboolean interactive,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean ks_keyring_clear_finish (KsKeyring *self, GAsyncResult *result, GError **error);

G_END_DECLS
