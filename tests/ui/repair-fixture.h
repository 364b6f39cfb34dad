/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that repairs Secure Backup, on an account of the test homeserver, and what tests
 * do with it: as a person would, by its pages and its one button that leads on.
 */
#pragma once

#include "crypto/ks-recovery-key.h"
#include "engine/engine-fixture.h"
#include "engine/recovery/ks-recovery-repair.h"
#include "ui/repair/ks-repair-dialog.h"
#include "ui/repair/ks-repair-due.h"
#include "ui/repair/ks-repair-plan-page.h"
#include "ui/repair/ks-repaired-page.h"
#include "ui/repair/ks-repairing-page.h"
#include "ui/repair/ks-unrepairable-page.h"
#include "ui/restore/ks-unlock-page.h"
#include "ui/steps/ks-forward-button.h"
#include "ui/steps/ks-identify-page.h"
#include "ui/steps/ks-note.h"

G_BEGIN_DECLS

#define REPAIR_KEYS 20 /* room keys of repair_make_whole() */
#define REPAIR_USER_SIGNING ENGINE_DATA "m.cross_signing.user_signing"

typedef struct
{
  EngineFixture engine;
  GtkWidget *window;
  KsRepairDialog *dialog;               /* borrowed, weak */
  char key[KS_RECOVERY_KEY_LENGTH + 1]; /* the Security Key, as a person has it */
} RepairFixture;

void repair_set_up (RepairFixture *f, gconstpointer data);
void repair_tear_down (RepairFixture *f, gconstpointer data);

/* All of Secure Backup, with room keys. */
void repair_make_whole (RepairFixture *f);

/* What other clients do to it. All four secrets: matrix-js-sdk#5474. */
void repair_delete_backup (RepairFixture *f);
void repair_empty_secrets (RepairFixture *f);

void repair_unlock (RepairFixture *f, const char *text);

/* The dialog, which must be due, or for whoever has no key; and until it is gone. */
void repair_open_dialog (RepairFixture *f);
void repair_open_dialog_without_key (RepairFixture *f);
void repair_until_closed (RepairFixture *f);

/* A child of @widget's template; borrowed. */
gpointer repair_part (gpointer widget, GType type, const char *name);

#define DIALOG(f, name) repair_part ((f)->dialog, KS_TYPE_REPAIR_DIALOG, name)
#define PLAN(f, name) repair_part (DIALOG (f, "plan_page"), KS_TYPE_REPAIR_PLAN_PAGE, name)
#define STUCK(f, name) repair_part (DIALOG (f, "unrepairable_page"), KS_TYPE_UNREPAIRABLE_PAGE, name)

/* The page that is shown; borrowed. */
KsStepPage *repair_page (RepairFixture *f);
gboolean repair_is_shown (RepairFixture *f, const char *name);
void repair_until_page (RepairFixture *f, const char *name);

/* The button that leads on; borrowed. */
GtkWidget *repair_forward (RepairFixture *f);

/* Whether the keyboard is in @widget, or in a part of it. */
gboolean repair_has_focus (RepairFixture *f, gpointer widget);

/* Enter, with the keyboard in @widget. */
void repair_enter (RepairFixture *f, gpointer widget);

/* As Enter does. */
void repair_go_on (RepairFixture *f);
void repair_give_key (RepairFixture *f, const char *text);
void repair_give_password (RepairFixture *f, const char *text);

/* @expected: "title: subtitle" of each row, one a line; a screen reader hears both. */
void repair_assert_rows (gpointer list, const char *expected);
void repair_assert_facts (RepairFixture *f, const char *expected);

/* What a page of @type says of what went wrong; and until it does. */
const char *repair_note_of (gpointer page, GType type);
void repair_until_told (gpointer page, GType type);

G_END_DECLS
