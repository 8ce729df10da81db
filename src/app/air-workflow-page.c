/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-workflow-page.h"

#include <glib/gi18n.h>

#include "app/air-inspector.h"
#include "app/air-workflow-scene.h"
#include "canvas/air-canvas.h"

struct _AirWorkflowPage {
  AdwBin parent_instance;
  AdwWindowTitle *title;
  GtkStack *stack;
  AdwViewStack *views;
  AdwOverlaySplitView *inspector_split;
  GtkWidget *inspector_button;
  GtkWidget *view_switcher;
  GtkWidget *view_bar;
  AirCanvas *canvas;
  GtkListBox *outline;
  AirInspector *inspector;
  AirWorkflow *workflow;
  AirValue *plan;
};

G_DEFINE_FINAL_TYPE (AirWorkflowPage, air_workflow_page, ADW_TYPE_BIN)

static void
selected_cb (AirWorkflowPage *self)
{
  air_inspector_show (self->inspector, self->workflow, self->plan, air_canvas_get_selected (self->canvas));
}

static void
node_activated_cb (AirWorkflowPage *self, const char *node)
{
  air_canvas_set_selected (self->canvas, node);
  adw_overlay_split_view_set_show_sidebar (self->inspector_split, TRUE);
}

/* --- outline ------------------------------------------------------------ */

static char *
next_to_words (AirWorkflow *workflow, const AirSceneNode *shown, AirScene *scene)
{
  const AirWorkflowNode *node = air_workflow_find_node (workflow, shown->id);
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < shown->out->len; i++)
    {
      const AirSceneEdge *edge = air_scene_get_edge (scene, g_array_index (shown->out, guint, i));
      const AirScenePort *port = shown->ports->pdata[edge->port];
      g_autofree char *way = air_workflow_port_to_words (node, port->id);
      const char *target = air_scene_get_node (scene, edge->to)->title;

      if (words->len > 0)
        g_string_append (words, " · ");
      if (way != NULL)
        /* Translators: a way out of a step and where it leads, "approved → Refund" */
        g_string_append_printf (words, C_ ("way out of a step", "%s → %s"), way, target);
      else
        g_string_append_printf (words, C_ ("way out of a step", "→ %s"), target);
    }
  return g_string_free (words, FALSE);
}

static void
outline_row_cb (GtkListBox *list, GtkListBoxRow *row, AirWorkflowPage *self)
{
  const char *node = g_object_get_data (G_OBJECT (row), "node");

  air_canvas_set_selected (self->canvas, node);
  adw_overlay_split_view_set_show_sidebar (self->inspector_split, TRUE);
}

/* The same model as on the canvas, in the order of the flow, as plain rows. */
static void
fill_outline (AirWorkflowPage *self, AirScene *scene)
{
  gtk_list_box_remove_all (self->outline);
  for (guint i = 0; scene != NULL && i < air_scene_get_n_nodes (scene); i++)
    {
      const AirSceneNode *node = air_scene_get_node_in_flow (scene, i);
      GtkWidget *row = adw_action_row_new (), *kind = gtk_label_new (air_node_kind_to_words (node->kind));
      g_autofree char *next = next_to_words (self->workflow, node, scene);

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), node->title);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), next);
      gtk_widget_add_css_class (kind, "dimmed");
      gtk_widget_add_css_class (kind, "caption");
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), kind);
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      g_object_set_data_full (G_OBJECT (row), "node", g_strdup (node->id), g_free);
      gtk_list_box_append (self->outline, row);
    }
}

/* --- actions ------------------------------------------------------------ */

static void
zoom_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirWorkflowPage *self = AIR_WORKFLOW_PAGE (widget);

  if (g_str_equal (name, "canvas.zoom-in"))
    air_canvas_zoom_by (self->canvas, 1.2f);
  else if (g_str_equal (name, "canvas.zoom-out"))
    air_canvas_zoom_by (self->canvas, 1 / 1.2f);
  else
    air_canvas_fit (self->canvas);
}

static void
air_workflow_page_dispose (GObject *object)
{
  AirWorkflowPage *self = AIR_WORKFLOW_PAGE (object);

  g_clear_pointer (&self->workflow, air_workflow_unref);
  g_clear_pointer (&self->plan, air_value_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), AIR_TYPE_WORKFLOW_PAGE);
  G_OBJECT_CLASS (air_workflow_page_parent_class)->dispose (object);
}

static void
air_workflow_page_class_init (AirWorkflowPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_workflow_page_dispose;
  g_type_ensure (AIR_TYPE_CANVAS);
  g_type_ensure (AIR_TYPE_INSPECTOR);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/workflow-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, title);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, stack);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, views);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, inspector_split);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, inspector_button);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, view_switcher);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, view_bar);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, canvas);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, outline);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, inspector);
  gtk_widget_class_bind_template_callback (widget_class, node_activated_cb);
  gtk_widget_class_install_action (widget_class, "canvas.zoom-in", NULL, zoom_cb);
  gtk_widget_class_install_action (widget_class, "canvas.zoom-out", NULL, zoom_cb);
  gtk_widget_class_install_action (widget_class, "canvas.zoom-fit", NULL, zoom_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_plus, GDK_CONTROL_MASK, "canvas.zoom-in", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_equal, GDK_CONTROL_MASK, "canvas.zoom-in", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Add, GDK_CONTROL_MASK, "canvas.zoom-in", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_minus, GDK_CONTROL_MASK, "canvas.zoom-out", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Subtract, GDK_CONTROL_MASK, "canvas.zoom-out", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_0, GDK_CONTROL_MASK, "canvas.zoom-fit", NULL);
}

static void
air_workflow_page_init (AirWorkflowPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->canvas, "notify::selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->outline, "row-activated", G_CALLBACK (outline_row_cb), self, 0);
  air_workflow_page_set_workflow (self, NULL, NULL, NULL);
}

/**
 * air_workflow_page_set_workflow:
 * @self: a page
 * @workflow: (nullable): what to show
 * @plan: (nullable): tells of operations and policies
 * @subtitle: (nullable): where it comes from
 */
void
air_workflow_page_set_workflow (AirWorkflowPage *self, AirWorkflow *workflow, AirValue *plan, const char *subtitle)
{
  g_autoptr (AirScene) scene = workflow != NULL ? air_workflow_scene_new (workflow) : NULL;

  g_clear_pointer (&self->workflow, air_workflow_unref);
  g_clear_pointer (&self->plan, air_value_unref);
  self->workflow = workflow != NULL ? air_workflow_ref (workflow) : NULL;
  self->plan = plan != NULL ? air_value_ref (plan) : NULL;
  adw_window_title_set_title (self->title, workflow != NULL ? air_workflow_get_title (workflow) : _ ("Workflows"));
  adw_window_title_set_subtitle (self->title, subtitle != NULL ? subtitle : "");
  gtk_stack_set_visible_child_name (self->stack, workflow != NULL ? "workflow" : "empty");
  gtk_widget_set_sensitive (self->inspector_button, workflow != NULL);
  gtk_widget_set_sensitive (self->view_switcher, workflow != NULL);
  gtk_widget_set_sensitive (self->view_bar, workflow != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-in", workflow != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-out", workflow != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.zoom-fit", workflow != NULL);
  air_canvas_set_auto_fit (self->canvas, TRUE);
  air_canvas_set_scene (self->canvas, scene);
  fill_outline (self, scene);
  air_inspector_show (self->inspector, self->workflow, self->plan, NULL);
}

/**
 * air_workflow_page_select:
 * @self: a page
 * @node: (nullable): a node's id, which comes into sight
 */
void
air_workflow_page_select (AirWorkflowPage *self, const char *node)
{
  air_canvas_set_selected (self->canvas, node);
  if (node != NULL)
    air_canvas_reveal (self->canvas, node);
}
