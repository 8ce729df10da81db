/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-model"

#include "config.h"

#include "air-workflow-diff-private.h"

#include <string.h>

static gboolean
equal (const AirValue *a, const AirValue *b)
{
  return a == b || (a != NULL && b != NULL && air_value_equal (a, b));
}

/* --- what a node is to people --------------------------------------------- */

typedef struct {
  AirChangeWeight weight;
  const char *what; /* "money movement" */
  const char *added, *removed;
} Character;

AirDiffEffect
air_diff_get_call_effect (const AirDiffSide *side, const AirValue *node)
{
  AirDocument *operation = air_diff_find_operation (side, air_map_get_string (node, "operation"));
  AirValue *policy = operation != NULL ? air_map_get_map (air_document_get_value (operation), "policy") : NULL;
  AirValue *money = air_map_get_map (policy, "money");

  if (policy == NULL)
    return AIR_DIFF_EFFECT_UNKNOWN;
  if (g_strcmp0 (air_map_get_string (money, "direction"), "out") == 0)
    return AIR_DIFF_EFFECT_MONEY;
  if (g_strcmp0 (air_map_get_string (policy, "effect"), "write") != 0)
    return AIR_DIFF_EFFECT_READ;
  return g_strcmp0 (air_map_get_string (policy, "reversibility"), "irreversible") == 0 ? AIR_DIFF_EFFECT_IRREVERSIBLE
                                                                                       : AIR_DIFF_EFFECT_WRITE;
}

/* What makes calls, and workflows by what is in them, differ in weight. */
static Character
characterize_effect (AirDiffEffect effect, gboolean workflow)
{
  switch (effect)
    {
    case AIR_DIFF_EFFECT_MONEY:
      return (Character) { AIR_CHANGE_RISK, workflow ? "a sub-workflow that moves money" : "a money movement",
                           "money-added", "money-removed" };
    case AIR_DIFF_EFFECT_IRREVERSIBLE:
      return (Character) { AIR_CHANGE_RISK,
                           workflow ? "a sub-workflow with an effect that cannot be undone"
                                    : "an effect that cannot be undone",
                           "irreversible-added", "irreversible-removed" };
    case AIR_DIFF_EFFECT_WRITE:
      return (Character) { AIR_CHANGE_RISK, workflow ? "a sub-workflow that writes" : "a write", "write-added",
                           "write-removed" };
    case AIR_DIFF_EFFECT_UNKNOWN:
      return (Character) { AIR_CHANGE_RISK, workflow ? "a sub-workflow" : "a call",
                           workflow ? "sub-workflow-added" : "write-added",
                           workflow ? "sub-workflow-removed" : "write-removed" };
    case AIR_DIFF_EFFECT_READ:
    case AIR_DIFF_EFFECT_NONE:
      break;
    }
  return (Character) { AIR_CHANGE_BEHAVIOUR, workflow ? "a sub-workflow" : "a read",
                       workflow ? "sub-workflow-added" : "read-added",
                       workflow ? "sub-workflow-removed" : "read-removed" };
}

static Character
characterize (const AirDiffSide *side, const AirWorkflowNode *node)
{
  switch (node->kind)
    {
    case AIR_WORKFLOW_NODE_CALL:
      return characterize_effect (air_diff_get_call_effect (side, node->value), FALSE);
    case AIR_WORKFLOW_NODE_GATE:
      return (Character) { AIR_CHANGE_RISK, "a gate", "gate-added", "gate-removed" };
    case AIR_WORKFLOW_NODE_TRIGGER:
      return (Character) { AIR_CHANGE_RISK, "a trigger", "trigger-added", "trigger-removed" };
    case AIR_WORKFLOW_NODE_DECIDE:
      return (Character) { AIR_CHANGE_BEHAVIOUR, "a decision", "node-added", "node-removed" };
    case AIR_WORKFLOW_NODE_BRANCH:
      return (Character) { AIR_CHANGE_BEHAVIOUR, "a branch", "node-added", "node-removed" };
    case AIR_WORKFLOW_NODE_WAIT:
      return (Character) { AIR_CHANGE_BEHAVIOUR, "a wait", "node-added", "node-removed" };
    case AIR_WORKFLOW_NODE_EVIDENCE:
      return (Character) { AIR_CHANGE_BEHAVIOUR, "a piece of evidence", "node-added", "node-removed" };
    case AIR_WORKFLOW_NODE_END:
      return (Character) { AIR_CHANGE_BEHAVIOUR, "an end", "node-added", "node-removed" };
    case AIR_WORKFLOW_NODE_WORKFLOW:
      return characterize_effect (air_diff_get_effect (side, node->value, 0), TRUE);
    default:
      return (Character) { AIR_CHANGE_BEHAVIOUR, "a fork or join", "node-added", "node-removed" };
    }
}

/* --- policies ------------------------------------------------------------- */

typedef struct {
  gint64 least, most;
  gboolean known;
} Quorum;

static Quorum
read_quorum (const AirDocument *policy)
{
  AirValue *rules = policy != NULL ? air_map_get_list (air_document_get_value (policy), "rules") : NULL;
  Quorum quorum = { G_MAXINT64, 0, FALSE };

  for (gsize i = 0; rules != NULL && i < air_list_get_size (rules); i++)
    {
      AirValue *n = air_map_get_map (air_list_get (rules, i), "then");

      n = n != NULL ? air_map_get (n, "quorum") : NULL;
      if (n == NULL || air_value_get_kind (n) != AIR_VALUE_INT)
        continue;
      quorum.known = TRUE;
      quorum.least = MIN (quorum.least, air_value_get_int (n));
      quorum.most = MAX (quorum.most, air_value_get_int (n));
    }
  return quorum;
}

static char *
print_quorum (Quorum quorum)
{
  return quorum.least == quorum.most
             ? g_strdup_printf ("%" G_GINT64_FORMAT, quorum.most)
             : g_strdup_printf ("%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, quorum.least, quorum.most);
}

static void
diff_gate_rules (AirDiff *self, const AirWorkflowNode *gate, AirDocument *before, AirDocument *after)
{
  static const struct {
    const char *key, *words;
  } rules[] = {
    { "exclude", "who may not decide" },          { "deadline_ms", "how long it waits" },
    { "on_expiry", "what expiry means" },         { "escalate", "to whom it escalates" },
    { "escalation", "to whom it escalates" },     { "remind_ms", "when it reminds" },
    { "reminder_ms", "when it reminds" },         { "edit", "what deciders may edit" },
    { "min_quorum", "the least quorum allowed" },
  };
  AirValue *was = air_map_get_map (air_document_get_value (before), "gate");
  AirValue *is = air_map_get_map (air_document_get_value (after), "gate");

  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      AirValue *a = was != NULL ? air_map_get (was, rules[i].key) : NULL;
      AirValue *b = is != NULL ? air_map_get (is, rules[i].key) : NULL;
      g_autofree char *from = NULL, *to = NULL;

      if (equal (a, b))
        continue;
      from = air_diff_dup_value (a);
      to = air_diff_dup_value (b);
      air_diff_add (self, AIR_CHANGE_RISK, "gate-rule-changed", gate->id, a, b, "gate '%s' changes %s from %s to %s",
                    gate->title, rules[i].words, from, to);
    }
}

void
air_diff_policy (AirDiff *self, const AirWorkflowNode *before, const AirWorkflowNode *after)
{
  const char *old_id = air_map_get_string (before->value, "policy");
  const char *new_id = air_map_get_string (after->value, "policy");
  AirDocument *old = air_diff_find_policy (&self->before, old_id);
  AirDocument *new = air_diff_find_policy (&self->after, new_id);
  const char *what = after->kind == AIR_WORKFLOW_NODE_GATE ? "gate" : "decision";
  Quorum was = read_quorum (old), is = read_quorum (new);
  gboolean told = FALSE;

  if (g_strcmp0 (old_id, new_id) != 0)
    air_diff_add (self, AIR_CHANGE_RISK, "policy-changed", after->id, NULL, NULL,
                  "%s '%s' is now decided by policy '%s' instead of '%s'", what, after->title, new_id, old_id);
  if (old == NULL || new == NULL || air_value_equal (air_document_get_value (old), air_document_get_value (new)))
    return;
  if (after->kind == AIR_WORKFLOW_NODE_GATE && was.known && is.known && (was.least != is.least || was.most != is.most))
    {
      g_autofree char *from = print_quorum (was), *to = print_quorum (is);
      gboolean lowered = is.least < was.least || is.most < was.most;

      air_diff_add (self, AIR_CHANGE_RISK, lowered ? "quorum-lowered" : "quorum-raised", after->id, NULL, NULL,
                    "gate '%s' now needs %s (it was %s)", after->title, to, from);
      told = TRUE;
    }
  if (after->kind == AIR_WORKFLOW_NODE_GATE)
    {
      guint n = self->changes->len;

      diff_gate_rules (self, after, old, new);
      told |= self->changes->len > n;
    }
  if (!told && g_strcmp0 (old_id, new_id) == 0)
    air_diff_add (self, AIR_CHANGE_RISK, "policy-edited", after->id, NULL, NULL,
                  "the rules of policy '%s', by which %s '%s' goes, change", new_id, what, after->title);
}

/* --- nodes that stay ------------------------------------------------------ */

static void
diff_map (AirDiff *self,
          const AirWorkflowNode *node,
          AirChangeWeight weight,
          const char *name,
          AirValue *before,
          AirValue *after)
{
  for (gsize i = 0; after != NULL && i < air_map_get_size (after); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (after, i), NULL);
      AirValue *is = air_map_get_value_at (after, i), *was = before != NULL ? air_map_get (before, key) : NULL;
      g_autofree char *from = NULL, *to = NULL;

      if (equal (was, is))
        continue;
      from = air_diff_dup_value (was);
      to = air_diff_dup_value (is);
      if (was == NULL)
        air_diff_add (self, weight, "input-added", node->id, NULL, is, "'%s' gets %s '%s': %s", node->title, name, key,
                      to);
      else
        air_diff_add (self, weight, "input-changed", node->id, was, is, "%s '%s' of '%s' is now %s instead of %s", name,
                      key, node->title, to, from);
    }
  for (gsize i = 0; before != NULL && i < air_map_get_size (before); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (before, i), NULL);

      if (after == NULL || air_map_get (after, key) == NULL)
        air_diff_add (self, weight, "input-removed", node->id, air_map_get_value_at (before, i), NULL,
                      "'%s' no longer gets %s '%s'", node->title, name, key);
    }
}

static const AirValue *
find_by (const AirValue *list, const char *member, const char *name)
{
  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    if (g_strcmp0 (air_map_get_string (air_list_get (list, i), member), name) == 0)
      return air_list_get (list, i);
  return NULL;
}

static const char *
get_title (const AirDiffSide *side, const char *id)
{
  const AirWorkflowNode *node = air_workflow_find_node (side->workflow, id);

  return node != NULL ? node->title : id;
}

static void
diff_guards (AirDiff *self, const AirWorkflowNode *before, const AirWorkflowNode *after)
{
  AirValue *old = air_map_get_list (before->value, "guards"), *new = air_map_get_list (after->value, "guards");

  for (gsize i = 0; new != NULL &&i < air_list_get_size (new); i++)
    {
      const char *name = air_map_get_string (air_list_get (new, i), "node");
      const AirValue *was = find_by (old, "node", name);

      if (was == NULL)
        air_diff_add (self, AIR_CHANGE_RISK, "guard-added", after->id, NULL, NULL, "gate '%s' now guards '%s'",
                      after->title, get_title (&self->after, name));
      else if (!equal (was, air_list_get (new, i)))
        air_diff_add (self, AIR_CHANGE_RISK, "guard-changed", after->id, was, air_list_get (new, i),
                      "gate '%s' changes when it guards '%s'", after->title, get_title (&self->after, name));
    }
  for (gsize i = 0; old != NULL && i < air_list_get_size (old); i++)
    {
      const char *name = air_map_get_string (air_list_get (old, i), "node");

      if (find_by (new, "node", name) == NULL)
        air_diff_add (self, AIR_CHANGE_RISK, "guard-removed", after->id, NULL, NULL, "gate '%s' no longer guards '%s'",
                      after->title, get_title (&self->before, name));
    }
}

static void
diff_cases (AirDiff *self, const AirWorkflowNode *before, const AirWorkflowNode *after)
{
  AirValue *old = air_map_get_list (before->value, "cases"), *new = air_map_get_list (after->value, "cases");
  gsize at = 0;
  gboolean moved = FALSE;

  for (gsize i = 0; new != NULL &&i < air_list_get_size (new); i++)
    {
      AirValue *is = air_list_get (new, i);
      const char *id = air_map_get_string (is, "id");
      const AirValue *was = find_by (old, "id", id);

      if (was == NULL)
        air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "case-added", after->id, NULL, is, "branch '%s' gets the case '%s'",
                      after->title, id);
      else
        {
          gsize where = 0;

          while (air_list_get (old, where) != was)
            where++;
          moved |= where < at;
          at = where;
          if (!equal (air_map_get (was, "when"), air_map_get (is, "when")))
            {
              g_autofree char *from = air_diff_dup_value (air_map_get (was, "when"));
              g_autofree char *to = air_diff_dup_value (air_map_get (is, "when"));

              air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "case-changed", after->id, air_map_get (was, "when"),
                            air_map_get (is, "when"), "case '%s' of '%s' now holds when %s instead of when %s", id,
                            after->title, to, from);
            }
          if (!equal (air_map_get (was, "title"), air_map_get (is, "title")))
            air_diff_add (self, AIR_CHANGE_WORDS, "title-changed", after->id, air_map_get (was, "title"),
                          air_map_get (is, "title"), "case '%s' of '%s' is called otherwise", id, after->title);
        }
    }
  for (gsize i = 0; old != NULL && i < air_list_get_size (old); i++)
    {
      const char *id = air_map_get_string (air_list_get (old, i), "id");

      if (find_by (new, "id", id) == NULL)
        air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "case-removed", after->id, air_list_get (old, i), NULL,
                      "branch '%s' loses the case '%s'", after->title, id);
    }
  if (moved)
    air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "cases-reordered", after->id, NULL, NULL,
                  "branch '%s' asks its cases in another order", after->title);
}

static void
diff_compensation (AirDiff *self, const AirWorkflowNode *before, const AirWorkflowNode *after)
{
  AirValue *was = air_map_get_map (before->value, "compensate"), *is = air_map_get_map (after->value, "compensate");

  if (equal (was, is))
    return;
  if (was == NULL)
    air_diff_add (self, AIR_CHANGE_RISK, "compensation-added", after->id, NULL, is, "'%s' is now undone by '%s'",
                  after->title, air_map_get_string (is, "operation"));
  else if (is == NULL)
    air_diff_add (self, AIR_CHANGE_RISK, "compensation-removed", after->id, was, NULL,
                  "'%s' is no longer undone when the run fails", after->title);
  else if (!equal (air_map_get (was, "operation"), air_map_get (is, "operation")))
    air_diff_add (self, AIR_CHANGE_RISK, "compensation-changed", after->id, was, is,
                  "'%s' is now undone by '%s' instead of '%s'", after->title, air_map_get_string (is, "operation"),
                  air_map_get_string (was, "operation"));
  else
    diff_map (self, after, AIR_CHANGE_RISK, "the reversal's input", air_map_get_map (was, "with"),
              air_map_get_map (is, "with"));
}

/* Members that are said one by one, each in its words; the rest is told by its name. */
static gboolean
is_told (const char *key)
{
  static const char *const told[] = { "id",      "kind", "title",  "operation", "policy",     "workflow",
                                      "version", "with", "guards", "cases",     "compensate", NULL };

  return g_strv_contains (told, key);
}

static void
diff_member (AirDiff *self, const AirWorkflowNode *node, const char *key, AirValue *was, AirValue *is)
{
  g_autofree char *from = NULL, *to = NULL;

  if (is_told (key) || equal (was, is))
    return;
  if (g_str_equal (key, "trigger") || g_str_equal (key, "retry") || g_str_equal (key, "output"))
    {
      diff_map (self, node, g_str_equal (key, "trigger") ? AIR_CHANGE_RISK : AIR_CHANGE_BEHAVIOUR, key, was, is);
      return;
    }
  from = air_diff_dup_value (was);
  to = air_diff_dup_value (is);
  air_diff_add (self, AIR_CHANGE_BEHAVIOUR, "node-changed", node->id, was, is, "'%s' of '%s' is now %s instead of %s",
                key, node->title, to, from);
}

static void
diff_node (AirDiff *self, const AirWorkflowNode *before, const AirWorkflowNode *after)
{
  Character character = characterize (&self->after, after);
  AirChangeWeight weight = after->kind == AIR_WORKFLOW_NODE_CALL || after->kind == AIR_WORKFLOW_NODE_GATE
                                   || after->kind == AIR_WORKFLOW_NODE_WORKFLOW
                               ? character.weight
                               : AIR_CHANGE_BEHAVIOUR;

  if (before->kind != after->kind)
    {
      air_diff_add (self, AIR_CHANGE_RISK, "kind-changed", after->id, NULL, NULL, "'%s' becomes a %s (it was a %s)",
                    after->title, air_workflow_node_kind_to_string (after->kind),
                    air_workflow_node_kind_to_string (before->kind));
      return;
    }
  if (g_strcmp0 (before->title, after->title) != 0)
    air_diff_add (self, AIR_CHANGE_WORDS, "title-changed", after->id, NULL, NULL, "'%s' is now called '%s'",
                  before->title, after->title);
  if (after->kind == AIR_WORKFLOW_NODE_CALL
      && !equal (air_map_get (before->value, "operation"), air_map_get (after->value, "operation")))
    air_diff_add (self, MIN (weight, characterize (&self->before, before).weight), "operation-changed", after->id, NULL,
                  NULL, "'%s' now calls '%s' (%s) instead of '%s'", after->title,
                  air_map_get_string (after->value, "operation"), character.what,
                  air_map_get_string (before->value, "operation"));
  if (air_map_get_string (after->value, "policy") != NULL)
    air_diff_policy (self, before, after);
  if (after->kind == AIR_WORKFLOW_NODE_WORKFLOW)
    air_diff_sub_workflow (self, before, after);
  if (air_map_get_map (after->value, "with") != NULL || air_map_get_map (before->value, "with") != NULL)
    diff_map (self, after, weight, "input", air_map_get_map (before->value, "with"),
              air_map_get_map (after->value, "with"));
  diff_guards (self, before, after);
  diff_cases (self, before, after);
  diff_compensation (self, before, after);
  for (gsize i = 0; i < air_map_get_size (after->value); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (after->value, i), NULL);

      diff_member (self, after, key, air_map_get (before->value, key), air_map_get_value_at (after->value, i));
    }
  for (gsize i = 0; i < air_map_get_size (before->value); i++)
    {
      const char *key = air_value_get_string (air_map_get_key_at (before->value, i), NULL);

      if (air_map_get (after->value, key) == NULL)
        diff_member (self, after, key, air_map_get_value_at (before->value, i), NULL);
    }
}

void
air_diff_nodes (AirDiff *self)
{
  for (guint i = 0; i < air_workflow_get_n_nodes (self->after.workflow); i++)
    {
      const AirWorkflowNode *after = air_workflow_get_node (self->after.workflow, i);
      const AirWorkflowNode *before = air_workflow_find_node (self->before.workflow, after->id);

      if (before == NULL)
        {
          Character character = characterize (&self->after, after);
          g_autofree char *where = air_diff_dup_where (&self->after, after);

          air_diff_add (self, character.weight, character.added, after->id, NULL, after->value, "adds %s '%s' %s",
                        character.what, after->title, where);
        }
      else if (before->value != after->value || self->before.packs != self->after.packs)
        diff_node (self, before, after);
    }
  for (guint i = 0; i < air_workflow_get_n_nodes (self->before.workflow); i++)
    {
      const AirWorkflowNode *before = air_workflow_get_node (self->before.workflow, i);
      Character character = characterize (&self->before, before);
      g_autofree char *where = NULL;

      if (air_workflow_find_node (self->after.workflow, before->id) != NULL)
        continue;
      where = air_diff_dup_where (&self->before, before);
      air_diff_add (self, character.weight, character.removed, before->id, before->value, NULL, "removes %s '%s' %s",
                    character.what, before->title, where);
    }
}
