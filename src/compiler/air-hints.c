/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-hints.h"

#include <string.h>

#include "air-compile-private.h"

/* Which template of the pack policy-gates fits a call, judged by what its operation says of itself. */

static gboolean
has_word (const char *id, const char *const *words)
{
  g_auto (GStrv) parts = g_strsplit_set (id, "._-", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (g_strv_contains ((const char *const *) parts, words[i]))
      return TRUE;
  return FALSE;
}

/* A parameter that takes several addresses or people at once. */
static gboolean
takes_many_recipients (const AirDocument *operation)
{
  static const char *const names[] = { "recipients", "to",      "cc",      "bcc",      "addresses",
                                       "user_ids",   "segment", "list_id", "audience", NULL };
  AirValue *properties = air_value_at (air_document_get_value (operation), "/input/properties");

  for (gsize i = 0; properties != NULL && i < air_map_get_size (properties); i++)
    {
      const char *name = air_value_get_string (air_map_get_key_at (properties, i), NULL);
      const char *type = air_map_get_string (air_map_get_value_at (properties, i), "type");

      if (g_strv_contains (names, name)
          && (g_strcmp0 (type, "array") == 0 || g_str_equal (name, "segment") || g_str_equal (name, "audience")
              || g_str_equal (name, "list_id")))
        return TRUE;
    }
  return FALSE;
}

const char *
air_compile_find_template (const AirDocument *operation, const char **ret_why)
{
  static const char *const access[] = { "access", "role",   "roles",    "permission", "permissions", "grant", "revoke",
                                        "group",  "member", "password", "key",        "account",     NULL };
  static const char *const publish[] = {
    "publish", "post", "tweet", "share", "broadcast", "announce", "release", NULL
  };
  static const char *const export[] = { "export", "download", "dump", "extract", "upload", "backup", NULL };
  static const char *const mail[] = { "mail",     "email", "message",      "messages", "newsletter",
                                      "campaign", "sms",   "notification", NULL };
  const char *why = NULL, *found = NULL, *id = air_document_get_id (operation);

  if (air_operation_pays_out (operation))
    {
      found = "money-movement";
      why = "it pays money out";
    }
  else if (has_word (id, export))
    {
      found = "data-export";
      why = "it takes data out in bulk";
    }
  else if (!air_operation_is_write (operation))
    found = NULL;
  else if (has_word (id, access))
    {
      found = "access-grant";
      why = "it changes who may do what";
    }
  else if (has_word (id, mail) && takes_many_recipients (operation))
    {
      found = "bulk-mail";
      why = "it writes to many people at once";
    }
  else if (has_word (id, publish) && air_operation_is_irreversible (operation))
    {
      found = "external-publishing";
      why = "what it publishes cannot be called back";
    }
  if (ret_why != NULL)
    *ret_why = why;
  return found;
}

void
air_hint_free (AirHint *self)
{
  g_free (self->file);
  g_free (self->node);
  g_free (self->title);
  g_free (self->operation);
  g_free (self->gate);
  g_free (self->policy_in_use);
  g_free (self);
}

static void
add_workflow (GPtrArray *hints, AirCompilation *compilation, const char *prefix)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (compilation->workflow); i++)
    {
      const AirWorkflowNode *node = air_workflow_get_node (compilation->workflow, i), *gate = NULL;
      const AirDocument *operation = compilation->facts[i].operation;
      const char *why = NULL, *policy = operation != NULL ? air_compile_find_template (operation, &why) : NULL;
      AirHint *hint;

      if (compilation->facts[i].inner != NULL)
        {
          g_autofree char *below = g_strconcat (prefix, node->id, ".", NULL);

          add_workflow (hints, compilation->facts[i].inner, below);
        }
      if (policy == NULL)
        continue;
      if (compilation->flow != NULL && air_flow_is_reachable (compilation->flow, i))
        gate = air_compile_find_gate (compilation, node);
      if (gate != NULL && !air_compile_gate_guards (gate, node))
        gate = NULL;
      hint = g_new0 (AirHint, 1);
      hint->node = g_strconcat (prefix, node->id, NULL);
      hint->title = g_strdup (node->title);
      hint->operation = g_strdup (air_document_get_id (operation));
      hint->policy = policy;
      hint->why = why;
      hint->gate = gate != NULL ? g_strconcat (prefix, gate->id, NULL) : NULL;
      hint->policy_in_use = gate != NULL ? g_strdup (air_map_get_string (gate->value, "policy")) : NULL;
      if (compilation->outer != NULL)
        hint->file = g_strdup (compilation->file != NULL ? compilation->file
                                                         : air_document_get_file_name (compilation->document));
      air_document_locate (compilation->document, node->pointer, &hint->line, &hint->column);
      g_ptr_array_add (hints, hint);
    }
}

/**
 * air_compile_hints:
 * @workflow: a workflow, with errors or without
 * @packs: (element-type AirPack): as for air_compile()
 * @error: return location
 *
 * Returns: (transfer full) (element-type AirHint): for each risky call the policy that fits, in the order of the
 *   source; or %NULL with %AIR_MODEL_ERROR_REFERENCE when a pack is missing
 */
GPtrArray *
air_compile_hints (AirWorkflow *workflow, GPtrArray *packs, GError **error)
{
  AirCompilation *compilation = air_compilation_new (workflow, packs, NULL, error);
  GPtrArray *hints;

  if (compilation == NULL)
    return NULL;
  hints = g_ptr_array_new_with_free_func ((GDestroyNotify) air_hint_free);
  air_compilation_check (compilation);
  add_workflow (hints, compilation, "");
  air_compilation_free (compilation);
  return hints;
}

/**
 * air_hints_to_text:
 * @hints: (element-type AirHint): what air_compile_hints() gave
 *
 * Returns: (transfer full): for a terminal: two lines each, or "no call asks for a policy"
 */
char *
air_hints_to_text (GPtrArray *hints)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < hints->len; i++)
    {
      const AirHint *hint = g_ptr_array_index (hints, i);

      if (hint->file != NULL)
        g_string_append_printf (text, "%s:", hint->file);
      g_string_append_printf (text, "%u:%u: '%s' (%s): policy '%s' fits, since %s\n", hint->line, hint->column,
                              hint->title, hint->operation, hint->policy, hint->why);
      if (hint->gate != NULL)
        g_string_append_printf (text, "  gate '%s' shows it to people by policy '%s'\n", hint->gate,
                                hint->policy_in_use);
      else
        g_string_append (text, "  no gate shows it to people\n");
    }
  if (hints->len == 0)
    g_string_append (text, "no call asks for a policy\n");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * air_hints_to_value:
 * @hints: (element-type AirHint): what air_compile_hints() gave
 *
 * Returns: (transfer full): [{"node", "operation", "policy", "why", "line", "column", "gate"?, "policy_in_use"?}]
 */
AirValue *
air_hints_to_value (GPtrArray *hints)
{
  AirValue *list = air_list_new ();

  for (guint i = 0; i < hints->len; i++)
    {
      const AirHint *hint = g_ptr_array_index (hints, i);
      AirValue *item = air_map_new ();

      air_map_set_string (item, "node", hint->node);
      if (hint->file != NULL)
        air_map_set_string (item, "file", hint->file);
      air_map_set_string (item, "operation", hint->operation);
      air_map_set_string (item, "policy", hint->policy);
      air_map_set_string (item, "why", hint->why);
      air_map_set_int (item, "line", hint->line);
      air_map_set_int (item, "column", hint->column);
      if (hint->gate != NULL)
        {
          air_map_set_string (item, "gate", hint->gate);
          air_map_set_string (item, "policy_in_use", hint->policy_in_use);
        }
      air_list_append (list, item);
    }
  return list;
}
