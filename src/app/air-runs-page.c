/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-runs-page.h"

#include <glib/gi18n.h>

#include "app/air-collection-page.h"
#include "app/air-format.h"
#include "app/air-run-page.h"
#include "app/air-status.h"

struct _AirRunsPage {
  AdwBin parent_instance;
  AirCollectionPage *page;
  AirRunPage *run_page;
  AirConnection *connection;
};

G_DEFINE_FINAL_TYPE (AirRunsPage, air_runs_page, ADW_TYPE_BIN)

static void
update_row (GtkWidget *row, gpointer item)
{
  static const char *const classes[] = { "success", "error", "warning", "accent" };
  GtkImage *image = g_object_get_data (G_OBJECT (row), "image");
  AirNodeStatus status = air_run_state_to_status (air_run_item_get_state (item));
  const char *words = air_run_state_to_words (air_run_item_get_state (item)),
             *outcome = air_run_item_get_outcome (item), *id = air_run_item_get_id (item);
  g_autofree char *text = NULL, *when = NULL, *tail = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (image), classes[i]);
  gtk_widget_add_css_class (GTK_WIDGET (image), air_status_get_css_class (status));
  gtk_image_set_from_icon_name (image, air_status_get_icon (status));
  text = outcome != NULL && g_strcmp0 (outcome, air_run_item_get_state (item)) != 0
             ? g_strdup_printf (C_ ("state and outcome of a run", "%s: %s"), words, outcome)
             : g_strdup (words);
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "title"), text);
  if (air_run_item_get_started_us (item) > 0)
    when = air_format_time (air_run_item_get_started_us (item));
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "when"), when);
  gtk_widget_set_visible (g_object_get_data (G_OBJECT (row), "when"), when != NULL);
  /* An identifier begins with its time, which stands there in words; its end tells runs apart. */
  if (strlen (id) > 12)
    tail = g_strconcat ("…", id + strlen (id) - 12, NULL);
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "id"), tail != NULL ? tail : id);
  gtk_widget_set_tooltip_text (row, id);
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

static GtkWidget *
setup_row (void)
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
  gtk_widget_add_css_class (add_label (row, box, "when", "caption"), "numeric");
  gtk_widget_add_css_class (add_label (row, box, "id", "caption"), "dimmed");
  return row;
}

static const AirCollectionRow run_row = { setup_row, update_row };

static void
connection_changed_cb (AirRunsPage *self)
{
  air_collection_page_set_collection (self->page, (AirCollection *) air_connection_get_runs (self->connection),
                                      self->connection);
}

static void
open_cb (AirRunsPage *self, AirRunItem *item)
{
  air_run_page_show (self->run_page, air_run_item_get_id (item));
}

static void
more_cb (AirRunsPage *self)
{
  AirRunList *runs = air_connection_get_runs (self->connection);

  if (runs != NULL)
    air_run_list_load_more (runs);
}

static void
air_runs_page_dispose (GObject *object)
{
  g_clear_object (&AIR_RUNS_PAGE (object)->connection);
  G_OBJECT_CLASS (air_runs_page_parent_class)->dispose (object);
}

static void
air_runs_page_class_init (AirRunsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_runs_page_dispose;
  g_type_ensure (AIR_TYPE_COLLECTION_PAGE);
  g_type_ensure (AIR_TYPE_RUN_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/runs-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirRunsPage, page);
  gtk_widget_class_bind_template_child (widget_class, AirRunsPage, run_page);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
  gtk_widget_class_bind_template_callback (widget_class, more_cb);
}

static void
air_runs_page_init (AirRunsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  air_collection_page_set_row (self->page, &run_row);
}

/**
 * air_runs_page_new:
 * @connection: whom it shows
 *
 * Returns: (transfer floating): the page
 */
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

/**
 * air_runs_page_show:
 * @self: a page
 * @run: the run's id
 *
 * Opens one run, also when it is not in the list.
 */
void
air_runs_page_show (AirRunsPage *self, const char *run)
{
  air_run_page_show (self->run_page, run);
  air_collection_page_select (self->page, run);
  air_collection_page_show_item (self->page);
}
