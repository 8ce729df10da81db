/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-verifier-rules-private.h"
#include "base/air-json.h"

/* The rules that every run must keep, judged from its entries alone: begun once,
 * closed once and counted, every outcome after its intent, every gate decided as
 * its request says, every guarded action let pass by its gate. Written anew here,
 * not taken from engine or policy: a verifier that shares the code shares the bugs. */

#define RULES AIR_CHECK_DETERMINISTIC
#define FAULT AIR_FINDING_FAULT

void
air_rules_fault (AirRules *self, const char *field, const char *format, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, format);
  words = g_strdup_vprintf (format, args);
  va_end (args);
  air_report_add (self->verification->report, RULES, FAULT, self->file, field, "%s", words);
}

const char *
air_rules_text (const AirRules *self, const char *key)
{
  const char *text = air_map_get_string (self->members, key);

  return text != NULL ? text : "";
}

static void
call_free (gpointer data)
{
  AirRulesCall *self = data;

  g_free (self->idem);
  g_free (self);
}

static AirRulesCall *
get_call (AirRules *self, const char *node)
{
  AirRulesCall *call = g_hash_table_lookup (self->calls, node);

  if (call == NULL)
    {
      call = g_new0 (AirRulesCall, 1);
      g_hash_table_insert (self->calls, g_strdup (node), call);
    }
  return call;
}

gboolean
air_rules_same (const AirValue *a, const AirValue *b)
{
  g_autofree char *left = a != NULL ? air_jcs_write (a, NULL, NULL) : NULL;
  g_autofree char *right = b != NULL ? air_jcs_write (b, NULL, NULL) : NULL;

  return left != NULL && right != NULL && g_str_equal (left, right);
}

gboolean
air_rules_has (const AirValue *list, const char *text)
{
  for (gsize i = 0; list != NULL && text != NULL && i < air_list_get_size (list); i++)
    if (g_strcmp0 (air_list_get_string (list, i), text) == 0)
      return TRUE;
  return FALSE;
}

/* Where in a loop: "", "3", "3.0" for the first round of the loop in the fourth of the one around. */
char *
air_rules_place_of (const char *node, const char *iteration)
{
  return iteration == NULL || *iteration == '\0' ? g_strdup (node) : g_strdup_printf ("%s@%s", node, iteration);
}

char *
air_rules_own_place (const AirRules *self)
{
  return air_rules_place_of (air_rules_text (self, "node"), air_map_get_string (self->members, "iteration"));
}

/* --- actions ------------------------------------------------------------------------- */

static const AirValue *
find_action (const AirRules *self, const AirRulesGate *gate, const char *node)
{
  const AirValue *list = air_rules_gate_shown (gate);
  const char *iteration = air_map_get_string (self->members, "iteration");
  const AirValue *found = NULL;

  for (gsize i = 0; list != NULL && i < air_list_get_size (list); i++)
    {
      const AirValue *item = air_list_get (list, i);
      const char *listed = air_map_get_string (item, "iteration");

      if (g_strcmp0 (air_map_get_string (item, "node"), node) != 0)
        continue;
      /* A gate before the loop approves for all its rounds. */
      if (listed == NULL || g_strcmp0 (listed, iteration) == 0)
        found = item;
    }
  return found;
}

/* In the same round, else in those around it. */
static AirRulesGate *
find_gate_around (AirRules *self, const char *name)
{
  g_autofree char *iteration = g_strdup (air_map_get_string (self->members, "iteration"));

  while (iteration != NULL)
    {
      g_autofree char *place = air_rules_place_of (name, iteration);
      AirRulesGate *gate = g_hash_table_lookup (self->gates, place);
      char *dot = strrchr (iteration, '.');

      if (gate != NULL)
        return gate;
      if (dot == NULL)
        break;
      *dot = '\0';
    }
  return air_rules_gate (self, name);
}

/* The gate that guards a node: by the plan, else by what the gates have shown. */
static AirRulesGate *
find_guard (AirRules *self, const char *node, const char **ret_name)
{
  const char *name = air_rules_guard_of (self, node);
  GHashTableIter iter;
  gpointer key, value;

  if (name != NULL)
    {
      *ret_name = name;
      return find_gate_around (self, name);
    }
  g_hash_table_iter_init (&iter, self->gates);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (find_action (self, value, node) != NULL)
      {
        *ret_name = key;
        return value;
      }
  return NULL;
}

/* A gate whose policy asks for nobody lets pass without a request. */
static void
check_unasked (AirRules *self, const AirRulesGate *gate, const char *name)
{
  const AirValue *output = gate->policy != NULL ? air_map_get_map (gate->policy->opened, "output") : NULL;

  if (gate->policy == NULL)
    air_rules_fault (self, "node", "it is guarded by %s, which was never asked: started without approval", name);
  else if (output == NULL)
    air_verifier_hidden (self->verification, RULES, self->file, "node",
                         "it is guarded by %s; that its policy needed no approval is not disclosed", name);
  else if (air_map_get_int (output, "quorum", -1) != 0)
    air_rules_fault (self, "node", "it is guarded by %s, whose policy asks for approval: started without it", name);
}

/* The first window without room for what is claimed, "LIMIT.WINDOW", or NULL. */
static char *
find_full (const AirValue *claims)
{
  for (gsize i = 0; claims != NULL && i < air_list_get_size (claims); i++)
    {
      const AirValue *claim = air_list_get (claims, i), *windows = air_map_get_list (claim, "windows");
      gint64 amount = air_map_get_int (claim, "amount", G_MAXINT64);

      for (gsize w = 0; windows != NULL && w < air_list_get_size (windows); w++)
        {
          const AirValue *window = air_list_get (windows, w);
          gint64 max = air_map_get_int (window, "max", 0), used = air_map_get_int (window, "used", G_MAXINT64);
          const char *limit = air_map_get_string (claim, "limit"), *id = air_map_get_string (window, "id");

          if (amount < 0 || amount > max || used > max - amount)
            return g_strdup_printf ("%s.%s", limit != NULL ? limit : "", id != NULL ? id : "");
        }
    }
  return NULL;
}

/* Who lets pass must have had room, or people who let pass what has none. */
static void
check_room (AirRules *self, const AirBundleItem *limits)
{
  g_autofree char *place = air_rules_own_place (self);
  const AirRulesGate *own = g_hash_table_lookup (self->gates, place);
  const AirValue *claims = air_map_get_list (air_map_get_map (limits->opened, "inputs"), "limits");
  g_autofree char *full = find_full (claims);

  if (claims == NULL)
    air_verifier_hidden (self->verification, RULES, self->file, "node",
                         "what its limits counted is not disclosed, so that there was room cannot be checked");
  else if (full != NULL && (own == NULL || own->request == NULL || !own->approved))
    air_rules_fault (self, "node", "its limits let it pass, though %s was full and nobody was asked", full);
}

/* What its limits said last must be that it may start, and of this very action. */
static void
check_limits (AirRules *self, const AirRulesCall *call)
{
  const AirValue *said = call->limits != NULL ? air_entry_get_members (call->limits->entry) : NULL;
  const char *verdict = said != NULL ? air_map_get_string (said, "verdict") : NULL;

  if (said == NULL)
    return;
  if (g_strcmp0 (verdict, "allow") == 0)
    check_room (self, call->limits);
  else if (g_strcmp0 (verdict, "wait") != 0)
    air_rules_fault (self, "node", "its limits said \"%s\": started all the same", verdict != NULL ? verdict : "");
  if (g_strcmp0 (air_map_get_string (said, "idem"), air_rules_text (self, "idem")) != 0)
    air_rules_fault (self, "idem", "its limits were asked for another action");
}

static void
check_guard (AirRules *self, const char *node)
{
  const char *name = NULL;
  const AirRulesGate *gate = find_guard (self, node, &name);
  const AirValue *action, *input;

  if (gate == NULL)
    return;
  if (gate->request == NULL || (gate->policy != NULL && gate->policy->index > gate->request->index))
    {
      check_unasked (self, gate, name);
      return;
    }
  if (!gate->approved)
    {
      air_rules_fault (self, "node", "it is guarded by %s, which %s: started without approval", name,
                       gate->closed ? "did not approve" : "was still waiting");
      return;
    }

  action = find_action (self, gate, node);
  if (air_map_get_list (gate->request->opened, "action") == NULL)
    {
      air_verifier_hidden (self->verification, RULES, self->file, "node",
                           "what %s approved is not disclosed, so it cannot be compared with what was done", name);
      return;
    }
  if (action == NULL)
    {
      air_rules_fault (self, "node", "it is not among the actions that were approved at %s", name);
      return;
    }
  if (g_strcmp0 (air_map_get_string (action, "idempotency_key"), air_rules_text (self, "idem")) != 0)
    air_rules_fault (self, "idem", "it is not the key of the action that was approved at %s", name);
  if (g_strcmp0 (air_map_get_string (action, "operation"), air_rules_text (self, "operation")) != 0)
    air_rules_fault (self, "operation", "another operation was approved at %s", name);
  input = air_map_get (self->item->opened, "input");
  /* A later attempt commits to no input of its own: it repeats, under the same key, the one compared before. */
  if (input == NULL && air_map_get_int (self->members, "attempt", 0) > 1 && air_map_get (self->members, "_sd") == NULL)
    return;
  if (input == NULL)
    air_verifier_hidden (self->verification, RULES, self->file, "input",
                         "it is not disclosed, so it cannot be compared with what %s approved", name);
  else if (!air_rules_same (input, air_map_get (action, "input")))
    air_rules_fault (self, "input", "it is not the input that was approved at %s", name);
}

static void
check_started (AirRules *self)
{
  const char *node = air_rules_text (self, "node"), *purpose = air_rules_text (self, "purpose"),
             *idem = air_rules_text (self, "idem");
  gint64 attempt = air_map_get_int (self->members, "attempt", 0);
  g_autofree char *place = air_rules_own_place (self);
  AirRulesCall *call = get_call (self, place);

  if (attempt < 1)
    air_rules_fault (self, "attempt", "attempts are counted from 1");
  air_rules_check_planned (self, node, purpose);
  if (call->in_flight != NULL)
    air_report_add (self->verification->report, RULES, AIR_FINDING_NOTE, self->file, "node",
                    "the attempt before it, in entries/%" G_GUINT64_FORMAT ".json, has no outcome: it was interrupted",
                    call->in_flight->index);
  call->in_flight = self->item;

  if (!g_str_equal (purpose, "execute"))
    {
      /* Else a guarded action would only have to be called so to need no gate. */
      if (g_str_equal (purpose, "compensate") && !call->effect)
        air_rules_fault (self, "purpose", "it reverses what was never done");
      else if (g_str_equal (purpose, "reconcile") && call->idem == NULL)
        air_rules_fault (self, "purpose", "it asks after an action that was never started");
      else if (!g_str_equal (purpose, "reconcile") && !g_str_equal (purpose, "compensate"))
        air_rules_fault (self, "purpose", "\"%s\" is no purpose this version knows", purpose);
      return;
    }
  if (*idem == '\0')
    air_rules_fault (self, "idem", "an action without idempotency key");
  else if (g_hash_table_contains (self->done, idem))
    air_rules_fault (self, "idem", "what had succeeded already is done a second time");
  else if (attempt > 1 && (g_strcmp0 (call->idem, idem) != 0 || attempt != call->attempt + 1))
    air_rules_fault (self, "idem",
                     "attempt %" G_GINT64_FORMAT " does not repeat the attempt before it with the same key", attempt);
  g_set_str (&call->idem, idem);
  call->attempt = attempt;
  check_limits (self, call);
  check_guard (self, node);
}

/* Whether an answer leaves open what an action did. */
static gboolean
is_in_doubt (const AirRulesCall *call, const char *purpose, const char *outcome)
{
  static const char *const open[] = { "unknown", "retry", NULL };

  if (g_str_equal (outcome, "ok"))
    return FALSE;
  /* A reconciliation that found nothing knows too; of others the doubt stays what it was. */
  if (g_str_equal (purpose, "reconcile"))
    return call->doubt && !g_str_equal (outcome, "not_found");
  return call->doubt || g_strv_contains (open, outcome);
}

static void
mark_done (AirRules *self, AirRulesCall *call)
{
  g_hash_table_add (self->done, g_strdup (call->idem));
  call->effect = TRUE;
}

static void
check_executed (AirRules *self)
{
  g_autofree char *place = air_rules_own_place (self);
  AirRulesCall *call = get_call (self, place);
  const AirValue *intent;
  gboolean ok = g_str_equal (air_rules_text (self, "outcome"), "ok");

  if (call->in_flight == NULL)
    {
      air_rules_fault (self, "node", "an outcome without an intent before it");
      return;
    }
  intent = air_entry_get_members (call->in_flight->entry);
  if (g_strcmp0 (air_map_get_string (intent, "purpose"), air_rules_text (self, "purpose")) != 0
      || air_map_get_int (intent, "attempt", 0) != air_map_get_int (self->members, "attempt", -1))
    air_rules_fault (self, "attempt", "it is not the outcome of the intent in entries/%" G_GUINT64_FORMAT ".json",
                     call->in_flight->index);
  /* A reconciliation that found the effect is as good as the answer that was lost. */
  if (ok && !g_str_equal (air_rules_text (self, "purpose"), "compensate") && call->idem != NULL)
    mark_done (self, call);
  if (!g_str_equal (air_rules_text (self, "purpose"), "execute"))
    call->reversed = TRUE;
  call->doubt = is_in_doubt (call, air_rules_text (self, "purpose"), air_rules_text (self, "outcome"));
  call->in_flight = NULL;
}

/* A person says what became of an action: only of one that was sent, and of which no answer told. */
static void
check_confirmed (AirRules *self)
{
  g_autofree char *place = air_rules_own_place (self);
  AirRulesCall *call = get_call (self, place);

  if (call->idem == NULL)
    air_rules_fault (self, "node", "it is said what became of an action, and none was started there");
  else if (call->in_flight == NULL && !call->doubt)
    air_rules_fault (self, "node", "it is said what became of an action whose outcome was known");
  if (call->idem != NULL && air_map_get_bool (self->members, "happened", FALSE))
    mark_done (self, call);
  if (call->in_flight != NULL
      && g_strcmp0 (air_map_get_string (air_entry_get_members (call->in_flight->entry), "purpose"), "execute") != 0)
    call->reversed = TRUE;
  call->doubt = FALSE;
  call->in_flight = NULL;
}

static void
check_controlled (AirRules *self)
{
  static const char *const orders[] = { "pause", "resume", "cancel", "retry", "skip", NULL };

  if (g_str_equal (air_rules_text (self, "action"), "confirm"))
    check_confirmed (self);
  else if (!g_strv_contains (orders, air_rules_text (self, "action")))
    air_rules_fault (self, "action", "\"%s\" is no order this version knows", air_rules_text (self, "action"));
}

static void
check_rolled_back (AirRules *self)
{
  g_autofree char *place = air_rules_own_place (self);

  if (g_str_equal (air_rules_text (self, "outcome"), "done") && !get_call (self, place)->reversed)
    air_rules_fault (self, "node", "an effect is said to be reversed, and no action reversed it");
}

/* --- beginning and end ------------------------------------------------------------------ */

static void
check_trigger (AirRules *self)
{
  if (self->n != 0)
    air_rules_fault (self, "type", "the run begins a second time");
  else
    self->trigger = self->members;
  self->artifact = air_map_get_string (self->members, "artifact");
  if (!air_ledger_is_sha256_uri (self->artifact))
    air_rules_fault (self, "artifact", "it is not \"sha256:<64 hexadecimal digits>\"");
}

static void
check_closing (AirRules *self)
{
  gint64 count = air_map_get_int (self->members, "count", -1);
  GHashTableIter iter;
  gpointer key, value;

  if (self->closed)
    air_rules_fault (self, "type", "a second closing entry: the run was forked");
  self->closed = TRUE;
  if (count != self->n + 1)
    air_rules_fault (self, "count", "it counts %" G_GINT64_FORMAT " entries where %" G_GINT64_FORMAT " are", count,
                     self->n + 1);
  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (((AirRulesCall *) value)->in_flight != NULL)
      air_rules_fault (self, "node",
                       "the run was closed while the action at %s, entries/%" G_GUINT64_FORMAT ".json, had no outcome",
                       (char *) key, ((AirRulesCall *) value)->in_flight->index);
}

static void
check_other (AirRules *self)
{
  static const char *const known[] = {
    AIR_ENTRY_STEP_DECIDED, AIR_ENTRY_EVIDENCE_CAPTURED, AIR_ENTRY_TIMER,
    AIR_ENTRY_SIGNAL,       AIR_ENTRY_POLICY_SETTLED,    NULL,
  };

  if (!g_strv_contains (known, air_entry_get_type_name (self->item->entry)))
    air_rules_fault (self, "type", "%s is no entry of a run that this version knows",
                     air_entry_get_type_name (self->item->entry));
}

static void
check_item (AirRules *self)
{
  static const struct {
    const char *type;
    void (*check) (AirRules *);
  } checks[] = {
    { AIR_ENTRY_TRIGGER_RECEIVED, check_trigger },
    { AIR_ENTRY_HUMAN_GATE_REQUESTED, air_rules_requested },
    { AIR_ENTRY_HUMAN_GATE_DECISIONED, air_rules_decisioned },
    { AIR_ENTRY_TOOL_ACTION_STARTED, check_started },
    { AIR_ENTRY_TOOL_ACTION_EXECUTED, check_executed },
    { AIR_ENTRY_ROLLBACK_APPLIED, check_rolled_back },
    { AIR_ENTRY_WORKFLOW_COMPLETED, check_closing },
    { AIR_ENTRY_WORKFLOW_FAILED, check_closing },
    { AIR_ENTRY_RUN_CONTROLLED, check_controlled },
  };

  if (self->n == 0 && !air_verifier_is_type (self->item, AIR_ENTRY_TRIGGER_RECEIVED))
    air_rules_fault (self, "type", "the run does not begin with TRIGGER_RECEIVED");
  if (self->closed)
    air_rules_fault (self, "type", "an entry after the closing one");

  if (air_verifier_is_type (self->item, AIR_ENTRY_POLICY_EVALUATED))
    {
      g_autofree char *place = air_rules_own_place (self);

      if (air_map_get (self->members, "limits") != NULL)
        get_call (self, place)->limits = self->item;
      air_rules_evaluated (self);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    if (air_verifier_is_type (self->item, checks[i].type))
      {
        checks[i].check (self);
        return;
      }
  check_other (self);
}

void
air_verify_rules (AirVerification *verification)
{
  AirRules self = { .verification = verification };
  const AirBundleBuilder *bundle = verification->bundle;
  const AirBundleItem *last = NULL;
  g_autoptr (GHashTable) gates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, air_rules_gate_free);
  g_autoptr (GHashTable) calls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, call_free);
  g_autoptr (GHashTable) done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  self.gates = gates;
  self.calls = calls;
  self.done = done;
  air_rules_read_plan (&self);

  for (guint i = 0; i < bundle->items->len; i++)
    {
      const AirBundleItem *item = g_ptr_array_index (bundle->items, i);
      g_autofree char *file = air_verifier_entry_file (item);

      if (!air_verifier_is_of_run (verification, item))
        continue;
      if (last != NULL && air_entry_get_time_us (item->entry) < air_entry_get_time_us (last->entry))
        air_report_add (verification->report, RULES, AIR_FINDING_NOTE, file, "time",
                        "the clock was set back before it");
      last = item;
      self.item = item;
      self.members = air_entry_get_members (item->entry);
      self.file = file;
      check_item (&self);
      self.n++;
    }

  if (!self.closed && last != NULL)
    {
      g_autofree char *file = air_verifier_entry_file (last);

      air_report_add (verification->report, RULES, FAULT, file, "type",
                      "the run has no closing entry after it: it is not finished, or its end was cut off");
    }
  if (verification->report->verdicts[RULES] != AIR_VERDICT_FAILED)
    air_report_add (verification->report, RULES, AIR_FINDING_OK, "entries", NULL,
                    "begun, decided, acted and closed by the rules, all %" G_GINT64_FORMAT " entries counted", self.n);
  g_clear_pointer (&self.plan, air_value_unref);
}
