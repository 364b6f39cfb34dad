/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "History" in the window's pages, with a real account on the test homeserver.
 */
#pragma once

#include "engine/history-fixture.h"
#include "ui/main/ks-main-view.h"

G_BEGIN_DECLS

typedef struct
{
  HistoryFixture history;
  GtkWidget *window;
  KsMainView *view;
} HistoryWindow;

void history_window_set_up (HistoryWindow *f, gconstpointer data);
void history_window_tear_down (HistoryWindow *f, gconstpointer data);

/* A child of @widget's template; borrowed. */
gpointer history_window_part (gpointer widget, GType type, const char *name);

#define MAIN(f, name) history_window_part ((f)->view, KS_TYPE_MAIN_VIEW, name)
#define PAGE(f, name) history_window_part (MAIN (f, "history_page"), KS_TYPE_HISTORY_PAGE, name)
#define VIEW(f, name) history_window_part (MAIN (f, "timeline_view"), KS_TYPE_TIMELINE_VIEW, name)

/* The first of that type in @widget; borrowed; NULL: there is none. */
GtkWidget *history_window_find (GtkWidget *widget, GType type);

/* The window with "History" open. */
void history_window_open (HistoryWindow *f);

/* The page of @stack that is shown. */
const char *history_window_stage (GtkStack *stack);
void history_window_until_stage (gpointer stack, const char *name);

GtkListBoxRow *history_window_row (HistoryWindow *f, int i);

/* Until all rooms were looked at. */
void history_window_until_surveyed (HistoryWindow *f, int n);

/* The first one. */
void history_window_open_room (HistoryWindow *f);

G_END_DECLS
