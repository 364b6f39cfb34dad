/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the people of a room are called in its timeline: by the first half of their user ID,
 * and by the whole of it where that half is somebody else's too, or could look like that.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct KsSenderNames KsSenderNames;

KsSenderNames *ks_sender_names_new (void);
KsSenderNames *ks_sender_names_ref (KsSenderNames *self);
void ks_sender_names_unref (KsSenderNames *self);

/* From now on @user_id has a name. It may change that of somebody else. */
void ks_sender_names_add (KsSenderNames *self, const char *user_id);

/* Of one that was added, else NULL. One line; borrowed, until the next is added. */
const char *ks_sender_names_get (KsSenderNames *self, const char *user_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KsSenderNames, ks_sender_names_unref)

G_END_DECLS
