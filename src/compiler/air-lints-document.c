/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

#include "model/air-test-coverage.h"

/* The lints about the workflow as a whole and what comes into it: AIR018, 020, 021, 022, 024, 025 and 027. */

/* --- the trigger ---------------------------------------------------------- */

static void
find_event_cb (const char *path, gpointer user_data)
{
  gboolean *found = user_data;

  *found |= g_str_has_prefix (path, "event") || g_str_has_prefix (path, "trigger");
}

static void
lint_dedup (AirCompilation *self)
{
  AirValue *trigger = air_map_get_map (self->start->value, "trigger");
  const char *dedup = air_map_get_string (trigger, "dedup");
  g_autofree char *pointer = g_strdup_printf ("%s/trigger/dedup", self->start->pointer);
  g_autofree char *at = g_strdup_printf ("/nodes/%s/trigger/dedup", self->start->id);
  g_autoptr (AirCelProgram) program = dedup != NULL ? air_cel_compile (dedup, NULL, NULL) : NULL;
  gboolean reads = FALSE;
  AirDiagnostic *diagnostic;

  if (program == NULL)
    return;
  air_cel_program_foreach_reference (program, find_event_cb, &reads);
  if (reads)
    return;
  diagnostic = air_compilation_report (
      self, "AIR020", self->document, pointer, self->start, "read what tells events apart, such as event.id",
      "'%s' is the same for every event: the second one would be taken for a repetition of the first", dedup);
  diagnostic->fix = air_command_new_set (at, air_value_new_string ("event.id"));
}

/* The first required text of the trigger's input that a write takes as it is: what it is about. */
static char *
find_subject (AirCompilation *self, const AirWorkflowNode *write)
{
  AirValue *with = air_map_get_map (write->value, "with");
  AirValue *input = air_map_get_map (air_map_get_map (self->start->value, "trigger"), "input");
  AirValue *required = air_map_get_list (input, "required");

  for (gsize i = 0; required != NULL && i < air_list_get_size (required); i++)
    {
      const char *name = air_value_get_string (air_list_get (required, i), NULL);
      g_autofree char *wanted = g_strdup_printf ("${trigger.%s}", name);
      AirValue *property = air_map_get_map (air_map_get_map (input, "properties"), name);

      if (property == NULL || g_strcmp0 (air_map_get_string (property, "type"), "string") != 0)
        continue;
      for (gsize k = 0; with != NULL && k < air_map_get_size (with); k++)
        {
          AirValue *value = air_map_get_value_at (with, k);

          if (air_value_get_kind (value) == AIR_VALUE_STRING
              && g_str_equal (air_value_get_string (value, NULL), wanted))
            return g_strdup_printf ("event.data.%s", name);
        }
    }
  return NULL;
}

/* Itself, or a step of the workflow that it runs. */
static gboolean
writes (const AirCompilation *self, guint node)
{
  const AirNodeFacts *facts = &self->facts[node];

  if (self->flow == NULL || !air_flow_is_reachable (self->flow, node))
    return FALSE;
  for (guint i = 0; facts->inner != NULL && i < air_workflow_get_n_nodes (facts->inner->workflow); i++)
    if (writes (facts->inner, i))
      return TRUE;
  return facts->operation != NULL && air_operation_is_write (facts->operation);
}

static void
lint_concurrency (AirCompilation *self)
{
  AirValue *trigger = air_map_get_map (self->start->value, "trigger");

  if (air_map_get (trigger, "concurrency") != NULL)
    return;
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);
      g_autofree char *pointer = g_strdup_printf ("%s/trigger", self->start->pointer);
      g_autofree char *at = g_strdup_printf ("/nodes/%s/trigger/concurrency", self->start->id);
      g_autofree char *subject = NULL;
      AirDiagnostic *diagnostic;

      if (!writes (self, i))
        continue;
      subject = find_subject (self, node);
      diagnostic = air_compilation_report (
          self, "AIR018", self->document, pointer, self->start,
          "add \"concurrency\": an expression of what the run is about, such as the order's number",
          "'%s' writes, and two runs on the same thing may do so at once", node->id);
      if (subject != NULL)
        diagnostic->fix = air_command_new_set (at, air_value_new_string (subject));
      return;
    }
}

/* --- schemas -------------------------------------------------------------- */

static gboolean
has_label (const AirValue *schema, const char *prefix)
{
  AirValue *labels = air_map_get (schema, "x-label");
  gsize length = strlen (prefix);

  if (labels == NULL)
    return FALSE;
  for (gsize i = 0; i < (air_value_get_kind (labels) == AIR_VALUE_LIST ? air_list_get_size (labels) : 1); i++)
    {
      AirValue *label = air_value_get_kind (labels) == AIR_VALUE_LIST ? air_list_get (labels, i) : labels;
      const char *text = air_value_get_kind (label) == AIR_VALUE_STRING ? air_value_get_string (label, NULL) : "";

      if (strncmp (text, prefix, length) == 0 && (text[length] == '\0' || text[length] == '.'))
        return TRUE;
    }
  return FALSE;
}

static AirValue *
add_label (const AirValue *schema, const char *label)
{
  AirValue *labels = air_map_get (schema, "x-label");
  AirValue *list = air_list_new ();

  if (labels != NULL && air_value_get_kind (labels) == AIR_VALUE_STRING)
    air_list_append (list, air_value_ref (labels));
  for (gsize i = 0; labels != NULL && air_value_get_kind (labels) == AIR_VALUE_LIST && i < air_list_get_size (labels);
       i++)
    air_list_append (list, air_value_ref (air_list_get (labels, i)));
  air_list_append (list, air_value_new_string (label));
  return list;
}

static gboolean
is_money (const char *name, const AirValue *schema)
{
  static const char *const words[] = { "amount", "price", "total", "fee", "cost", "balance", "refund", "payment" };
  const char *unit = air_map_get_string (schema, "x-unit");
  g_auto (GStrv) parts = g_strsplit (name, "_", -1);

  if (unit != NULL && strlen (unit) == 3 && g_ascii_isalpha (unit[0]))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strv_contains ((const char *const *) parts, words[i]))
      return TRUE;
  return FALSE;
}

typedef struct {
  AirCompilation *compilation;
  const AirWorkflowNode *node;
  gsize skip; /* of a pointer: "/nodes/3", which commands write "/nodes/ID" */
} Walk;

static char *
dup_place (const Walk *self, const char *pointer, const char *below)
{
  return g_strdup_printf ("/nodes/%s%s/%s", self->node->id, pointer + self->skip, below);
}

static void
walk_schema (Walk *self, AirValue *schema, const char *pointer, const char *name, gboolean kept, guint depth)
{
  AirValue *properties = air_map_get_map (schema, "properties");
  AirValue *items = air_map_get_map (schema, "items");

  if (depth == 0)
    return;
  kept = kept || has_label (schema, "retention");
  if (has_label (schema, "pii") && !kept)
    {
      g_autofree char *at = dup_place (self, pointer, "x-label");
      AirDiagnostic *diagnostic =
          air_compilation_report (self->compilation, "AIR024", self->compilation->document, pointer, self->node,
                                  "add a label such as \"retention.90d\" to its x-label",
                                  "'%s' is personal data, and nothing says how long it is kept", name);

      diagnostic->fix = air_command_new_set (at, add_label (schema, "retention.90d"));
    }
  if (g_strcmp0 (air_map_get_string (schema, "type"), "number") == 0 && is_money (name, schema))
    {
      g_autofree char *at = dup_place (self, pointer, "type");
      AirDiagnostic *diagnostic =
          air_compilation_report (self->compilation, "AIR025", self->compilation->document, pointer, self->node,
                                  "let it be an integer of minor units", "'%s' is money and may have a fraction", name);

      diagnostic->fix = air_command_new_set (at, air_value_new_string ("integer"));
    }
  for (gsize i = 0; properties != NULL && i < air_map_get_size (properties); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (properties, i), NULL);
      AirValue *property = air_map_get_value_at (properties, i);
      g_autoptr (GString) escaped = g_string_new (key);
      g_autofree char *below = NULL;

      g_string_replace (escaped, "~", "~0", 0);
      g_string_replace (escaped, "/", "~1", 0);
      below = g_strdup_printf ("%s/properties/%s", pointer, escaped->str);
      if (air_value_get_kind (property) == AIR_VALUE_MAP)
        walk_schema (self, property, below, key, kept, depth - 1);
    }
  if (items != NULL)
    {
      g_autofree char *below = g_strdup_printf ("%s/items", pointer);

      walk_schema (self, items, below, name, kept, depth - 1);
    }
}

void
air_compile_lint_schema (AirCompilation *self, const AirWorkflowNode *node, AirValue *schema, const char *pointer)
{
  Walk walk = { self, node, strlen (node->pointer) };

  walk_schema (&walk, schema, pointer, node->id, FALSE, 32);
}

/* --- owner, measures, tests ----------------------------------------------- */

static void
lint_owner (AirCompilation *self)
{
  static const char *const nobody[] = { "nobody", "unknown", "todo", "tbd", "n/a", "none", "owner", NULL };
  AirValue *owner = air_map_get_map (air_document_get_value (self->document), "owner");
  const char *name = air_map_get_string (owner, "name"), *uri = air_map_get_string (owner, "uri");
  g_autofree char *lower = name != NULL ? g_ascii_strdown (name, -1) : NULL;

  if (lower != NULL)
    g_strstrip (lower);
  if (lower != NULL && *lower != '\0' && !g_strv_contains (nobody, lower) && uri != NULL
      && !g_str_has_suffix (uri, "/nobody"))
    return;
  air_compilation_report (self, "AIR021", self->document, "/owner", NULL, "name who answers for it",
                          "nobody answers for this workflow: the owner is '%s'", name != NULL ? name : "");
}

static void
lint_measures (AirCompilation *self)
{
  AirValue *kpis = air_map_get_list (air_document_get_value (self->document), "kpis");
  AirDiagnostic *diagnostic;
  AirValue *kpi;

  if (kpis != NULL && air_list_get_size (kpis) > 0)
    return;
  diagnostic = air_compilation_report (self, "AIR022", self->document, kpis != NULL ? "/kpis" : "", NULL,
                                       "add \"kpis\", such as the time from request to outcome",
                                       "nothing says how its owner sees whether this workflow works");
  kpi = air_map_new ();
  air_map_set_string (kpi, "id", "time-to-outcome");
  air_map_set_string (kpi, "title", "Time from trigger to outcome");
  diagnostic->fix = air_command_new_insert ("/kpis", G_MAXUINT, kpi);
}

/* The default that ends the run as failed, for what cannot be: there may be no event that goes there. */
static gboolean
only_fails (AirCompilation *self, const AirWorkflowNode *branch, const AirWorkflowEdge *edge)
{
  const AirWorkflowNode *to = air_workflow_get_node (self->workflow, edge->to);

  return to->kind == AIR_WORKFLOW_NODE_END && g_strcmp0 (air_map_get_string (to->value, "outcome"), "failed") == 0
         && g_strcmp0 (air_map_get_string (branch->value, "default"), edge->port) == 0;
}

static void
lint_coverage (AirCompilation *self)
{
  g_autoptr (AirTestCoverage) coverage = air_test_coverage_new_expected (self->workflow);

  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);
      g_autoptr (GString) missing = g_string_new (NULL);
      guint n_edges, n = 0;
      const AirWorkflowEdge *const *edges;

      if (node->kind != AIR_WORKFLOW_NODE_BRANCH || !air_flow_is_reachable (self->flow, i))
        continue;
      edges = air_workflow_get_leaving (self->workflow, i, &n_edges);
      for (guint k = 0; k < n_edges; k++)
        if (!air_test_coverage_has_edge (coverage, edges[k]->index) && !only_fails (self, node, edges[k]))
          g_string_append_printf (missing, "%s'%s'", n++ > 0 ? ", " : "", edges[k]->port);
      if (n > 0)
        air_compilation_report (self, "AIR027", self->document, node->pointer, node,
                                "add a test to \"tests\" whose expected path goes there",
                                "no test leaves branch '%s' by %s", node->id, missing->str);
    }
}

/* A step of another workflow is triggered by it, and its tests, owner and measures are looked at by itself. */
void
air_compile_lint_document (AirCompilation *self)
{
  AirValue *input = air_map_get_map (air_map_get_map (self->start->value, "trigger"), "input");
  g_autofree char *pointer = g_strdup_printf ("%s/trigger/input", self->start->pointer);

  if (input != NULL)
    air_compile_lint_schema (self, self->start, input, pointer);
  if (self->outer != NULL)
    return;
  lint_dedup (self);
  lint_concurrency (self);
  lint_owner (self);
  lint_measures (self);
  lint_coverage (self);
}
