/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-gates-page.h"

#include <glib/gi18n.h>

#include "app/air-collection-page.h"
#include "app/air-format.h"
#include "app/air-gate-page.h"
#include "base/air-clock.h"

struct _AirGatesPage {
  AdwBin parent_instance;
  AirCollectionPage *page;
  AirGatePage *gate_page;
  AirConnection *connection;
};

G_DEFINE_FINAL_TYPE (AirGatesPage, air_gates_page, ADW_TYPE_BIN)

static GtkWidget *
row_label (GtkWidget *row, const char *name, const char *css)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  gtk_box_append (GTK_BOX (row), label);
  g_object_set_data (G_OBJECT (row), name, label);
  return label;
}

static GtkWidget *
setup_row (void)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *title;

  gtk_widget_set_margin_top (row, 8);
  gtk_widget_set_margin_bottom (row, 8);
  title = row_label (row, "title", "heading");
  /* An amount that is cut off is another amount. */
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (title), PANGO_WRAP_WORD_CHAR);
  row_label (row, "detail", "caption");
  gtk_widget_add_css_class (row_label (row, "run", "caption"), "dimmed");
  return row;
}

static void
update_row (GtkWidget *row, gpointer item)
{
  GtkLabel *title = g_object_get_data (G_OBJECT (row), "title"), *detail = g_object_get_data (G_OBJECT (row), "detail");
  int counted = (int) air_gate_item_get_counted (item), quorum = (int) air_gate_item_get_quorum (item);
  g_autofree char *given =
      g_strdup_printf (ngettext ("%d of %d approval", "%d of %d approvals", (gulong) quorum), counted, quorum);
  g_autofree char *text = NULL, *plain = NULL, *line = NULL;
  const char *summary = air_gate_item_get_summary (item);

  plain = air_format_untrusted (summary != NULL ? summary : air_gate_item_get_title (item));
  if (air_gate_item_get_amount_minor (item) != 0)
    {
      g_autofree char *amount =
          air_format_money (air_gate_item_get_amount_minor (item), air_gate_item_get_currency (item));

      line = g_strdup_printf (C_ ("action and amount", "%s: %s"), plain, amount);
    }
  gtk_label_set_text (title, line != NULL ? line : plain);
  if (air_gate_item_get_deadline_us (item) > 0)
    {
      g_autofree char *left =
          air_format_relative (air_gate_item_get_deadline_us (item), air_clock_now_us (air_clock_system ()));

      text = g_strdup_printf (C_ ("state of a request", "%s · deadline %s"), given, left);
    }
  gtk_label_set_text (detail, text != NULL ? text : given);
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "run"), air_gate_item_get_run (item));
}

static const AirCollectionRow gate_row = { setup_row, update_row };

static void
connection_changed_cb (AirGatesPage *self)
{
  air_collection_page_set_collection (self->page, (AirCollection *) air_connection_get_gates (self->connection),
                                      air_connection_get_state (self->connection));
}

static void
open_cb (AirGatesPage *self, AirGateItem *item)
{
  air_gate_page_show (self->gate_page, air_gate_item_get_run (item), air_gate_item_get_node (item));
}

static void
air_gates_page_dispose (GObject *object)
{
  g_clear_object (&AIR_GATES_PAGE (object)->connection);
  G_OBJECT_CLASS (air_gates_page_parent_class)->dispose (object);
}

static void
air_gates_page_class_init (AirGatesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_gates_page_dispose;
  g_type_ensure (AIR_TYPE_COLLECTION_PAGE);
  g_type_ensure (AIR_TYPE_GATE_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/gates-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirGatesPage, page);
  gtk_widget_class_bind_template_child (widget_class, AirGatesPage, gate_page);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
}

static void
air_gates_page_init (AirGatesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  air_collection_page_set_row (self->page, &gate_row);
}

/**
 * air_gates_page_new:
 * @connection: whom it shows
 *
 * Returns: (transfer floating): the page
 */
GtkWidget *
air_gates_page_new (AirConnection *connection)
{
  AirGatesPage *self = g_object_new (AIR_TYPE_GATES_PAGE, NULL);

  self->connection = g_object_ref (connection);
  air_gate_page_set_connection (self->gate_page, connection);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (connection_changed_cb), self, G_CONNECT_SWAPPED);
  connection_changed_cb (self);
  return GTK_WIDGET (self);
}

/**
 * air_gates_page_show:
 * @self: a page
 * @run: the run's id
 * @node: the step
 *
 * Opens one request, also when it is not, or no longer, in the list.
 */
void
air_gates_page_show (AirGatesPage *self, const char *run, const char *node)
{
  air_gate_page_show (self->gate_page, run, node);
  air_collection_page_show_item (self->page);
}
