/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a file is a database of ours, told by its content: whole, or as damaged as one that was set aside.
 * It is not opened, and nothing in it is believed.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  KS_DATABASE_KIND_NONE, /* no SQLite database, or none that can be told from anything else */
  KS_DATABASE_KIND_OURS,
  KS_DATABASE_KIND_FOREIGN, /* of another program */
} KsDatabaseKind;

/* Looks at the regular file open as @fd, from its start; the position does not matter and stays. Blocking: for
 * threads. */
KsDatabaseKind ks_database_kind_of (int fd);

G_END_DECLS
