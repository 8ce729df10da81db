/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deployment manifest: what a workflow, and those that are its steps, need of the machine and of the network. */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

static AirValue *
set_to_list (GHashTable *set)
{
  AirValue *list = air_list_new ();
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (set), (GCompareFunc) strcmp);

  for (GList *l = names; l != NULL; l = l->next)
    air_list_append (list, air_value_new_string (l->data));
  return list;
}

static void
add_strings (GHashTable *set, AirValue *list)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    g_hash_table_add (set, (gpointer) air_value_get_string (air_list_get (list, i), NULL));
}

/* The names in a connector's auth: "${secret.token}" → "token". */
static AirValue *
build_secrets (AirValue *connectors)
{
  AirValue *secrets = air_list_new ();

  for (gsize i = 0; i < air_map_get_size (connectors); i++)
    {
      AirValue *auth = air_map_get_map (air_map_get_value_at (connectors, i), "auth");

      for (gsize k = 0; k < air_map_get_size (auth); k++)
        {
          const char *text = air_value_get_string (air_map_get_value_at (auth, k), NULL);
          AirValue *secret;
          g_autofree char *name = NULL;

          if (text == NULL || !g_str_has_prefix (text, "${secret."))
            continue;
          name = g_strndup (text + strlen ("${secret."), strlen (text) - strlen ("${secret.}"));
          secret = air_map_new ();
          air_map_set_string (secret, "connector", air_value_get_string (air_map_get_key_at (connectors, i), NULL));
          air_map_set_string (secret, "name", name);
          air_list_append (secrets, secret);
        }
    }
  return secrets;
}

/* Label flow: which kinds of data go where; here and in what runs as a step. */
static void
add_flow (AirCompilation *self, GHashTable *by_place)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (self->workflow, i);
      AirNodeFacts *facts = &self->facts[i];
      AirValue *with = air_map_get (node->value, "with");
      const char *place;
      GHashTable *labels;

      if (facts->inner != NULL)
        add_flow (facts->inner, by_place);
      if (facts->operation == NULL || facts->with == NULL)
        continue;
      place = air_map_get_string (air_value_at (air_document_get_value (facts->operation), "/policy/data"), "sends_to");
      if (place == NULL)
        continue;
      labels = g_hash_table_lookup (by_place, place);
      if (labels == NULL)
        {
          labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
          g_hash_table_insert (by_place, g_strdup (place), labels);
        }
      for (gsize k = 0; k < air_map_get_size (with); k++)
        {
          g_auto (GStrv) found =
              air_compile_dup_labels (facts->with, air_value_get_string (air_map_get_key_at (with, k), NULL));

          for (gsize l = 0; found[l] != NULL; l++)
            g_hash_table_add (labels, g_strdup (found[l]));
        }
    }
}

static AirValue *
build_data_flow (AirCompilation *self)
{
  g_autoptr (GHashTable) by_place =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  g_autoptr (GList) places = NULL;
  AirValue *flow = air_list_new ();

  add_flow (self, by_place);
  places = g_list_sort (g_hash_table_get_keys (by_place), (GCompareFunc) strcmp);
  for (GList *l = places; l != NULL; l = l->next)
    {
      AirValue *item = air_map_new ();

      air_map_set_string (item, "to", l->data);
      air_map_set (item, "labels", set_to_list (g_hash_table_lookup (by_place, l->data)));
      air_list_append (flow, item);
    }
  return flow;
}

/* --- what it needs --------------------------------------------------------- */

typedef struct {
  AirValue *resources, *costs;
  gsize attestation;
} Needs;

static const char *const attestations[] = { "none", "tpm", "sev-snp", "tdx" };

/* What a workflow that is a step says of itself counts for the whole: the most of what a machine must have, the least
 * of what a run may cost, the strongest attestation. */
static void
add_needs (Needs *self, AirCompilation *compilation)
{
  AirValue *source = air_document_get_value (compilation->document);
  AirValue *resources = air_map_get_map (source, "resources"), *costs = air_map_get_map (source, "cost_limits");
  const char *minimum = air_map_get_string (air_map_get_map (source, "attestation"), "minimum");

  for (gsize i = 0; resources != NULL && i < air_map_get_size (resources); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (resources, i), NULL);

      air_map_set_int (self->resources, name,
                       MAX (air_map_get_int (self->resources, name, 0), air_map_get_int (resources, name, 0)));
    }
  for (gsize i = 0; costs != NULL && i < air_map_get_size (costs); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (costs, i), NULL);
      AirValue *cost = air_map_get_value_at (costs, i), *before = air_map_get (self->costs, name);

      if (before == NULL)
        air_map_set (self->costs, name, air_value_ref (cost));
      else if (air_value_get_kind (cost) == AIR_VALUE_INT)
        air_map_set_int (self->costs, name, MIN (air_value_get_int (before), air_value_get_int (cost)));
    }
  for (gsize i = self->attestation; minimum != NULL && i < G_N_ELEMENTS (attestations); i++)
    if (g_str_equal (attestations[i], minimum))
      self->attestation = i;
  for (guint i = 0; i < air_workflow_get_n_nodes (compilation->workflow); i++)
    if (compilation->facts[i].inner != NULL)
      add_needs (self, compilation->facts[i].inner);
}

AirValue *
air_compile_build_manifest (AirCompilation *self)
{
  g_autoptr (AirDocuments) documents = air_compile_collect (self);
  g_autoptr (GHashTable) egress = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (AirValue) used = air_documents_copy (documents->connectors);
  AirValue *source = air_document_get_value (self->document);
  AirValue *owner = air_map_get (source, "owner");
  AirValue *manifest = air_map_new ();
  AirValue *attestation = air_map_new ();
  AirValue *own = air_map_get_map (source, "resources");
  const char *latency = air_map_get_string (source, "latency_class");
  Needs needs = { .resources = air_map_new (), .costs = air_map_new () };
  GHashTableIter iter;
  gpointer operation;

  g_hash_table_iter_init (&iter, documents->operations);
  while (g_hash_table_iter_next (&iter, NULL, &operation))
    add_strings (egress, air_map_get_list (air_document_get_value (operation), "egress"));

  air_map_set_int (manifest, "v", 1);
  air_map_set_string (manifest, "workflow", air_workflow_get_id (self->workflow));
  air_map_set_string (manifest, "version", air_workflow_get_version (self->workflow));
  air_map_set_string (manifest, "title", air_workflow_get_title (self->workflow));
  air_map_set (manifest, "owner", air_value_ref (owner));
  air_map_set_string (manifest, "latency_class", latency != NULL ? latency : "normal");
  /* What one instance of the runtime needs at its measured load; a deployment may give more. */
  air_map_set_int (needs.resources, "cpu_milli", air_map_get_int (own, "cpu_milli", 1000));
  air_map_set_int (needs.resources, "memory_mib", air_map_get_int (own, "memory_mib", 512));
  air_map_set_int (needs.resources, "gpu", air_map_get_int (own, "gpu", 0));
  add_needs (&needs, self);
  air_map_set (manifest, "resources", needs.resources);
  air_map_set (manifest, "secrets", build_secrets (used));
  air_map_set (manifest, "egress", set_to_list (egress));
  air_map_set (manifest, "data_flow", build_data_flow (self));
  air_map_set (manifest, "cost_limits", needs.costs);
  air_map_set_string (attestation, "minimum", attestations[needs.attestation]);
  air_map_set (manifest, "attestation", attestation);
  return manifest;
}
