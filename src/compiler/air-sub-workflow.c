/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A workflow that is a step of another is compiled for what it is given there, by the same rules as by itself: nothing
 * is hidden by putting it into a workflow of its own. */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

/* Of workflows in workflows: what is deeper nobody oversees, and a run's names grow with it. */
#define MAX_DEPTH 8
/* Of all that are steps together: ten in ten in ten are a thousand, and each is compiled for what it is given. */
#define MAX_NODES 10000

/* --- which workflow it is ------------------------------------------------- */

static gboolean
is_named (const AirCompilation *self, const AirPack *pack)
{
  return *air_pack_get_id (pack) == '\0' || g_ptr_array_find (self->packs, pack, NULL);
}

/* "a → b → a", from where @id stands for the first time; NULL when none of those around is @id. */
static char *
name_circle (const AirCompilation *self, const char *id)
{
  g_autoptr (GString) text = g_string_new (id);

  for (; self != NULL; self = self->outer)
    {
      g_autofree char *own = g_strconcat (air_workflow_get_id (self->workflow), " → ", NULL);

      g_string_prepend (text, own);
      if (g_str_equal (air_workflow_get_id (self->workflow), id))
        return g_string_free (g_steal_pointer (&text), FALSE);
    }
  return NULL;
}

static guint
count_around (const AirCompilation *self)
{
  guint n = 0;

  for (; self->outer != NULL; self = self->outer)
    n++;
  return n;
}

/* The document of this id and version, and the pack it is of. Two that differ are none: @ret_two says so. */
static AirDocument *
find_document (AirCompilation *self,
               const char *id,
               const char *version,
               const AirPack **ret_pack,
               const char **ret_other,
               gboolean *ret_two)
{
  AirDocument *found = NULL;

  for (guint i = 0; i < self->given->len; i++)
    {
      const AirPack *pack = g_ptr_array_index (self->given, i);
      AirDocument *document = is_named (self, pack) ? air_pack_get_workflow (pack, id) : NULL;

      if (document == NULL)
        continue;
      if (!g_str_equal (air_document_get_version (document), version))
        *ret_other = air_document_get_version (document);
      else if (found == NULL)
        {
          found = document;
          *ret_pack = pack;
        }
      else
        *ret_two |= !air_value_equal (air_document_get_value (found), air_document_get_value (document));
    }
  return found;
}

void
air_compile_resolve_workflow (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  const char *id = air_map_get_string (node->value, "workflow"), *version = air_map_get_string (node->value, "version");
  g_autofree char *pointer = g_strdup_printf ("%s/workflow", node->pointer);
  g_autofree char *circle = name_circle (self, id);
  const char *other = NULL;
  const AirPack *pack = NULL;
  AirDocument *document;
  gboolean two = FALSE;
  g_autoptr (GError) error = NULL;

  if (circle != NULL)
    {
      air_compilation_report (self, "AIR118", self->document, pointer, node,
                              "end the circle: a run repeats by a for_each, where the number of times is known",
                              "'%s' would run in itself: %s", node->id, circle);
      return;
    }
  if (count_around (self) >= MAX_DEPTH)
    {
      air_compilation_report (self, "AIR119", self->document, pointer, node, "put some of them into one",
                              "'%s' is a workflow in more than %d others", node->id, MAX_DEPTH);
      return;
    }
  document = find_document (self, id, version, &pack, &other, &two);
  if (two)
    {
      air_compilation_report (self, "AIR120", self->document, pointer, node, "give one of them another version",
                              "'%s' runs '%s' %s, and there are two that differ", node->id, id, version);
      return;
    }
  if (document == NULL)
    {
      g_autofree char *mend =
          other != NULL ? g_strdup_printf ("name version %s, or give the other", other)
                        : g_strdup_printf ("put %s.workflow.json beside this one, or add its pack to \"packs\"", id);

      air_compilation_report (self, "AIR117", self->document, pointer, node, mend,
                              other != NULL ? "'%s' runs '%s' %s, and %s is here"
                                            : "'%s' runs '%s' %s, which is neither here nor in a pack of this workflow",
                              node->id, id, version, other);
      return;
    }
  facts->workflow = air_compile_cache_get_workflow (self->cache, document, &error);
  if (facts->workflow == NULL)
    {
      air_compilation_report (self, "AIR121", self->document, pointer, node, "mend it", "'%s' cannot be used: %s",
                              node->id, error->message);
      return;
    }
  /* Where it lies on this machine is nobody's business. */
  if (*air_pack_get_id (pack) != '\0')
    facts->file = g_strdup_printf ("%s/workflows/%s.workflow.json", air_pack_get_id (pack), id);
}

/* --- what it is given ------------------------------------------------------ */

static AirValue *
get_input (const AirWorkflow *workflow)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (workflow, i);

      if (node->kind == AIR_WORKFLOW_NODE_TRIGGER)
        return air_map_get_map (air_map_get_map (node->value, "trigger"), "input");
    }
  return NULL;
}

/* A choice of what the author wrote down is not the text of whoever made it. */
static void
drop_untrusted (char **labels)
{
  guint n = 0;

  for (guint i = 0; labels[i] != NULL; i++)
    if (g_str_equal (labels[i], "untrusted"))
      g_free (labels[i]);
    else
      labels[n++] = labels[i];
  labels[n] = NULL;
}

/* What its trigger declares, with the labels of what it is given on top. NULL when nothing can be said. */
static AirCelType *
new_trigger_type (AirCompilation *self, const AirWorkflowNode *node, const AirTemplate *with)
{
  AirValue *input = get_input (self->facts[node->index].workflow);
  AirValue *given = air_map_get_map (node->value, "with");
  AirValue *properties = input != NULL ? air_map_get_map (input, "properties") : NULL;
  AirCelType *declared = input != NULL ? air_compile_cache_get_type (self->cache, input) : NULL;
  g_autoptr (AirCelType) type = declared != NULL ? air_cel_type_ref (declared) : NULL;

  for (gsize i = 0; type != NULL && with != NULL && given != NULL && i < air_map_get_size (given); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (given, i), NULL);
      AirValue *schema = properties != NULL ? air_map_get (properties, name) : NULL;
      g_auto (GStrv) labels = air_compile_dup_labels (with, name);
      AirCelType *labelled;

      if (schema != NULL && air_compile_schema_confines (schema))
        drop_untrusted (labels);
      labelled = air_cel_type_with_field_labels (type, name, (const char *const *) labels);
      air_cel_type_unref (type);
      type = labelled;
    }
  return g_steal_pointer (&type);
}

/* --- what it leaves -------------------------------------------------------- */

typedef struct {
  GHashTable *fields; /* name → AirCelType */
  GHashTable *count;  /* name → of how many ends it is a certain part */
  const AirTemplate *output;
} Ends;

static void
add_end_field_cb (const char *name, AirCelType *type, gboolean required, gpointer user_data)
{
  Ends *ends = user_data;
  AirCelType *before = g_hash_table_lookup (ends->fields, name);
  g_auto (GStrv) labels = air_compile_dup_labels (ends->output, name);
  g_autoptr (AirCelType) both = NULL;

  if (before == NULL)
    both = air_cel_type_ref (type);
  else
    {
      g_autofree char *was = air_cel_type_to_string (before), *is = air_cel_type_to_string (type);
      g_auto (GStrv) held = air_cel_type_dup_all_labels (before);
      g_autoptr (AirCelType) one =
          g_str_equal (was, is) ? air_cel_type_ref (type) : air_cel_type_new (AIR_CEL_TYPE_DYN);

      both = air_cel_type_with_labels (one, (const char *const *) held);
    }
  g_hash_table_replace (ends->fields, g_strdup (name), air_cel_type_with_labels (both, (const char *const *) labels));
  g_hash_table_replace (ends->count, g_strdup (name),
                        GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (ends->count, name)) + required));
}

/* One type of what all ends give that a run of it may complete at. */
static AirCelType *
new_output_type (AirCompilation *inner)
{
  g_autoptr (GHashTable) fields =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) air_cel_type_unref);
  g_autoptr (GHashTable) count = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GList) names = NULL;
  Ends ends = { .fields = fields, .count = count };
  AirCelType *output;
  guint n = 0;

  if (inner->flow == NULL)
    return air_cel_type_new (AIR_CEL_TYPE_DYN);
  for (guint i = 0; i < air_workflow_get_n_nodes (inner->workflow); i++)
    {
      const AirWorkflowNode *end = air_workflow_get_node (inner->workflow, i);

      if (end->kind != AIR_WORKFLOW_NODE_END || !air_flow_is_reachable (inner->flow, i)
          || g_strcmp0 (air_map_get_string (end->value, "outcome"), "completed") != 0)
        continue;
      n++;
      ends.output = inner->facts[i].with;
      if (ends.output != NULL)
        air_cel_type_foreach_field (air_template_get_type (ends.output), add_end_field_cb, &ends);
    }
  output = air_cel_type_new_object (NULL);
  names = g_list_sort (g_hash_table_get_keys (fields), (GCompareFunc) strcmp);
  for (GList *l = names; l != NULL; l = l->next)
    air_cel_type_add_field (output, l->data, g_hash_table_lookup (fields, l->data),
                            GPOINTER_TO_UINT (g_hash_table_lookup (count, l->data)) == n);
  return output;
}

/* --- compiling it ----------------------------------------------------------- */

/* FALSE when with one more the whole would have too many steps. */
static gboolean
count_nodes (AirCompilation *self, guint n)
{
  while (self->outer != NULL)
    self = self->outer;
  if (self->n_inner + n > MAX_NODES)
    return FALSE;
  self->n_inner += n;
  return TRUE;
}

/* Computed when first asked for: what reads its output may stand before it in the source. */
AirCompilation *
air_compile_get_inner (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  g_autoptr (AirCelEnv) env = NULL;
  g_autoptr (AirTemplate) with = NULL;
  g_autoptr (AirCompilation) inner = NULL;

  /* A graph with faults may ask in a circle. */
  if (facts->workflow == NULL || facts->inner != NULL || facts->begun)
    return facts->inner;
  facts->begun = TRUE;
  facts->too_many = !count_nodes (self, air_workflow_get_n_nodes (facts->workflow));
  if (facts->too_many)
    return NULL;
  env = air_compile_new_env (self, node, FALSE);
  with = air_template_compile (air_map_get (node->value, "with"), env, NULL);
  inner = air_compilation_new (facts->workflow, self->given, self->cache, &facts->error);
  if (inner == NULL)
    return NULL;
  inner->outer = self;
  inner->nesting = self->nesting + air_regions_get_depth (air_flow_get_regions (self->flow), node->index) + 1;
  inner->file = g_strdup (facts->file);
  inner->trigger = new_trigger_type (self, node, with);
  air_compilation_check (inner);
  g_clear_pointer (&facts->output, air_cel_type_unref);
  facts->output = new_output_type (inner);
  facts->inner = g_steal_pointer (&inner);
  return facts->inner;
}

static gboolean
is_known (const AirCompilation *self, const AirDiagnostic *finding)
{
  for (guint i = 0; i < self->diagnostics->len; i++)
    {
      const AirDiagnostic *other = g_ptr_array_index (self->diagnostics, i);

      if (other->id == finding->id && g_str_equal (other->file, finding->file)
          && g_str_equal (other->pointer, finding->pointer) && g_str_equal (other->message, finding->message))
        return TRUE;
    }
  return FALSE;
}

/* What is wrong in it is wrong here: at its own place, and at no node of this workflow but the one that runs it. */
static void
take_findings (AirCompilation *self, const AirWorkflowNode *node, AirCompilation *inner)
{
  for (guint i = 0; i < inner->diagnostics->len; i++)
    {
      const AirDiagnostic *finding = g_ptr_array_index (inner->diagnostics, i);
      AirDiagnostic *copy;

      if (is_known (self, finding))
        continue;
      copy = g_new0 (AirDiagnostic, 1);
      *copy = *finding;
      copy->file = g_strdup (finding->file);
      copy->pointer = g_strdup (finding->pointer);
      copy->message = g_strdup (finding->message);
      copy->mend = g_strdup (finding->mend);
      copy->node = g_strdup (node->id);
      copy->fix = NULL; /* an edit of another document */
      g_ptr_array_add (self->diagnostics, copy);
    }
}

/* What they may cost in all is compared; two currencies cannot be. */
static void
check_costs (AirCompilation *self, const AirWorkflowNode *node)
{
  AirValue *inner = air_document_get_value (air_workflow_get_document (self->facts[node->index].workflow));
  const char *theirs = air_map_get_string (air_map_get_map (inner, "cost_limits"), "currency"), *ours = NULL;
  g_autofree char *pointer = g_strdup_printf ("%s/workflow", node->pointer);

  for (const AirCompilation *around = self; around != NULL && ours == NULL; around = around->outer)
    ours = air_map_get_string (air_map_get_map (air_document_get_value (around->document), "cost_limits"), "currency");
  if (theirs != NULL && ours != NULL && !g_str_equal (theirs, ours))
    air_compilation_report (self, "AIR122", self->document, pointer, node, "say them in the same currency",
                            "'%s' has cost limits in %s, and what it is a step of has them in %s", node->id, theirs,
                            ours);
}

void
air_compile_check_workflow (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  g_autofree char *with = g_strdup_printf ("%s/with", node->pointer);
  g_autofree char *pointer = g_strdup_printf ("%s/workflow", node->pointer);
  g_autoptr (AirCelEnv) env = air_compile_new_env (self, node, FALSE);
  AirValue *input = facts->workflow != NULL ? get_input (facts->workflow) : NULL;
  AirCompilation *inner;

  facts->with = air_compile_check_template (self, node, with, env);
  if (facts->with != NULL && input != NULL)
    air_compile_check_inputs (self, node, with, air_workflow_get_id (facts->workflow), input, facts->with);
  inner = air_compile_get_inner (self, node);
  if (facts->workflow != NULL)
    check_costs (self, node);
  if (inner != NULL)
    take_findings (self, node, inner);
  else if (facts->too_many)
    air_compilation_report (self, "AIR119", self->document, pointer, node, "let them do less, or run by themselves",
                            "with '%s' the workflows that are steps have more than %d nodes together", node->id,
                            MAX_NODES);
  else if (facts->error != NULL)
    air_compilation_report (self, "AIR121", self->document, pointer, node, "install that pack",
                            "'%s' cannot be used: %s", node->id, facts->error->message);
}

/* --- documents of one id ----------------------------------------------------- */

typedef struct {
  AirCompilation *compilation;
  GHashTable *documents; /* kind and id → AirDocument; of packs AirPack */
  const AirWorkflowNode *node;
} Search;

static void
compare (Search *self, const char *kind, AirDocument *document)
{
  g_autofree char *key = NULL;
  AirDocument *other;

  if (document == NULL)
    return;
  key = g_strconcat (kind, " '", air_document_get_id (document), "'", NULL);
  other = g_hash_table_lookup (self->documents, key);
  if (other == NULL)
    g_hash_table_insert (self->documents, g_steal_pointer (&key), document);
  else if (other != document && !air_value_equal (air_document_get_value (other), air_document_get_value (document)))
    {
      g_autofree char *pointer = g_strdup_printf ("%s/workflow", self->node->pointer);

      air_compilation_report (self->compilation, "AIR120", self->compilation->document, pointer, self->node,
                              "let both use the same version of the pack or workflow it is of",
                              "with '%s' there are two of %s, %s and %s, that differ", self->node->id, key,
                              air_document_get_version (other), air_document_get_version (document));
    }
}

static void
compare_pack (Search *self, const AirPack *pack)
{
  g_autofree char *key = g_strconcat ("pack '", air_pack_get_id (pack), "'", NULL);
  const AirPack *other = g_hash_table_lookup (self->documents, key);
  g_autofree char *pointer = NULL;

  if (other == NULL)
    g_hash_table_insert (self->documents, g_steal_pointer (&key), (gpointer) pack);
  else if (!g_str_equal (air_pack_get_version (other), air_pack_get_version (pack)))
    {
      pointer = g_strdup_printf ("%s/workflow", self->node->pointer);
      air_compilation_report (self->compilation, "AIR120", self->compilation->document, pointer, self->node,
                              "let both use the same version of the pack", "with '%s' there are two of %s, %s and %s",
                              self->node->id, key, air_pack_get_version (other), air_pack_get_version (pack));
    }
}

static void
search (Search *self, AirCompilation *at, gboolean top)
{
  for (guint i = 0; i < at->packs->len; i++)
    compare_pack (self, g_ptr_array_index (at->packs, i));
  for (guint i = 0; i < air_workflow_get_n_nodes (at->workflow); i++)
    {
      const AirNodeFacts *facts = &at->facts[i];

      if (top)
        self->node = air_workflow_get_node (at->workflow, i);
      compare (self, "operation", facts->operation);
      compare (self, "operation", facts->compensation);
      compare (self, "connector", facts->connector);
      compare (self, "policy", facts->policy_document);
      for (guint k = 0; facts->more_policies != NULL && k < facts->more_policies->len; k++)
        compare (self, "policy", g_ptr_array_index (facts->more_policies, k));
      if (facts->workflow != NULL)
        compare (self, "workflow", air_workflow_get_document (facts->workflow));
      if (facts->inner != NULL)
        search (self, facts->inner, FALSE);
    }
}

void
air_compile_check_documents (AirCompilation *self)
{
  g_autoptr (GHashTable) documents = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Search one = { .compilation = self, .documents = documents };

  search (&one, self, TRUE);
}
