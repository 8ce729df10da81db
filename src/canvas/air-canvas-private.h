/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "canvas/air-canvas.h"

G_BEGIN_DECLS

/* The parts of the widget, each using only those above it: view (geometry), accessible, cursor (selection), draw,
 * input, and the class itself. */

typedef struct {
  GskRenderNode *full;
  GskRenderNode *card;
} AirPainted;

struct _AirCanvas {
  GtkWidget parent_instance;

  AirScene *scene;
  const AirPalette *palette;
  AirPainted *painted_nodes; /* by index; made when first seen */
  AirPainted *painted_edges;
  GPtrArray *accessibles;    /* AirCanvasNode in flow order; made when first asked for */

  AirNodeStatus *statuses;   /* by node index */
  gboolean *taken;           /* by edge index */
  guint n_lively;            /* nodes whose status moves */
  guint tick;
  gint64 pulse_start_us;
  float pulse;

  float zoom;
  graphene_point_t pan;      /* the widget's point where the scene's origin is */
  gboolean auto_fit;
  gboolean fit_all;
  char *centre;

  int cursor;                /* node index or -1 */
  int selected;
  int hovered;

  graphene_point_t drag_pan;
  graphene_point_t pointer;
  float pinch_zoom;
  guint drawn_nodes; /* in the last frame */
  guint drawn_edges;
  gboolean drawn_lively; /* a node that moves was among them */
  GArray *found;     /* guint: scratch for queries */
  GdkTexture *far;   /* from far away: the last frame, as long as it holds */
  float far_zoom;
  graphene_point_t far_pan;
};

void     air_canvas_add_input      (AirCanvas              *self);
void     air_canvas_class_add_keys (GtkWidgetClass         *klass);
void     air_canvas_snapshot       (GtkWidget              *widget,
                                    GtkSnapshot            *snapshot);
void     air_canvas_drop_painted   (AirCanvas              *self);
/* A state, a way taken or the selection changed. */
void     air_canvas_overlay_changed (AirCanvas             *self);
/* The part of the scene that is in sight. */
void     air_canvas_get_view       (AirCanvas              *self,
                                    graphene_rect_t        *ret_view);
void     air_canvas_centre_on      (AirCanvas              *self,
                                    float                   x,
                                    float                   y);
void     air_canvas_to_scene       (AirCanvas              *self,
                                    const graphene_point_t *widget_point,
                                    graphene_point_t       *ret_scene_point);
void     air_canvas_zoom_at        (AirCanvas              *self,
                                    float                   zoom,
                                    const graphene_point_t *widget_point);
void     air_canvas_pan_by         (AirCanvas              *self,
                                    float                   dx,
                                    float                   dy);
/* Where auto fit puts it. */
void     air_canvas_refit          (AirCanvas              *self);
void     air_canvas_update_accessible (AirCanvas           *self,
                                    int                     index); /* -1: none */
void     air_canvas_drop_accessibles (AirCanvas            *self);
void     air_canvas_move_cursor    (AirCanvas              *self,
                                    int                     index,
                                    gboolean                reveal);
void     air_canvas_select         (AirCanvas              *self,
                                    int                     index);
void     air_canvas_activate_node  (AirCanvas              *self,
                                    int                     index);

/* Which node an arrow key leads to from @from; -1: none. */
typedef enum { AIR_MOVE_FORWARD, AIR_MOVE_BACK, AIR_MOVE_UP, AIR_MOVE_DOWN, AIR_MOVE_FIRST, AIR_MOVE_LAST } AirMove;
int      air_canvas_find_move      (AirScene               *scene,
                                    int                     from,
                                    AirMove                 move);
/* How many nodes and edges the last frame drew; for tests. */
void     air_canvas_count_drawn    (AirCanvas              *self,
                                    guint                  *ret_nodes,
                                    guint                  *ret_edges);
/* The whole list of accessible nodes, in flow order; built when first needed. */
GPtrArray *air_canvas_get_accessibles (AirCanvas           *self);

G_END_DECLS
