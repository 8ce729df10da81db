/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-run-page.h"

#include <glib/gi18n.h>

#include "app/air-format.h"
#include "app/air-run-state.h"
#include "app/air-workflow-scene.h"
#include "canvas/air-canvas.h"

#define RELOAD_DELAY_MS 150

struct _AirRunPage {
  AdwBin parent_instance;
  AdwWindowTitle *title;
  GtkStack *stack;
  AdwStatusPage *error_page;
  AirCanvas *canvas;
  GtkListBox *timeline;
  AirConnection *connection;
  AirWorkflow *workflow; /* whose scene the canvas has */
  char *run;
  AirRunState *state;
  GCancellable *cancellable;
  guint reload_source;
};

G_DEFINE_FINAL_TYPE (AirRunPage, air_run_page, ADW_TYPE_BIN)

static void load (AirRunPage *self);

/* --- showing ------------------------------------------------------------ */

static const char *
icon_of (AirNodeStatus status)
{
  switch (status)
    {
    case AIR_NODE_STATUS_DONE:
      return "object-select-symbolic";
    case AIR_NODE_STATUS_FAILED:
      return "window-close-symbolic";
    case AIR_NODE_STATUS_WAITING:
      return "media-playback-pause-symbolic";
    case AIR_NODE_STATUS_UNKNOWN:
      return "dialog-question-symbolic";
    case AIR_NODE_STATUS_UNDONE:
      return "edit-undo-symbolic";
    case AIR_NODE_STATUS_RUNNING:
    default:
      return "media-playback-start-symbolic";
    }
}

static const char *
css_of (AirNodeStatus status)
{
  switch (status)
    {
    case AIR_NODE_STATUS_DONE:
      return "success";
    case AIR_NODE_STATUS_FAILED:
      return "error";
    case AIR_NODE_STATUS_WAITING:
    case AIR_NODE_STATUS_UNKNOWN:
      return "warning";
    default:
      return "accent";
    }
}

static GtkWidget *
make_row (AirRunEntry *entry)
{
  GtkWidget *row = adw_action_row_new (),
            *image = gtk_image_new_from_icon_name (icon_of (air_run_entry_get_status (entry)));
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local_usec (air_run_entry_get_time_us (entry));
  /* Translators: a time of day with seconds and parts of them, see g_date_time_format() */
  g_autofree char *clock = g_date_time_format (time, C_ ("time of day", "%H:%M:%S"));
  g_autofree char *whole = air_format_time (air_run_entry_get_time_us (entry)), *tip = NULL;
  GtkWidget *label = gtk_label_new (clock);
  const char *words = air_node_status_to_words (air_run_entry_get_status (entry));

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), air_run_entry_get_title (entry));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), air_run_entry_get_detail (entry));
  gtk_widget_add_css_class (image, css_of (air_run_entry_get_status (entry)));
  gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL, words != NULL ? words : "",
                                  -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dimmed");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  tip = g_strdup_printf (_ ("Ledger entry %" G_GUINT64_FORMAT ", %s"), air_run_entry_get_index (entry), whole);
  gtk_widget_set_tooltip_text (row, tip);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "entry", g_object_ref (entry), g_object_unref);
  return row;
}

/* Entries are only ever appended, so the rows that are there stay. */
static void
show_timeline (AirRunPage *self, guint known)
{
  GListModel *entries = air_run_state_get_entries (self->state);

  for (guint i = known; i < g_list_model_get_n_items (entries); i++)
    {
      g_autoptr (AirRunEntry) entry = g_list_model_get_item (entries, i);

      gtk_list_box_append (self->timeline, make_row (entry));
    }
}

static void
show_on_canvas (AirRunPage *self)
{
  AirScene *scene;

  if (self->workflow != air_connection_get_workflow (self->connection))
    {
      AirWorkflow *workflow = air_connection_get_workflow (self->connection);
      g_autoptr (AirScene) made = workflow != NULL ? air_workflow_scene_new (workflow) : NULL;

      g_clear_pointer (&self->workflow, air_workflow_unref);
      self->workflow = workflow != NULL ? air_workflow_ref (workflow) : NULL;
      air_canvas_set_scene (self->canvas, made);
    }
  scene = air_canvas_get_scene (self->canvas);
  air_canvas_set_centre (self->canvas, air_run_state_get_last_node (self->state));
  for (guint i = 0; scene != NULL && i < air_scene_get_n_nodes (scene); i++)
    air_canvas_set_status (self->canvas, air_scene_get_node (scene, i)->id,
                           air_run_state_get_status (self->state, air_scene_get_node (scene, i)->id));
  for (guint i = 0; scene != NULL && i < air_scene_get_n_edges (scene); i++)
    air_canvas_set_taken (self->canvas, air_scene_get_edge (scene, i)->id,
                          air_run_state_is_taken (self->state, air_scene_get_edge (scene, i)->id));
}

static void
show_error (AirRunPage *self, const char *message)
{
  g_autofree char *escaped = g_markup_escape_text (message, -1);

  adw_status_page_set_description (self->error_page, escaped);
  gtk_stack_set_visible_child_name (self->stack, "error");
}

static void
loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AirRunPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AirValue) document = air_client_get_finish (AIR_CLIENT (object), result, &error);
  g_autoptr (AirRunState) state = NULL;
  AirValue *items;
  guint known;

  if (document == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        show_error (self, error->message);
      return;
    }
  items = air_map_get_list (document, "items");
  state = items != NULL ? air_run_state_new (air_connection_get_workflow (self->connection), items, &error) : NULL;
  if (state == NULL)
    {
      show_error (self, error != NULL ? error->message : _ ("The runtime’s answer has no entries."));
      return;
    }
  known = self->state != NULL ? g_list_model_get_n_items (air_run_state_get_entries (self->state)) : 0;
  g_clear_pointer (&self->state, air_run_state_free);
  self->state = g_steal_pointer (&state);
  show_on_canvas (self);
  show_timeline (self, known);
  gtk_stack_set_visible_child_name (self->stack, "run");
}

static void
load (AirRunPage *self)
{
  AirClient *client = self->connection != NULL ? air_connection_get_client (self->connection) : NULL;
  g_autofree char *path = NULL;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (client == NULL || self->run == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "empty");
      return;
    }
  if (self->state == NULL)
    gtk_stack_set_visible_child_name (self->stack, "loading");
  self->cancellable = g_cancellable_new ();
  path = air_client_run_path (self->run, "entries");
  air_client_get_async (client, path, self->cancellable, loaded_cb, g_object_ref (self));
}

static gboolean
reload_cb (gpointer user_data)
{
  AirRunPage *self = user_data;

  self->reload_source = 0;
  load (self);
  return G_SOURCE_REMOVE;
}

static void
run_event_cb (AirRunPage *self, const char *name, AirValue *data, AirEventStream *stream)
{
  if (self->run != NULL && g_strcmp0 (air_map_get_string (data, "id"), self->run) == 0 && self->reload_source == 0)
    self->reload_source = g_timeout_add (RELOAD_DELAY_MS, reload_cb, self);
}

static void
connection_changed_cb (AirRunPage *self)
{
  AirEventStream *stream = air_connection_get_stream (self->connection);

  if (stream != NULL && !g_object_get_data (G_OBJECT (stream), "run-page"))
    {
      g_object_set_data (G_OBJECT (stream), "run-page", self);
      g_signal_connect_object (stream, "event::run", G_CALLBACK (run_event_cb), self, G_CONNECT_SWAPPED);
    }
  if (air_connection_get_state (self->connection) == AIR_CONNECTION_CLOSED)
    air_run_page_show (self, NULL);
}

static void
row_activated_cb (AirRunPage *self, GtkListBoxRow *row)
{
  AirRunEntry *entry = g_object_get_data (G_OBJECT (row), "entry");

  air_canvas_set_selected (self->canvas, air_run_entry_get_node (entry));
  if (air_run_entry_get_node (entry) != NULL)
    air_canvas_reveal (self->canvas, air_run_entry_get_node (entry));
}

static void
air_run_page_dispose (GObject *object)
{
  AirRunPage *self = AIR_RUN_PAGE (object);

  g_clear_handle_id (&self->reload_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->workflow, air_workflow_unref);
  g_clear_pointer (&self->state, air_run_state_free);
  g_clear_pointer (&self->run, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_RUN_PAGE);
  G_OBJECT_CLASS (air_run_page_parent_class)->dispose (object);
}

static void
air_run_page_class_init (AirRunPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_run_page_dispose;
  g_type_ensure (AIR_TYPE_CANVAS);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/run-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, title);
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, stack);
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, error_page);
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, canvas);
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, timeline);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
}

static void
air_run_page_init (AirRunPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * air_run_page_set_connection:
 * @self: a page
 * @connection: whom it asks
 *
 * Once, before anything is shown.
 */
void
air_run_page_set_connection (AirRunPage *self, AirConnection *connection)
{
  g_set_object (&self->connection, connection);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (connection_changed_cb), self, G_CONNECT_SWAPPED);
  connection_changed_cb (self);
}

/**
 * air_run_page_show:
 * @self: a page
 * @run: (nullable): the run's id; %NULL: none
 *
 * Asking for the run already shown keeps what is shown.
 */
void
air_run_page_show (AirRunPage *self, const char *run)
{
  if (run != NULL && g_strcmp0 (run, self->run) == 0)
    return;
  g_clear_handle_id (&self->reload_source, g_source_remove);
  g_set_str (&self->run, run);
  g_clear_pointer (&self->state, air_run_state_free);
  gtk_list_box_remove_all (self->timeline);
  air_canvas_clear_overlay (self->canvas);
  air_canvas_set_auto_fit (self->canvas, TRUE);
  adw_window_title_set_subtitle (self->title, run != NULL ? run : "");
  load (self);
}
