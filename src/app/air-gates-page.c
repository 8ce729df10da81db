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
setup_row (void)
{
  static const struct {
    const char *name;
    const char *css[2];
  } labels[] = {
    { "amount", { "title-4", "numeric" } },
    { "title", { "heading", NULL } },
    { "detail", { "caption", "numeric" } },
  };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_widget_set_margin_top (row, 10);
  gtk_widget_set_margin_bottom (row, 10);
  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      GtkWidget *label = gtk_label_new (NULL);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      /* An amount that is cut off is another amount. */
      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
      for (gsize j = 0; j < G_N_ELEMENTS (labels[i].css) && labels[i].css[j] != NULL; j++)
        gtk_widget_add_css_class (label, labels[i].css[j]);
      gtk_box_append (GTK_BOX (row), label);
      g_object_set_data (G_OBJECT (row), labels[i].name, label);
    }
  return row;
}

static void
update_row (GtkWidget *row, gpointer item)
{
  GtkLabel *amount = g_object_get_data (G_OBJECT (row), "amount"), *title = g_object_get_data (G_OBJECT (row), "title"),
           *detail = g_object_get_data (G_OBJECT (row), "detail");
  int counted = (int) air_gate_item_get_counted (item), quorum = (int) air_gate_item_get_quorum (item);
  gint64 deadline = air_gate_item_get_deadline_us (item), now = air_clock_now_us (air_clock_system ());
  const char *summary = air_gate_item_get_summary (item);
  g_autofree char *given =
      g_strdup_printf (ngettext ("%d of %d approval", "%d of %d approvals", (gulong) quorum), counted, quorum);
  g_autofree char *text = NULL, *plain = NULL, *money = NULL;

  plain = air_format_untrusted (summary != NULL ? summary : air_gate_item_get_title (item));
  gtk_label_set_text (title, plain);
  if (air_gate_item_get_amount_minor (item) != 0)
    money = air_format_money (air_gate_item_get_amount_minor (item), air_gate_item_get_currency (item));
  gtk_label_set_text (amount, money);
  gtk_widget_set_visible (GTK_WIDGET (amount), money != NULL);
  if (deadline > 0)
    {
      g_autofree char *left = air_format_relative (deadline, now);

      text = g_strdup_printf (C_ ("state of a request", "%s · deadline %s"), given, left);
    }
  gtk_label_set_text (detail, text != NULL ? text : given);
  if (deadline > 0 && deadline - now < G_TIME_SPAN_HOUR)
    gtk_widget_add_css_class (GTK_WIDGET (detail), "warning");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (detail), "warning");
  gtk_widget_set_tooltip_text (row, air_gate_item_get_run (item));
}

static const AirCollectionRow gate_row = { setup_row, update_row };

static void
connection_changed_cb (AirGatesPage *self)
{
  air_collection_page_set_collection (self->page, (AirCollection *) air_connection_get_gates (self->connection),
                                      self->connection);
}

static void
open_cb (AirGatesPage *self, AirGateItem *item)
{
  air_gate_page_show (self->gate_page, air_gate_item_get_run (item), air_gate_item_get_node (item));
}

static void
next_cb (AirGatesPage *self)
{
  if (!air_collection_page_select_next (self->page))
    air_gate_page_show (self->gate_page, NULL, NULL);
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
  gtk_widget_class_bind_template_callback (widget_class, next_cb);
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
  g_autofree char *id = g_strdup_printf ("%s/%s", run, node);

  air_gate_page_show (self->gate_page, run, node);
  air_collection_page_select (self->page, id);
  air_collection_page_show_item (self->page);
}
