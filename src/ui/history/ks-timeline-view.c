/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "ui/history/ks-timeline-view.h"

#include "engine/history/ks-rooms.h"
#include "ui/history/ks-message-factory.h"
#include "ui/history/ks-message-menu.h"
#include "ui/history/ks-message-row.h"
#include "ui/history/ks-page-keys.h"
#include "ui/history/ks-proof-line.h"
#include "ui/history/ks-room-keys.h"
#include "ui/history/ks-row-feed.h"
#include "ui/history/ks-share-text.h"
#include "ui/history/ks-timeline-scroll.h"
#include "ui/ks-error-text.h"

#include <glib/gi18n.h>

/* How often pages may come without a message before the person is asked whether to go on: a
 * server can go on with such pages for ever. The engine passes over twenty pages each time. */
#define MAX_IN_VAIN 10

struct _KsTimelineView
{
  AdwBin parent;

  GtkBox *trouble;
  GtkLabel *trouble_label;
  GtkStack *stages;
  GtkSpinner *spinner;
  GtkLabel *loading_label;
  AdwStatusPage *failed_page;
  KsProofLine *proof_line;
  GtkScrolledWindow *scroller;
  GtkListView *list;
  GtkRevealer *older_revealer;
  GtkRevealer *newest_revealer;

  KsTimelineScroll *scroll;  /* owned */
  KsMessageMenu *menu;       /* owned */
  KsRoomKeys *keys;          /* owned */
  KsAccount *account;        /* owned; NULL: nobody is signed in */
  KsRoom *room;              /* owned; NULL: none is open, and none of what is below is there */
  KsTimeline *timeline;      /* owned */
  KsRowFeed *feed;           /* owned: of its rows */
  GCancellable *cancellable; /* owned: ends with the room being open */
  guint n_before;            /* messages that were here when the last page was asked for */
  guint n_in_vain;           /* times that none came, one after the other */
  char *focused;             /* owned: ID of the message that is to have the keyboard; NULL: none is */
  gboolean shown;            /* its messages have come on the screen */
  GError *page_failure;      /* owned; why no more messages came */
  char *title;               /* owned */
  char *subtitle;            /* owned */
};

G_DEFINE_FINAL_TYPE (KsTimelineView, ks_timeline_view, ADW_TYPE_BIN)

enum
{
  PROP_TITLE = 1,
  PROP_SUBTITLE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

const char *
ks_timeline_view_get_title (KsTimelineView *self)
{
  return self->title;
}

const char *
ks_timeline_view_get_subtitle (KsTimelineView *self)
{
  return self->subtitle;
}

KsTimelineScroll *
ks_timeline_view_get_scroll (KsTimelineView *self)
{
  return self->scroll;
}

/* Takes @text. */
static void
set_text (KsTimelineView *self, char **field, char *text, guint prop)
{
  if (g_strcmp0 (*field, text) == 0)
    {
      g_free (text);
      return;
    }
  g_free (*field);
  *field = text;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static char *
describe (KsTimelineView *self)
{
  if (self->room == NULL)
    return g_strdup ("");
  if (ks_room_keys_get_running (self->keys))
    return g_strdup (_ ("Fetching the room's keys…"));
  return ks_share_text_timeline (self->timeline);
}

static guint
n_messages (KsTimelineView *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->timeline));
}

static const char *
stage (KsTimelineView *self)
{
  gboolean over = ks_timeline_get_at_start (self->timeline) && !ks_timeline_get_loading (self->timeline);

  if (self->shown && n_messages (self) > 0)
    return "messages";
  if (n_messages (self) == 0 && self->page_failure != NULL)
    return "failed";
  if (ks_room_keys_get_hurried (self->keys))
    return "loading";
  if (n_messages (self) == 0)
    return over ? "empty" : "loading";
  return "messages";
}

static void
show_trouble (KsTimelineView *self, const char *now)
{
  const GError *error =
      self->page_failure != NULL ? self->page_failure : ks_room_keys_get_failure (self->keys);
  gboolean tell = error != NULL && !g_str_equal (now, "failed");
  g_autofree char *text = NULL;

  if (error != NULL)
    text = self->page_failure != NULL ? ks_error_text_messages (error) : ks_error_text_restore (error);
  if (tell)
    gtk_label_set_label (self->trouble_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), tell);
  if (g_str_equal (now, "failed"))
    {
      g_autofree char *markup = g_markup_escape_text (text, -1);

      adw_status_page_set_description (self->failed_page, markup);
    }
}

static void
show_more (KsTimelineView *self, const char *now)
{
  gboolean here = g_str_equal (now, "messages");

  gtk_revealer_set_reveal_child (self->older_revealer, here && ks_timeline_get_loading (self->timeline));
  gtk_revealer_set_reveal_child (self->newest_revealer,
                                 here
                                     && (ks_timeline_get_has_newer (self->timeline)
                                         || !ks_timeline_scroll_get_at_end (self->scroll)));
}

static void
update (KsTimelineView *self)
{
  const char *now;

  set_text (self, &self->title, self->room != NULL ? ks_share_text_room (self->room) : g_strdup (""),
            PROP_TITLE);
  set_text (self, &self->subtitle, describe (self), PROP_SUBTITLE);
  if (self->room == NULL)
    return;
  now = stage (self);
  gtk_spinner_set_spinning (self->spinner, g_str_equal (now, "loading"));
  gtk_label_set_label (self->loading_label, ks_room_keys_get_running (self->keys)
                                                ? _ ("Fetching the room's keys from your backup")
                                                : _ ("Fetching messages"));
  gtk_stack_set_visible_child_name (self->stages, now);
  show_trouble (self, now);
  show_more (self, now);
  if (!self->shown && g_str_equal (now, "messages"))
    {
      self->shown = TRUE;
      ks_timeline_scroll_to_end (self->scroll);
    }
}

/* The keyboard. */

/* The ID of the message that @focus is in; NULL: it is in none. */
static char *
find_focused (GtkWidget *focus)
{
  KsMessageRow *message = ks_message_row_find (focus);
  KsTimelineRow *row = message != NULL ? ks_message_row_get_row (message) : NULL;

  return row != NULL ? g_strdup (ks_timeline_item_get_event_id (ks_timeline_row_get_last (row))) : NULL;
}

static void
give_focus_back (KsTimelineView *self)
{
  g_autoptr (KsTimelineRow) row = NULL;
  guint place;

  if (self->focused == NULL || n_messages (self) == 0)
    return;
  if (ks_timeline_find (self->timeline, self->focused, &place) != NULL)
    row = ks_row_feed_find (self->feed, place);
  if (row == NULL && (ks_timeline_get_loading (self->timeline) || !ks_row_feed_is_done (self->feed)))
    return;
  g_clear_pointer (&self->focused, g_free);
  if (row != NULL)
    ks_timeline_scroll_focus_row (self->scroll, row);
  else
    ks_timeline_scroll_focus (self->scroll);
}

/* Messages. */

static void load_older (KsTimelineView *self);

static void
on_loaded (GObject *timeline, GAsyncResult *result, gpointer data)
{
  g_autoptr (KsTimelineView) self = data;
  g_autoptr (GError) error = NULL;
  gboolean in_vain;

  ks_timeline_load_older_finish (KS_TIMELINE (timeline), result, &error);
  if ((gpointer) self->timeline != timeline || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  in_vain = error == NULL && n_messages (self) == self->n_before
            && !ks_timeline_get_has_newer (self->timeline) && !ks_timeline_get_at_start (self->timeline);
  self->n_in_vain = in_vain ? self->n_in_vain + 1 : 0;
  if (self->n_in_vain == MAX_IN_VAIN)
    {
      self->n_in_vain = 0;
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no message in all these pages");
    }
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
    {
      g_message ("no more messages came: %s", error->message);
      self->page_failure = g_steal_pointer (&error);
    }
  update (self);
  give_focus_back (self);
  /* Pages without messages tell the list nothing, and it asks for no more. */
  if (in_vain)
    load_older (self);
}

static void
load_older (KsTimelineView *self)
{
  if (self->timeline == NULL || self->page_failure != NULL || ks_timeline_get_loading (self->timeline)
      || ks_timeline_get_at_start (self->timeline) || !ks_row_feed_is_done (self->feed))
    return;
  self->n_before = n_messages (self);
  ks_timeline_load_older_async (self->timeline, 0, self->cancellable, on_loaded, g_object_ref (self));
}

/* The room. */

void
ks_timeline_view_close (KsTimelineView *self)
{
  if (self->room == NULL)
    return;
  ks_room_keys_stop (self->keys);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  ks_message_menu_forget (self->menu);
  ks_proof_line_set_rows (self->proof_line, NULL);
  gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->feed);
  g_signal_handlers_disconnect_by_data (self->timeline, self);
  g_signal_handlers_disconnect_by_data (self->room, self);
  g_clear_object (&self->timeline);
  g_clear_object (&self->room);
  g_clear_error (&self->page_failure);
  g_clear_pointer (&self->focused, g_free);
  ks_timeline_scroll_let_go (self->scroll);
  self->n_in_vain = 0;
  self->shown = FALSE;
  update (self);
}

static void
show_rows (KsTimelineView *self)
{
  g_autoptr (KsTimelineRows) rows = ks_timeline_rows_new (self->timeline);
  GtkSelectionModel *model;

  ks_proof_line_set_rows (self->proof_line, rows);
  self->feed = ks_row_feed_new (rows, GTK_WIDGET (self));
  g_signal_connect_object (self->feed, "items-changed", G_CALLBACK (give_focus_back), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  model = GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->feed))));
  gtk_list_view_set_model (self->list, model);
  g_object_unref (model);
}

void
ks_timeline_view_open (KsTimelineView *self, KsRoom *room)
{
  static const char *const told[] = { "notify::loading", "notify::at-start", "notify::has-newer",
                                      "notify::n-readable", "notify::n-unreadable" };
  g_autoptr (KsRoom) kept = g_object_ref (room);

  ks_timeline_view_close (self);
  self->room = g_steal_pointer (&kept);
  self->cancellable = g_cancellable_new ();
  self->timeline = ks_rooms_open (ks_account_get_rooms (self->account), room);
  for (gsize i = 0; i < G_N_ELEMENTS (told); i++)
    g_signal_connect_swapped (self->timeline, told[i], G_CALLBACK (update), self);
  g_signal_connect_swapped (self->room, "notify::name", G_CALLBACK (update), self);
  show_rows (self);
  ks_room_keys_fetch (self->keys, self->timeline);
  load_older (self);
  update (self);
}

/* Its rows go, and keys that are sent to one of them with it. */
void
ks_timeline_view_refresh (KsTimelineView *self, GtkWidget *meanwhile)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  gboolean ours = focus == NULL || focus == meanwhile || gtk_widget_is_ancestor (focus, GTK_WIDGET (self));
  g_autoptr (KsRoom) room = NULL;
  g_autofree char *focused = NULL;

  if (self->room == NULL)
    return;
  focused = self->focused != NULL ? g_strdup (self->focused) : find_focused (focus);
  if (ours && !gtk_widget_grab_focus (meanwhile) && root != NULL)
    gtk_root_set_focus (root, NULL);
  room = g_object_ref (self->room);
  ks_room_keys_forget (self->keys, ks_room_get_room_id (room));
  ks_timeline_view_open (self, room);
  if (!ours)
    return;
  self->focused = g_steal_pointer (&focused);
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static void
activate_retry (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsTimelineView *self = KS_TIMELINE_VIEW (widget);

  if (self->room == NULL)
    return;
  if (ks_room_keys_get_failure (self->keys) != NULL)
    ks_room_keys_fetch (self->keys, self->timeline);
  g_clear_error (&self->page_failure);
  load_older (self);
  update (self);
}

static void
activate_newest (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KsTimelineView *self = KS_TIMELINE_VIEW (widget);

  if (self->room == NULL)
    return;
  if (ks_timeline_get_has_newer (self->timeline) && !ks_timeline_get_loading (self->timeline))
    {
      self->shown = FALSE;
      g_clear_error (&self->page_failure);
      ks_timeline_reset (self->timeline);
      load_older (self);
    }
  ks_timeline_scroll_to_end (self->scroll);
  update (self);
}

void
ks_timeline_view_set_account (KsTimelineView *self, KsAccount *account)
{
  ks_timeline_view_close (self);
  ks_room_keys_set_account (self->keys, account);
  g_set_object (&self->account, account);
}

static gboolean
ks_timeline_view_grab_focus (GtkWidget *widget)
{
  KsTimelineView *self = KS_TIMELINE_VIEW (widget);

  if (self->focused == NULL)
    ks_timeline_scroll_focus (self->scroll);
  return self->room != NULL;
}

static void
ks_timeline_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  KsTimelineView *self = KS_TIMELINE_VIEW (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, self->subtitle);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ks_timeline_view_dispose (GObject *object)
{
  KsTimelineView *self = KS_TIMELINE_VIEW (object);

  ks_timeline_view_set_account (self, NULL);
  g_clear_object (&self->scroll);
  g_clear_object (&self->menu);
  gtk_widget_dispose_template (GTK_WIDGET (object), KS_TYPE_TIMELINE_VIEW);
  G_OBJECT_CLASS (ks_timeline_view_parent_class)->dispose (object);
}

static void
ks_timeline_view_finalize (GObject *object)
{
  KsTimelineView *self = KS_TIMELINE_VIEW (object);

  g_clear_object (&self->keys);
  g_free (self->title);
  g_free (self->subtitle);
  G_OBJECT_CLASS (ks_timeline_view_parent_class)->finalize (object);
}

static GParamSpec *
text_property (const char *name)
{
  return g_param_spec_string (name, NULL, NULL, NULL,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
}

static void
ks_timeline_view_class_init (KsTimelineViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->get_property = ks_timeline_view_get_property;
  object_class->dispose = ks_timeline_view_dispose;
  object_class->finalize = ks_timeline_view_finalize;
  widget_class->grab_focus = ks_timeline_view_grab_focus;
  props[PROP_TITLE] = text_property ("title");
  props[PROP_SUBTITLE] = text_property ("subtitle");
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (KS_TYPE_PROOF_LINE);
  gtk_widget_class_set_template_from_resource (widget_class, RESOURCES "/history/ks-timeline-view.ui");
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, trouble);
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, trouble_label);
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, stages);
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, spinner);
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, loading_label);
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, failed_page);
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, proof_line);
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, scroller);
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, list);
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, older_revealer);
  gtk_widget_class_bind_template_child (widget_class, KsTimelineView, newest_revealer);
  gtk_widget_class_install_action (widget_class, "timeline.retry", NULL, activate_retry);
  gtk_widget_class_install_action (widget_class, "timeline.newest", NULL, activate_newest);
}

static void
ks_timeline_view_init (KsTimelineView *self)
{
  g_autoptr (GtkListItemFactory) factory = NULL;

  self->title = g_strdup ("");
  self->subtitle = g_strdup ("");
  self->keys = ks_room_keys_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  factory = ks_message_factory_new ();
  gtk_list_view_set_factory (self->list, factory);
  self->scroll = ks_timeline_scroll_new (self->scroller, self->list);
  ks_page_keys_add (self->scroller, self->list);
  self->menu = ks_message_menu_new (GTK_WIDGET (self->scroller), GTK_WIDGET (self->list));
  g_signal_connect_object (self->keys, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->scroll, "near-start", G_CALLBACK (load_older), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->scroll, "notify::at-end", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}
