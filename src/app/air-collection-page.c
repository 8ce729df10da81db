/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-collection-page.h"

struct _AirCollectionPage {
  AdwBin parent_instance;
  AdwNavigationSplitView *split;
  GtkStack *stack;
  AdwStatusPage *error_page;
  AdwStatusPage *failed_page;
  GtkScrolledWindow *scroller;
  GtkListView *list;
  AdwBin *bin;
  GtkSingleSelection *selection;
  AirCollection *collection;
  AirConnectionState state;
  char *failure; /* why there is no connection, nullable */
  const AirCollectionRow *row;
  GtkWidget *detail;
  char *wanted; /* id of the item to be selected, as soon as the list has it */
  guint last;   /* where the selection was */
  char *texts[6];
};

enum {
  PROP_0,
  PROP_TITLE,
  PROP_DETAIL_TITLE,
  PROP_OFFLINE_TEXT,
  PROP_EMPTY_ICON,
  PROP_EMPTY_TITLE,
  PROP_EMPTY_TEXT,
  PROP_DETAIL,
  N_PROPS
};

enum { OPEN, MORE, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AirCollectionPage, air_collection_page, ADW_TYPE_BIN)

/* --- rows --------------------------------------------------------------- */

static void
setup_cb (AirCollectionPage *self, GtkListItem *item)
{
  gtk_list_item_set_child (item, self->row->setup ());
}

static void
changed_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  GtkListItem *item = user_data;
  AirCollectionPage *self = g_object_get_data (G_OBJECT (item), "page");

  self->row->update (gtk_list_item_get_child (item), object);
}

static void
bind_cb (AirCollectionPage *self, GtkListItem *item)
{
  gpointer object = gtk_list_item_get_item (item);

  g_object_set_data (G_OBJECT (item), "page", self);
  self->row->update (gtk_list_item_get_child (item), object);
  g_signal_connect_object (object, "notify", G_CALLBACK (changed_cb), item, 0);
}

static void
unbind_cb (AirCollectionPage *self, GtkListItem *item)
{
  g_signal_handlers_disconnect_by_data (gtk_list_item_get_item (item), item);
}

/* --- what is shown ------------------------------------------------------ */

static void
update (AirCollectionPage *self)
{
  const char *name, *error;

  if (self->state == AIR_CONNECTION_OPENING)
    name = "loading";
  else if (self->collection == NULL && self->failure != NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (self->failure, -1);

      adw_status_page_set_description (self->failed_page, escaped);
      name = "failed";
    }
  else if (self->collection == NULL)
    name = "disconnected";
  else if (air_collection_get_size (self->collection) > 0)
    name = "list";
  else if ((error = air_collection_get_error (self->collection)) != NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (error, -1);

      adw_status_page_set_description (self->error_page, escaped);
      name = "error";
    }
  else
    name = air_collection_get_loading (self->collection) ? "loading" : "empty";
  gtk_stack_set_visible_child_name (self->stack, name);
}

static void
select_wanted (AirCollectionPage *self)
{
  GListModel *model = G_LIST_MODEL (self->collection);

  for (guint i = 0; self->wanted != NULL && model != NULL && i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, i);

      if (g_strcmp0 (AIR_COLLECTION_GET_CLASS (self->collection)->get_id (item), self->wanted) == 0)
        {
          g_clear_pointer (&self->wanted, g_free);
          gtk_single_selection_set_selected (self->selection, i);
        }
    }
}

/* Who looks at the newest item goes on looking at the newest; who has scrolled away stays where they are. */
static void
items_changed_cb (AirCollectionPage *self, guint position, guint removed, guint added)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  if (position == 0 && added > 0 && gtk_adjustment_get_value (adjustment) < 1)
    gtk_list_view_scroll_to (self->list, 0, GTK_LIST_SCROLL_NONE, NULL);
  select_wanted (self);
}

static void
selected_cb (AirCollectionPage *self)
{
  gpointer item = gtk_single_selection_get_selected_item (self->selection);

  if (item == NULL)
    return;
  g_clear_pointer (&self->wanted, g_free);
  self->last = gtk_single_selection_get_selected (self->selection);
  g_signal_emit (self, signals[OPEN], 0, item);
}

/* Where the item was that went from the list, the next one stands. */
static gboolean
step (AirCollectionPage *self, int by)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  gboolean selected = gtk_single_selection_get_selected (self->selection) != GTK_INVALID_LIST_POSITION;
  gint64 to = (gint64) self->last + (selected ? by : MIN (by, 0));

  if (n == 0 || (selected && (to < 0 || to >= n)))
    return FALSE;
  to = CLAMP (to, 0, (gint64) n - 1);
  gtk_single_selection_set_selected (self->selection, (guint) to);
  gtk_list_view_scroll_to (self->list, (guint) to, GTK_LIST_SCROLL_NONE, NULL);
  return TRUE;
}

static void
step_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (!step (AIR_COLLECTION_PAGE (widget), g_str_equal (name, "list.next") ? 1 : -1))
    gtk_widget_error_bell (widget);
}

static void
activate_cb (AirCollectionPage *self, guint position)
{
  gtk_single_selection_set_selected (self->selection, position);
  selected_cb (self);
  air_collection_page_show_item (self);
}

static void
edge_reached_cb (AirCollectionPage *self, GtkPositionType position)
{
  if (position == GTK_POS_BOTTOM)
    g_signal_emit (self, signals[MORE], 0);
}

/* --- the object --------------------------------------------------------- */

static void
air_collection_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AirCollectionPage *self = AIR_COLLECTION_PAGE (object);

  if (id == PROP_DETAIL)
    g_value_set_object (value, self->detail);
  else if (id < PROP_DETAIL)
    g_value_set_string (value, self->texts[id - PROP_TITLE]);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
air_collection_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AirCollectionPage *self = AIR_COLLECTION_PAGE (object);

  if (id == PROP_DETAIL)
    {
      if (g_set_object (&self->detail, g_value_get_object (value)))
        {
          adw_bin_set_child (self->bin, self->detail);
          g_object_notify_by_pspec (object, pspec);
        }
    }
  else if (id < PROP_DETAIL)
    {
      if (g_set_str (&self->texts[id - PROP_TITLE], g_value_get_string (value)))
        g_object_notify_by_pspec (object, pspec);
      if (id == PROP_TITLE)
        gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                        self->texts[id - PROP_TITLE], -1);
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
air_collection_page_dispose (GObject *object)
{
  AirCollectionPage *self = AIR_COLLECTION_PAGE (object);

  g_clear_object (&self->collection);
  g_clear_object (&self->selection);
  g_clear_object (&self->detail);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_COLLECTION_PAGE);
  G_OBJECT_CLASS (air_collection_page_parent_class)->dispose (object);
}

static void
air_collection_page_finalize (GObject *object)
{
  AirCollectionPage *self = AIR_COLLECTION_PAGE (object);

  for (gsize i = 0; i < G_N_ELEMENTS (self->texts); i++)
    g_free (self->texts[i]);
  g_free (self->failure);
  g_free (self->wanted);
  G_OBJECT_CLASS (air_collection_page_parent_class)->finalize (object);
}

static void
air_collection_page_class_init (AirCollectionPageClass *klass)
{
  static const char *const texts[] = { "title",      "detail-title", "offline-text",
                                       "empty-icon", "empty-title",  "empty-text" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = air_collection_page_get_property;
  object_class->set_property = air_collection_page_set_property;
  object_class->dispose = air_collection_page_dispose;
  object_class->finalize = air_collection_page_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[PROP_TITLE + i] = g_param_spec_string (texts[i], NULL, NULL, NULL, flags);
  properties[PROP_DETAIL] = g_param_spec_object ("detail", NULL, NULL, GTK_TYPE_WIDGET, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[OPEN] = g_signal_new ("open", AIR_TYPE_COLLECTION_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                1, G_TYPE_OBJECT);
  signals[MORE] =
      g_signal_new ("more", AIR_TYPE_COLLECTION_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/collection-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirCollectionPage, split);
  gtk_widget_class_bind_template_child (widget_class, AirCollectionPage, stack);
  gtk_widget_class_bind_template_child (widget_class, AirCollectionPage, error_page);
  gtk_widget_class_bind_template_child (widget_class, AirCollectionPage, failed_page);
  gtk_widget_class_bind_template_child (widget_class, AirCollectionPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, AirCollectionPage, list);
  gtk_widget_class_bind_template_child (widget_class, AirCollectionPage, bin);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, edge_reached_cb);
  gtk_widget_class_install_action (widget_class, "list.next", NULL, step_action);
  gtk_widget_class_install_action (widget_class, "list.previous", NULL, step_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_j, 0, "list.next", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_k, 0, "list.previous", NULL);
}

static void
air_collection_page_init (AirCollectionPage *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  /* The template binds them before anybody sets them. */
  for (gsize i = 0; i < G_N_ELEMENTS (self->texts); i++)
    self->texts[i] = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list, factory);
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
}

/**
 * air_collection_page_set_row:
 * @self: a page
 * @row: how rows are made; lives as long as the page
 */
void
air_collection_page_set_row (AirCollectionPage *self, const AirCollectionRow *row)
{
  g_return_if_fail (AIR_IS_COLLECTION_PAGE (self));
  self->row = row;
}

/**
 * air_collection_page_set_collection:
 * @self: a page
 * @collection: (nullable): %NULL while @connection has none
 * @connection: what to say instead of the list comes from its state
 */
void
air_collection_page_set_collection (AirCollectionPage *self, AirCollection *collection, AirConnection *connection)
{
  g_return_if_fail (AIR_IS_COLLECTION_PAGE (self));
  self->state = air_connection_get_state (connection);
  g_set_str (&self->failure, self->state == AIR_CONNECTION_FAILED ? air_connection_get_error (connection) : NULL);
  if (collection != self->collection)
    {
      if (self->collection != NULL)
        g_signal_handlers_disconnect_by_data (self->collection, self);
      g_set_object (&self->collection, collection);
      gtk_single_selection_set_model (self->selection, G_LIST_MODEL (collection));
      if (collection != NULL)
        {
          g_signal_connect_object (collection, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (collection, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
        }
    }
  if (collection == NULL)
    adw_navigation_split_view_set_show_content (self->split, FALSE);
  update (self);
}

/**
 * air_collection_page_show_item:
 * @self: a page
 *
 * Where there is room for one of both, the item.
 */
void
air_collection_page_show_item (AirCollectionPage *self)
{
  g_return_if_fail (AIR_IS_COLLECTION_PAGE (self));
  adw_navigation_split_view_set_show_content (self->split, TRUE);
}

/**
 * air_collection_page_select:
 * @self: a page
 * @id: (nullable): the item with that id is selected as soon as the list has it; until then, and if it never has, none
 */
void
air_collection_page_select (AirCollectionPage *self, const char *id)
{
  g_return_if_fail (AIR_IS_COLLECTION_PAGE (self));
  g_set_str (&self->wanted, id);
  select_wanted (self);
  if (self->wanted != NULL)
    gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
}

/**
 * air_collection_page_select_next:
 * @self: a page
 *
 * Returns: %FALSE: there is no next one
 */
gboolean
air_collection_page_select_next (AirCollectionPage *self)
{
  g_return_val_if_fail (AIR_IS_COLLECTION_PAGE (self), FALSE);
  return step (self, 1);
}
