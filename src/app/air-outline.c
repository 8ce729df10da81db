/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "airails"

#include "config.h"

#include "app/air-outline.h"

#include <glib/gi18n.h>

#include "app/air-workflow-scene.h"
#include "canvas/air-kind-icon.h"
#include "canvas/air-palette.h"

struct _AirOutline {
  AdwBin parent_instance;
  GtkListBox *list;
};

enum { NODE_ACTIVATED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (AirOutline, air_outline, ADW_TYPE_BIN)

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
        g_string_append_c (words, '\n');
      if (way != NULL)
        /* Translators: a way out of a step and where it leads, "approved → Refund" */
        g_string_append_printf (words, C_ ("way out of a step", "%s → %s"), way, target);
      else
        g_string_append_printf (words, C_ ("way out of a step", "→ %s"), target);
    }
  return g_string_free (words, FALSE);
}

static GtkWidget *
new_row (AirWorkflow *workflow, AirScene *scene, const AirSceneNode *node)
{
  GtkWidget *row = adw_action_row_new (), *kind = gtk_label_new (air_node_kind_to_words (node->kind));
  g_autofree char *next = next_to_words (workflow, node, scene);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), node->title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), next);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), air_kind_icon_new (node->kind));
  gtk_widget_add_css_class (kind, "dimmed");
  gtk_widget_add_css_class (kind, "caption");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), kind);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "node", g_strdup (node->id), g_free);
  return row;
}

static void
row_activated_cb (AirOutline *self, GtkListBoxRow *row)
{
  g_signal_emit (self, signals[NODE_ACTIVATED], 0, g_object_get_data (G_OBJECT (row), "node"));
}

static void
air_outline_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), AIR_TYPE_OUTLINE);
  G_OBJECT_CLASS (air_outline_parent_class)->dispose (object);
}

static void
air_outline_class_init (AirOutlineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = air_outline_dispose;

  /**
   * AirOutline::node-activated:
   * @node: the id of the node a person wants to look into
   */
  signals[NODE_ACTIVATED] = g_signal_new ("node-activated", AIR_TYPE_OUTLINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/airails/Airails/ui/outline.ui");
  gtk_widget_class_bind_template_child (widget_class, AirOutline, list);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
}

static void
air_outline_init (AirOutline *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * air_outline_set_scene:
 * @self: an outline
 * @workflow: (nullable): what is drawn
 * @scene: (nullable): how
 */
void
air_outline_set_scene (AirOutline *self, AirWorkflow *workflow, AirScene *scene)
{
  g_return_if_fail (AIR_IS_OUTLINE (self));
  gtk_list_box_remove_all (self->list);
  for (guint i = 0; scene != NULL && workflow != NULL && i < air_scene_get_n_nodes (scene); i++)
    gtk_list_box_append (self->list, new_row (workflow, scene, air_scene_get_node_in_flow (scene, i)));
}

/**
 * air_outline_set_selected:
 * @self: an outline
 * @node: (nullable): a node's id; %NULL, or one that is not there, for none
 */
void
air_outline_set_selected (AirOutline *self, const char *node)
{
  GtkListBoxRow *row = NULL;

  g_return_if_fail (AIR_IS_OUTLINE (self));
  for (int i = 0; node != NULL && (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (g_strcmp0 (g_object_get_data (G_OBJECT (row), "node"), node) == 0)
      break;
  if (row != NULL)
    gtk_list_box_select_row (self->list, row);
  else
    gtk_list_box_unselect_all (self->list);
}
