/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The four secrets of an account, and what they are called (Client-Server API, "Secret storage",
 * "Cross-signing" and "Server-side key backups").
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The three cross-signing keys and the backup key, in this order wherever they are listed. */
typedef enum
{
  KS_SECRET_MASTER,
  KS_SECRET_SELF_SIGNING,
  KS_SECRET_USER_SIGNING,
  KS_SECRET_BACKUP,
} KsSecretName;
#define KS_N_SECRETS 4

/* "m.cross_signing.master" … as secret storage names them. Static. */
const char *ks_secret_name_to_string (KsSecretName name);

G_END_DECLS
