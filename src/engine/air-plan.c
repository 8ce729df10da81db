/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-engine"
#include "config.h"

#include "air-plan-private.h"
#include "policy/air-limit.h"

G_DEFINE_QUARK (air-engine-error-quark, air_engine_error)

static const char *const kind_names[] = {
  "trigger", "call", "decide", "branch", "gate", "wait", "evidence", "end", "parallel", "join", "for_each", "workflow",
};

/**
 * air_node_kind_to_string:
 * @kind: a kind
 *
 * Returns: (transfer none): as the plan writes it: "call", "for_each"; static
 */
const char *
air_node_kind_to_string (AirNodeKind kind)
{
  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (kind_names), NULL);
  return kind_names[kind];
}

/**
 * air_node_kind_from_string:
 * @text: (nullable): what air_node_kind_to_string() gives
 * @ret_kind: (out): the kind
 *
 * Returns: %FALSE, and @ret_kind untouched, when no kind is called that
 */
gboolean
air_node_kind_from_string (const char *text, AirNodeKind *ret_kind)
{
  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (kind_names); i++)
    if (g_str_equal (text, kind_names[i]))
      {
        *ret_kind = i;
        return TRUE;
      }
  return FALSE;
}

/**
 * air_plan_ref:
 *
 * Returns: (transfer full): @self
 */
AirPlan *
air_plan_ref (AirPlan *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
air_plan_unref (AirPlan *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;

  g_clear_pointer (&self->nodes, g_array_unref);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->operations, g_hash_table_unref);
  g_clear_pointer (&self->policies, g_hash_table_unref);
  g_clear_pointer (&self->workflows, g_hash_table_unref);
  g_clear_pointer (&self->authors, air_value_unref);
  g_clear_pointer (&self->dedup, air_cel_program_unref);
  g_clear_pointer (&self->concurrency, air_cel_program_unref);
  g_clear_pointer (&self->requester, air_cel_program_unref);
  g_clear_pointer (&self->subject, air_cel_program_unref);
  g_clear_pointer (&self->input, air_schema_unref);
  g_clear_pointer (&self->artifact_value, air_value_unref);
  for (guint i = 0; i < G_N_ELEMENTS (self->purposes); i++)
    g_clear_pointer (&self->purposes[i], air_value_unref);
  for (guint i = 0; i < G_N_ELEMENTS (self->classes); i++)
    g_clear_pointer (&self->classes[i], air_value_unref);
  g_clear_pointer (&self->document, air_value_unref);
  g_free (self->event_type);
  g_free (self->artifact);
  g_free (self);
}

/**
 * air_plan_set_authors:
 * @self: a plan nobody else holds yet
 * @uris: (nullable) (array zero-terminated=1): who authored the artifact (URIs of its signers), for separation of
 *   duties
 *
 * Part of loading: call it before the first instance.
 */
void
air_plan_set_authors (AirPlan *self, const char *const *uris)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->authors, air_value_unref);
  self->authors = air_list_new ();
  for (guint i = 0; uris != NULL && uris[i] != NULL; i++)
    air_list_append (self->authors, air_value_new_string (uris[i]));
}

/**
 * air_plan_get_workflow:
 * @self: a plan
 *
 * Returns: (transfer none): the workflow's id
 */
const char *
air_plan_get_workflow (const AirPlan *self)
{
  return self->workflow;
}

/**
 * air_plan_get_version:
 * @self: a plan
 *
 * Returns: (transfer none): the workflow's version
 */
const char *
air_plan_get_version (const AirPlan *self)
{
  return self->version;
}

/**
 * air_plan_get_title:
 * @self: a plan
 *
 * Returns: (transfer none): the workflow's title, for people
 */
const char *
air_plan_get_title (const AirPlan *self)
{
  return self->title;
}

/**
 * air_plan_get_artifact:
 * @self: a plan
 *
 * Returns: (transfer none): "sha256:" and the hexadecimal digest of the artifact's manifest
 */
const char *
air_plan_get_artifact (const AirPlan *self)
{
  return self->artifact;
}

/**
 * air_plan_get_document:
 * @self: a plan
 *
 * Returns: (transfer none): the plan as it was read
 */
AirValue *
air_plan_get_document (const AirPlan *self)
{
  return self->document;
}

/**
 * air_plan_get_operation:
 * @self: a plan
 * @id: an operation's id
 *
 * Returns: (transfer none) (nullable): the operation's document, %NULL when no node uses it
 */
AirValue *
air_plan_get_operation (const AirPlan *self, const char *id)
{
  return air_map_get_map (air_member (self->document, "operations"), id);
}

/**
 * air_plan_get_connector:
 * @self: a plan
 * @id: a connector's id
 *
 * Returns: (transfer none) (nullable): the connector's document, %NULL when no operation uses it
 */
AirValue *
air_plan_get_connector (const AirPlan *self, const char *id)
{
  return air_map_get_map (air_member (self->document, "connectors"), id);
}

/**
 * air_plan_get_policy_digest:
 * @self: a plan
 * @id: a policy's id
 *
 * Returns: (transfer none) (nullable): "sha256:hex" of the policy's document, %NULL when the plan has none of that id
 */
const char *
air_plan_get_policy_digest (const AirPlan *self, const char *id)
{
  const AirPlanPolicy *policy = g_hash_table_lookup (self->policies, id);

  return policy != NULL ? air_value_get_string (policy->digest, NULL) : NULL;
}

/**
 * air_plan_get_n_nodes:
 * @self: a plan
 *
 * Returns: how many nodes it has
 */
guint
air_plan_get_n_nodes (const AirPlan *self)
{
  return self->nodes->len;
}

/**
 * air_plan_get_node_id:
 * @self: a plan
 * @index: below air_plan_get_n_nodes()
 *
 * Returns: (transfer none): the node's id, stable over versions of the workflow
 */
const char *
air_plan_get_node_id (const AirPlan *self, guint index)
{
  g_return_val_if_fail (index < self->nodes->len, NULL);
  return air_plan_node (self, index)->id;
}

/**
 * air_plan_get_node_kind:
 * @self: a plan
 * @index: below air_plan_get_n_nodes()
 *
 * Returns: what the node does
 */
AirNodeKind
air_plan_get_node_kind (const AirPlan *self, guint index)
{
  g_return_val_if_fail (index < self->nodes->len, AIR_NODE_END);
  return air_plan_node (self, index)->kind;
}

/**
 * air_plan_get_node_title:
 * @self: a plan
 * @index: below air_plan_get_n_nodes()
 *
 * Returns: (transfer none) (nullable): what people call the node
 */
const char *
air_plan_get_node_title (const AirPlan *self, guint index)
{
  g_return_val_if_fail (index < self->nodes->len, NULL);
  return air_plan_node (self, index)->title;
}

/**
 * air_plan_find_node:
 * @self: a plan
 * @id: (nullable): a node's id, or a step's "<node>@<iteration>"
 * @ret_index: (out) (optional): its index
 *
 * Returns: %FALSE, and @ret_index untouched, when no node has that id
 */
gboolean
air_plan_find_node (const AirPlan *self, const char *id, guint *ret_index)
{
  const char *iteration = id != NULL ? strchr (id, '@') : NULL;
  g_autofree char *bare = iteration != NULL ? g_strndup (id, iteration - id) : NULL;
  guint found;

  if (bare != NULL)
    id = bare;
  found = id != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (self->by_id, id)) : 0;
  if (found == 0)
    return FALSE;
  if (ret_index != NULL)
    *ret_index = found - 1;
  return TRUE;
}

/**
 * air_plan_get_trigger:
 * @self: a plan
 *
 * Returns: (transfer none): the trigger node's id
 */
const char *
air_plan_get_trigger (const AirPlan *self)
{
  return air_plan_node (self, self->trigger)->id;
}

/* --- what the rest of the engine asks ---------------------------------------- */

const AirPlanPort *
air_plan_node_find_port (const AirPlanNode *node, const char *port)
{
  for (guint i = 0; i < node->ports->len; i++)
    {
      const AirPlanPort *found = &g_array_index (node->ports, AirPlanPort, i);

      if (g_str_equal (found->port, port))
        return found;
    }
  return NULL;
}

const AirPlanPort *
air_plan_node_find_edge (const AirPlanNode *node, const char *edge)
{
  for (guint i = 0; i < node->ports->len; i++)
    {
      const AirPlanPort *found = &g_array_index (node->ports, AirPlanPort, i);

      if (g_str_equal (air_value_get_string (found->edge, NULL), edge))
        return found;
    }
  return NULL;
}

const AirPlanPort *
air_plan_node_find_error_port (const AirPlanNode *node, AirOutcomeClass outcome_class)
{
  static const char *const ports[AIR_OUTCOME_N_CLASSES] = {
    "error:ok",   "error:retry",     "error:unknown",  "error:conflict",
    "error:auth", "error:not_found", "error:rejected", "error:fatal",
  };
  const AirPlanPort *port = air_plan_node_find_port (node, ports[outcome_class]);

  return port != NULL ? port : air_plan_node_find_port (node, "error");
}

const AirPlanOperation *
air_plan_find_operation (const AirPlan *self, const char *id)
{
  return g_hash_table_lookup (self->operations, id);
}

/**
 * air_plan_has_limits:
 * @self: a plan
 *
 * Returns: whether limits guard a call: then somebody must count what is used, air_instance_set_usage()
 */
gboolean
air_plan_has_limits (const AirPlan *self)
{
  return self->has_limits;
}

/**
 * air_plan_get_policy:
 * @self: a plan
 * @id: a policy's id
 *
 * Returns: (transfer none) (nullable): the policy, %NULL when the plan has none of that id
 */
AirPolicy *
air_plan_get_policy (const AirPlan *self, const char *id)
{
  const AirPlanPolicy *policy = g_hash_table_lookup (self->policies, id);

  return policy != NULL ? policy->policy : NULL;
}

/**
 * air_plan_list_limits:
 * @self: a plan
 * @ret_horizon_us: (out): how far back they look, in microseconds; 0: for good
 *
 * Returns: (transfer full): the ids of its limits and budgets
 */
char **
air_plan_list_limits (const AirPlan *self, gint64 *ret_horizon_us)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  gboolean for_good = FALSE;
  gint64 horizon = 0;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->policies);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const AirPlanPolicy *policy = value;
      gint64 own;

      if (air_limit_get_n_windows (policy->policy) == 0)
        continue;
      own = air_limit_get_horizon (policy->policy);
      for_good = for_good || own == 0;
      horizon = MAX (horizon, own);
      g_strv_builder_add (ids, policy->id);
    }
  *ret_horizon_us = for_good ? 0 : horizon;
  return g_strv_builder_end (ids);
}
