/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/air-document.h"

G_BEGIN_DECLS

/**
 * AirWorkflowNodeKind:
 *
 * What a node does; "kind" in the source.
 */
typedef enum {
  AIR_WORKFLOW_NODE_TRIGGER,
  AIR_WORKFLOW_NODE_CALL,
  AIR_WORKFLOW_NODE_DECIDE,
  AIR_WORKFLOW_NODE_BRANCH,
  AIR_WORKFLOW_NODE_GATE,
  AIR_WORKFLOW_NODE_WAIT,
  AIR_WORKFLOW_NODE_EVIDENCE,
  AIR_WORKFLOW_NODE_END,
  AIR_WORKFLOW_NODE_PARALLEL,
  AIR_WORKFLOW_NODE_JOIN,
  AIR_WORKFLOW_NODE_FOR_EACH,
  AIR_WORKFLOW_NODE_WORKFLOW,
} AirWorkflowNodeKind;

/**
 * AirWorkflowNode:
 * @index: its place in `nodes`
 * @id: its stable id
 * @title: for people; the id when the source has none
 * @value: the node as written; borrowed
 * @pointer: RFC 6901, "/nodes/3"
 * @has_position: the source's layout places it at @x, @y
 */
typedef struct {
  guint index;
  const char *id;
  const char *title;
  AirWorkflowNodeKind kind;
  AirValue *value;
  char *pointer;
  gboolean has_position;
  gint64 x, y;
} AirWorkflowNode;

/**
 * AirWorkflowEdge:
 * @port: never NULL: the main port of @from when the source names none
 * @from: index of a node
 * @to: index of a node
 */
typedef struct {
  guint index;
  const char *id;
  const char *port;
  guint from, to;
  char *pointer;
} AirWorkflowEdge;

/**
 * AirWorkflow:
 *
 * A workflow source, read: its nodes and edges, each with the value it was written as. Immutable and reference
 * counted; what it hands out lives as long as it does.
 */
typedef struct _AirWorkflow AirWorkflow;

AirWorkflow           *air_workflow_load            (const char         *text,
                                                     gsize               length,
                                                     const char         *file_name,
                                                     GError            **error);
/* Of a document that was read, as a pack holds it. */
AirWorkflow           *air_workflow_new             (AirDocument        *document,
                                                     GError            **error);
AirWorkflow           *air_workflow_ref             (AirWorkflow        *self);
void                   air_workflow_unref           (AirWorkflow        *self);

char                  *air_workflow_write           (const AirWorkflow  *self,
                                                     GError            **error);

AirDocument           *air_workflow_get_document    (const AirWorkflow  *self);
const char            *air_workflow_get_id          (const AirWorkflow  *self);
const char            *air_workflow_get_version     (const AirWorkflow  *self);
const char            *air_workflow_get_title       (const AirWorkflow  *self);

guint                  air_workflow_get_n_nodes     (const AirWorkflow  *self);
const AirWorkflowNode *air_workflow_get_node        (const AirWorkflow  *self,
                                                     guint               index);
const AirWorkflowNode *air_workflow_find_node       (const AirWorkflow  *self,
                                                     const char         *id);
guint                  air_workflow_get_n_edges     (const AirWorkflow  *self);
const AirWorkflowEdge *air_workflow_get_edge        (const AirWorkflow  *self,
                                                     guint               index);

const AirWorkflowEdge *const *air_workflow_get_leaving (const AirWorkflow *self,
                                                     guint               from,
                                                     guint              *ret_n_edges);
const AirWorkflowEdge *air_workflow_find_edge       (const AirWorkflow  *self,
                                                     guint               from,
                                                     const char         *port);
char                 **air_workflow_node_dup_ports  (const AirWorkflow     *self,
                                                     const AirWorkflowNode *node);

const AirWorkflowNode *air_workflow_find_join       (const AirWorkflow     *self,
                                                     const AirWorkflowNode *fork);

const char            *air_workflow_node_kind_to_string (AirWorkflowNodeKind kind);
const char            *air_workflow_node_kind_get_main_port (AirWorkflowNodeKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AirWorkflow, air_workflow_unref)

G_END_DECLS
