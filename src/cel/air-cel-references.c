/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-cel"

#include "config.h"

#include <string.h>

#include "cel/air-cel-private.h"

static char *
reference_path (const AirCelNode *node)
{
  g_autofree char *outer = NULL;

  if (node->op == CEL_GLOBAL)
    return g_strdup (node->name);
  if (node->op != CEL_SELECT && node->op != CEL_HAS && node->op != CEL_OPT_SELECT
      && !(node->op == CEL_INDEX && node->args[1]->op == CEL_LITERAL
           && node->args[1]->value.kind == AIR_CEL_TYPE_STRING))
    return NULL;
  outer = reference_path (node->args[0]);
  if (outer == NULL)
    return NULL;
  if (node->op == CEL_INDEX)
    return g_strdup_printf ("%s.%.*s", outer, (int) node->args[1]->value.s.n, node->args[1]->value.s.p);
  return g_strconcat (outer, ".", node->name, NULL);
}

/* Adds the paths ("steps.order.total") that @node reads, each once; a constant index counts as a member. */
void
air_cel_collect_references (const AirCelNode *node, GPtrArray *references)
{
  g_autofree char *path = reference_path (node);

  if (path == NULL)
    {
      for (guint i = 0; i < node->n_args; i++)
        air_cel_collect_references (node->args[i], references);
      return;
    }
  for (guint i = 0; i < references->len; i++)
    if (strcmp (references->pdata[i], path) == 0)
      return;
  g_ptr_array_add (references, g_steal_pointer (&path));
}
