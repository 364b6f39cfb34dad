/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The form of an import: the file, which is recognised as soon as it is chosen, and its phrase. A database
 * that was set aside asks for none: with it the page goes on by itself.
 */
#pragma once

#include "crypto/ks-secret.h"
#include "ui/steps/ks-step-page.h"

G_BEGIN_DECLS

#define KS_TYPE_IMPORT_PAGE (ks_import_page_get_type ())
G_DECLARE_FINAL_TYPE (KsImportPage, ks_import_page, KS, IMPORT_PAGE, KsStepPage)

/* Where to look for a file first: where one was set aside. NULL: where the person was last, as before. */
void ks_import_page_set_folder (KsImportPage *self, GFile *folder);

/* Chosen elsewhere, or dropped. */
void ks_import_page_open_file (KsImportPage *self, GFile *file);

/* What was entered, once the page went on. */
KsSecret *ks_import_page_get_phrase (KsImportPage *self) G_GNUC_WARN_UNUSED_RESULT;
GFile *ks_import_page_get_file (KsImportPage *self); /* borrowed */
gboolean ks_import_page_is_set_aside (KsImportPage *self);

/* Why it did not work; NULL: nothing to say. @of_phrase: it is the phrase that is wrong. */
void ks_import_page_set_problem (KsImportPage *self, const char *problem, gboolean of_phrase);

G_END_DECLS
