/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-workflow-page.h"

#include <glib/gi18n.h>

#include "app/air-canvas-view.h"
#include "app/air-inspector.h"
#include "app/air-outline.h"
#include "app/air-workflow-scene.h"

struct _AirWorkflowPage {
  AdwBin parent_instance;
  AdwWindowTitle *title;
  GtkStack *stack;
  AdwViewStack *views;
  AdwOverlaySplitView *inspector_split;
  AirCanvasView *view;
  AirOutline *outline;
  AirInspector *inspector;
  AirCanvas *canvas; /* of the view */
  AirWorkflow *workflow;
  AirValue *plan;
};

enum { PROP_0, PROP_HAS_WORKFLOW, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (AirWorkflowPage, air_workflow_page, ADW_TYPE_BIN)

/* Canvas and outline are two views of one selection. */
static void
selected_cb (AirWorkflowPage *self)
{
  const char *node = air_canvas_get_selected (self->canvas);

  air_inspector_show (self->inspector, self->workflow, self->plan, node);
  air_outline_set_selected (self->outline, node);
}

static void
node_activated_cb (AirWorkflowPage *self, const char *node)
{
  air_canvas_set_selected (self->canvas, node);
  adw_overlay_split_view_set_show_sidebar (self->inspector_split, TRUE);
}

/* --- actions ------------------------------------------------------------ */

static void
zoom_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_activate_action (GTK_WIDGET (AIR_WORKFLOW_PAGE (widget)->view), name, NULL);
}

static void
show_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AirWorkflowPage *self = AIR_WORKFLOW_PAGE (widget);

  if (g_str_equal (name, "workflow.inspector"))
    {
      gboolean show = !adw_overlay_split_view_get_show_sidebar (self->inspector_split);

      adw_overlay_split_view_set_show_sidebar (self->inspector_split, show);
      if (show)
        gtk_widget_child_focus (GTK_WIDGET (self->inspector), GTK_DIR_TAB_FORWARD);
      return;
    }
  adw_view_stack_set_visible_child_name (self->views, name + strlen ("workflow."));
}

/* --- object ------------------------------------------------------------- */

static void
air_workflow_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_HAS_WORKFLOW)
    g_value_set_boolean (value, AIR_WORKFLOW_PAGE (object)->workflow != NULL);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
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
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = air_workflow_page_get_property;
  object_class->dispose = air_workflow_page_dispose;
  properties[PROP_HAS_WORKFLOW] =
      g_param_spec_boolean ("has-workflow", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (AIR_TYPE_CANVAS_VIEW);
  g_type_ensure (AIR_TYPE_INSPECTOR);
  g_type_ensure (AIR_TYPE_OUTLINE);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/workflow-page.ui");
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, title);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, stack);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, views);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, inspector_split);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, view);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, outline);
  gtk_widget_class_bind_template_child (widget_class, AirWorkflowPage, inspector);
  gtk_widget_class_bind_template_callback (widget_class, node_activated_cb);
  gtk_widget_class_install_action (widget_class, "workflow.canvas", NULL, show_action);
  gtk_widget_class_install_action (widget_class, "workflow.outline", NULL, show_action);
  gtk_widget_class_install_action (widget_class, "workflow.inspector", NULL, show_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1, GDK_CONTROL_MASK, "workflow.canvas", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_2, GDK_CONTROL_MASK, "workflow.outline", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F9, 0, "workflow.inspector", NULL);
  air_canvas_view_add_actions (widget_class, zoom_action);
}

static void
air_workflow_page_init (AirWorkflowPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->canvas = air_canvas_view_get_canvas (self->view);
  g_signal_connect_object (self->canvas, "notify::selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "node-activated", G_CALLBACK (node_activated_cb), self, G_CONNECT_SWAPPED);
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
  static const char *const actions[] = { "workflow.canvas", "workflow.outline", "workflow.inspector", "canvas.zoom-in",
                                         "canvas.zoom-out", "canvas.zoom-fit",  "canvas.zoom-normal" };
  g_autoptr (AirScene) scene = workflow != NULL ? air_workflow_scene_new (workflow) : NULL;

  g_clear_pointer (&self->workflow, air_workflow_unref);
  g_clear_pointer (&self->plan, air_value_unref);
  self->workflow = workflow != NULL ? air_workflow_ref (workflow) : NULL;
  self->plan = plan != NULL ? air_value_ref (plan) : NULL;
  adw_window_title_set_title (self->title, workflow != NULL ? air_workflow_get_title (workflow) : _ ("Workflows"));
  adw_window_title_set_subtitle (self->title, subtitle != NULL ? subtitle : "");
  gtk_stack_set_visible_child_name (self->stack, workflow != NULL ? "workflow" : "empty");
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), actions[i], workflow != NULL);
  air_canvas_set_auto_fit (self->canvas, TRUE);
  air_canvas_set_scene (self->canvas, scene);
  air_outline_set_scene (self->outline, self->workflow, scene);
  air_inspector_show (self->inspector, self->workflow, self->plan, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_WORKFLOW]);
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
