/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-compile-private.h"

#include <string.h>

/* The lints about who decides: AIR013, 014 and 015. */

#define DAY_MS (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)

/* The most people any rule asks for; -1 where the rules do not say it in a number. @ret_silent: a rule that asks
 * nobody and gives no reason. */
static gint64
read_quorum (const AirDocument *policy, const char **ret_silent)
{
  AirValue *rules = air_map_get_list (air_document_get_value (policy), "rules");
  gint64 most = -1;

  for (gsize i = 0; rules != NULL && i < air_list_get_size (rules); i++)
    {
      AirValue *rule = air_list_get (rules, i);
      AirValue *then = air_map_get_map (rule, "then");
      AirValue *quorum = then != NULL ? air_map_get (then, "quorum") : NULL;

      if (quorum == NULL || air_value_get_kind (quorum) != AIR_VALUE_INT)
        return -1; /* computed: it may be any */
      most = MAX (most, air_value_get_int (quorum));
      if (air_value_get_int (quorum) == 0 && air_map_get_string (rule, "why") == NULL && ret_silent != NULL)
        *ret_silent = air_map_get_string (rule, "id");
    }
  return most;
}

/* The least the packs' own template for the risk asks for, when it asks anybody. */
static gint64
read_template (AirCompilation *self, const char *template)
{
  AirDocument *policy = NULL;
  AirValue *rules;
  gint64 least = G_MAXINT64;

  for (guint i = 0; template != NULL && i < self->packs->len && policy == NULL; i++)
    policy = air_pack_get_policy (g_ptr_array_index (self->packs, i), template);
  if (policy == NULL || g_strcmp0 (air_map_get_string (air_document_get_value (policy), "kind"), "gate") != 0)
    return 0;
  rules = air_map_get_list (air_document_get_value (policy), "rules");
  for (gsize i = 0; rules != NULL && i < air_list_get_size (rules); i++)
    {
      gint64 quorum = air_map_get_int (air_map_get_map (air_list_get (rules, i), "then"), "quorum", 0);

      if (quorum > 0)
        least = MIN (least, quorum);
    }
  return least == G_MAXINT64 ? 0 : least;
}

static gboolean
is_grave (const AirDocument *operation)
{
  AirValue *policy = air_map_get_map (air_document_get_value (operation), "policy");

  return air_operation_pays_out (operation)
         || (air_operation_is_irreversible (operation) && g_strcmp0 (air_map_get_string (policy, "risk"), "high") == 0);
}

static void
lint_quorum (AirCompilation *self, const AirWorkflowNode *gate, const AirDocument *policy)
{
  AirValue *guards = air_map_get_list (gate->value, "guards");
  g_autofree char *pointer = g_strdup_printf ("%s/policy", gate->pointer);
  const char *silent = NULL;
  gint64 most = read_quorum (policy, &silent);

  for (gsize i = 0; guards != NULL && i < air_list_get_size (guards); i++)
    {
      const AirWorkflowNode *node =
          air_workflow_find_node (self->workflow, air_map_get_string (air_list_get (guards, i), "node"));
      const AirDocument *operation = node != NULL ? self->facts[node->index].operation : NULL;
      const char *template;

      if (operation == NULL || !is_grave (operation))
        continue;
      template = air_compile_find_template (operation, NULL);
      if (most == 0)
        air_compilation_report (self, "AIR013", self->document, pointer, gate,
                                "let a rule ask for one approver at least, or take the gate away",
                                "gate '%s' guards '%s', and no rule of '%s' asks anybody", gate->id, node->id,
                                air_document_get_id (policy));
      else if (silent != NULL)
        air_compilation_report (self, "AIR013", self->document, pointer, gate,
                                "say \"why\" in the rule, or let it ask for one approver",
                                "gate '%s' guards '%s', and rule '%s' of '%s' asks nobody without saying why", gate->id,
                                node->id, silent, air_document_get_id (policy));
      else if (most > 0 && read_template (self, template) > most)
        air_compilation_report (self, "AIR013", self->document, pointer, gate, "ask for as many people",
                                "gate '%s' guards '%s' by %" G_GINT64_FORMAT
                                " at most, and policy '%s' asks for %" G_GINT64_FORMAT " at least",
                                gate->id, node->id, most, template, read_template (self, template));
      else
        continue;
      return;
    }
}

static void
lint_author (AirCompilation *self, const AirWorkflowNode *gate, const AirDocument *policy)
{
  AirValue *exclude = air_map_get_list (air_map_get_map (air_document_get_value (policy), "gate"), "exclude");
  g_autofree char *pointer = g_strdup_printf ("%s/policy", gate->pointer);

  for (gsize i = 0; exclude != NULL && i < air_list_get_size (exclude); i++)
    if (g_strcmp0 (air_value_get_string (air_list_get (exclude, i), NULL), "author") == 0)
      return;
  air_compilation_report (self, "AIR014", self->document, pointer, gate,
                          "add \"author\" to \"exclude\" of the policy's gate",
                          "gate '%s' could be decided by whoever wrote this workflow: '%s' does not exclude them",
                          gate->id, air_document_get_id (policy));
}

static void
lint_deadline (AirCompilation *self, const AirWorkflowNode *gate, const AirDocument *policy)
{
  AirValue *rules = air_map_get_map (air_document_get_value (policy), "gate");
  g_autofree char *pointer = g_strdup_printf ("%s/policy", gate->pointer);
  gint64 deadline = air_map_get_int (rules, "deadline_ms", 0);
  AirValue *escalation = rules != NULL ? air_map_get_list (rules, "escalation") : NULL;

  if (deadline > 0 && (deadline <= DAY_MS || (escalation != NULL && air_list_get_size (escalation) > 0)))
    return;
  if (deadline > 0)
    air_compilation_report (self, "AIR015", self->document, pointer, gate,
                            "add \"escalation\" to the policy's gate, or let it wait a day at most",
                            "gate '%s' waits %" G_GINT64_FORMAT " hours and asks nobody else meanwhile", gate->id,
                            deadline / (60 * 60 * 1000));
  else
    air_compilation_report (self, "AIR015", self->document, pointer, gate, "add \"deadline_ms\" to the policy's gate",
                            "gate '%s' waits without an end", gate->id);
}

void
air_compile_lint_gate (AirCompilation *self, const AirWorkflowNode *gate)
{
  const AirDocument *policy = self->facts[gate->index].policy_document;

  if (policy == NULL || self->facts[gate->index].policy == NULL)
    return;
  lint_quorum (self, gate, policy);
  lint_author (self, gate, policy);
  lint_deadline (self, gate, policy);
}
