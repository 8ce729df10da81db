/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-compiler"

#include "config.h"

#include "air-diagnostic.h"

#include "model/air-command.h"

/* Ids are for ever: they stand in people's pipelines. A retired one (AIR106) is not given out again. */
static const AirDiagnosticKind kinds[] = {
  { "AIR001", "Money goes out without a gate", AIR_SEVERITY_ERROR,
    "Every way to a call that pays money out must pass the approved port of a gate that guards that call." },
  { "AIR002", "Irreversible without a gate", AIR_SEVERITY_ERROR,
    "A call of medium or high risk that cannot be undone must be guarded by a gate, as money is." },
  { "AIR003", "Write without idempotency or reconcile", AIR_SEVERITY_ERROR,
    "After a lost answer a write must be repeatable under the same key, or there must be a way to find out what "
    "happened; else it happens twice or not at all." },
  { "AIR004", "No error path", AIR_SEVERITY_ERROR,
    "Every call, and every workflow that is a step, needs an edge for the case that it finally fails." },
  { "AIR005", "No timeout", AIR_SEVERITY_WARNING,
    "A call should say how long an answer may take; without a word it is 30 seconds." },
  { "AIR006", "Untrusted text reaches a write", AIR_SEVERITY_ERROR,
    "Text labelled untrusted may reach a write only through a parameter that an enum or a pattern confines, or with a "
    "gate before it." },
  { "AIR007", "Secret in a payload", AIR_SEVERITY_ERROR,
    "Secrets belong in a connector's auth only, where the runtime puts them in last and no record keeps them." },
  { "AIR008", "Gate without an outcome for expiry", AIR_SEVERITY_ERROR,
    "When nobody decides in time the run must go somewhere: wire the gate's expired port." },
  { "AIR009", "Unreachable node", AIR_SEVERITY_ERROR, "No way from the trigger leads to this node." },
  { "AIR010", "Missing default", AIR_SEVERITY_ERROR, "A branch must say where it goes when no case holds." },
  { "AIR011", "No compensation for a reversible effect", AIR_SEVERITY_WARNING,
    "A write that can be undone should say how, so that a run that fails later takes it back: \"compensate\" of the "
    "call, or of its operation." },
  { "AIR012", "Retry of what may not be repeated", AIR_SEVERITY_ERROR,
    "A write without a key and without a way to ask what happened must not be sent twice: its retry has one attempt." },
  { "AIR013", "Quorum below policy", AIR_SEVERITY_ERROR,
    "A gate before a payment or an irreversible effect of high risk lets nobody decide: every rule asks for nobody, or "
    "one does and does not say why, or the packs hold a template for this risk that asks for more people than any rule "
    "of this gate." },
  { "AIR014", "The author could approve", AIR_SEVERITY_ERROR,
    "Whoever wrote a workflow must not decide its gates: the gate's policy excludes \"author\"." },
  { "AIR015", "Gate without deadline or escalation", AIR_SEVERITY_WARNING,
    "A gate that waits longer than a day, or without an end, and asks nobody else meanwhile is forgotten." },
  { "AIR016", "Constant condition", AIR_SEVERITY_WARNING,
    "A condition that reads nothing always says the same: one way is never gone, or the question is none." },
  { "AIR017", "Unbounded for-each", AIR_SEVERITY_WARNING,
    "A for_each of more than 1,000 iterations is not bounded by anything a person would notice." },
  { "AIR018", "Concurrent writes without a concurrency key", AIR_SEVERITY_WARNING,
    "Two runs on the same thing at once may write over each other: the trigger says by \"concurrency\" which runs "
    "queue." },
  { "AIR019", "AI call without a limit", AIR_SEVERITY_ERROR,
    "A call of a model says how many tokens it may use or what it may cost." },
  { "AIR020", "No deduplication key", AIR_SEVERITY_ERROR,
    "Senders deliver events more than once: the trigger's \"dedup\" must read what tells one event from another." },
  { "AIR021", "No owner", AIR_SEVERITY_WARNING, "Somebody answers for a workflow; a placeholder does not." },
  { "AIR022", "No measure", AIR_SEVERITY_WARNING,
    "A workflow says by which measures (\"kpis\") its owner sees whether it does what it is for." },
  { "AIR023", "Wildcard egress", AIR_SEVERITY_ERROR,
    "An operation names the hosts it calls one by one: a pattern, a bare top-level name or any address lets data go "
    "anywhere." },
  { "AIR024", "Personal data without a retention tag", AIR_SEVERITY_WARNING,
    "What is labelled as personal data also says how long it is kept: an x-label \"retention.90d\" on it or on the "
    "object around it." },
  { "AIR025", "Money as a fraction", AIR_SEVERITY_ERROR,
    "Money is an integer of minor units (cents): fractions cannot be hashed, compared or added without loss." },
  { "AIR026", "Unpinned or deprecated operation", AIR_SEVERITY_WARNING,
    "The operation's pack says it is not to be used any more, or two packs of the workflow have it and which one is "
    "meant is chance." },
  { "AIR027", "Branch no test covers", AIR_SEVERITY_WARNING,
    "No test of the workflow expects this way out of the branch, so nobody sees when it breaks." },
  { "AIR028", "Personal data reaches a vendor", AIR_SEVERITY_WARNING,
    "Data labelled pii goes out through a parameter that is not declared for it (by the same label) and that no gate "
    "shows to people." },

  { "AIR101", "Not exactly one trigger", AIR_SEVERITY_ERROR, "A workflow starts in one way." },
  { "AIR102", "Port not wired", AIR_SEVERITY_ERROR, "A run that leaves by this port would have nowhere to go." },
  { "AIR103", "Unknown port", AIR_SEVERITY_ERROR, "The node has no port of this name." },
  { "AIR104", "Port wired twice", AIR_SEVERITY_ERROR, "A run goes one way at a time; use parallel for several." },
  { "AIR105", "Cycle", AIR_SEVERITY_ERROR,
    "A run repeats a step only by a call's retry or inside a for_each, where the number of times is known." },
  { "AIR107", "Unknown operation", AIR_SEVERITY_ERROR, "No pack the workflow names has this operation." },
  { "AIR108", "Unknown policy", AIR_SEVERITY_ERROR,
    "No pack the workflow names has this policy, or it is of another kind." },
  { "AIR109", "Edge into the trigger", AIR_SEVERITY_ERROR, "Nothing comes before the trigger." },
  { "AIR110", "Guard does not guard", AIR_SEVERITY_ERROR,
    "A gate can guard only calls that every way reaches through its approved port, with inputs known at the gate." },
  { "AIR111", "Policy cannot be used", AIR_SEVERITY_ERROR, "The policy document does not compile." },
  { "AIR112", "Case named twice", AIR_SEVERITY_ERROR,
    "Cases and default of a branch are its ports; each needs its own name." },
  { "AIR113", "Fork and join do not match", AIR_SEVERITY_ERROR,
    "Each parallel and each for_each has one join that names it in \"of\" and that its ways lead to." },
  { "AIR114", "Edge across a border", AIR_SEVERITY_ERROR,
    "What lies between a fork and its join is entered by the fork and left by the join only." },
  { "AIR115", "End inside a fork", AIR_SEVERITY_ERROR,
    "Between a fork and its join a run can fail but not complete: other ways of it are still at work." },
  { "AIR116", "Nothing to collect", AIR_SEVERITY_ERROR, "Only the join of a for_each collects." },
  { "AIR117", "Unknown workflow", AIR_SEVERITY_ERROR,
    "A workflow that is a step lies beside the one that runs it or in a pack that it names, in the version it names." },
  { "AIR118", "Workflow in itself", AIR_SEVERITY_ERROR,
    "A workflow cannot be a step of itself, nor of one of its steps: a run of it would not end." },
  { "AIR119", "Workflows too deep in each other", AIR_SEVERITY_ERROR,
    "Workflows are steps of workflows at most 8 deep, and all of them together have at most 10,000 nodes." },
  { "AIR120", "Two documents of one id", AIR_SEVERITY_ERROR,
    "A workflow and those that are its steps share one artifact: an operation, connector, policy or workflow is one "
    "document in all of them." },
  { "AIR121", "Sub-workflow cannot be used", AIR_SEVERITY_ERROR,
    "A workflow that is a step must be readable, and the packs it names must be there." },
  { "AIR122", "Cost limits in two currencies", AIR_SEVERITY_ERROR,
    "The strictest of the cost limits of a workflow and its steps counts: they are said in one currency." },
  { "AIR123", "Forks too deep in each other", AIR_SEVERITY_ERROR,
    "Forks (parallel, for_each) and workflows that are steps lie in each other at most 24 deep, in all together." },

  { "AIR201", "Expression is wrong", AIR_SEVERITY_ERROR, "The expression does not parse or its types do not fit." },
  { "AIR202", "Expression of the wrong type", AIR_SEVERITY_ERROR, "Conditions are bool, keys are strings." },
  { "AIR203", "Input missing", AIR_SEVERITY_ERROR, "The operation or policy needs this input." },
  { "AIR204", "Unknown input", AIR_SEVERITY_ERROR, "The operation or policy has no such input." },
  { "AIR205", "Input of the wrong type", AIR_SEVERITY_ERROR, "The value's type is not the input's." },
  { "AIR206", "Step may not have run", AIR_SEVERITY_ERROR,
    "An expression reads the output of a step that does not come before it on every way." },
  { "AIR207", "Value not allowed", AIR_SEVERITY_ERROR, "A constant breaks the input's schema." },
  { "AIR208", "Schema cannot be used", AIR_SEVERITY_ERROR,
    "The input of a trigger or of a signal is no JSON Schema we can check." },
};

/**
 * air_diagnostic_get_kinds:
 * @ret_n_kinds: (out): how many
 *
 * Returns: (transfer none) (array length=ret_n_kinds): all there is to find, by id; static
 */
const AirDiagnosticKind *
air_diagnostic_get_kinds (gsize *ret_n_kinds)
{
  g_return_val_if_fail (ret_n_kinds != NULL, NULL);
  *ret_n_kinds = G_N_ELEMENTS (kinds);
  return kinds;
}

/**
 * air_severity_to_string:
 * @severity: a severity
 *
 * Returns: (transfer none): "error" or "warning"; static
 */
const char *
air_severity_to_string (AirSeverity severity)
{
  return severity == AIR_SEVERITY_ERROR ? "error" : "warning";
}

void
air_diagnostic_free (AirDiagnostic *self)
{
  g_free (self->file);
  g_free (self->pointer);
  g_free (self->node);
  g_free (self->message);
  g_free (self->mend);
  g_clear_pointer (&self->fix, air_command_unref);
  g_free (self);
}

/**
 * air_diagnostic_to_text:
 * @self: a finding
 *
 * Returns: (transfer full): "FILE:LINE:COLUMN: error: MESSAGE [AIR001]\n  mend: MEND\n"
 */
char *
air_diagnostic_to_text (const AirDiagnostic *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return g_strdup_printf ("%s:%u:%u: %s: %s [%s]\n  mend: %s\n", self->file, self->line, self->column,
                          air_severity_to_string (self->severity), self->message, self->id, self->mend);
}

/**
 * air_diagnostic_to_value:
 * @self: a finding
 *
 * Returns: (transfer full): {"id", "severity", "file", "pointer", "line", "column", "node"?, "message", "mend",
 *   "fix"?}
 */
AirValue *
air_diagnostic_to_value (const AirDiagnostic *self)
{
  AirValue *value = air_map_new ();

  air_map_set_string (value, "id", self->id);
  air_map_set_string (value, "severity", air_severity_to_string (self->severity));
  air_map_set_string (value, "file", self->file);
  air_map_set_string (value, "pointer", self->pointer);
  air_map_set_int (value, "line", self->line);
  air_map_set_int (value, "column", self->column);
  if (self->node != NULL)
    air_map_set_string (value, "node", self->node);
  air_map_set_string (value, "message", self->message);
  air_map_set_string (value, "mend", self->mend);
  if (self->fix != NULL)
    air_map_set (value, "fix", air_command_to_value (self->fix));
  return value;
}
