/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "ui/history/ks-timeline-scroll.h"

#include "ui/history/ks-message-row.h"

/* So many screens above the top the next page is asked for. */
#define SCREENS_AHEAD 1.5

struct _KsTimelineScroll
{
  GObject parent;

  GtkScrolledWindow *scroller; /* borrowed */
  GtkListView *list;           /* borrowed */
  GtkAdjustment *adjustment;   /* borrowed: the scroller's */
  gboolean at_end;
  gboolean told_at_end;  /* what the property is known to be */
  gboolean stuck;        /* the newest message is to stay on the screen */
  gboolean focus_due;    /* the newest message is to have the keyboard */
  KsTimelineRow *wanted; /* owned: that row is; NULL: none */
  guint settle;          /* a look is due once the list knows its sizes; else 0 */
};

G_DEFINE_FINAL_TYPE (KsTimelineScroll, ks_timeline_scroll, G_TYPE_OBJECT)

enum
{
  PROP_AT_END = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

enum
{
  NEAR_START,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

gboolean
ks_timeline_scroll_get_at_end (KsTimelineScroll *self)
{
  return self->at_end || self->stuck;
}

gboolean
ks_timeline_scroll_is_near_start (KsTimelineScroll *self)
{
  return gtk_adjustment_get_value (self->adjustment)
         < SCREENS_AHEAD * gtk_adjustment_get_page_size (self->adjustment);
}

static void
tell_at_end (KsTimelineScroll *self)
{
  gboolean at_end = ks_timeline_scroll_get_at_end (self);

  if (at_end == self->told_at_end)
    return;
  self->told_at_end = at_end;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_AT_END]);
}

static guint
n_rows (KsTimelineScroll *self)
{
  GtkSelectionModel *model = gtk_list_view_get_model (self->list);

  return model != NULL ? g_list_model_get_n_items (G_LIST_MODEL (model)) : 0;
}

static void
go_to_end (KsTimelineScroll *self)
{
  guint n = n_rows (self);

  if (n == 0)
    return;
  gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", n - 1);
  /* Of a message that is higher than the screen that would be its beginning. */
  gtk_adjustment_set_value (self->adjustment, gtk_adjustment_get_upper (self->adjustment));
}

static gboolean
is_at_end (KsTimelineScroll *self)
{
  return gtk_adjustment_get_value (self->adjustment) + gtk_adjustment_get_page_size (self->adjustment)
         >= gtk_adjustment_get_upper (self->adjustment) - 1;
}

static void
take_focus (KsTimelineScroll *self)
{
  GtkWidget *row = gtk_widget_get_last_child (GTK_WIDGET (self->list));

  /* By way of the list itself it would be the oldest message, and the list would go there. */
  if (row != NULL && gtk_widget_grab_focus (row))
    self->focus_due = FALSE;
}

/* The widget that shows what is wanted; NULL: none does yet. */
static GtkWidget *
find_wanted (KsTimelineScroll *self)
{
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      KsMessageRow *message = ks_message_row_find (row);

      if (message != NULL && ks_message_row_get_row (message) == self->wanted)
        return row;
    }
  return NULL;
}

static void
go_to_wanted (KsTimelineScroll *self)
{
  GtkWidget *row = find_wanted (self);

  self->stuck = FALSE;
  if (row != NULL && gtk_widget_grab_focus (row))
    {
      g_clear_object (&self->wanted);
      return;
    }
  for (guint i = 0; i < n_rows (self); i++)
    {
      g_autoptr (GObject) item =
          g_list_model_get_item (G_LIST_MODEL (gtk_list_view_get_model (self->list)), i);

      if (item == G_OBJECT (self->wanted))
        {
          gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", i);
          return;
        }
    }
  g_clear_object (&self->wanted);
}

/* The list is in the middle of finding its sizes whenever it tells of them. */
static gboolean
on_settled (gpointer data)
{
  KsTimelineScroll *self = data;
  gboolean at_end;

  self->settle = 0;
  if (self->wanted != NULL && gtk_widget_get_mapped (GTK_WIDGET (self->list)))
    go_to_wanted (self);
  if (self->stuck && !is_at_end (self))
    {
      go_to_end (self);
      return G_SOURCE_REMOVE;
    }
  at_end = is_at_end (self);
  if (at_end && self->focus_due)
    take_focus (self);
  self->at_end = at_end;
  tell_at_end (self);
  if (ks_timeline_scroll_is_near_start (self))
    g_signal_emit (self, signals[NEAR_START], 0);
  return G_SOURCE_REMOVE;
}

static void
look_soon (KsTimelineScroll *self)
{
  if (self->settle == 0)
    self->settle = g_idle_add (on_settled, self);
}

void
ks_timeline_scroll_let_go (KsTimelineScroll *self)
{
  self->stuck = FALSE;
  self->focus_due = FALSE;
  g_clear_object (&self->wanted);
  tell_at_end (self);
  look_soon (self);
}

static gboolean
on_scroll (KsTimelineScroll *self, double dx, double dy, GtkEventControllerScroll *controller)
{
  ks_timeline_scroll_let_go (self);
  return FALSE;
}

static gboolean
on_key (
    KsTimelineScroll *self, guint key, guint code, GdkModifierType state, GtkEventControllerKey *controller)
{
  if (key == GDK_KEY_Page_Up || key == GDK_KEY_KP_Page_Up || key == GDK_KEY_Up || key == GDK_KEY_KP_Up
      || key == GDK_KEY_Home || key == GDK_KEY_KP_Home)
    ks_timeline_scroll_let_go (self);
  return FALSE;
}

void
ks_timeline_scroll_to_end (KsTimelineScroll *self)
{
  self->stuck = TRUE;
  tell_at_end (self);
  look_soon (self);
}

void
ks_timeline_scroll_focus (KsTimelineScroll *self)
{
  self->focus_due = TRUE;
  look_soon (self);
}

void
ks_timeline_scroll_focus_row (KsTimelineScroll *self, KsTimelineRow *row)
{
  self->focus_due = FALSE;
  g_set_object (&self->wanted, row);
  look_soon (self);
}

static void
ks_timeline_scroll_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_AT_END)
    g_value_set_boolean (value, ks_timeline_scroll_get_at_end (KS_TIMELINE_SCROLL (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ks_timeline_scroll_dispose (GObject *object)
{
  KsTimelineScroll *self = KS_TIMELINE_SCROLL (object);

  g_clear_handle_id (&self->settle, g_source_remove);
  g_clear_object (&self->wanted);
  G_OBJECT_CLASS (ks_timeline_scroll_parent_class)->dispose (object);
}

static void
ks_timeline_scroll_class_init (KsTimelineScrollClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = ks_timeline_scroll_get_property;
  object_class->dispose = ks_timeline_scroll_dispose;
  props[PROP_AT_END] =
      g_param_spec_boolean ("at-end", NULL, NULL, FALSE,
                            G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[NEAR_START] = g_signal_new ("near-start", KS_TYPE_TIMELINE_SCROLL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                      NULL, G_TYPE_NONE, 0);
}

static void
ks_timeline_scroll_init (KsTimelineScroll *self)
{
}

static void
watch (KsTimelineScroll *self, GtkEventController *controller, const char *signal, GCallback callback)
{
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (GTK_WIDGET (self->scroller), controller);
  g_signal_connect_object (controller, signal, callback, self, G_CONNECT_SWAPPED);
}

KsTimelineScroll *
ks_timeline_scroll_new (GtkScrolledWindow *scroller, GtkListView *list)
{
  KsTimelineScroll *self = g_object_new (KS_TYPE_TIMELINE_SCROLL, NULL);

  self->scroller = scroller;
  self->list = list;
  self->adjustment = gtk_scrolled_window_get_vadjustment (scroller);
  g_signal_connect_object (self->adjustment, "changed", G_CALLBACK (look_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->adjustment, "value-changed", G_CALLBACK (look_soon), self,
                           G_CONNECT_SWAPPED);
  watch (self, gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL), "scroll",
         G_CALLBACK (on_scroll));
  watch (self, GTK_EVENT_CONTROLLER (gtk_gesture_click_new ()), "pressed",
         G_CALLBACK (ks_timeline_scroll_let_go));
  watch (self, gtk_event_controller_key_new (), "key-pressed", G_CALLBACK (on_key));
  return self;
}
