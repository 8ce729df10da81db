/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

/* More about calls: AIR011, 012, 019, 023, 026 and 028. */

static AirValue *
get_member (const AirDocument *operation, const char *key)
{
  return air_map_get (air_document_get_value (operation), key);
}

static void
lint_compensation (AirCompilation *self, const AirWorkflowNode *node, const AirDocument *operation)
{
  if (!air_operation_is_write (operation) || air_operation_is_irreversible (operation)
      || air_map_get (node->value, "compensate") != NULL || get_member (operation, "compensate") != NULL)
    return;
  air_compilation_report (self, "AIR011", self->document, node->pointer, node,
                          "add \"compensate\" with the operation that takes it back",
                          "'%s' (%s) can be undone, and nothing says how when the run fails later", node->id,
                          air_document_get_id (operation));
}

static void
lint_retry (AirCompilation *self, const AirWorkflowNode *node, const AirDocument *operation)
{
  AirValue *own = air_map_get_map (node->value, "retry");
  AirValue *retry = own != NULL ? own : air_map_get_map (air_document_get_value (operation), "retry");
  g_autofree char *at = g_strdup_printf ("%s/retry", node->pointer);
  AirDiagnostic *diagnostic;
  AirValue *once;

  if (air_operation_is_repeatable (operation) || air_map_get_int (retry, "max", 1) <= 1)
    return;
  diagnostic = air_compilation_report (
      self, "AIR012", self->document, own != NULL ? at : node->pointer, node, "let \"retry\" have one attempt",
      "'%s' is tried %" G_GINT64_FORMAT " times, and '%s' can neither be repeated safely nor asked about", node->id,
      air_map_get_int (retry, "max", 1), air_document_get_id (operation));
  once = air_map_new ();
  air_map_set_int (once, "max", 1);
  air_map_set_int (once, "base_ms", air_map_get_int (retry, "base_ms", 200));
  air_map_set_int (once, "max_ms", air_map_get_int (retry, "max_ms", 30000));
  g_free (at);
  at = g_strdup_printf ("/nodes/%s/retry", node->id);
  diagnostic->fix = air_command_new_set (at, once);
}

static void
lint_ai (AirCompilation *self, const AirWorkflowNode *node, const AirDocument *operation)
{
  static const char *const limits[] = { "max_tokens",      "max_completion_tokens", "max_output_tokens",
                                        "max_cost_micros", "max_cost_minor",        "cost_limit" };
  AirValue *with = air_map_get_map (node->value, "with");
  AirValue *inputs = air_value_at (air_document_get_value (operation), "/input/properties");
  AirDiagnostic *diagnostic;

  if (g_strcmp0 (air_map_get_string (air_document_get_value (operation), "category"), "ai") != 0)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    if (air_map_get (with, limits[i]) != NULL)
      return;
  diagnostic = air_compilation_report (self, "AIR019", self->document, node->pointer, node,
                                       "give it \"max_tokens\" or another limit its operation takes",
                                       "'%s' calls a model and sets no limit of tokens or cost", node->id);
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    if (inputs != NULL && air_map_get (inputs, limits[i]) != NULL)
      {
        g_autofree char *at = g_strdup_printf ("/nodes/%s/with/%s", node->id, limits[i]);

        diagnostic->fix = air_command_new_set (at, air_value_new_int (1024));
        break;
      }
}

static gboolean
is_wildcard (const char *place)
{
  const char *colon = strrchr (place, ':');
  g_autofree char *host = colon != NULL ? g_strndup (place, colon - place) : g_strdup (place);

  if (strchr (host, '*') != NULL || host[0] == '.' || g_str_equal (host, "0.0.0.0"))
    return TRUE;
  return strchr (host, '.') == NULL && strchr (host, ':') == NULL && !g_str_equal (host, "localhost");
}

static void
lint_egress (AirCompilation *self, const AirWorkflowNode *node, const AirDocument *operation)
{
  AirValue *egress = air_map_get_list (air_document_get_value (operation), "egress");

  for (gsize i = 0; egress != NULL && i < air_list_get_size (egress); i++)
    {
      const char *place = air_value_get_string (air_list_get (egress, i), NULL);
      g_autofree char *pointer = g_strdup_printf ("%s/operation", node->pointer);

      if (is_wildcard (place))
        air_compilation_report (self, "AIR023", self->document, pointer, node,
                                "name the hosts in the operation's \"egress\" one by one",
                                "'%s' calls '%s', which may send data to '%s': more than one host", node->id,
                                air_document_get_id (operation), place);
    }
}

static void
lint_pin (AirCompilation *self, const AirWorkflowNode *node, const char *id, const char *member)
{
  g_autofree char *pointer = g_strdup_printf ("%s/%s", node->pointer, member);
  const AirPack *first = NULL;

  for (guint i = 0; i < self->packs->len; i++)
    {
      const AirPack *pack = g_ptr_array_index (self->packs, i);
      AirValue *deprecated = air_map_get_map (air_document_get_value (air_pack_get_document (pack)), "deprecated");
      AirValue *note = deprecated != NULL ? air_map_get_map (deprecated, id) : NULL;

      if (air_pack_get_operation (pack, id) == NULL)
        continue;
      if (first != NULL)
        {
          air_compilation_report (self, "AIR026", self->document, pointer, node,
                                  "let the workflow use one of these packs only",
                                  "'%s' calls '%s', and both pack '%s' and pack '%s' have it", node->id, id,
                                  air_pack_get_id (first), air_pack_get_id (pack));
          return;
        }
      first = pack;
      if (note != NULL)
        {
          const char *use = air_map_get_string (note, "use"), *why = air_map_get_string (note, "why");
          g_autofree char *mend = use != NULL ? g_strdup_printf ("call '%s' instead", use)
                                              : g_strdup ("take it out; there is no other that does the same");
          g_autofree char *at = g_strdup_printf ("/nodes/%s/%s", node->id, member);
          AirDiagnostic *diagnostic = air_compilation_report (
              self, "AIR026", self->document, pointer, node, mend, "'%s' calls '%s', which pack '%s' has given up%s%s",
              node->id, id, air_pack_get_id (pack), why != NULL ? ": " : "", why != NULL ? why : "");

          if (use != NULL)
            diagnostic->fix = air_command_new_set (at, air_value_new_string (use));
        }
    }
}

/* --- personal data -------------------------------------------------------- */

static gboolean
is_declared (const AirValue *schema, const char *label)
{
  AirValue *labels =
      schema != NULL && air_value_get_kind (schema) == AIR_VALUE_MAP ? air_map_get (schema, "x-label") : NULL;

  if (labels == NULL)
    return FALSE;
  if (air_value_get_kind (labels) == AIR_VALUE_STRING)
    return g_str_equal (air_value_get_string (labels, NULL), label);
  for (gsize i = 0; air_value_get_kind (labels) == AIR_VALUE_LIST && i < air_list_get_size (labels); i++)
    if (g_strcmp0 (air_value_get_string (air_list_get (labels, i), NULL), label) == 0)
      return TRUE;
  return FALSE;
}

static void
lint_personal (AirCompilation *self,
               const AirWorkflowNode *node,
               const char *at,
               const AirDocument *operation,
               const AirTemplate *template)
{
  AirValue *with = air_value_at (air_document_get_value (self->document), at);
  AirValue *properties = air_value_at (air_document_get_value (operation), "/input/properties");
  const char *place =
      air_map_get_string (air_value_at (air_document_get_value (operation), "/policy/data"), "sends_to");
  const AirWorkflowNode *gate;

  if (place == NULL)
    return;
  for (gsize i = 0; i < air_map_get_size (with); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (with, i), NULL);
      g_auto (GStrv) labels = air_compile_dup_labels (template, name);

      for (guint k = 0; labels[k] != NULL; k++)
        {
          g_autofree char *pointer = NULL, *mend = NULL;

          if ((!g_str_equal (labels[k], "pii") && !g_str_has_prefix (labels[k], "pii."))
              || is_declared (air_map_get (properties, name), labels[k]))
            continue;
          gate = air_compile_find_gate (self, node);
          if (gate != NULL && air_compile_gate_guards (gate, node))
            return;
          pointer = g_strdup_printf ("%s/%s", at, name);
          mend = g_strdup_printf ("send a reference instead, put a gate before it, or let the operation declare the "
                                  "parameter with \"x-label\": [\"%s\"]",
                                  labels[k]);
          air_compilation_report (self, "AIR028", self->document, pointer, node, mend,
                                  "data labelled '%s' reaches %s in '%s' of '%s'", labels[k], place, name,
                                  air_document_get_id (operation));
        }
    }
}

void
air_compile_lint_calls (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  g_autofree char *with = g_strdup_printf ("%s/with", node->pointer);

  if (facts->operation == NULL)
    return;
  lint_compensation (self, node, facts->operation);
  lint_retry (self, node, facts->operation);
  lint_ai (self, node, facts->operation);
  lint_egress (self, node, facts->operation);
  lint_pin (self, node, air_document_get_id (facts->operation), "operation");
  if (facts->with != NULL)
    lint_personal (self, node, with, facts->operation, facts->with);
}
