/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-labels.h"

#include <string.h>

#include "air-compile-private.h"

typedef struct {
  AirValue *parameters;
  GHashTable *domains; /* host:port → set of labels */
  const char *prefix;  /* of nodes: what runs the workflow they are in */
} Report;

static void
add_to_domains (Report *self, AirValue *egress, const char *label)
{
  for (gsize i = 0; egress != NULL && i < air_list_get_size (egress); i++)
    {
      const char *place = air_value_get_string (air_list_get (egress, i), NULL);
      GHashTable *labels = g_hash_table_lookup (self->domains, place);

      if (labels == NULL)
        {
          labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
          g_hash_table_insert (self->domains, g_strdup (place), labels);
        }
      if (label != NULL)
        g_hash_table_add (labels, g_strdup (label));
    }
}

static void
add_call (Report *self,
          const AirWorkflowNode *node,
          const AirDocument *operation,
          const AirTemplate *template,
          AirValue *with,
          const char *purpose)
{
  AirValue *value = air_document_get_value (operation);
  AirValue *egress = air_map_get_list (value, "egress");
  const char *place = air_map_get_string (air_value_at (value, "/policy/data"), "sends_to");
  g_autofree char *id = g_strconcat (self->prefix, node->id, NULL);

  add_to_domains (self, egress, NULL);
  for (gsize i = 0; with != NULL && i < air_map_get_size (with); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (with, i), NULL);
      g_auto (GStrv) labels = air_compile_dup_labels (template, name);
      AirValue *item, *list;

      if (labels[0] == NULL)
        continue;
      item = air_map_new ();
      list = air_list_new ();
      for (guint k = 0; labels[k] != NULL; k++)
        {
          air_list_append (list, air_value_new_string (labels[k]));
          add_to_domains (self, egress, labels[k]);
        }
      air_map_set_string (item, "node", id);
      air_map_set_string (item, "operation", air_document_get_id (operation));
      air_map_set_string (item, "purpose", purpose);
      air_map_set_string (item, "parameter", name);
      air_map_set (item, "labels", list);
      if (place != NULL)
        air_map_set_string (item, "sends_to", place);
      if (egress != NULL)
        air_map_set (item, "egress", air_value_ref (egress));
      air_list_append (self->parameters, item);
    }
}

static AirValue *
list_domains (GHashTable *domains)
{
  g_autoptr (GList) places = g_list_sort (g_hash_table_get_keys (domains), (GCompareFunc) strcmp);
  AirValue *list = air_list_new ();

  for (GList *l = places; l != NULL; l = l->next)
    {
      g_autoptr (GList) labels =
          g_list_sort (g_hash_table_get_keys (g_hash_table_lookup (domains, l->data)), (GCompareFunc) strcmp);
      AirValue *item = air_map_new (), *names = air_list_new ();

      for (GList *m = labels; m != NULL; m = m->next)
        air_list_append (names, air_value_new_string (m->data));
      air_map_set_string (item, "to", l->data);
      air_map_set (item, "labels", names);
      air_list_append (list, item);
    }
  return list;
}

static void
add_workflow (Report *self, const AirCompilation *compilation, const char *prefix)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (compilation->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (compilation->workflow, i);
      const AirNodeFacts *facts = &compilation->facts[i];

      self->prefix = prefix;
      if (facts->operation != NULL && facts->with != NULL)
        add_call (self, node, facts->operation, facts->with, air_map_get_map (node->value, "with"), "execute");
      if (facts->compensation != NULL && facts->undo != NULL)
        add_call (self, node, facts->compensation, facts->undo,
                  air_map_get_map (air_map_get_map (node->value, "compensate"), "with"), "compensate");
      if (facts->inner != NULL)
        {
          g_autofree char *below = g_strconcat (prefix, node->id, ".", NULL);

          add_workflow (self, facts->inner, below);
        }
    }
}

/**
 * air_compile_labels:
 * @workflow: a workflow, with errors or without
 * @packs: (element-type AirPack): as for air_compile()
 * @error: return location
 *
 * Which data label reaches which parameter of which operation, and so which domain.
 *
 * Returns: (transfer full): {"parameters": [{"node", "operation", "purpose", "parameter", "labels", "sends_to"?,
 *   "egress"}], "domains": [{"to", "labels"}]}; or %NULL with %AIR_MODEL_ERROR_REFERENCE when a pack is missing
 */
AirValue *
air_compile_labels (AirWorkflow *workflow, GPtrArray *packs, GError **error)
{
  g_autoptr (AirCompilation) compilation = air_compilation_new (workflow, packs, NULL, error);
  g_autoptr (GHashTable) domains =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  Report report = { .domains = domains };
  AirValue *value;

  if (compilation == NULL)
    return NULL;
  air_compilation_check (compilation);
  report.parameters = air_list_new ();
  add_workflow (&report, compilation, "");
  value = air_map_new ();
  air_map_set (value, "parameters", report.parameters);
  air_map_set (value, "domains", list_domains (domains));
  return value;
}

static char *
join (const AirValue *list)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", air_value_get_string (air_list_get (list, i), NULL));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * air_labels_to_text:
 * @labels: what air_compile_labels() gave
 *
 * Returns: (transfer full): for a terminal: one parameter a line, then one domain a line
 */
char *
air_labels_to_text (const AirValue *labels)
{
  AirValue *parameters = air_map_get_list (labels, "parameters"), *domains = air_map_get_list (labels, "domains");
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < air_list_get_size (parameters); i++)
    {
      AirValue *item = air_list_get (parameters, i);
      g_autofree char *names = join (air_map_get_list (item, "labels"));

      g_string_append_printf (text, "%s: %s → '%s' of %s%s\n", air_map_get_string (item, "node"), names,
                              air_map_get_string (item, "parameter"), air_map_get_string (item, "operation"),
                              g_str_equal (air_map_get_string (item, "purpose"), "execute") ? "" : " (to undo it)");
    }
  for (gsize i = 0; i < air_list_get_size (domains); i++)
    {
      AirValue *item = air_list_get (domains, i);
      g_autofree char *names = join (air_map_get_list (item, "labels"));

      g_string_append_printf (text, "%s%s: %s\n", i == 0 && text->len > 0 ? "\n" : "", air_map_get_string (item, "to"),
                              *names != '\0' ? names : "nothing that is labelled");
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
