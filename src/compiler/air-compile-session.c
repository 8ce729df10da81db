/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-session.h"

#include <string.h>

#include "air-compile-private.h"

/*
 * What was found at a node is kept with a key: every fact it rested on. The
 * source's values are shared from one version to the next, so that most facts
 * are addresses; those that come of the graph are asked again, which is cheap.
 * Nodes of loops, workflows as steps, and those whose facts are not worth writing down, have no key
 * and are looked at each time.
 */

typedef struct {
  GByteArray *key;
  GPtrArray *held;        /* AirValue: what the key's addresses are of */
  GPtrArray *diagnostics; /* AirDiagnostic, their pointers below the node's */
  AirTemplate *with, *undo;
} Unit;

struct _AirUnits {
  GHashTable *by_node; /* id → Unit */
  guint n_checked;
};

struct _AirCompileSession {
  AirWorkflow *workflow;
  GPtrArray *packs;
  AirCompileCache *cache;
  AirUnits units;
  GPtrArray *diagnostics;
};

static void
unit_free (gpointer data)
{
  Unit *unit = data;

  g_byte_array_unref (unit->key);
  g_ptr_array_unref (unit->held);
  g_ptr_array_unref (unit->diagnostics);
  g_clear_pointer (&unit->with, air_template_unref);
  g_clear_pointer (&unit->undo, air_template_unref);
  g_free (unit);
}

/* --- keys ----------------------------------------------------------------- */

typedef struct {
  AirCompilation *compilation;
  GByteArray *key;
  GPtrArray *held;
  gboolean none; /* there is no key */
} Key;

static void
add_flag (Key *self, gboolean flag)
{
  guint8 byte = flag ? 1 : 0;

  g_byte_array_append (self->key, &byte, 1);
}

static void
add_text (Key *self, const char *text)
{
  g_byte_array_append (self->key, (const guint8 *) text, strlen (text) + 1);
}

static void
add_value (Key *self, AirValue *value)
{
  g_byte_array_append (self->key, (const guint8 *) &value, sizeof value);
  if (value != NULL)
    g_ptr_array_add (self->held, air_value_ref (value));
}

/* What an expression of @reader rests on when it names @id. */
static void
add_step (Key *self, const char *id, const AirWorkflowNode *reader)
{
  AirCompilation *compilation = self->compilation;
  AirFlow *flow = compilation->flow;
  const AirWorkflowNode *step = air_workflow_find_node (compilation->workflow, id);

  add_text (self, id);
  add_flag (self, step != NULL);
  if (step == NULL)
    return;
  /* A join's output rests on what its loop holds, a workflow's on what it is given. */
  if (step->kind == AIR_WORKFLOW_NODE_JOIN || step->kind == AIR_WORKFLOW_NODE_WORKFLOW
      || air_regions_get_loop (air_flow_get_regions (flow), step->index) != AIR_NO_REGION)
    self->none = TRUE;
  add_value (self, step->value);
  add_flag (self, step == reader);
  add_flag (self, air_flow_is_reachable (flow, step->index));
  add_flag (self, air_flow_leads_to (flow, step->index, reader->index));
  add_flag (self, air_flow_passes (flow, step->index, reader->index));
  add_flag (self, air_flow_passes_port (flow, step->index, "out", reader->index));
  add_flag (self, air_flow_port_leads_to (flow, step->index, "ok", FALSE, reader->index));
  add_flag (self, air_flow_port_leads_to (flow, step->index, "error", TRUE, reader->index));
}

static void
add_steps (Key *self, const AirValue *value, const AirWorkflowNode *reader)
{
  gboolean all;
  g_autoptr (GHashTable) steps = air_compile_find_steps (self->compilation, value, &all);
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (steps), (GCompareFunc) strcmp);

  self->none |= all;
  for (GList *l = ids; l != NULL && !self->none; l = l->next)
    add_step (self, l->data, reader);
}

static void
add_call (Key *self, const AirWorkflowNode *node)
{
  const AirDocument *operation = self->compilation->facts[node->index].operation;
  const AirWorkflowNode *gate = air_compile_find_gate (self->compilation, node);

  /* Which gate is passed by is searched for; what is that far from sound is looked at each time. */
  if (gate == NULL && operation != NULL
      && (air_operation_pays_out (operation) || air_operation_is_irreversible (operation)))
    self->none = TRUE;
  add_flag (self, air_workflow_find_edge (self->compilation->workflow, node->index, "error:unknown") != NULL);
  add_flag (self, gate != NULL);
  if (gate != NULL)
    {
      add_text (self, gate->id);
      add_flag (self, air_compile_gate_guards (gate, node));
    }
}

static void
add_guards (Key *self, const AirWorkflowNode *gate)
{
  AirValue *guards = air_map_get_list (gate->value, "guards");

  for (gsize i = 0; guards != NULL && i < air_list_get_size (guards); i++)
    {
      const AirWorkflowNode *node =
          air_workflow_find_node (self->compilation->workflow, air_map_get_string (air_list_get (guards, i), "node"));

      add_value (self, node->value);
      add_flag (self, air_flow_is_reachable (self->compilation->flow, node->index));
      add_flag (self, air_flow_passes_port (self->compilation->flow, gate->index, "approved", node->index));
      add_steps (self, node->value, gate);
    }
}

static void
make_key (Key *self, const AirWorkflowNode *node)
{
  AirCompilation *compilation = self->compilation;
  AirValue *input = air_map_get_map (air_map_get_map (compilation->start->value, "trigger"), "input");

  self->none = air_compile_get_scope (compilation, node) != AIR_NO_REGION || node->kind == AIR_WORKFLOW_NODE_FOR_EACH
               || node->kind == AIR_WORKFLOW_NODE_JOIN || node->kind == AIR_WORKFLOW_NODE_WORKFLOW;
  if (self->none)
    return;
  add_value (self, node->value);
  add_value (self, input);
  add_flag (self, node == compilation->start);
  add_flag (self, compilation->has_types);
  add_flag (self, air_flow_is_reachable (compilation->flow, node->index));
  add_steps (self, node->value, node);
  if (node->kind == AIR_WORKFLOW_NODE_CALL && !self->none)
    add_call (self, node);
  if (node->kind == AIR_WORKFLOW_NODE_GATE && !self->none)
    add_guards (self, node);
}

/* --- what was found ------------------------------------------------------- */

/* A copy whose pointer is below @prefix instead of being below what @skip characters name. */
static AirDiagnostic *
copy_diagnostic (const AirDiagnostic *self, const char *prefix, gsize skip)
{
  AirDiagnostic *copy = g_new0 (AirDiagnostic, 1);

  *copy = *self;
  copy->file = g_strdup (self->file);
  copy->pointer = g_strconcat (prefix, self->pointer + skip, NULL);
  copy->node = g_strdup (self->node);
  copy->message = g_strdup (self->message);
  copy->mend = g_strdup (self->mend);
  copy->fix = self->fix != NULL ? air_command_ref (self->fix) : NULL;
  return copy;
}

static void
restore (const Unit *unit, AirCompilation *compilation, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &compilation->facts[node->index];

  for (guint i = 0; i < unit->diagnostics->len; i++)
    {
      AirDiagnostic *copy = copy_diagnostic (g_ptr_array_index (unit->diagnostics, i), node->pointer, 0);

      air_document_locate (compilation->document, copy->pointer, &copy->line, &copy->column);
      g_ptr_array_add (compilation->diagnostics, copy);
    }
  facts->with = unit->with != NULL ? air_template_ref (unit->with) : NULL;
  facts->undo = unit->undo != NULL ? air_template_ref (unit->undo) : NULL;
}

static void
keep (AirUnits *self, const Key *key, AirCompilation *compilation, const AirWorkflowNode *node, guint first)
{
  const AirNodeFacts *facts = &compilation->facts[node->index];
  Unit *unit = g_new0 (Unit, 1);

  unit->key = g_byte_array_ref (key->key);
  unit->held = g_ptr_array_ref (key->held);
  unit->diagnostics = g_ptr_array_new_with_free_func ((GDestroyNotify) air_diagnostic_free);
  for (guint i = first; i < compilation->diagnostics->len; i++)
    g_ptr_array_add (unit->diagnostics,
                     copy_diagnostic (g_ptr_array_index (compilation->diagnostics, i), "", strlen (node->pointer)));
  unit->with = facts->with != NULL ? air_template_ref (facts->with) : NULL;
  unit->undo = facts->undo != NULL ? air_template_ref (facts->undo) : NULL;
  g_hash_table_insert (self->by_node, g_strdup (node->id), unit);
}

void
air_units_check (AirUnits *self, AirCompilation *compilation, const AirWorkflowNode *node)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) air_value_unref);
  Key key = { .compilation = compilation, .key = bytes, .held = held };
  const Unit *unit = g_hash_table_lookup (self->by_node, node->id);
  guint first = compilation->diagnostics->len;

  make_key (&key, node);
  if (!key.none && unit != NULL && unit->key->len == bytes->len
      && memcmp (unit->key->data, bytes->data, bytes->len) == 0)
    {
      restore (unit, compilation, node);
      return;
    }
  self->n_checked++;
  air_compile_check_node (compilation, node);
  if (!key.none)
    keep (self, &key, compilation, node, first);
  else
    g_hash_table_remove (self->by_node, node->id);
}

/* --- the session ---------------------------------------------------------- */

/* What is kept of nodes that are gone would only grow. */
static gboolean
is_gone_cb (gpointer id, gpointer unit, gpointer workflow)
{
  return air_workflow_find_node (workflow, id) == NULL;
}

static gboolean
look (AirCompileSession *self, AirWorkflow *workflow, GError **error)
{
  g_autoptr (AirCompilation) compilation = air_compilation_new (workflow, self->packs, self->cache, error);

  if (compilation == NULL)
    return FALSE;
  compilation->units = &self->units;
  self->units.n_checked = 0;
  air_compilation_check (compilation);
  air_compilation_sort (compilation);
  g_hash_table_foreach_remove (self->units.by_node, is_gone_cb, workflow);
  g_clear_pointer (&self->diagnostics, g_ptr_array_unref);
  self->diagnostics = g_ptr_array_ref (compilation->diagnostics);
  g_clear_pointer (&self->workflow, air_workflow_unref);
  self->workflow = air_workflow_ref (workflow);
  return TRUE;
}

/**
 * air_compile_session_new:
 * @workflow: what is edited
 * @packs: (element-type AirPack): as for air_compile()
 * @error: return location
 *
 * Returns: (transfer full): a session that has looked at all nodes once, or
 *   %NULL with %AIR_MODEL_ERROR_REFERENCE when a pack is missing
 */
AirCompileSession *
air_compile_session_new (AirWorkflow *workflow, GPtrArray *packs, GError **error)
{
  g_autoptr (AirCompileSession) self = g_new0 (AirCompileSession, 1);

  g_return_val_if_fail (workflow != NULL && packs != NULL, NULL);

  self->packs = g_ptr_array_ref (packs);
  self->cache = air_compile_cache_new ();
  self->units.by_node = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unit_free);
  if (!look (self, workflow, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
air_compile_session_free (AirCompileSession *self)
{
  g_clear_pointer (&self->diagnostics, g_ptr_array_unref);
  g_clear_pointer (&self->units.by_node, g_hash_table_unref);
  g_clear_pointer (&self->cache, air_compile_cache_free);
  g_clear_pointer (&self->workflow, air_workflow_unref);
  g_clear_pointer (&self->packs, g_ptr_array_unref);
  g_free (self);
}

/**
 * air_compile_session_apply:
 * @self: a session
 * @command: an edit
 * @ret_inverse: (out) (optional): what takes it back
 * @error: return location
 *
 * Applies the edit and looks again at what it may have changed. Costs what it touches, not the size of the workflow.
 *
 * Returns: %FALSE with an %AIR_MODEL_ERROR, and nothing changed, when the edit cannot be made
 */
gboolean
air_compile_session_apply (AirCompileSession *self, const AirCommand *command, AirCommand **ret_inverse, GError **error)
{
  g_autoptr (AirWorkflow) after = NULL;
  g_autoptr (AirCommand) inverse = NULL;

  g_return_val_if_fail (self != NULL && command != NULL, FALSE);

  after = air_command_apply (command, self->workflow, &inverse, error);
  if (after == NULL || !look (self, after, error))
    return FALSE;
  if (ret_inverse != NULL)
    *ret_inverse = g_steal_pointer (&inverse);
  return TRUE;
}

/**
 * air_compile_session_get_workflow:
 * @self: a session
 *
 * Returns: (transfer none): the workflow after the last edit
 */
AirWorkflow *
air_compile_session_get_workflow (const AirCompileSession *self)
{
  return self->workflow;
}

/**
 * air_compile_session_get_diagnostics:
 * @self: a session
 *
 * Returns: (transfer none) (element-type AirDiagnostic): in the order of the source; valid until the next edit
 */
GPtrArray *
air_compile_session_get_diagnostics (const AirCompileSession *self)
{
  return self->diagnostics;
}

/**
 * air_compile_session_get_n_checked:
 * @self: a session
 *
 * Returns: how many nodes the last edit made it look at
 */
guint
air_compile_session_get_n_checked (const AirCompileSession *self)
{
  return self->units.n_checked;
}
