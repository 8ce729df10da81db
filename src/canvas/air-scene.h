/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>
#include <graphene.h>

G_BEGIN_DECLS

/**
 * AirNodeKind:
 *
 * What a node is drawn as.
 */
typedef enum {
  AIR_NODE_KIND_TRIGGER,
  AIR_NODE_KIND_CALL,
  AIR_NODE_KIND_DECIDE,
  AIR_NODE_KIND_BRANCH,
  AIR_NODE_KIND_GATE,
  AIR_NODE_KIND_WAIT,
  AIR_NODE_KIND_EVIDENCE,
  AIR_NODE_KIND_PARALLEL,
  AIR_NODE_KIND_JOIN,
  AIR_NODE_KIND_FOR_EACH,
  AIR_NODE_KIND_WORKFLOW,
  AIR_NODE_KIND_END,
  AIR_N_NODE_KINDS,
} AirNodeKind;

#define AIR_SCENE_NODE_WIDTH  208.f
#define AIR_SCENE_NODE_HEIGHT 72.f

/**
 * AirScenePort:
 * @id: of the port
 * @title: (nullable): what is written at the edge
 * @failure: leads to what happens when something went wrong
 */
typedef struct {
  char *id;
  char *title;
  gboolean failure;
} AirScenePort;

/**
 * AirSceneNode:
 * @index: its place in the scene
 * @flow: its place in flow order
 * @ports: (element-type AirScenePort): where edges leave it, from top to bottom
 */
typedef struct {
  guint index;
  guint flow;
  guint rank;
  char *id;
  AirNodeKind kind;
  char *title;
  char *subtitle; /* nullable */
  graphene_rect_t bounds;
  GPtrArray *ports;
  GArray *out; /* guint, edges that leave, in the order of ports */
  GArray *in;  /* guint, edges that arrive */
} AirSceneNode;

/**
 * AirSceneEdge:
 * @index: its place in the scene
 * @id: of the edge
 * @from: index of the node it leaves
 * @to: index of the node it goes to
 * @port: index of the port it leaves by
 * @points: (element-type graphene_point_t): the corners of an orthogonal line
 * @bounds: around @points
 */
typedef struct {
  guint index;
  char *id;
  guint from;
  guint to;
  guint port;
  GArray *points;
  graphene_rect_t bounds;
} AirSceneEdge;

#define AIR_TYPE_SCENE (air_scene_get_type ())

/**
 * AirScene:
 *
 * A graph laid out and routed: all that a canvas needs to draw it. Immutable and
 * reference counted; an edit makes a new scene.
 */
typedef struct _AirScene        AirScene;

/**
 * AirSceneBuilder:
 *
 * Puts a scene together. Freed with air_scene_builder_free(), after air_scene_builder_finish() too.
 */
typedef struct _AirSceneBuilder AirSceneBuilder;

GType               air_scene_get_type            (void);
AirScene           *air_scene_ref                 (AirScene              *self);
void                air_scene_unref               (AirScene              *self);
guint               air_scene_get_n_nodes         (AirScene              *self);
const AirSceneNode *air_scene_get_node            (AirScene              *self,
                                                   guint                  index);
const AirSceneNode *air_scene_find_node           (AirScene              *self,
                                                   const char            *id);
const AirSceneNode *air_scene_get_node_in_flow    (AirScene              *self,
                                                   guint                  flow);
guint               air_scene_get_n_edges         (AirScene              *self);
const AirSceneEdge *air_scene_get_edge            (AirScene              *self,
                                                   guint                  index);
const AirSceneEdge *air_scene_find_edge           (AirScene              *self,
                                                   const char            *id);
void                air_scene_get_bounds          (AirScene              *self,
                                                   graphene_rect_t       *ret_bounds);
const AirSceneNode *air_scene_hit_node            (AirScene              *self,
                                                   const graphene_point_t *point);
const AirSceneEdge *air_scene_hit_edge            (AirScene              *self,
                                                   const graphene_point_t *point,
                                                   float                  tolerance);
void                air_scene_query_nodes         (AirScene              *self,
                                                   const graphene_rect_t *area,
                                                   GArray                *indices);
void                air_scene_query_edges         (AirScene              *self,
                                                   const graphene_rect_t *area,
                                                   GArray                *indices);
void                air_scene_node_get_port_point (const AirSceneNode    *node,
                                                   guint                  port,
                                                   graphene_point_t      *ret_point);
void                air_scene_node_get_in_point   (const AirSceneNode    *node,
                                                   graphene_point_t      *ret_point);

AirSceneBuilder    *air_scene_builder_new         (void);
void                air_scene_builder_free        (AirSceneBuilder       *self);
void                air_scene_builder_add_node    (AirSceneBuilder       *self,
                                                   const char            *id,
                                                   AirNodeKind            kind,
                                                   const char            *title,
                                                   const char            *subtitle);
void                air_scene_builder_add_port    (AirSceneBuilder       *self,
                                                   const char            *node,
                                                   const char            *port,
                                                   const char            *title,
                                                   gboolean               failure);
void                air_scene_builder_set_position (AirSceneBuilder      *self,
                                                   const char            *node,
                                                   float                  x,
                                                   float                  y);
void                air_scene_builder_add_edge    (AirSceneBuilder       *self,
                                                   const char            *id,
                                                   const char            *from,
                                                   const char            *port,
                                                   const char            *to);
AirScene           *air_scene_builder_finish      (AirSceneBuilder       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirScene, air_scene_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirSceneBuilder, air_scene_builder_free)

G_END_DECLS
