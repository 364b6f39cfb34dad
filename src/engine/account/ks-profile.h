/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one person has on this computer: the directory, the database in it, the
 * key that opens the database's sealed columns, and the account that is signed
 * in. It opens and closes them; what the account can do is KsAccount's.
 */
#pragma once

#include "store/ks-keyring.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _KsAccount KsAccount;

/* How far the profile is open. Each is a state with choices, never a dead end. */
typedef enum
{
  KS_PROFILE_CLOSED,            /* not opened yet, or being opened */
  KS_PROFILE_READY,             /* open: sign in, or use the account */
  KS_PROFILE_KEYRING_LOCKED,    /* the desktop keyring must be unlocked first */
  KS_PROFILE_KEYRING_ABSENT,    /* no Secret Service runs on this session */
  KS_PROFILE_KEYRING_DENIED,    /* the person, or the service, said no */
  KS_PROFILE_KEYRING_NO_ANSWER, /* the service does not answer */
  KS_PROFILE_KEY_LOST,          /* the keyring is open and no longer has the store key */
  KS_PROFILE_KEY_FILE_FAILED,   /* so has the file of --store-key-file: see ks_profile_get_error() */
  KS_PROFILE_FAILED,            /* the database cannot be used: see ks_profile_get_error() */
} KsProfileState;

#define KS_TYPE_PROFILE (ks_profile_get_type ())
G_DECLARE_FINAL_TYPE (KsProfile, ks_profile, KS, PROFILE, GObject)

#define KS_TYPE_PROFILE_STATE (ks_profile_state_get_type ())
GType ks_profile_state_get_type (void);

/* @directory: where all local data goes; NULL: the user's data directory.
 * @store_key_file: keeps the store key, for machines without a Secret Service;
 * NULL: the desktop keyring keeps it. Nothing is opened yet. */
KsProfile *ks_profile_new (const char *directory, const char *store_key_file);

/* Which of several accounts to take when it is opened: the one of @user_id; NULL: the
 * one that was used last. */
void ks_profile_choose_account (KsProfile *self, const char *user_id);

/* How ks_profile_open_async() goes about it. */
typedef enum
{
  KS_PROFILE_OPEN_QUIETLY = 0,
  KS_PROFILE_OPEN_INTERACTIVE = 1 << 0,  /* the keyring may show its own prompt */
  KS_PROFILE_OPEN_IN_MEMORY = 1 << 1,    /* nothing on disk is touched, everything is gone at the end */
  KS_PROFILE_OPEN_START_AFRESH = 1 << 2, /* what is on disk is set aside first; nothing is deleted */
  KS_PROFILE_OPEN_READ_ONLY = 1 << 3,    /* beside another process that drives the account */
} KsProfileOpenFlags;

/* Opens the database and finds its key and its account; again after a state that
 * asks the person for something. Every state but the last two is a good end; with those
 * it returns the error (KS_STORE_ERROR, KS_KEYRING_ERROR). */
void ks_profile_open_async (KsProfile *self,
                            KsProfileOpenFlags flags,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean ks_profile_open_finish (KsProfile *self, GAsyncResult *result, GError **error);

KsProfileState ks_profile_get_state (KsProfile *self); /* property "state", read-only */

/* TRUE: nothing is kept when the program ends. */
gboolean ks_profile_is_in_memory (KsProfile *self);

/* Borrowed; NULL while nobody is signed in. Property "account", read-only. */
KsAccount *ks_profile_get_account (KsProfile *self);

/* The desktop keyring, or what stands for it. Borrowed, never NULL. */
KsKeyring *ks_profile_get_keyring (KsProfile *self);

/* Why the state is KS_PROFILE_FAILED or KS_PROFILE_KEY_FILE_FAILED. Borrowed; NULL in
 * other states. Of the key file: KS_STORE_ERROR_LOCKED, it is gone;
 * KS_STORE_ERROR_WRONG_KEY, it is the key of something else; KS_STORE_ERROR_DAMAGED, it
 * is no key; and what the disk says. */
const GError *ks_profile_get_error (KsProfile *self);

/* The directory that the local data lies in. Borrowed; NULL: it is not open, or in memory. */
const char *ks_profile_get_place (KsProfile *self);

/* As given to ks_profile_new(). Borrowed; may be NULL. */
const char *ks_profile_get_store_key_file (KsProfile *self);

/* Where a damaged database was set aside while opening. Borrowed; NULL if it was
 * whole. */
const char *ks_profile_get_set_aside (KsProfile *self);

G_END_DECLS
