/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/repair-fixture.h"

#include "engine/recovery/ks-recovery-unlock.h"

#include <string.h>

void
repair_set_up (RepairFixture *f, gconstpointer data)
{
  engine_set_up (&f->engine, NULL);
  f->window = gtk_window_new ();
  gtk_window_present (GTK_WINDOW (f->window));
}

void
repair_make_whole (RepairFixture *f)
{
  g_autoptr (KsSecret) key = NULL;

  engine_add_keys (&f->engine, REPAIR_KEYS, NULL);
  key = engine_set_up_whole (&f->engine);
  g_assert_true (ks_recovery_key_format (key, f->key));
}

void
repair_until_closed (RepairFixture *f)
{
  while (f->dialog != NULL)
    g_main_context_iteration (NULL, TRUE);
}

void
repair_tear_down (RepairFixture *f, gconstpointer data)
{
  if (f->dialog != NULL)
    gtk_window_destroy (GTK_WINDOW (f->dialog));
  repair_until_closed (f);
  gtk_window_destroy (GTK_WINDOW (f->window));
  engine_tear_down (&f->engine, NULL);
}

static void
open_dialog (RepairFixture *f, gboolean without_key)
{
  f->dialog =
      ks_repair_dialog_new (GTK_WINDOW (f->window), ks_profile_get_account (f->engine.profile), without_key);
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  gtk_window_present (GTK_WINDOW (f->dialog));
}

void
repair_open_dialog (RepairFixture *f)
{
  g_assert_true (ks_repair_is_due (f->engine.recovery));
  open_dialog (f, FALSE);
}

void
repair_open_dialog_without_key (RepairFixture *f)
{
  open_dialog (f, TRUE);
}

void
repair_unlock (RepairFixture *f, const char *text)
{
  g_autoptr (KsSecret) secret = ks_secret_new_copy (text, strlen (text));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ks_recovery_unlock_async (f->engine.recovery, secret, KS_KEY_ENTRY_TYPED, KS_UNLOCK_DEFAULT, NULL,
                            engine_done, &result);
  ks_unlock_result_free (ks_recovery_unlock_finish (f->engine.recovery, engine_wait (&result), &error));
  g_assert_no_error (error);
}

gpointer
repair_part (gpointer widget, GType type, const char *name)
{
  GObject *child = gtk_widget_get_template_child (widget, type, name);

  g_assert_nonnull (child);
  return child;
}

KsStepPage *
repair_page (RepairFixture *f)
{
  return KS_STEP_PAGE (gtk_stack_get_visible_child (DIALOG (f, "pages")));
}

gboolean
repair_is_shown (RepairFixture *f, const char *name)
{
  return (gpointer) repair_page (f) == DIALOG (f, name);
}

void
repair_until_page (RepairFixture *f, const char *name)
{
  while (!repair_is_shown (f, name))
    g_main_context_iteration (NULL, TRUE);
}

void
repair_go_on (RepairFixture *f)
{
  GtkWidget *button = gtk_window_get_default_widget (GTK_WINDOW (f->dialog));

  g_assert_true (button == repair_forward (f));
  g_assert_true (gtk_widget_get_visible (button) && gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

GtkWidget *
repair_forward (RepairFixture *f)
{
  return ks_forward_button_get_button (DIALOG (f, "forward"));
}

gboolean
repair_has_focus (RepairFixture *f, gpointer widget)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (f->dialog));

  return focus != NULL && (focus == widget || gtk_widget_is_ancestor (focus, widget));
}

void
repair_enter (RepairFixture *f, gpointer widget)
{
  g_assert_true (gtk_widget_grab_focus (widget));
  g_signal_emit_by_name (f->dialog, "activate-default");
}

/* "title: subtitle" of each row, one a line. */
static char *
rows_of (gpointer list)
{
  GString *text = g_string_new (NULL);
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
    {
      const char *subtitle = adw_action_row_get_subtitle (ADW_ACTION_ROW (row));

      /* A screen reader hears no less. */
      if (subtitle != NULL && subtitle[0] != '\0')
        g_assert_null (gtk_test_accessible_check_property (GTK_ACCESSIBLE (row),
                                                           GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, subtitle));
      g_string_append (text, adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
      if (subtitle != NULL && subtitle[0] != '\0')
        g_string_append_printf (text, ": %s", subtitle);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

void
repair_assert_rows (gpointer list, const char *expected)
{
  g_autofree char *rows = rows_of (list);

  g_assert_cmpstr (rows, ==, expected);
}

void
repair_assert_facts (RepairFixture *f, const char *expected)
{
  repair_assert_rows (repair_part (DIALOG (f, "repaired_page"), KS_TYPE_REPAIRED_PAGE, "facts"), expected);
}

const char *
repair_note_of (gpointer page, GType type)
{
  return gtk_label_get_label (repair_part (repair_part (page, type, "problem"), KS_TYPE_NOTE, "label"));
}

void
repair_until_told (gpointer page, GType type)
{
  while (!gtk_widget_get_visible (repair_part (page, type, "problem")))
    g_main_context_iteration (NULL, TRUE);
}

void
repair_give_key (RepairFixture *f, const char *text)
{
  gtk_editable_set_text (repair_part (DIALOG (f, "key_page"), KS_TYPE_UNLOCK_PAGE, "entry"), text);
  repair_go_on (f);
}

void
repair_give_password (RepairFixture *f, const char *text)
{
  gtk_editable_set_text (repair_part (DIALOG (f, "identify_page"), KS_TYPE_IDENTIFY_PAGE, "entry"), text);
  repair_go_on (f);
}

void
repair_delete_backup (RepairFixture *f)
{
  g_free (
      hs_fixture_request (f->engine.server, "DELETE", ENGINE_BACKUP "/1", f->engine.observer, NULL, NULL));
}

void
repair_empty_secrets (RepairFixture *f)
{
  for (int i = 0; i < KS_N_SECRETS; i++)
    {
      g_autofree char *path = g_strconcat (ENGINE_DATA, ks_secret_name_to_string ((KsSecretName) i), NULL);

      engine_write (&f->engine, path, "{}");
    }
}
