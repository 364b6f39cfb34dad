/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can go wrong with the data on this disk.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  KS_STORE_ERROR_FAILED,    /* the disk or the database refused: I/O error, permissions */
  KS_STORE_ERROR_FULL,      /* no space left */
  KS_STORE_ERROR_DAMAGED,   /* the database is not one any more; it was left or set aside, never deleted */
  KS_STORE_ERROR_NEWER,     /* written by a newer version of this program */
  KS_STORE_ERROR_HELD,      /* another process drives this account, or keeps the database from being mended */
  KS_STORE_ERROR_LOCKED,    /* the store key is not at hand: sealed columns stay closed */
  KS_STORE_ERROR_WRONG_KEY, /* this is not the key that the store was sealed with */
  KS_STORE_ERROR_NOT_FOUND, /* no such row */
  KS_STORE_ERROR_EXISTS,    /* there is such a row already */
  KS_STORE_ERROR_LAST_SLOT, /* without this slot nobody could open the store any more */
} KsStoreErrorCode;

#define KS_STORE_ERROR (ks_store_error_quark ())
GQuark ks_store_error_quark (void);

G_END_DECLS
