/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-workflow-diff-private.h"

/* Workflows that are steps of the two that are compared: what changes in them changes what these do. */

#define MAX_DEPTH 8

/* What the node names, or NULL where no pack of this side has it. */
static AirDocument *
find_document (const AirDiffSide *side, const AirValue *node)
{
  const char *id = air_map_get_string (node, "workflow"), *version = air_map_get_string (node, "version");

  for (guint i = 0; side->packs != NULL && i < side->packs->len; i++)
    {
      AirDocument *found = air_pack_get_workflow (g_ptr_array_index (side->packs, i), id);

      if (found != NULL && g_strcmp0 (air_document_get_version (found), version) == 0)
        return found;
    }
  return NULL;
}

/* The gravest thing that its calls do, and those of its own steps. */
AirDiffEffect
air_diff_get_effect (const AirDiffSide *side, const AirValue *node, guint depth)
{
  AirDocument *document = depth < MAX_DEPTH ? find_document (side, node) : NULL;
  AirValue *nodes = document != NULL ? air_map_get_list (air_document_get_value (document), "nodes") : NULL;
  AirDiffEffect most = document != NULL ? AIR_DIFF_EFFECT_NONE : AIR_DIFF_EFFECT_UNKNOWN;

  for (gsize i = 0; nodes != NULL && i < air_list_get_size (nodes); i++)
    {
      AirValue *step = air_list_get (nodes, i);
      const char *kind = air_map_get_string (step, "kind");
      AirDiffEffect effect = AIR_DIFF_EFFECT_NONE;

      if (g_strcmp0 (kind, "workflow") == 0)
        effect = air_diff_get_effect (side, step, depth + 1);
      else if (g_strcmp0 (kind, "call") == 0)
        effect = air_diff_get_call_effect (side, step);
      most = MAX (most, effect);
    }
  return most;
}

static void
diff_documents (AirDiff *self, const AirWorkflowNode *node, AirDocument *before, AirDocument *after)
{
  g_autoptr (AirWorkflow) old_workflow = air_workflow_new (before, NULL);
  g_autoptr (AirWorkflow) new_workflow = air_workflow_new (after, NULL);
  AirDiff inner = {
    .before = { old_workflow, self->before.packs, air_document_get_value (before) },
    .after = { new_workflow, self->after.packs, air_document_get_value (after) },
    .changes = self->changes,
    .depth = self->depth + 1,
  };
  guint first = self->changes->len;

  if (old_workflow == NULL || new_workflow == NULL)
    {
      air_diff_add (self, AIR_CHANGE_RISK, "sub-workflow-edited", node->id, NULL, NULL,
                    "what '%s' runs changes, and one of the two cannot be read", node->title);
      return;
    }
  air_diff_run (&inner);
  for (guint i = first; i < self->changes->len;)
    {
      AirChange *change = g_ptr_array_index (self->changes, i);
      g_autofree char *words = change->words, *place = change->node;

      change->words = g_strdup_printf ("in '%s': %s", node->title, words);
      change->node = place != NULL ? g_strconcat (node->id, ".", place, NULL) : g_strdup (node->id);
      /* Its title and its tests are told where it is looked at by itself. */
      if (change->weight == AIR_CHANGE_WORDS)
        g_ptr_array_remove_index (self->changes, i);
      else
        i++;
    }
}

void
air_diff_sub_workflow (AirDiff *self, const AirWorkflowNode *before, const AirWorkflowNode *after)
{
  const char *old_id = air_map_get_string (before->value, "workflow");
  const char *new_id = air_map_get_string (after->value, "workflow");
  const char *old_version = air_map_get_string (before->value, "version");
  const char *new_version = air_map_get_string (after->value, "version");
  AirDocument *old = find_document (&self->before, before->value), *new = find_document (&self->after, after->value);

  if (g_strcmp0 (old_id, new_id) != 0 || g_strcmp0 (old_version, new_version) != 0)
    air_diff_add (self, AIR_CHANGE_RISK, "sub-workflow-changed", after->id, NULL, NULL,
                  "'%s' now runs '%s' %s instead of '%s' %s", after->title, new_id, new_version, old_id, old_version);
  if (g_strcmp0 (old_id, new_id) != 0 || self->depth >= MAX_DEPTH)
    return;
  if (old != NULL && new != NULL && !air_value_equal (air_document_get_value (old), air_document_get_value (new)))
    diff_documents (self, after, old, new);
}
