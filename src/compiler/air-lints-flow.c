/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

/* The lints about conditions and loops: AIR016 and 017. */

#define MANY_ITEMS 1000

static void
count_cb (const char *path, gpointer user_data)
{
  (*(guint *) user_data)++;
}

/* TRUE when the expression reads nothing, and what it then always is. */
static gboolean
is_constant (const char *source, gboolean *ret_value)
{
  g_autoptr (AirCelProgram) program = source != NULL ? air_cel_compile (source, NULL, NULL) : NULL;
  guint n = 0;

  if (program == NULL)
    return FALSE;
  air_cel_program_foreach_reference (program, count_cb, &n);
  return n == 0 && air_cel_eval_bool (program, NULL, 0, ret_value, NULL);
}

static void
lint_conditions (AirCompilation *self, const AirWorkflowNode *node, const char *list, gboolean optional)
{
  AirValue *items = air_map_get_list (node->value, list);

  for (gsize i = 0; items != NULL && i < air_list_get_size (items); i++)
    {
      g_autofree char *pointer = g_strdup_printf ("%s/%s/%" G_GSIZE_FORMAT "/when", node->pointer, list, i);
      const char *source = air_map_get_string (air_list_get (items, i), "when");
      gboolean value = FALSE;
      AirDiagnostic *diagnostic;

      if (!is_constant (source, &value))
        continue;
      diagnostic =
          air_compilation_report (self, "AIR016", self->document, pointer, node,
                                  optional && value ? "take \"when\" out" : "ask for something, or take this way out",
                                  "'%s' of '%s' is always %s", source, node->id, value ? "true" : "false");
      if (optional && value)
        {
          g_autofree char *at = g_strdup_printf ("/nodes/%s/%s/%" G_GSIZE_FORMAT "/when", node->id, list, i);

          diagnostic->fix = air_command_new_unset (at);
        }
    }
}

static void
lint_loop (AirCompilation *self, const AirWorkflowNode *node)
{
  g_autofree char *pointer = g_strdup_printf ("%s/max_items", node->pointer);
  g_autofree char *at = g_strdup_printf ("/nodes/%s/max_items", node->id);
  gint64 most = air_map_get_int (node->value, "max_items", 0);
  AirDiagnostic *diagnostic;

  if (most <= MANY_ITEMS && most > 0)
    return;
  diagnostic = air_compilation_report (self, "AIR017", self->document, pointer, node,
                                       "let \"max_items\" be 1000 at most, and split what is longer",
                                       "'%s' may run its body %" G_GINT64_FORMAT " times in one run", node->id, most);
  diagnostic->fix = air_command_new_set (at, air_value_new_int (MANY_ITEMS));
}

void
air_compile_lint_flow (AirCompilation *self, const AirWorkflowNode *node)
{
  if (node->kind == AIR_WORKFLOW_NODE_BRANCH)
    lint_conditions (self, node, "cases", FALSE);
  if (node->kind == AIR_WORKFLOW_NODE_GATE)
    lint_conditions (self, node, "guards", TRUE);
  if (node->kind == AIR_WORKFLOW_NODE_FOR_EACH)
    lint_loop (self, node);
  if (node->kind == AIR_WORKFLOW_NODE_WAIT && air_map_get_map (node->value, "input") != NULL)
    {
      g_autofree char *pointer = g_strdup_printf ("%s/input", node->pointer);

      air_compile_lint_schema (self, node, air_map_get_map (node->value, "input"), pointer);
    }
}
