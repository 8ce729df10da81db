/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

/* The lints about where data goes: AIR006 (untrusted text) and AIR007 (secrets). */

/* --- labels --------------------------------------------------------------- */

typedef struct {
  const char *name;
  GHashTable *labels;
} Collection;

static void
collect_cb (const char *pointer, const AirCelProgram *program, gboolean optional, gpointer user_data)
{
  Collection *collection = user_data;
  gsize length = strlen (collection->name);
  const char *const *labels = air_cel_program_get_labels (program);

  if (pointer[0] != '/' || strncmp (pointer + 1, collection->name, length) != 0
      || (pointer[length + 1] != '\0' && pointer[length + 1] != '/'))
    return;
  for (gsize i = 0; labels[i] != NULL; i++)
    g_hash_table_add (collection->labels, g_strdup (labels[i]));
}

char **
air_compile_dup_labels (const AirTemplate *template, const char *name)
{
  g_autoptr (GHashTable) set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GStrvBuilder) sorted = g_strv_builder_new ();
  g_autoptr (GList) list = NULL;
  Collection collection = { .name = name, .labels = set };
  AirCelType *type = air_cel_type_get_field (air_template_get_type (template), name);

  air_template_foreach_expression (template, collect_cb, &collection);
  if (type != NULL)
    {
      g_auto (GStrv) held = air_cel_type_dup_all_labels (type);

      for (gsize i = 0; held[i] != NULL; i++)
        g_hash_table_add (set, g_strdup (held[i]));
    }
  list = g_list_sort (g_hash_table_get_keys (set), (GCompareFunc) strcmp);
  for (GList *l = list; l != NULL; l = l->next)
    g_strv_builder_add (sorted, l->data);
  return g_strv_builder_end (sorted);
}

/* --- untrusted text ------------------------------------------------------- */

/* An anchored pattern that lets everything through confines nothing. */
static gboolean
pattern_confines (const char *pattern)
{
  gsize length = strlen (pattern);

  return length > 2 && pattern[0] == '^' && pattern[length - 1] == '$' && pattern[length - 2] != '\\'
         && strstr (pattern, ".*") == NULL && strstr (pattern, ".+") == NULL && strchr (pattern, '|') == NULL;
}

gboolean
air_compile_schema_confines (const AirValue *schema)
{
  const char *pattern = air_map_get_string (schema, "pattern");
  AirValue *type, *rest, *properties;
  const char *name;

  if (air_value_get_kind (schema) != AIR_VALUE_MAP)
    return FALSE;
  type = air_map_get (schema, "type");
  rest = air_map_get (schema, "additionalProperties");
  properties = air_map_get_map (schema, "properties");
  if (air_map_get (schema, "enum") != NULL || air_map_get (schema, "const") != NULL)
    return TRUE;
  if (pattern != NULL && pattern_confines (pattern))
    return TRUE;
  if (type == NULL || air_value_get_kind (type) != AIR_VALUE_STRING)
    return FALSE;
  name = air_value_get_string (type, NULL);
  if (g_str_equal (name, "integer") || g_str_equal (name, "number") || g_str_equal (name, "boolean")
      || g_str_equal (name, "null"))
    return TRUE;
  if (g_str_equal (name, "array"))
    return air_map_get (schema, "items") != NULL && air_compile_schema_confines (air_map_get (schema, "items"));
  if (!g_str_equal (name, "object") || rest == NULL || air_value_get_kind (rest) != AIR_VALUE_BOOL
      || air_value_get_bool (rest))
    return FALSE;
  for (gsize i = 0; properties != NULL && i < air_map_get_size (properties); i++)
    if (!air_compile_schema_confines (air_map_get_value_at (properties, i)))
      return FALSE;
  return TRUE;
}

static void
lint_untrusted (AirCompilation *self,
                const AirWorkflowNode *node,
                const char *at,
                const AirDocument *operation,
                const AirTemplate *template)
{
  AirValue *with = air_value_at (air_document_get_value (self->document), at);
  AirValue *policy = air_map_get_map (air_document_get_value (operation), "policy");
  AirValue *properties = air_value_at (air_document_get_value (operation), "/input/properties");
  const AirWorkflowNode *gate;

  if (g_strcmp0 (air_map_get_string (policy, "effect"), "write") != 0)
    return;
  for (gsize i = 0; i < air_map_get_size (with); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (with, i), NULL);
      g_auto (GStrv) labels = air_compile_dup_labels (template, name);
      AirValue *schema = air_map_get (properties, name);
      g_autofree char *pointer = NULL;

      if (!g_strv_contains ((const char *const *) labels, "untrusted")
          || (schema != NULL && air_compile_schema_confines (schema)))
        continue;
      gate = air_compile_find_gate (self, node);
      if (gate != NULL && air_compile_gate_guards (gate, node))
        return; /* people see the exact text before it goes anywhere */
      pointer = g_strdup_printf ("%s/%s", at, name);
      air_compilation_report (
          self, "AIR006", self->document, pointer, node,
          "send a fixed text, confine the parameter by an enum or a pattern, or put a gate before it",
          "untrusted text reaches '%s' of '%s', which writes", name, air_document_get_id (operation));
    }
}

/* --- secrets -------------------------------------------------------------- */

/* Beginnings that well-known credentials have. */
static const char *const credential_marks[] = { "sk_live_", "sk_test_", "rk_live_",    "rk_test_",
                                                "AKIA",     "ghp_",     "github_pat_", "glpat-",
                                                "xoxb-",    "xoxp-",    "Bearer ",     "Basic ",
                                                "AIza",     "SG.",      "-----BEGIN ", "eyJhbGciOi" };

static const char *
find_credential (const char *text)
{
  /* The shortest of them is longer than most texts. */
  if (strlen (text) < 12)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (credential_marks); i++)
    {
      const char *at = strstr (text, credential_marks[i]);
      gsize body = 0;

      if (at == NULL)
        continue;
      /* "Basic training" is no credential: what follows must look like one. */
      for (const char *p = at + strlen (credential_marks[i]);
           *p != '\0' && (g_ascii_isalnum (*p) || strchr ("_-+/=.", *p) != NULL); p++)
        body++;
      if (body >= 12 || g_str_has_prefix (credential_marks[i], "-----"))
        return credential_marks[i];
    }
  return NULL;
}

static void
scan (AirCompilation *self,
      const AirWorkflowNode *node,
      const AirDocument *document,
      const char *pointer,
      const AirValue *value)
{
  const char *mark;

  switch (air_value_get_kind (value))
    {
    case AIR_VALUE_STRING:
      mark = find_credential (air_value_get_string (value, NULL));
      if (mark != NULL)
        air_compilation_report (self, "AIR007", document, pointer, node,
                                "take it out and revoke it; name it in the connector's auth as ${secret.NAME}",
                                "a text starting with '%s' looks like a credential", mark);
      break;
    case AIR_VALUE_LIST:
      for (gsize i = 0; i < air_list_get_size (value); i++)
        {
          g_autofree char *below = g_strdup_printf ("%s/%" G_GSIZE_FORMAT, pointer, i);

          scan (self, node, document, below, air_list_get (value, i));
        }
      break;
    case AIR_VALUE_MAP:
      for (gsize i = 0; i < air_map_get_size (value); i++)
        {
          g_autoptr (GString) key = g_string_new (air_value_get_string (air_map_get_key_at (value, i), NULL));
          g_autofree char *below = NULL;

          g_string_replace (key, "~", "~0", 0);
          g_string_replace (key, "/", "~1", 0);
          below = g_strdup_printf ("%s/%s", pointer, key->str);
          scan (self, node, document, below, air_map_get_value_at (value, i));
        }
      break;
    default:
      break;
    }
}

static void
lint_secret_labels (AirCompilation *self, const AirWorkflowNode *node, const char *at, const AirTemplate *template)
{
  AirValue *tree = air_value_at (air_document_get_value (self->document), at);

  if (template == NULL || tree == NULL || air_value_get_kind (tree) != AIR_VALUE_MAP)
    return;
  for (gsize i = 0; i < air_map_get_size (tree); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (tree, i), NULL);
      g_auto (GStrv) labels = air_compile_dup_labels (template, name);
      g_autofree char *pointer = NULL;

      if (!g_strv_contains ((const char *const *) labels, "secret"))
        continue;
      pointer = g_strdup_printf ("%s/%s", at, name);
      air_compilation_report (self, "AIR007", self->document, pointer, node,
                              "leave it out; a record of this would keep the secret for ever",
                              "data labelled secret reaches '%s' of '%s'", name, node->id);
    }
}

void
air_compile_lint_data (AirCompilation *self, const AirWorkflowNode *node)
{
  AirNodeFacts *facts = &self->facts[node->index];
  g_autofree char *with =
      g_strdup_printf ("%s/%s", node->pointer, node->kind == AIR_WORKFLOW_NODE_END ? "output" : "with");
  g_autofree char *undo = g_strdup_printf ("%s/compensate/with", node->pointer);

  scan (self, node, self->document, node->pointer, node->value);
  if (!air_flow_is_reachable (self->flow, node->index))
    return;
  lint_secret_labels (self, node, with, facts->with);
  lint_secret_labels (self, node, undo, facts->undo);
  if (facts->operation != NULL && facts->with != NULL)
    lint_untrusted (self, node, with, facts->operation, facts->with);
  if (facts->compensation != NULL && facts->undo != NULL)
    lint_untrusted (self, node, undo, facts->compensation, facts->undo);
}

void
air_compile_lint_operations (AirCompilation *self)
{
  g_autoptr (GHashTable) scanned = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < air_workflow_get_n_nodes (self->workflow); i++)
    {
      AirDocument *operation = self->facts[i].operation;

      if (operation != NULL && air_flow_is_reachable (self->flow, i) && g_hash_table_add (scanned, operation))
        scan (self, air_workflow_get_node (self->workflow, i), operation, "/request",
              air_map_get (air_document_get_value (operation), "request"));
    }
}
