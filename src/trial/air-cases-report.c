/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of a workflow's tests, for people, programs and CI systems. */
#define G_LOG_DOMAIN "air-trial"

#include "config.h"

#include "trial/air-cases.h"

static AirValue *
to_list (GPtrArray *texts)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; i < texts->len; i++)
    air_list_append (list, air_value_new_string (texts->pdata[i]));
  return list;
}

/* "from:port -> to" of every edge no case walked. */
static GPtrArray *
list_uncovered (const AirCaseReport *self)
{
  GPtrArray *edges = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < air_workflow_get_n_edges (self->workflow); i++)
    {
      const AirWorkflowEdge *edge = air_workflow_get_edge (self->workflow, i);

      if (!air_test_coverage_has_edge (self->coverage, i))
        g_ptr_array_add (edges, g_strdup_printf ("%s:%s -> %s", air_workflow_get_node (self->workflow, edge->from)->id,
                                                 edge->port, air_workflow_get_node (self->workflow, edge->to)->id));
    }
  return edges;
}

/**
 * air_case_report_to_value:
 * @self: a report
 *
 * Returns: (transfer full): {"workflow", "version", "passed", "failed", "cases": [...], "coverage": {...}}: the same
 *   bytes for the same cases
 */
AirValue *
air_case_report_to_value (const AirCaseReport *self)
{
  AirValue *value = air_map_new (), *cases = air_list_new (), *coverage = air_map_new ();
  g_autoptr (GPtrArray) uncovered = list_uncovered (self);

  air_map_set_string (value, "workflow", air_workflow_get_id (self->workflow));
  air_map_set_string (value, "version", air_workflow_get_version (self->workflow));
  air_map_set_int (value, "passed", self->passed);
  air_map_set_int (value, "failed", self->cases->len - self->passed);
  for (guint i = 0; i < self->cases->len; i++)
    {
      const AirCaseResult *result = self->cases->pdata[i];
      AirValue *item = air_map_new ();

      air_map_set_string (item, "id", result->id);
      if (result->title != NULL)
        air_map_set_string (item, "title", result->title);
      air_map_set_bool (item, "passed", result->differences->len == 0);
      air_map_set (item, "differences", to_list (result->differences));
      if (result->result != NULL)
        {
          air_map_set_string (item, "outcome", result->result->outcome);
          air_map_set (item, "path", to_list (result->result->ports));
        }
      air_list_append (cases, item);
    }
  air_map_set (value, "cases", cases);
  air_map_set_int (coverage, "nodes", air_workflow_get_n_nodes (self->workflow));
  air_map_set_int (coverage, "nodes_covered", air_test_coverage_count_nodes (self->coverage));
  air_map_set_int (coverage, "edges", air_workflow_get_n_edges (self->workflow));
  air_map_set_int (coverage, "edges_covered", air_test_coverage_count_edges (self->coverage));
  air_map_set (coverage, "uncovered", to_list (uncovered));
  air_map_set (value, "coverage", coverage);
  return value;
}

/**
 * air_case_report_to_text:
 * @self: a report
 *
 * Returns: (transfer full): for a terminal: a line for each case, its differences, what is not walked
 */
char *
air_case_report_to_text (const AirCaseReport *self)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GPtrArray) uncovered = list_uncovered (self);

  for (guint i = 0; i < self->cases->len; i++)
    {
      const AirCaseResult *result = self->cases->pdata[i];

      g_string_append_printf (text, "%s %s%s%s\n", result->differences->len == 0 ? "ok    " : "not ok", result->id,
                              result->title != NULL ? ": " : "", result->title != NULL ? result->title : "");
      for (guint j = 0; j < result->differences->len; j++)
        g_string_append_printf (text, "         %s\n", (char *) result->differences->pdata[j]);
    }
  g_string_append_printf (text, "%u passed, %u failed; they walk %u of %u nodes and %u of %u edges\n", self->passed,
                          self->cases->len - self->passed, air_test_coverage_count_nodes (self->coverage),
                          air_workflow_get_n_nodes (self->workflow), air_test_coverage_count_edges (self->coverage),
                          air_workflow_get_n_edges (self->workflow));
  for (guint i = 0; i < uncovered->len; i++)
    g_string_append_printf (text, "no case walks %s\n", (char *) uncovered->pdata[i]);
  return g_string_free (text, FALSE);
}

/**
 * air_case_report_to_junit:
 * @self: a report
 *
 * Returns: (transfer full): JUnit XML, as CI systems read it; times are of the run's own clock
 */
char *
air_case_report_to_junit (const AirCaseReport *self)
{
  GString *text = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  g_autofree char *suite = g_markup_escape_text (air_workflow_get_id (self->workflow), -1);

  g_string_append_printf (text, "<testsuites>\n  <testsuite name=\"%s\" tests=\"%u\" failures=\"%u\">\n", suite,
                          self->cases->len, self->cases->len - self->passed);
  for (guint i = 0; i < self->cases->len; i++)
    {
      const AirCaseResult *result = self->cases->pdata[i];
      g_autofree char *name = g_markup_escape_text (result->id, -1);

      g_string_append_printf (text, "    <testcase classname=\"%s\" name=\"%s\"", suite, name);
      if (result->result != NULL)
        g_string_append_printf (text, " time=\"%.3f\"", (double) result->result->duration_us / G_USEC_PER_SEC);
      if (result->differences->len == 0)
        {
          g_string_append (text, "/>\n");
          continue;
        }
      g_string_append (text, ">\n");
      for (guint j = 0; j < result->differences->len; j++)
        {
          g_autofree char *words = g_markup_escape_text (result->differences->pdata[j], -1);

          g_string_append_printf (text, "      <failure message=\"%s\"/>\n", words);
        }
      g_string_append (text, "    </testcase>\n");
    }
  g_string_append (text, "  </testsuite>\n</testsuites>\n");
  return g_string_free (text, FALSE);
}
