/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-workflow-private.h"

#include "base/air-json.h"

/* The order in which keys are written. What a person wrote as free form
 * (`with`, schemas, outputs) keeps its own order. */
static const char *const workflow_keys[] = {
  "$schema",     "id",   "version", "title", "description", "owner", "latency_class", "resources", "cost_limits",
  "attestation", "kpis", "packs",   "nodes", "edges",       "tests", "layout",        NULL
};
static const char *const owner_keys[] = { "name", "uri", NULL };
static const char *const resource_keys[] = { "cpu_milli", "memory_mib", "gpu", NULL };
static const char *const cost_keys[] = { "currency", "run_minor", "day_minor", "run_tokens", "day_tokens", NULL };
static const char *const kpi_keys[] = { "id", "title", NULL };
static const char *const node_keys[] = { "id",          "kind",      "title",       "trigger",    "operation",
                                         "workflow",    "version",   "policy",      "also",       "with",
                                         "guards",      "limits",    "cases",       "default",    "of",
                                         "items",       "max_items", "concurrency", "signal",     "input",
                                         "duration_ms", "until",     "collect",     "outcome",    "output",
                                         "timeout_ms",  "retry",     "on_failure",  "compensate", NULL };
static const char *const trigger_keys[] = { "type",      "event_type", "dedup", "concurrency",
                                            "requester", "subject",    "input", NULL };
static const char *const case_keys[] = { "id", "title", "when", NULL };
static const char *const guard_keys[] = { "node", "when", NULL };
static const char *const retry_keys[] = { "max", "base_ms", "max_ms", NULL };
static const char *const compensate_keys[] = { "operation", "with", NULL };
static const char *const edge_keys[] = { "id", "from", "port", "to", NULL };

/* A copy with the keys in order; a key the order does not list comes last, where it stood among its like. */
static AirValue *
reorder (AirValue *map, const char *const *keys)
{
  AirValue *copy;

  if (air_value_get_kind (map) != AIR_VALUE_MAP)
    return air_value_ref (map);
  copy = air_map_new ();
  for (gsize i = 0; keys[i] != NULL; i++)
    {
      AirValue *value = air_map_get (map, keys[i]);

      if (value != NULL)
        air_map_set (copy, keys[i], air_value_ref (value));
    }
  for (gsize i = 0; air_map_get_size (copy) < air_map_get_size (map) && i < air_map_get_size (map); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (map, i), NULL);

      if (!g_strv_contains (keys, key))
        air_map_set (copy, key, air_value_ref (air_map_get_value_at (map, i)));
    }
  return copy;
}

static void
rewrite_member (AirValue *map, const char *key, const char *const *keys)
{
  AirValue *value = air_map_get (map, key);

  if (value == NULL)
    return;
  if (air_value_get_kind (value) == AIR_VALUE_LIST)
    {
      AirValue *list = air_list_new ();

      for (gsize i = 0; i < air_list_get_size (value); i++)
        air_list_append (list, reorder (air_list_get (value, i), keys));
      air_map_set (map, key, list);
    }
  else if (air_value_get_kind (value) == AIR_VALUE_MAP)
    air_map_set (map, key, reorder (value, keys));
}

static AirValue *
rewrite_nodes (AirValue *nodes)
{
  AirValue *list = air_list_new ();

  for (gsize i = 0; i < air_list_get_size (nodes); i++)
    {
      AirValue *node = reorder (air_list_get (nodes, i), node_keys);

      rewrite_member (node, "trigger", trigger_keys);
      rewrite_member (node, "guards", guard_keys);
      rewrite_member (node, "cases", case_keys);
      rewrite_member (node, "retry", retry_keys);
      rewrite_member (node, "compensate", compensate_keys);
      air_list_append (list, node);
    }
  return list;
}

/* Places in the order of the nodes, so that adding a node adds lines and moves none. */
static AirValue *
rewrite_layout (const AirValue *nodes, AirValue *layout)
{
  AirValue *copy = air_map_new ();

  for (gsize i = 0; i < air_list_get_size (nodes); i++)
    {
      const char *id = air_map_get_string (air_list_get (nodes, i), "id");
      AirValue *place = id != NULL ? air_map_get (layout, id) : NULL;

      if (place != NULL)
        air_map_set (copy, id, air_value_ref (place));
    }
  return copy;
}

static gboolean
is_list_of_maps (AirValue *map, const char *key)
{
  AirValue *list = air_map_get_list (map, key);

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (air_value_get_kind (air_list_get (list, i)) != AIR_VALUE_MAP)
      return FALSE;
  return list != NULL;
}

char *
air_workflow_write_value (const AirValue *value, GError **error)
{
  g_autoptr (AirValue) source = NULL;
  AirValue *layout;

  /* What does not keep the schema is written as it is: only to say where it breaks it. */
  if (air_value_get_kind (value) != AIR_VALUE_MAP || !is_list_of_maps ((AirValue *) value, "nodes")
      || !is_list_of_maps ((AirValue *) value, "edges"))
    return air_json_write_pretty (value, error);
  source = reorder ((AirValue *) value, workflow_keys);
  rewrite_member (source, "owner", owner_keys);
  rewrite_member (source, "resources", resource_keys);
  rewrite_member (source, "cost_limits", cost_keys);
  rewrite_member (source, "kpis", kpi_keys);
  rewrite_member (source, "edges", edge_keys);
  air_map_set (source, "nodes", rewrite_nodes (air_map_get (source, "nodes")));
  layout = air_map_get_map (source, "layout");
  if (layout != NULL)
    air_map_set (source, "layout", rewrite_layout (air_map_get (source, "nodes"), layout));
  return air_json_write_pretty (source, error);
}

/**
 * air_workflow_write:
 * @self: a workflow
 * @error: return location
 *
 * Writes the source in its one order and layout: keys in the order of the
 * documentation, two spaces of indentation, a final newline. What was loaded from such text is written back byte
 * for byte.
 *
 * Returns: (transfer full): the text, or %NULL with AIR_JSON_ERROR_UNWRITABLE
 */
char *
air_workflow_write (const AirWorkflow *self, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);
  return air_workflow_write_value (air_document_get_value (air_workflow_get_document (self)), error);
}
