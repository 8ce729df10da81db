/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "model/air-test-coverage.h"

#include <string.h>

struct _AirTestCoverage {
  AirWorkflow *workflow;
  gboolean *nodes;
  gboolean *edges;
};

typedef struct {
  guint node; /* G_MAXUINT: no node of this workflow */
  const char *port;
} Step;

/**
 * air_test_coverage_new:
 * @workflow: a workflow, a reference of which is kept
 *
 * Returns: (transfer full): a coverage of which nothing is walked yet
 */
AirTestCoverage *
air_test_coverage_new (AirWorkflow *workflow)
{
  AirTestCoverage *self = g_new0 (AirTestCoverage, 1);

  self->workflow = air_workflow_ref (workflow);
  self->nodes = g_new0 (gboolean, air_workflow_get_n_nodes (workflow) + 1);
  self->edges = g_new0 (gboolean, air_workflow_get_n_edges (workflow) + 1);
  return self;
}

void
air_test_coverage_free (AirTestCoverage *self)
{
  air_workflow_unref (self->workflow);
  g_free (self->nodes);
  g_free (self->edges);
  g_free (self);
}

/**
 * air_test_coverage_new_expected:
 * @workflow: a workflow, a reference of which is kept
 *
 * Returns: (transfer full): what the cases in the document's `tests` expect to be walked
 */
AirTestCoverage *
air_test_coverage_new_expected (AirWorkflow *workflow)
{
  AirTestCoverage *self = air_test_coverage_new (workflow);
  AirValue *tests = air_map_get_list (air_document_get_value (air_workflow_get_document (workflow)), "tests");

  for (gsize i = 0; tests != NULL && i < air_list_get_size (tests); i++)
    air_test_coverage_add_list (self, air_map_get_list (air_map_get_map (air_list_get (tests, i), "expect"), "path"));
  return self;
}

static Step
read_step (const AirTestCoverage *self, const char *text)
{
  const char *colon = strchr (text, ':');
  g_autofree char *id = g_strndup (text, strcspn (text, "@:"));
  const AirWorkflowNode *node = air_workflow_find_node (self->workflow, id);

  return (Step) { node != NULL ? node->index : G_MAXUINT, colon != NULL ? colon + 1 : NULL };
}

static gboolean
is_fork (const AirTestCoverage *self, guint node)
{
  const char *kind = air_map_get_string (air_workflow_get_node (self->workflow, node)->value, "kind");

  return g_strcmp0 (kind, "parallel") == 0;
}

/* Marks the ways from @step to @to; FALSE when none leads there. */
static gboolean
walk (AirTestCoverage *self, const Step *step, guint to)
{
  const AirWorkflowEdge *found = NULL;
  gboolean several = FALSE;

  guint n_edges;
  const AirWorkflowEdge *const *edges = air_workflow_get_leaving (self->workflow, step->node, &n_edges);

  for (guint i = 0; i < n_edges; i++)
    {
      const AirWorkflowEdge *edge = edges[i];

      if (edge->to != to || (step->port != NULL && strcmp (edge->port, step->port) != 0))
        continue;
      several = found != NULL;
      found = edge;
    }
  if (found != NULL && !several)
    self->edges[found->index] = TRUE;
  return found != NULL;
}

static void
add_steps (AirTestCoverage *self, const GArray *steps)
{
  for (guint i = 0; i < steps->len; i++)
    {
      const Step *step = &g_array_index (steps, Step, i);

      if (step->node == G_MAXUINT)
        continue;
      self->nodes[step->node] = TRUE;
      for (guint j = i + 1; j < steps->len; j++)
        {
          guint to = g_array_index (steps, Step, j).node;

          if (to != G_MAXUINT && walk (self, step, to) && !is_fork (self, step->node))
            break;
        }
    }
}

/**
 * air_test_coverage_add_path:
 * @self: a coverage
 * @path: (nullable) (array zero-terminated=1): ids in the order they were reached; those that are no node's count for
 *   nothing
 */
void
air_test_coverage_add_path (AirTestCoverage *self, const char *const *path)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (Step));

  for (guint i = 0; path != NULL && path[i] != NULL; i++)
    {
      Step step = read_step (self, path[i]);

      g_array_append_val (steps, step);
    }
  add_steps (self, steps);
}

/**
 * air_test_coverage_add_list:
 * @self: a coverage
 * @path: (nullable): a list of strings, as air_test_coverage_add_path(); anything else is no path and adds nothing
 */
void
air_test_coverage_add_list (AirTestCoverage *self, const AirValue *path)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();

  for (gsize i = 0; path != NULL && i < air_list_get_size (path); i++)
    if (air_value_get_kind (air_list_get (path, i)) == AIR_VALUE_STRING)
      g_ptr_array_add (texts, (char *) air_value_get_string (air_list_get (path, i), NULL));
  g_ptr_array_add (texts, NULL);
  air_test_coverage_add_path (self, (const char *const *) texts->pdata);
}

/**
 * air_test_coverage_has_node:
 * @self: a coverage
 * @node: index of a node
 *
 * Returns: whether a path reached it
 */
gboolean
air_test_coverage_has_node (const AirTestCoverage *self, guint node)
{
  return self->nodes[node];
}

/**
 * air_test_coverage_has_edge:
 * @self: a coverage
 * @edge: index of an edge
 *
 * Returns: whether a path went along it, known without doubt
 */
gboolean
air_test_coverage_has_edge (const AirTestCoverage *self, guint edge)
{
  return self->edges[edge];
}

/**
 * air_test_coverage_count_nodes:
 * @self: a coverage
 *
 * Returns: how many nodes were reached, of air_workflow_get_n_nodes()
 */
guint
air_test_coverage_count_nodes (const AirTestCoverage *self)
{
  guint n = 0;

  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    n += self->nodes[i];
  return n;
}

/**
 * air_test_coverage_count_edges:
 * @self: a coverage
 *
 * Returns: how many edges were walked, of air_workflow_get_n_edges()
 */
guint
air_test_coverage_count_edges (const AirTestCoverage *self)
{
  guint n = 0;

  for (guint i = 0; i < air_workflow_get_n_edges (self->workflow); i++)
    n += self->edges[i];
  return n;
}
