/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes what strangers sent as Pango markup that is always well-formed: text comes in a
 * character at a time and is escaped, tags are opened and closed in their order, and there
 * is an end to all of it.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define KS_MARKUP_MAX_DEPTH 32

typedef struct
{
  GString *out;                          /* owned */
  const char *open[KS_MARKUP_MAX_DEPTH]; /* borrowed: static names of what is open */
  guint depth;
  guint tags_left;  /* that may still be opened */
  guint chars_left; /* that may still be shown */
  guint lines_left;
  guint breaks;   /* lines to end before the next text */
  guint spaces;   /* to write before it */
  gboolean begun; /* some text was written */
  gboolean cut;   /* there was more than may be shown */
} KsMarkupWriter;

/* At most @max_chars characters in @max_lines lines are written. */
void ks_markup_writer_init (KsMarkupWriter *self, guint max_chars, guint max_lines);

/* FALSE: no more is taken. Controls are left out, and what turns letters around; a space is written as it is, and a line's
 * end as ks_markup_writer_break() has it. */
gboolean ks_markup_writer_char (KsMarkupWriter *self, gunichar c);
gboolean ks_markup_writer_text (KsMarkupWriter *self, const char *text);

/* At least @lines line ends come between what was written and what will be; at the beginning
 * and at the end none. @more: as many more than there are to come already. */
void ks_markup_writer_break (KsMarkupWriter *self, guint lines, gboolean more);

/* @tag is static. @href: for "a", what it leads to, to be checked before; else NULL. Nothing
 * where too much is open already. */
void ks_markup_writer_open (KsMarkupWriter *self, const char *tag, const char *href);

/* Closes the innermost @tag and all that was opened in it. Nothing if there is none. */
void ks_markup_writer_close (KsMarkupWriter *self, const char *tag);

/* Closes what is open. The markup, for the caller to free; NULL: there is nothing to be
 * seen. @cut may be NULL. */
char *ks_markup_writer_end (KsMarkupWriter *self, gboolean *cut) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
