/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-run-page.h"

#include <glib/gi18n.h>

#include "app/air-canvas-view.h"
#include "app/air-format.h"
#include "app/air-run-state.h"
#include "app/air-status.h"
#include "app/air-workflow-scene.h"
#include "canvas/air-canvas.h"

#define RELOAD_DELAY_MS 150

struct _AirRunPage {
  AdwBin parent_instance;
  AdwWindowTitle *title;
  GtkStack *stack;
  AdwStatusPage *error_page;
  AirCanvasView *view;
  GtkListBox *timeline;
  GtkWidget *menu_button;
  AirCanvas *canvas; /* of the view */
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

static GtkWidget *
add_label (GtkWidget *box, const char *text, const char *css)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static GtkWidget *
make_row (AirRunEntry *entry)
{
  AirNodeStatus status = air_run_entry_get_status (entry);
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12),
            *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1), *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1),
            *image = gtk_image_new_from_icon_name (air_status_get_icon (status)), *label;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local_usec (air_run_entry_get_time_us (entry));
  /* Translators: a time of day with seconds, see g_date_time_format() */
  g_autofree char *clock = g_date_time_format (time, C_ ("time of day", "%H:%M:%S"));
  g_autofree char *whole = air_format_time (air_run_entry_get_time_us (entry)), *tip = NULL, *number = NULL;
  g_autofree char *index = air_format_count (air_run_entry_get_index (entry));
  const char *words = air_node_status_to_words (status);

  gtk_widget_add_css_class (image, air_status_get_css_class (status));
  gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL, words != NULL ? words : "",
                                  -1);
  gtk_box_append (GTK_BOX (box), image);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  add_label (texts, air_run_entry_get_title (entry), NULL);
  if (*air_run_entry_get_detail (entry) != '\0')
    gtk_widget_add_css_class (add_label (texts, air_run_entry_get_detail (entry), "caption"), "dimmed");
  gtk_box_append (GTK_BOX (box), texts);
  gtk_widget_set_valign (side, GTK_ALIGN_CENTER);
  label = add_label (side, clock, "caption");
  gtk_label_set_wrap (GTK_LABEL (label), FALSE);
  gtk_widget_add_css_class (label, "numeric");
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  /* Translators: the number of an entry in the ledger */
  number = g_strdup_printf (C_ ("ledger entry", "no. %s"), index);
  label = add_label (side, number, "caption");
  gtk_label_set_wrap (GTK_LABEL (label), FALSE);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, "dimmed");
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_box_append (GTK_BOX (box), side);
  /* Translators: the number of an entry, and its date and time */
  tip = g_strdup_printf (_ ("Ledger entry %s, %s"), index, whole);
  gtk_widget_set_tooltip_text (row, tip);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
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

/* How the run stands, in words: the last thing its ledger says. */
static void
show_title (AirRunPage *self)
{
  GListModel *entries = air_run_state_get_entries (self->state);
  guint n = g_list_model_get_n_items (entries);
  g_autoptr (AirRunEntry) last = n > 0 ? g_list_model_get_item (entries, n - 1) : NULL;

  adw_window_title_set_title (self->title, last == NULL                            ? _ ("Run")
                                           : air_run_state_is_closed (self->state) ? air_run_entry_get_title (last)
                                                                                   : _ ("Run Under Way"));
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
  show_title (self);
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
zoom_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_activate_action (GTK_WIDGET (AIR_RUN_PAGE (widget)->view), name, NULL);
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirRunPage *self = AIR_RUN_PAGE (widget);
  g_autofree char *text = NULL;

  if (self->run == NULL)
    return;
  if (g_str_equal (name, "run.open-entry"))
    {
      text = g_strdup_printf ("airails://entry/%s", self->run);
      gtk_widget_activate_action (widget, "win.open-link", "s", text);
      return;
    }
  text = g_str_equal (name, "run.copy-id") ? g_strdup (self->run) : g_strdup_printf ("airails://run/%s", self->run);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  gtk_widget_activate_action (widget, "win.toast", "s", _ ("Copied"));
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
  g_type_ensure (AIR_TYPE_CANVAS_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/run-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, title);
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, stack);
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, error_page);
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, view);
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, AirRunPage, timeline);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_install_action (widget_class, "run.open-entry", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "run.copy-id", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "run.copy-link", NULL, open_action);
  air_canvas_view_add_actions (widget_class, zoom_action);
}

static void
air_run_page_init (AirRunPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->canvas = air_canvas_view_get_canvas (self->view);
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
  adw_window_title_set_title (self->title, _ ("Run"));
  adw_window_title_set_subtitle (self->title, run != NULL ? run : "");
  gtk_widget_set_visible (self->menu_button, run != NULL);
  load (self);
}
