/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-runs-page.h"

#include <glib/gi18n.h>

#include "app/air-format.h"
#include "app/air-run-page.h"
#include "base/air-clock.h"

struct _AirRunsPage {
  AdwBin parent_instance;
  AdwNavigationSplitView *split;
  GtkStack *stack;
  AdwStatusPage *error_page;
  GtkScrolledWindow *scroller;
  GtkListView *list;
  AirRunPage *run_page;
  AirConnection *connection;
  AirRunList *runs;
  GtkSingleSelection *selection;
};

G_DEFINE_FINAL_TYPE (AirRunsPage, air_runs_page, ADW_TYPE_BIN)

/* --- rows --------------------------------------------------------------- */

static const struct {
  const char *state;
  const char *words;
  const char *icon;
  const char *css;
} states[] = {
  { "received", NC_ ("state of a run", "Received"), "media-playback-start-symbolic", "accent" },
  { "running", NC_ ("state of a run", "Running"), "media-playback-start-symbolic", "accent" },
  { "waiting-gate", NC_ ("state of a run", "Waits for people"), "media-playback-pause-symbolic", "warning" },
  { "waiting-timer", NC_ ("state of a run", "Waits for a time"), "media-playback-pause-symbolic", "warning" },
  { "waiting-signal", NC_ ("state of a run", "Waits for a signal"), "media-playback-pause-symbolic", "warning" },
  { "unknown-outcome", NC_ ("state of a run", "Finds out what happened"), "dialog-question-symbolic", "warning" },
  { "compensating", NC_ ("state of a run", "Undoes what was done"), "edit-undo-symbolic", "warning" },
  { "completed", NC_ ("state of a run", "Completed"), "object-select-symbolic", "success" },
  { "failed", NC_ ("state of a run", "Failed"), "window-close-symbolic", "error" },
  { "cancelled", NC_ ("state of a run", "Cancelled"), "window-close-symbolic", "dimmed" },
};

static void
update_row (GtkWidget *row, AirRunItem *item)
{
  GtkImage *image = g_object_get_data (G_OBJECT (row), "image");
  g_autofree char *text = NULL, *when = NULL;
  const char *words = air_run_item_get_state (item), *outcome = air_run_item_get_outcome (item);

  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    {
      gtk_widget_remove_css_class (GTK_WIDGET (image), states[i].css);
      if (g_strcmp0 (states[i].state, air_run_item_get_state (item)) == 0)
        words = g_dpgettext2 (NULL, "state of a run", states[i].words);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (states[i].state, air_run_item_get_state (item)) == 0)
      {
        gtk_image_set_from_icon_name (image, states[i].icon);
        gtk_widget_add_css_class (GTK_WIDGET (image), states[i].css);
      }
  text = outcome != NULL && g_strcmp0 (outcome, air_run_item_get_state (item)) != 0
             ? g_strdup_printf (C_ ("state and outcome of a run", "%s: %s"), words, outcome)
             : g_strdup (words);
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "title"), text);
  if (air_run_item_get_started_us (item) > 0)
    when = air_format_time (air_run_item_get_started_us (item));
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "when"), when);
  gtk_widget_set_visible (g_object_get_data (G_OBJECT (row), "when"), when != NULL);
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "id"), air_run_item_get_id (item));
}

static GtkWidget *
add_label (GtkWidget *row, GtkWidget *box, const char *name, const char *css)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, css);
  gtk_box_append (GTK_BOX (box), label);
  g_object_set_data (G_OBJECT (row), name, label);
  return label;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2),
            *image = gtk_image_new ();

  gtk_widget_set_margin_top (row, 8);
  gtk_widget_set_margin_bottom (row, 8);
  gtk_widget_set_valign (image, GTK_ALIGN_START);
  gtk_widget_set_margin_top (image, 2);
  gtk_accessible_update_state (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_box_append (GTK_BOX (row), image);
  gtk_box_append (GTK_BOX (row), box);
  g_object_set_data (G_OBJECT (row), "image", image);
  add_label (row, box, "title", "heading");
  add_label (row, box, "when", "caption");
  gtk_widget_add_css_class (add_label (row, box, "id", "caption"), "dimmed");
  gtk_list_item_set_child (item, row);
}

static void
changed_cb (AirRunItem *run, GParamSpec *pspec, GtkWidget *row)
{
  update_row (row, run);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *row = gtk_list_item_get_child (item);

  update_row (row, gtk_list_item_get_item (item));
  g_signal_connect_object (gtk_list_item_get_item (item), "notify", G_CALLBACK (changed_cb), row, 0);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  g_signal_handlers_disconnect_by_data (gtk_list_item_get_item (item), gtk_list_item_get_child (item));
}

/* --- what is shown ------------------------------------------------------ */

static void
update (AirRunsPage *self)
{
  const char *name;

  if (air_connection_get_state (self->connection) == AIR_CONNECTION_OPENING)
    name = "loading";
  else if (self->runs == NULL)
    name = "disconnected";
  else if (g_list_model_get_n_items (G_LIST_MODEL (self->runs)) > 0)
    name = "list";
  else if (air_collection_get_error (AIR_COLLECTION (self->runs)) != NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (air_collection_get_error (AIR_COLLECTION (self->runs)), -1);

      adw_status_page_set_description (self->error_page, escaped);
      name = "error";
    }
  else
    name = air_collection_get_loading (AIR_COLLECTION (self->runs)) ? "loading" : "empty";
  gtk_stack_set_visible_child_name (self->stack, name);
}

/* Who looks at the newest run goes on looking at the newest; who has scrolled away stays where they are. */
static void
items_changed_cb (AirRunsPage *self, guint position, guint removed, guint added)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  if (position == 0 && added > 0 && gtk_adjustment_get_value (adjustment) < 1)
    gtk_list_view_scroll_to (self->list, 0, GTK_LIST_SCROLL_NONE, NULL);
}

static void
connection_changed_cb (AirRunsPage *self)
{
  AirRunList *runs = air_connection_get_runs (self->connection);

  if (runs != self->runs)
    {
      if (self->runs != NULL)
        g_signal_handlers_disconnect_by_data (self->runs, self);
      g_set_object (&self->runs, runs);
      gtk_single_selection_set_model (self->selection, G_LIST_MODEL (runs));
      if (runs != NULL)
        {
          g_signal_connect_object (runs, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (runs, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
        }
    }
  if (runs == NULL)
    adw_navigation_split_view_set_show_content (self->split, FALSE);
  update (self);
}

static void
selected_cb (AirRunsPage *self)
{
  AirRunItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (item != NULL)
    air_run_page_show (self->run_page, air_run_item_get_id (item));
}

static void
activate_cb (AirRunsPage *self, guint position)
{
  gtk_single_selection_set_selected (self->selection, position);
  selected_cb (self);
  adw_navigation_split_view_set_show_content (self->split, TRUE);
}

static void
edge_reached_cb (AirRunsPage *self, GtkPositionType position)
{
  if (position == GTK_POS_BOTTOM && self->runs != NULL)
    air_run_list_load_more (self->runs);
}

static void
air_runs_page_dispose (GObject *object)
{
  AirRunsPage *self = AIR_RUNS_PAGE (object);

  g_clear_object (&self->runs);
  g_clear_object (&self->connection);
  g_clear_object (&self->selection);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_RUNS_PAGE);
  G_OBJECT_CLASS (air_runs_page_parent_class)->dispose (object);
}

static void
air_runs_page_class_init (AirRunsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_runs_page_dispose;
  g_type_ensure (AIR_TYPE_RUN_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/runs-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirRunsPage, split);
  gtk_widget_class_bind_template_child (widget_class, AirRunsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, AirRunsPage, error_page);
  gtk_widget_class_bind_template_child (widget_class, AirRunsPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, AirRunsPage, list);
  gtk_widget_class_bind_template_child (widget_class, AirRunsPage, run_page);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, edge_reached_cb);
}

static void
air_runs_page_init (AirRunsPage *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  gtk_list_view_set_factory (self->list, factory);
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
}

GtkWidget *
air_runs_page_new (AirConnection *connection)
{
  AirRunsPage *self = g_object_new (AIR_TYPE_RUNS_PAGE, NULL);

  self->connection = g_object_ref (connection);
  air_run_page_set_connection (self->run_page, connection);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (connection_changed_cb), self, G_CONNECT_SWAPPED);
  connection_changed_cb (self);
  return GTK_WIDGET (self);
}

void
air_runs_page_show (AirRunsPage *self, const char *run)
{
  air_run_page_show (self->run_page, run);
  adw_navigation_split_view_set_show_content (self->split, TRUE);
}
