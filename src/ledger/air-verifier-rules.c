/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-ledger"

#include "config.h"

#include <string.h>

#include "air-ledger-private.h"
#include "air-verifier-private.h"
#include "base/air-json.h"

/* The rules that every run must keep, judged from its entries alone: begun once,
 * closed once and counted, every outcome after its intent, every gate decided as
 * its request says, every guarded action let pass by its gate. Written anew here,
 * not taken from engine or policy: a verifier that shares the code shares the bugs. */

#define RULES AIR_CHECK_DETERMINISTIC
#define FAULT AIR_FINDING_FAULT

/* Where a gate stands. */
typedef struct {
  const AirBundleItem *request; /* the last one, or NULL */
  const AirBundleItem *policy;  /* the last POLICY_EVALUATED of this node, or NULL */
  const AirBundleItem *edit;    /* the last decision that changed the action, or NULL */
  GHashTable *approvers;        /* URIs */
  gboolean closed;
  gboolean approved;
} Gate;

/* Where the calls of a node stand. */
typedef struct {
  const AirBundleItem *in_flight; /* TOOL_ACTION_STARTED without an outcome yet, or NULL */
  char *idem;                     /* of the last execute */
  gint64 attempt;
  const AirBundleItem *limits; /* what its limits said last, or NULL */
  gboolean doubt;              /* it was sent, and no answer says what became of it */
  gboolean reversed;           /* a compensation or its reconciliation has an outcome */
} Call;

typedef struct {
  AirVerification *verification;
  GHashTable *gates; /* node → Gate */
  GHashTable *calls; /* node → Call */
  GHashTable *done;  /* idempotency keys of what has succeeded */
  AirValue *plan;    /* nullable */
  const char *artifact;
  gint64 n;
  gboolean closed;
  const AirBundleItem *item; /* the one being judged */
  const AirValue *members;
  char *file;
} Rules;

static void
gate_free (gpointer data)
{
  Gate *self = data;

  g_hash_table_unref (self->approvers);
  g_free (self);
}

static void
call_free (gpointer data)
{
  Call *self = data;

  g_free (self->idem);
  g_free (self);
}

static void fault (Rules *self, const char *field, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
fault (Rules *self, const char *field, const char *format, ...)
{
  g_autofree char *words = NULL;
  va_list args;

  va_start (args, format);
  words = g_strdup_vprintf (format, args);
  va_end (args);
  air_report_add (self->verification->report, RULES, FAULT, self->file, field, "%s", words);
}

static const char *
text_of (const Rules *self, const char *key)
{
  const char *text = air_map_get_string (self->members, key);

  return text != NULL ? text : "";
}

static Gate *
get_gate (Rules *self, const char *node)
{
  Gate *gate = g_hash_table_lookup (self->gates, node);

  if (gate == NULL)
    {
      gate = g_new0 (Gate, 1);
      gate->approvers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (self->gates, g_strdup (node), gate);
    }
  return gate;
}

static Call *
get_call (Rules *self, const char *node)
{
  Call *call = g_hash_table_lookup (self->calls, node);

  if (call == NULL)
    {
      call = g_new0 (Call, 1);
      g_hash_table_insert (self->calls, g_strdup (node), call);
    }
  return call;
}

static gboolean
same_json (const AirValue *a, const AirValue *b)
{
  g_autofree char *left = a != NULL ? air_jcs_write (a, NULL, NULL) : NULL;
  g_autofree char *right = b != NULL ? air_jcs_write (b, NULL, NULL) : NULL;

  return left != NULL && right != NULL && g_str_equal (left, right);
}

/* Where in a loop: "", "3", "3.0" for the first round of the loop in the fourth of the one around. */
static char *
place_of (const char *node, const char *iteration)
{
  return iteration == NULL || *iteration == '\0' ? g_strdup (node) : g_strdup_printf ("%s@%s", node, iteration);
}

static char *
own_place (const Rules *self)
{
  return place_of (text_of (self, "node"), air_map_get_string (self->members, "iteration"));
}

/* --- gates --------------------------------------------------------------------------- */

static void
check_requested (Rules *self)
{
  g_autofree char *place = own_place (self);
  Gate *gate = get_gate (self, place);
  g_autofree char *name = g_strdup_printf ("%s/%s", self->verification->bundle->instance, place);

  if (!g_str_equal (text_of (self, "gate"), name))
    fault (self, "gate", "it is not %s", name);
  if (g_strcmp0 (text_of (self, "artifact"), self->artifact) != 0)
    fault (self, "artifact", "it is not the version the run began with");
  if (air_map_get_int (self->members, "quorum", -1) < 0)
    fault (self, "quorum", "it is not a number");
  if (gate->request != NULL && !gate->closed)
    fault (self, "gate", "it asks again while the gate still waits");

  gate->request = self->item;
  gate->closed = gate->approved = FALSE;
  gate->edit = NULL;
  g_hash_table_remove_all (gate->approvers);
}

/* An expiry comes at the deadline or after, and nobody signs it. */
static void
check_expired (Rules *self, const AirValue *asked)
{
  const char *deadline_text = air_map_get_string (asked, "deadline");
  gint64 deadline;

  if (deadline_text == NULL || !air_time_parse (deadline_text, &deadline)
      || air_entry_get_time_us (self->item->entry) < deadline)
    fault (self, "time", "the gate expired before its deadline");
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

static void
check_decisioned (Rules *self)
{
  g_autofree char *place = own_place (self);
  Gate *gate = get_gate (self, place);
  const char *decision = text_of (self, "decision");
  const AirValue *asked;
  const char *expected;
  gint64 quorum;

  if (gate->request == NULL || gate->closed)
    {
      fault (self, "gate",
             gate->request == NULL ? "a decision that nobody asked for" : "a decision after the gate was decided");
      return;
    }
  asked = air_entry_get_members (gate->request->entry);
  quorum = quorum_at (asked, air_entry_get_time_us (self->item->entry));

  if (g_str_equal (decision, "edit"))
    {
      /* Who changes the action is the first who approves what came of it; the others are asked anew. */
      if (air_map_get_map (asked, "edit") == NULL)
        fault (self, "decision", "the gate lets nobody change anything");
      g_hash_table_remove_all (gate->approvers);
      g_hash_table_add (gate->approvers, g_strdup (text_of (self, "actor")));
      gate->edit = self->item;
      /* Whoever made the change that is asked about has not seen this one. */
      expected = quorum <= 1 && air_map_get_string (asked, "edited_by") == NULL ? "approved" : "edited";
    }
  else if (g_str_equal (decision, "approve"))
    {
      if (!g_hash_table_add (gate->approvers, g_strdup (text_of (self, "actor"))))
        fault (self, "actor", "the same person approves twice");
      expected = (gint64) g_hash_table_size (gate->approvers) >= quorum ? "approved" : "waiting";
    }
  else if (g_str_equal (decision, "deny"))
    {
      expected = "denied";
    }
  else if (g_str_equal (decision, "request-info"))
    {
      expected = "waiting"; /* a question decides nothing */
    }
  else if (g_str_equal (decision, "expired"))
    {
      check_expired (self, asked);
      expected = "expired"; /* whatever `on_expiry` says: time is no approver */
    }
  else
    {
      fault (self, "decision", "\"%s\" is no decision this version knows", decision);
      return;
    }

  if (air_map_get_int (self->members, "quorum", -1) != quorum)
    fault (self, "quorum", "it is not the quorum of the request");
  if (air_map_get_int (self->members, "counted", -1) != (gint64) g_hash_table_size (gate->approvers))
    fault (self, "counted", "%u people have approved", g_hash_table_size (gate->approvers));
  if (!g_str_equal (text_of (self, "outcome"), expected))
    fault (self, "outcome", "it is \"%s\" where the decisions give \"%s\"", text_of (self, "outcome"), expected);
  gate->closed = !g_str_equal (expected, "waiting");
  gate->approved = g_str_equal (expected, "approved");
}

/* --- actions ------------------------------------------------------------------------- */

static const AirValue *
find_action (const Rules *self, const Gate *gate, const char *node)
{
  const AirBundleItem *shown = gate->edit != NULL ? gate->edit : gate->request;
  const AirValue *list =
      shown != NULL ? air_map_get_list (shown->opened, shown == gate->edit ? "edited" : "action") : NULL;
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
static Gate *
find_gate_around (Rules *self, const char *name)
{
  g_autofree char *iteration = g_strdup (air_map_get_string (self->members, "iteration"));

  while (iteration != NULL)
    {
      g_autofree char *place = place_of (name, iteration);
      Gate *gate = g_hash_table_lookup (self->gates, place);
      char *dot = strrchr (iteration, '.');

      if (gate != NULL)
        return gate;
      if (dot == NULL)
        break;
      *dot = '\0';
    }
  return get_gate (self, name);
}

/* The gate that guards a node: by the plan, else by what the gates have shown. */
static Gate *
find_guard (Rules *self, const char *node, const char **ret_name)
{
  const char *name = self->plan != NULL ? air_map_get_string (air_map_get_map (self->plan, "guards"), node) : NULL;
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
check_unasked (Rules *self, const Gate *gate, const char *name)
{
  const AirValue *output = gate->policy != NULL ? air_map_get_map (gate->policy->opened, "output") : NULL;

  if (gate->policy == NULL)
    fault (self, "node", "it is guarded by %s, which was never asked: started without approval", name);
  else if (output == NULL)
    air_verifier_hidden (self->verification, RULES, self->file, "node",
                         "it is guarded by %s; that its policy needed no approval is not disclosed", name);
  else if (air_map_get_int (output, "quorum", -1) != 0)
    fault (self, "node", "it is guarded by %s, whose policy asks for approval: started without it", name);
}

/* What its limits said last must be that it may start, and of this very action. */
static void
check_limits (Rules *self, const Call *call)
{
  const AirValue *said = call->limits != NULL ? air_entry_get_members (call->limits->entry) : NULL;
  const char *verdict = said != NULL ? air_map_get_string (said, "verdict") : NULL;

  if (said == NULL)
    return;
  if (g_strcmp0 (verdict, "allow") != 0 && g_strcmp0 (verdict, "wait") != 0)
    fault (self, "node", "its limits said \"%s\": started all the same", verdict != NULL ? verdict : "");
  if (g_strcmp0 (air_map_get_string (said, "idem"), text_of (self, "idem")) != 0)
    fault (self, "idem", "its limits were asked for another action");
}

static void
check_guard (Rules *self, const char *node)
{
  const char *name = NULL;
  const Gate *gate = find_guard (self, node, &name);
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
      fault (self, "node", "it is guarded by %s, which %s: started without approval", name,
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
      fault (self, "node", "it is not among the actions that were approved at %s", name);
      return;
    }
  if (g_strcmp0 (air_map_get_string (action, "idempotency_key"), text_of (self, "idem")) != 0)
    fault (self, "idem", "it is not the key of the action that was approved at %s", name);
  if (g_strcmp0 (air_map_get_string (action, "operation"), text_of (self, "operation")) != 0)
    fault (self, "operation", "another operation was approved at %s", name);
  input = air_map_get (self->item->opened, "input");
  /* A later attempt commits to no input of its own: it repeats, under the same key, the one compared before. */
  if (input == NULL && air_map_get_int (self->members, "attempt", 0) > 1 && air_map_get (self->members, "_sd") == NULL)
    return;
  if (input == NULL)
    air_verifier_hidden (self->verification, RULES, self->file, "input",
                         "it is not disclosed, so it cannot be compared with what %s approved", name);
  else if (!same_json (input, air_map_get (action, "input")))
    fault (self, "input", "it is not the input that was approved at %s", name);
}

static void
check_started (Rules *self)
{
  const char *node = text_of (self, "node"), *purpose = text_of (self, "purpose"), *idem = text_of (self, "idem");
  gint64 attempt = air_map_get_int (self->members, "attempt", 0);
  g_autofree char *place = own_place (self);
  Call *call = get_call (self, place);

  if (attempt < 1)
    fault (self, "attempt", "attempts are counted from 1");
  if (call->in_flight != NULL)
    air_report_add (self->verification->report, RULES, AIR_FINDING_NOTE, self->file, "node",
                    "the attempt before it, in entries/%" G_GUINT64_FORMAT ".json, has no outcome: it was interrupted",
                    call->in_flight->index);
  call->in_flight = self->item;

  if (!g_str_equal (purpose, "execute"))
    {
      if (!g_str_equal (purpose, "reconcile") && !g_str_equal (purpose, "compensate"))
        fault (self, "purpose", "\"%s\" is no purpose this version knows", purpose);
      return;
    }
  if (*idem == '\0')
    fault (self, "idem", "an action without idempotency key");
  else if (g_hash_table_contains (self->done, idem))
    fault (self, "idem", "what had succeeded already is done a second time");
  else if (attempt > 1 && (g_strcmp0 (call->idem, idem) != 0 || attempt != call->attempt + 1))
    fault (self, "idem", "attempt %" G_GINT64_FORMAT " does not repeat the attempt before it with the same key",
           attempt);
  g_set_str (&call->idem, idem);
  call->attempt = attempt;
  check_limits (self, call);
  check_guard (self, node);
}

/* Whether an answer leaves open what an action did. */
static gboolean
is_in_doubt (const Call *call, const char *purpose, const char *outcome)
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
check_executed (Rules *self)
{
  g_autofree char *place = own_place (self);
  Call *call = get_call (self, place);
  const AirValue *intent;
  gboolean ok = g_str_equal (text_of (self, "outcome"), "ok");

  if (call->in_flight == NULL)
    {
      fault (self, "node", "an outcome without an intent before it");
      return;
    }
  intent = air_entry_get_members (call->in_flight->entry);
  if (g_strcmp0 (air_map_get_string (intent, "purpose"), text_of (self, "purpose")) != 0
      || air_map_get_int (intent, "attempt", 0) != air_map_get_int (self->members, "attempt", -1))
    fault (self, "attempt", "it is not the outcome of the intent in entries/%" G_GUINT64_FORMAT ".json",
           call->in_flight->index);
  /* A reconciliation that found the effect is as good as the answer that was lost. */
  if (ok && !g_str_equal (text_of (self, "purpose"), "compensate") && call->idem != NULL)
    g_hash_table_add (self->done, g_strdup (call->idem));
  if (!g_str_equal (text_of (self, "purpose"), "execute"))
    call->reversed = TRUE;
  call->doubt = is_in_doubt (call, text_of (self, "purpose"), text_of (self, "outcome"));
  call->in_flight = NULL;
}

/* A person says what became of an action: only of one that was sent, and of which no answer told. */
static void
check_confirmed (Rules *self)
{
  g_autofree char *place = own_place (self);
  Call *call = get_call (self, place);

  if (call->idem == NULL)
    fault (self, "node", "it is said what became of an action, and none was started there");
  else if (call->in_flight == NULL && !call->doubt)
    fault (self, "node", "it is said what became of an action whose outcome was known");
  if (call->idem != NULL && air_map_get_bool (self->members, "happened", FALSE))
    g_hash_table_add (self->done, g_strdup (call->idem));
  if (call->in_flight != NULL
      && g_strcmp0 (air_map_get_string (air_entry_get_members (call->in_flight->entry), "purpose"), "execute") != 0)
    call->reversed = TRUE;
  call->doubt = FALSE;
  call->in_flight = NULL;
}

static void
check_controlled (Rules *self)
{
  static const char *const orders[] = { "pause", "resume", "cancel", "retry", "skip", NULL };

  if (g_str_equal (text_of (self, "action"), "confirm"))
    check_confirmed (self);
  else if (!g_strv_contains (orders, text_of (self, "action")))
    fault (self, "action", "\"%s\" is no order this version knows", text_of (self, "action"));
}

static void
check_rolled_back (Rules *self)
{
  g_autofree char *place = own_place (self);

  if (g_str_equal (text_of (self, "outcome"), "done") && !get_call (self, place)->reversed)
    fault (self, "node", "an effect is said to be reversed, and no action reversed it");
}

/* --- beginning and end ------------------------------------------------------------------ */

static void
check_trigger (Rules *self)
{
  if (self->n != 0)
    fault (self, "type", "the run begins a second time");
  self->artifact = air_map_get_string (self->members, "artifact");
  if (!air_ledger_is_sha256_uri (self->artifact))
    fault (self, "artifact", "it is not \"sha256:<64 hexadecimal digits>\"");
}

static void
check_closing (Rules *self)
{
  gint64 count = air_map_get_int (self->members, "count", -1);
  GHashTableIter iter;
  gpointer key, value;

  if (self->closed)
    fault (self, "type", "a second closing entry: the run was forked");
  self->closed = TRUE;
  if (count != self->n + 1)
    fault (self, "count", "it counts %" G_GINT64_FORMAT " entries where %" G_GINT64_FORMAT " are", count, self->n + 1);
  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (((Call *) value)->in_flight != NULL)
      fault (self, "node",
             "the run was closed while the action at %s, entries/%" G_GUINT64_FORMAT ".json, had no outcome",
             (char *) key, ((Call *) value)->in_flight->index);
}

static void
check_other (Rules *self)
{
  static const char *const known[] = {
    AIR_ENTRY_STEP_DECIDED, AIR_ENTRY_EVIDENCE_CAPTURED, AIR_ENTRY_TIMER,
    AIR_ENTRY_SIGNAL,       AIR_ENTRY_POLICY_SETTLED,    NULL,
  };

  if (!g_strv_contains (known, air_entry_get_type_name (self->item->entry)))
    fault (self, "type", "%s is no entry of a run that this version knows",
           air_entry_get_type_name (self->item->entry));
}

static void
check_item (Rules *self)
{
  static const struct {
    const char *type;
    void (*check) (Rules *);
  } checks[] = {
    { AIR_ENTRY_TRIGGER_RECEIVED, check_trigger },         { AIR_ENTRY_HUMAN_GATE_REQUESTED, check_requested },
    { AIR_ENTRY_HUMAN_GATE_DECISIONED, check_decisioned }, { AIR_ENTRY_TOOL_ACTION_STARTED, check_started },
    { AIR_ENTRY_TOOL_ACTION_EXECUTED, check_executed },    { AIR_ENTRY_ROLLBACK_APPLIED, check_rolled_back },
    { AIR_ENTRY_WORKFLOW_COMPLETED, check_closing },       { AIR_ENTRY_WORKFLOW_FAILED, check_closing },
    { AIR_ENTRY_RUN_CONTROLLED, check_controlled },
  };

  if (self->n == 0 && !air_verifier_is_type (self->item, AIR_ENTRY_TRIGGER_RECEIVED))
    fault (self, "type", "the run does not begin with TRIGGER_RECEIVED");
  if (self->closed)
    fault (self, "type", "an entry after the closing one");

  if (air_verifier_is_type (self->item, AIR_ENTRY_POLICY_EVALUATED))
    {
      g_autofree char *place = own_place (self);

      if (air_map_get (self->members, "limits") != NULL)
        get_call (self, place)->limits = self->item;
      else
        get_gate (self, place)->policy = self->item;
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
  Rules self = { .verification = verification };
  const AirBundleBuilder *bundle = verification->bundle;
  const AirBundleItem *last = NULL;
  g_autoptr (GHashTable) gates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, gate_free);
  g_autoptr (GHashTable) calls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, call_free);
  g_autoptr (GHashTable) done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (AirValue) plan = bundle->plan != NULL ? air_json_parse_bytes (bundle->plan, NULL) : NULL;

  self.gates = gates;
  self.calls = calls;
  self.done = done;
  self.plan = plan;
  if (bundle->plan == NULL)
    air_report_add (
        verification->report, RULES, AIR_FINDING_NOTE, "artifact/plan.json", NULL,
        "the bundle does not hold the plan: which actions are guarded is known from the gates' requests only");
  else if (plan == NULL || air_map_get_map (plan, "guards") == NULL)
    air_report_add (verification->report, RULES, FAULT, "artifact/plan.json", "guards", "it names no guards");

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
}
