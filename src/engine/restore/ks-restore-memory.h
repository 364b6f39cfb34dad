/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the restores of this run have shown of keys that are not here: whether the backup has
 * them at all, and whether they could be used.
 */
#pragma once

#include "engine/keys/ks-key-report.h"

G_BEGIN_DECLS

/* What is known of a key that is not here. */
typedef enum
{
  KS_MISSING_KEY_NOT_KNOWN,     /* its room was not restored in this run, or not to the end */
  KS_MISSING_KEY_NOT_IN_BACKUP, /* the backup does not have it */
  KS_MISSING_KEY_UNUSABLE,      /* the backup has something under its name that cannot be used */
} KsMissingKey;

typedef struct KsRestoreMemory KsRestoreMemory;

KsRestoreMemory *ks_restore_memory_new (void) G_GNUC_WARN_UNUSED_RESULT;
void ks_restore_memory_free (KsRestoreMemory *memory); /* NULL is allowed */

/* A restore of @room_id (NULL: of all) has ended with @report. @whole: the server has given
 * all that it said there was. */
void ks_restore_memory_note (KsRestoreMemory *memory,
                             const char *room_id,
                             const KsKeyReport *report,
                             gboolean whole);

KsMissingKey
ks_restore_memory_explain (const KsRestoreMemory *memory, const char *room_id, const char *session_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsRestoreMemory, ks_restore_memory_free)

G_END_DECLS
