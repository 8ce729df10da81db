/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-canvas"

#include "config.h"

#include "canvas/air-canvas-accessible.h"

#include <glib/gi18n-lib.h>

#include "canvas/air-canvas-private.h"

struct _AirCanvasNode {
  GObject parent_instance;
  AirCanvas *canvas; /* borrowed; NULL once detached */
  guint index;
  GtkAccessibleRole role;
  gboolean related; /* where the flow goes has been said */
  GtkATContext *context;
};

enum { PROP_0, PROP_ACCESSIBLE_ROLE };

static void air_canvas_node_accessible_init (GtkAccessibleInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AirCanvasNode,
                               air_canvas_node,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_ACCESSIBLE, air_canvas_node_accessible_init))

static GtkATContext *
node_get_at_context (GtkAccessible *accessible)
{
  AirCanvasNode *self = AIR_CANVAS_NODE (accessible);

  if (self->context == NULL)
    {
      GdkDisplay *display =
          self->canvas != NULL ? gtk_widget_get_display (GTK_WIDGET (self->canvas)) : gdk_display_get_default ();

      self->context = gtk_at_context_create (self->role, accessible, display);
      if (self->context == NULL)
        return NULL;
    }
  return g_object_ref (self->context);
}

static gboolean
node_get_platform_state (GtkAccessible *accessible, GtkAccessiblePlatformState state)
{
  AirCanvasNode *self = AIR_CANVAS_NODE (accessible);

  switch (state)
    {
    case GTK_ACCESSIBLE_PLATFORM_STATE_FOCUSABLE:
      return TRUE;
    case GTK_ACCESSIBLE_PLATFORM_STATE_FOCUSED:
      return self->canvas != NULL && gtk_widget_has_focus (GTK_WIDGET (self->canvas))
             && self->canvas->cursor == (int) self->index;
    case GTK_ACCESSIBLE_PLATFORM_STATE_ACTIVE:
    default:
      return FALSE;
    }
}

static GtkAccessible *
node_get_parent (GtkAccessible *accessible)
{
  AirCanvasNode *self = AIR_CANVAS_NODE (accessible);

  return self->canvas != NULL ? g_object_ref (GTK_ACCESSIBLE (self->canvas)) : NULL;
}

static GtkAccessible *
node_get_first_child (GtkAccessible *accessible)
{
  return NULL;
}

static GtkAccessible *
node_get_next_sibling (GtkAccessible *accessible)
{
  AirCanvasNode *self = AIR_CANVAS_NODE (accessible);
  GPtrArray *all;
  guint flow;

  if (self->canvas == NULL || self->canvas->scene == NULL || self->canvas->accessibles == NULL)
    return NULL;
  all = self->canvas->accessibles;
  flow = air_scene_get_node (self->canvas->scene, self->index)->flow;
  return flow + 1 < all->len ? g_object_ref (all->pdata[flow + 1]) : NULL;
}

static gboolean
node_get_bounds (GtkAccessible *accessible, int *x, int *y, int *width, int *height)
{
  AirCanvasNode *self = AIR_CANVAS_NODE (accessible);
  const graphene_rect_t *bounds;

  if (self->canvas == NULL || self->canvas->scene == NULL)
    return FALSE;
  bounds = &air_scene_get_node (self->canvas->scene, self->index)->bounds;
  *x = (int) (self->canvas->pan.x + bounds->origin.x * self->canvas->zoom);
  *y = (int) (self->canvas->pan.y + bounds->origin.y * self->canvas->zoom);
  *width = (int) (bounds->size.width * self->canvas->zoom);
  *height = (int) (bounds->size.height * self->canvas->zoom);
  return TRUE;
}

static void
air_canvas_node_accessible_init (GtkAccessibleInterface *iface)
{
  iface->get_at_context = node_get_at_context;
  iface->get_platform_state = node_get_platform_state;
  iface->get_accessible_parent = node_get_parent;
  iface->get_first_accessible_child = node_get_first_child;
  iface->get_next_accessible_sibling = node_get_next_sibling;
  iface->get_bounds = node_get_bounds;
}

static void
air_canvas_node_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ACCESSIBLE_ROLE)
    g_value_set_enum (value, (int) AIR_CANVAS_NODE (object)->role);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
air_canvas_node_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ACCESSIBLE_ROLE)
    AIR_CANVAS_NODE (object)->role = (GtkAccessibleRole) g_value_get_enum (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
air_canvas_node_finalize (GObject *object)
{
  g_clear_object (&AIR_CANVAS_NODE (object)->context);
  G_OBJECT_CLASS (air_canvas_node_parent_class)->finalize (object);
}

static void
air_canvas_node_class_init (AirCanvasNodeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = air_canvas_node_finalize;
  object_class->get_property = air_canvas_node_get_property;
  object_class->set_property = air_canvas_node_set_property;
  g_object_class_override_property (object_class, PROP_ACCESSIBLE_ROLE, "accessible-role");
}

static void
air_canvas_node_init (AirCanvasNode *self)
{
  self->role = GTK_ACCESSIBLE_ROLE_LIST_ITEM; /* as the rows of GTK's own lists are */
}

/**
 * air_canvas_node_new:
 * @canvas: the canvas, borrowed until air_canvas_node_detach()
 * @index: of the node in its scene
 *
 * Returns: (transfer full): the accessible object
 */
AirCanvasNode *
air_canvas_node_new (AirCanvas *canvas, guint index)
{
  AirCanvasNode *self = g_object_new (AIR_TYPE_CANVAS_NODE, NULL);

  self->canvas = canvas;
  self->index = index;
  return self;
}

/**
 * air_canvas_node_get_index:
 * @self: an accessible node
 *
 * Returns: of the node in its scene
 */
guint
air_canvas_node_get_index (AirCanvasNode *self)
{
  return self->index;
}

/* Where the flow goes from here: the same for as long as the scene is, and so said once. */
static void
relate (AirCanvasNode *self, GPtrArray *all)
{
  AirScene *scene = self->canvas->scene;
  const AirSceneNode *node = air_scene_get_node (scene, self->index);
  g_autoptr (GPtrArray) targets = g_ptr_array_new ();
  GtkAccessibleRelation relation = GTK_ACCESSIBLE_RELATION_FLOW_TO;
  GList *list = NULL;
  GValue value = G_VALUE_INIT;

  self->related = TRUE;
  for (guint i = 0; i < node->out->len; i++)
    {
      const AirSceneEdge *edge = air_scene_get_edge (scene, g_array_index (node->out, guint, i));
      gpointer target = all->pdata[air_scene_get_node (scene, edge->to)->flow];

      if (!g_ptr_array_find (targets, target, NULL))
        g_ptr_array_add (targets, target);
    }
  if (targets->len == 0)
    return;
  g_value_init (&value, GTK_ACCESSIBLE_LIST);
  for (guint i = targets->len; i-- > 0;)
    list = g_list_prepend (list, targets->pdata[i]);
  g_value_take_boxed (&value, gtk_accessible_list_new_from_list (list));
  gtk_accessible_update_relation_value (GTK_ACCESSIBLE (self), 1, &relation, &value);
  g_value_unset (&value);
  g_list_free (list);
}

/**
 * air_canvas_node_update:
 * @self: an accessible node
 *
 * Tells name, kind, state and place in the flow anew.
 */
void
air_canvas_node_update (AirCanvasNode *self)
{
  AirScene *scene = self->canvas->scene;
  const AirSceneNode *node = air_scene_get_node (scene, self->index);
  GPtrArray *all = self->canvas->accessibles;
  const char *status = air_node_status_to_words (self->canvas->statuses[self->index]);
  g_autofree char *description = NULL;
  GtkAccessible *self_accessible = GTK_ACCESSIBLE (self);

  if (status != NULL)
    /* Translators: kind of a workflow step and its state, say "Action, waiting" */
    description = g_strdup_printf (C_ ("step description", "%s, %s"), air_node_kind_to_words (node->kind), status);
  else
    description = g_strdup (air_node_kind_to_words (node->kind));
  gtk_accessible_update_property (self_accessible, GTK_ACCESSIBLE_PROPERTY_LABEL, node->title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
  gtk_accessible_update_state (self_accessible, GTK_ACCESSIBLE_STATE_SELECTED,
                               self->canvas->selected == (int) self->index, -1);
  gtk_accessible_update_relation (self_accessible, GTK_ACCESSIBLE_RELATION_POS_IN_SET, (int) node->flow + 1,
                                  GTK_ACCESSIBLE_RELATION_SET_SIZE, (int) all->len, -1);
  if (!self->related)
    relate (self, all);
}

/**
 * air_canvas_node_detach:
 * @self: an accessible node
 *
 * The canvas is gone, or shows another scene.
 */
void
air_canvas_node_detach (AirCanvasNode *self)
{
  self->canvas = NULL;
  if (self->context != NULL)
    gtk_accessible_reset_relation (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_RELATION_FLOW_TO);
}
