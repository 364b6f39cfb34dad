/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Another client of the same user, which sets up what a set-up sets up.
 */
#pragma once

#include "engine/engine-fixture.h"

G_BEGIN_DECLS

typedef enum
{
  RIVAL_DEFAULT_KEY,
  RIVAL_IDENTITY,
  RIVAL_BACKUP,
} RivalPart;

/* The default key "theirs"; a backup; an identity in whatever place. */
void rival_make_default_key (EngineFixture *f);
void rival_make_backup (EngineFixture *f);
void rival_make_identity (EngineFixture *f);

/* What the server has of a part, as text; NULL: nothing. */
char *rival_read_part (EngineFixture *f, RivalPart part);

G_END_DECLS
