/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-verifier-rules-private.h"
#include "base/air-json.h"

/* What the workflow version says of its steps: which gate guards which call, and which operations a step may call.
 * That the plan is the one of the version that ran, air-verifier-artifact.c shows. */

#define RULES AIR_CHECK_DETERMINISTIC

void
air_rules_read_plan (AirRules *self)
{
  const AirBundleBuilder *bundle = self->verification->bundle;
  AirReport *report = self->verification->report;

  if (bundle->plan == NULL)
    {
      air_report_add (report, RULES, AIR_FINDING_NOTE, "artifact/plan.json", NULL,
                      "the bundle does not hold the plan: which actions are guarded cannot be judged");
      return;
    }
  self->plan = air_json_parse_bytes (bundle->plan, NULL);
  if (self->plan == NULL || air_map_get_map (self->plan, "guards") == NULL)
    air_report_add (report, RULES, AIR_FINDING_FAULT, "artifact/plan.json", "guards", "it names no guards");
}

const char *
air_rules_guard_of (const AirRules *self, const char *node)
{
  return air_map_get_string (air_map_get_map (self->plan, "guards"), node);
}

/* "id@version" of an operation the plan holds. */
static gboolean
is_operation (const AirRules *self, const char *id, const char *reference)
{
  const char *version =
      id != NULL ? air_map_get_string (air_map_get_map (air_map_get_map (self->plan, "operations"), id), "version")
                 : NULL;
  g_autofree char *whole = version != NULL ? g_strconcat (id, "@", version, NULL) : NULL;

  return g_strcmp0 (whole, reference) == 0;
}

/* One way to reverse, or a list of them. */
static gboolean
is_way (const AirRules *self, const AirValue *ways, const char *key, const char *reference)
{
  if (ways == NULL || air_value_get_kind (ways) != AIR_VALUE_LIST)
    return is_operation (self, air_map_get_string (ways, key), reference);
  for (gsize i = 0; i < air_list_get_size (ways); i++)
    if (is_operation (self, air_map_get_string (air_list_get (ways, i), key), reference))
      return TRUE;
  return FALSE;
}

static gboolean
reverses (const AirRules *self, const AirValue *step, const char *reference)
{
  const char *id = air_map_get_string (step, "operation");
  const AirValue *operation = air_map_get_map (air_map_get_map (self->plan, "operations"), id);

  return is_way (self, air_map_get (step, "compensate"), "operation", reference)
         || (operation != NULL && is_way (self, air_map_get (operation, "compensate"), "op", reference));
}

void
air_rules_check_planned (AirRules *self, const char *node, const char *purpose)
{
  const AirValue *nodes = air_map_get_map (self->plan, "nodes"), *step;
  const char *id, *reference = air_rules_text (self, "operation");
  gboolean executes = g_str_equal (purpose, "execute");

  if (self->verification->bundle->plan == NULL)
    {
      air_rules_fault (self, "node",
                       "whether a gate guards it cannot be judged: the bundle does not hold artifact/plan.json");
      return;
    }
  if (nodes == NULL) /* a plan that names guards and no steps: what it guards is all it says */
    return;
  step = air_map_get_map (nodes, node);
  id = air_map_get_string (step, "operation");
  if (step == NULL)
    air_rules_fault (self, "node", "the workflow version has no step \"%s\"", node);
  else if (id == NULL)
    air_rules_fault (self, "node", "\"%s\" is no step that calls anything", node);
  else if (executes && !is_operation (self, id, reference))
    air_rules_fault (self, "operation", "it is not the operation of that step in the workflow version");
  else if (!executes && !(g_str_equal (purpose, "reconcile") && is_operation (self, id, reference))
           && !reverses (self, step, reference))
    air_rules_fault (self, "operation", "it is not what reverses that step in the workflow version");
}

/* Of several policies at one gate only those that ask count, which the plan does not tell: then FALSE. */
gboolean
air_rules_gate_excludes (const AirRules *self, const char *node, const char *word)
{
  const AirValue *step = air_map_get_map (air_map_get_map (self->plan, "nodes"), node);
  const char *id = air_map_get_string (step, "policy");
  const AirValue *policy = id != NULL ? air_map_get_map (air_map_get_map (self->plan, "policies"), id) : NULL;

  return air_map_get_list (step, "also") == NULL
         && air_rules_has (air_map_get_list (air_map_get_map (policy, "gate"), "exclude"), word);
}
