/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "Stop Setting Up?": asked where a key was made that the person does not have yet.
 */
#pragma once

#include "engine/set-up/ks-set-up.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks over @window, and forgets the key if that is the answer; not once it was noted,
 * while the question was open, that the person has it. */
void
ks_set_up_stop_async (GtkWindow *window, KsSetUp *set_up, GAsyncReadyCallback callback, gpointer user_data);

/* Whether it is to end. A key that could not be forgotten is offered again the next time. */
gboolean ks_set_up_stop_finish (GAsyncResult *result);

G_END_DECLS
