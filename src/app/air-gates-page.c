/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-gates-page.h"

#include <glib/gi18n.h>

#include "app/air-format.h"
#include "app/air-gate-page.h"
#include "base/air-clock.h"

struct _AirGatesPage {
  AdwBin parent_instance;
  AdwNavigationSplitView *split;
  GtkStack *stack;
  AdwStatusPage *error_page;
  GtkListView *list;
  AdwBin *detail;
  AirConnection *connection;
  AirGateList *gates;
  GtkSingleSelection *selection;
};

G_DEFINE_FINAL_TYPE (AirGatesPage, air_gates_page, ADW_TYPE_BIN)

/* --- rows --------------------------------------------------------------- */

static void
update_row (GtkWidget *row, AirGateItem *item)
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

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_widget_set_margin_top (row, 8);
  gtk_widget_set_margin_bottom (row, 8);
  row_label (row, "title", "heading");
  row_label (row, "detail", "caption");
  gtk_widget_add_css_class (row_label (row, "run", "caption"), "dimmed");
  gtk_list_item_set_child (item, row);
}

static void
changed_cb (AirGateItem *gate, GParamSpec *pspec, GtkWidget *row)
{
  update_row (row, gate);
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
update (AirGatesPage *self)
{
  AirConnectionState state = air_connection_get_state (self->connection);
  const char *name = "list";

  if (state == AIR_CONNECTION_OPENING)
    name = "loading";
  else if (self->gates == NULL)
    name = "disconnected";
  else if (g_list_model_get_n_items (G_LIST_MODEL (self->gates)) > 0)
    name = "list";
  else if (air_collection_get_error (AIR_COLLECTION (self->gates)) != NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (air_collection_get_error (AIR_COLLECTION (self->gates)), -1);

      adw_status_page_set_description (self->error_page, escaped);
      name = "error";
    }
  else if (air_collection_get_loading (AIR_COLLECTION (self->gates)))
    name = "loading";
  else
    name = "empty";
  gtk_stack_set_visible_child_name (self->stack, name);
}

static void
connection_changed_cb (AirGatesPage *self)
{
  AirGateList *gates = air_connection_get_gates (self->connection);

  if (gates != self->gates)
    {
      if (self->gates != NULL)
        g_signal_handlers_disconnect_by_data (self->gates, self);
      g_set_object (&self->gates, gates);
      gtk_single_selection_set_model (self->selection, G_LIST_MODEL (gates));
      if (gates != NULL)
        g_signal_connect_object (gates, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  if (gates == NULL)
    adw_navigation_split_view_set_show_content (self->split, FALSE);
  update (self);
}

static void
open_selected (AirGatesPage *self)
{
  AirGateItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (item == NULL)
    return;
  air_gate_page_show (AIR_GATE_PAGE (adw_bin_get_child (self->detail)), air_gate_item_get_run (item),
                      air_gate_item_get_node (item));
}

static void
selected_cb (AirGatesPage *self)
{
  open_selected (self);
}

static void
activate_cb (AirGatesPage *self, guint position)
{
  gtk_single_selection_set_selected (self->selection, position);
  open_selected (self);
  adw_navigation_split_view_set_show_content (self->split, TRUE);
}

static void
air_gates_page_dispose (GObject *object)
{
  AirGatesPage *self = AIR_GATES_PAGE (object);

  g_clear_object (&self->gates);
  g_clear_object (&self->connection);
  g_clear_object (&self->selection);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_GATES_PAGE);
  G_OBJECT_CLASS (air_gates_page_parent_class)->dispose (object);
}

static void
air_gates_page_class_init (AirGatesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_gates_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/gates-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirGatesPage, split);
  gtk_widget_class_bind_template_child (widget_class, AirGatesPage, stack);
  gtk_widget_class_bind_template_child (widget_class, AirGatesPage, error_page);
  gtk_widget_class_bind_template_child (widget_class, AirGatesPage, list);
  gtk_widget_class_bind_template_child (widget_class, AirGatesPage, detail);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
air_gates_page_init (AirGatesPage *self)
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
air_gates_page_new (AirConnection *connection)
{
  AirGatesPage *self = g_object_new (AIR_TYPE_GATES_PAGE, NULL);

  self->connection = g_object_ref (connection);
  adw_bin_set_child (self->detail, air_gate_page_new (connection));
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (connection_changed_cb), self, G_CONNECT_SWAPPED);
  connection_changed_cb (self);
  return GTK_WIDGET (self);
}

/* Opens one request, also when it is not, or no longer, in the list. */
void
air_gates_page_show (AirGatesPage *self, const char *run, const char *node)
{
  air_gate_page_show (AIR_GATE_PAGE (adw_bin_get_child (self->detail)), run, node);
  adw_navigation_split_view_set_show_content (self->split, TRUE);
}
