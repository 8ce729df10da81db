/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-verifier-rules-private.h"
#include "base/air-clock.h"

/* Gates: what is asked is what the policy demands, every decision has the outcome that those before it give, and who
 * changes an action changes no more than the gate lets them. */

#define RULES AIR_CHECK_DETERMINISTIC

void
air_rules_gate_free (gpointer data)
{
  AirRulesGate *self = data;

  g_hash_table_unref (self->approvers);
  g_free (self);
}

AirRulesGate *
air_rules_gate (AirRules *self, const char *place)
{
  AirRulesGate *gate = g_hash_table_lookup (self->gates, place);

  if (gate == NULL)
    {
      gate = g_new0 (AirRulesGate, 1);
      gate->approvers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (self->gates, g_strdup (place), gate);
    }
  return gate;
}

const AirValue *
air_rules_gate_shown (const AirRulesGate *gate)
{
  if (gate->edit != NULL)
    return air_map_get_list (gate->edit->opened, "edited");
  return gate->request != NULL ? air_map_get_list (gate->request->opened, "action") : NULL;
}

/* --- asking --------------------------------------------------------------------------- */

/* What a policy or the limits of a call say begins a round of its own. */
void
air_rules_evaluated (AirRules *self)
{
  g_autofree char *place = air_rules_own_place (self);
  AirRulesGate *gate = air_rules_gate (self, place);

  gate->said = self->item;
  if (air_map_get (self->members, "limits") == NULL)
    gate->policy = self->item;
  /* What people let pass as they changed it stays so when the call's limits are asked once more. */
  if (!gate->approved)
    gate->edit = NULL;
  gate->maker = NULL;
}

/* As the policy demands it, where that is disclosed. */
static void
check_terms (AirRules *self, const AirRulesGate *gate)
{
  const AirValue *output = gate->said != NULL ? air_map_get_map (gate->said->opened, "output") : NULL;
  const AirValue *terms = air_map_get_map (output, "terms");
  gint64 demanded = air_map_get_int (terms != NULL ? terms : output, "quorum", 0);
  const AirValue *exclude = air_map_get_list (self->members, "exclude"), *others;
  const char *starter = air_map_get_string (self->trigger, "actor");

  if (air_map_get_int (self->members, "quorum", -1) < demanded)
    air_rules_fault (self, "quorum", "its policy asks for %" G_GINT64_FORMAT " approvals", demanded);
  if (!(terms != NULL ? air_rules_has (air_map_get_list (terms, "exclude"), "trigger")
                      : air_rules_gate_excludes (self, air_rules_text (self, "node"), "trigger")))
    return;
  if (starter != NULL && !air_rules_has (exclude, starter))
    air_rules_fault (self, "exclude", "it does not exclude %s, who started the run, as its policy demands", starter);
  others = air_map_get_list (self->trigger, "triggered_by");
  for (gsize i = 0; others != NULL && i < air_list_get_size (others); i++)
    if (!air_rules_has (exclude, air_list_get_string (others, i)))
      air_rules_fault (self, "exclude", "it does not exclude all who brought the run, as its policy demands");
}

/* The others are asked about what somebody made of the action: that, and one fewer of them. */
static void
check_asked_anew (AirRules *self, const AirRulesGate *gate)
{
  const AirValue *edited = air_rules_gate_shown (gate);
  const AirValue *action = air_map_get_list (self->item->opened, "action");
  const char *maker = air_map_get_string (air_entry_get_members (gate->edit->entry), "actor");

  if (air_map_get_int (self->members, "quorum", -1) < gate->left)
    air_rules_fault (self, "quorum", "%" G_GINT64_FORMAT " were left to approve what was changed", gate->left);
  if (g_strcmp0 (air_map_get_string (self->members, "edited_by"), maker) != 0)
    air_rules_fault (self, "edited_by", "it does not say who changed the action");
  if (edited == NULL || action == NULL)
    air_verifier_hidden (self->verification, RULES, self->file, "action",
                         "what is asked cannot be compared with what was changed: one of them is not disclosed");
  else if (!air_rules_same (edited, action))
    air_rules_fault (self, "action", "it is not the action as it was changed");
}

void
air_rules_requested (AirRules *self)
{
  g_autofree char *place = air_rules_own_place (self);
  AirRulesGate *gate = air_rules_gate (self, place);
  g_autofree char *name = g_strdup_printf ("%s/%s", self->verification->bundle->instance, place);
  gint64 deadline;

  if (!g_str_equal (air_rules_text (self, "gate"), name))
    air_rules_fault (self, "gate", "it is not %s", name);
  if (!air_time_parse (air_rules_text (self, "deadline"), &deadline))
    air_rules_fault (self, "deadline", "it is no time: a gate must not wait for ever");
  if (g_strcmp0 (air_rules_text (self, "artifact"), self->artifact) != 0)
    air_rules_fault (self, "artifact", "it is not the version the run began with");
  if (air_map_get_int (self->members, "quorum", -1) < 0)
    air_rules_fault (self, "quorum", "it is not a number");
  if (gate->request != NULL && !gate->closed)
    air_rules_fault (self, "gate", "it asks again while the gate still waits");
  if (gate->edit != NULL && !gate->approved)
    check_asked_anew (self, gate);
  else
    {
      check_terms (self, gate);
      gate->maker = NULL;
    }

  gate->request = self->item;
  gate->closed = gate->approved = FALSE;
  gate->edit = NULL;
  g_hash_table_remove_all (gate->approvers);
}

/* --- editing -------------------------------------------------------------------------- */

/* Whether @allowed names a field of a node; one of a workflow that is a step has there the name it has in that workflow. */
static gboolean
is_allowed (const AirValue *allowed, const char *node, const char *field)
{
  const char *dot = strrchr (node, '.');
  g_autofree char *full = g_strconcat (node, field, NULL);
  g_autofree char *own = g_strconcat (dot != NULL ? dot + 1 : node, field, NULL);

  return air_map_get (allowed, full) != NULL || air_map_get (allowed, own) != NULL;
}

/* The first place where two values differ that @allowed does not name, ".to" of @node, or NULL. */
static char *
find_forbidden (const AirValue *allowed,
                const char *node,
                const char *field,
                const AirValue *before,
                const AirValue *after)
{
  if (air_rules_same (before, after) || is_allowed (allowed, node, field))
    return NULL;
  if (before == NULL || after == NULL || air_value_get_kind (before) != AIR_VALUE_MAP
      || air_value_get_kind (after) != AIR_VALUE_MAP || air_map_get_size (before) != air_map_get_size (after))
    return g_strdup (field);
  for (gsize i = 0; i < air_map_get_size (before); i++)
    {
      const AirValue *key = air_map_get_key_at (before, i);
      g_autofree char *below = g_strdup_printf ("%s.%s", field, air_value_get_string (key, NULL));
      char *found =
          find_forbidden (allowed, node, below, air_map_get_value_at (before, i), air_map_lookup (after, key));

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Members that say which action it is. */
static const char *
find_other (const AirValue *before, const AirValue *after)
{
  static const char *const fixed[] = { "node", "iteration", "operation", "title", "idempotency_key" };

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    if (g_strcmp0 (air_map_get_string (before, fixed[i]), air_map_get_string (after, fixed[i])) != 0)
      return fixed[i];
  return NULL;
}

static void
check_edited_item (AirRules *self, const AirValue *allowed, const AirValue *before, const AirValue *after)
{
  const AirValue *input = air_map_get_map (before, "input"), *was = air_map_get_map (before, "was");
  const AirValue *given = air_map_get_map (after, "input");
  const char *node = air_map_get_string (before, "node"), *other = find_other (before, after);
  g_autofree char *forbidden = NULL;

  if (other != NULL)
    {
      air_rules_fault (self, "edited", "it changes \"%s\" of an action: only its input may be changed", other);
      return;
    }
  forbidden = find_forbidden (allowed, node != NULL ? node : "", "", input, given);
  if (forbidden != NULL)
    air_rules_fault (self, "edited", "it changes \"%s%s\", which the gate lets nobody change", node != NULL ? node : "",
                     forbidden);
  if (!air_rules_same (input, given) && !air_rules_same (was != NULL ? was : input, air_map_get_map (after, "was")))
    air_rules_fault (self, "edited", "its \"was\" is not what was asked for");
}

static void
check_edited (AirRules *self, const AirRulesGate *gate, const AirValue *asked)
{
  const AirValue *allowed = air_map_get_map (asked, "edit"), *before = air_rules_gate_shown (gate);
  const AirValue *after = air_map_get_list (self->item->opened, "edited");

  if (allowed == NULL)
    {
      air_rules_fault (self, "decision", "the gate lets nobody change anything");
      return;
    }
  if (before == NULL || after == NULL)
    {
      air_verifier_hidden (self->verification, RULES, self->file, "edited",
                           "what was changed cannot be compared with what may be: one of them is not disclosed");
      return;
    }
  if (air_list_get_size (before) != air_list_get_size (after))
    air_rules_fault (self, "edited", "it does not hold as many actions as were shown");
  for (gsize i = 0; i < MIN (air_list_get_size (before), air_list_get_size (after)); i++)
    check_edited_item (self, allowed, air_list_get (before, i), air_list_get (after, i));
}

/* --- deciding ------------------------------------------------------------------------- */

/* An expiry comes at the deadline or after, and nobody signs it. */
static void
check_expired (AirRules *self, const AirValue *asked)
{
  const char *deadline_text = air_map_get_string (asked, "deadline");
  gint64 deadline;

  if (deadline_text == NULL || !air_time_parse (deadline_text, &deadline)
      || air_entry_get_time_us (self->item->entry) < deadline)
    air_rules_fault (self, "time", "the gate expired before its deadline");
}

/* How many must approve at this time, by the request's escalation. */
static gint64
quorum_at (const AirValue *asked, gint64 time_us)
{
  const AirValue *levels = air_map_get_list (asked, "escalation");
  gint64 quorum = air_map_get_int (asked, "quorum", G_MAXINT64);

  for (gsize i = 0; levels != NULL && i < air_list_get_size (levels); i++)
    {
      const AirValue *level = air_list_get (levels, i);
      const char *at = air_map_get_string (level, "at");
      gint64 from_us;

      if (at != NULL && air_time_parse (at, &from_us) && from_us <= time_us)
        quorum = air_map_get_int (level, "quorum", quorum);
    }
  return quorum;
}

/* What an approval gives. */
static const char *
count_approval (AirRules *self, AirRulesGate *gate, gint64 quorum)
{
  const char *actor = air_rules_text (self, "actor");

  if (g_strcmp0 (gate->maker, actor) == 0)
    air_rules_fault (self, "actor", "this person changed the action before, which counts as an approval already");
  if (!g_hash_table_add (gate->approvers, g_strdup (actor)))
    air_rules_fault (self, "actor", "the same person approves twice");
  return (gint64) g_hash_table_size (gate->approvers) >= quorum ? "approved" : "waiting";
}

/* Who changes the action is the first who approves what came of it; the others are asked anew, whoever changed it before
 * among them: what a change of a change makes they have not seen. */
static const char *
count_edit (AirRules *self, AirRulesGate *gate, const AirValue *asked, gint64 quorum)
{
  const char *actor = air_rules_text (self, "actor");
  gboolean again = air_map_get_string (asked, "edited_by") != NULL;

  check_edited (self, gate, asked);
  if (g_strcmp0 (gate->maker, actor) == 0)
    air_rules_fault (self, "actor", "this person changed the action before");
  gate->maker = actor;
  g_hash_table_remove_all (gate->approvers);
  g_hash_table_add (gate->approvers, g_strdup (actor));
  gate->edit = self->item;
  gate->left = again ? quorum : quorum - 1;
  return quorum <= 1 && !again ? "approved" : "edited";
}

void
air_rules_decisioned (AirRules *self)
{
  g_autofree char *place = air_rules_own_place (self);
  g_autofree char *name = g_strdup_printf ("%s/%s", self->verification->bundle->instance, place);
  AirRulesGate *gate = air_rules_gate (self, place);
  const char *decision = air_rules_text (self, "decision");
  const AirValue *asked;
  const char *expected;
  gint64 quorum;

  /* A person signs for the gate by its name: what was signed for one must not count at another. */
  if (!g_str_equal (air_rules_text (self, "gate"), name))
    air_rules_fault (self, "gate", "it is not %s", name);
  if (gate->request == NULL || gate->closed)
    {
      air_rules_fault (self, "gate",
                       gate->request == NULL ? "a decision that nobody asked for"
                                             : "a decision after the gate was decided");
      return;
    }
  asked = air_entry_get_members (gate->request->entry);
  quorum = quorum_at (asked, air_entry_get_time_us (self->item->entry));

  if (g_str_equal (decision, "edit"))
    expected = count_edit (self, gate, asked, quorum);
  else if (g_str_equal (decision, "approve"))
    expected = count_approval (self, gate, quorum);
  else if (g_str_equal (decision, "deny"))
    expected = "denied";
  else if (g_str_equal (decision, "request-info"))
    expected = "waiting"; /* a question decides nothing */
  else if (g_str_equal (decision, "expired"))
    {
      check_expired (self, asked);
      expected = "expired"; /* whatever `on_expiry` says: time is no approver */
    }
  else
    {
      air_rules_fault (self, "decision", "\"%s\" is no decision this version knows", decision);
      return;
    }

  if (air_map_get_int (self->members, "quorum", -1) != quorum)
    air_rules_fault (self, "quorum", "it is not the quorum of the request");
  if (air_map_get_int (self->members, "counted", -1) != (gint64) g_hash_table_size (gate->approvers))
    air_rules_fault (self, "counted", "%u people have approved", g_hash_table_size (gate->approvers));
  if (!g_str_equal (air_rules_text (self, "outcome"), expected))
    air_rules_fault (self, "outcome", "it is \"%s\" where the decisions give \"%s\"", air_rules_text (self, "outcome"),
                     expected);
  gate->closed = !g_str_equal (expected, "waiting");
  gate->approved = g_str_equal (expected, "approved");
}
