/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "air-policy"

#include "config.h"

#include <string.h>

#include "base/air-clock.h"
#include "policy/air-gate.h"
#include "policy/air-gate-terms.h"

static const char *const rule_ids[] = {
  [AIR_GATE_RULE_ACCEPTED] = "gate.accepted",
  [AIR_GATE_RULE_DUPLICATE] = "gate.duplicate",
  [AIR_GATE_RULE_CLOSED] = "gate.closed",
  [AIR_GATE_RULE_UNKNOWN_KEY] = "gate.unknown-key",
  [AIR_GATE_RULE_KEY_NOT_VALID] = "gate.key-not-valid",
  [AIR_GATE_RULE_WRONG_SUBJECT] = "gate.wrong-subject",
  [AIR_GATE_RULE_WRONG_ARTIFACT] = "gate.wrong-artifact",
  [AIR_GATE_RULE_WRONG_ACTION] = "gate.wrong-action",
  [AIR_GATE_RULE_UNKNOWN_DECISION] = "gate.unknown-decision",
  [AIR_GATE_RULE_NOT_YET_VALID] = "gate.not-yet-valid",
  [AIR_GATE_RULE_EXPIRED] = "gate.expired",
  [AIR_GATE_RULE_AFTER_DEADLINE] = "gate.after-deadline",
  [AIR_GATE_RULE_REPLAYED] = "gate.replayed",
  [AIR_GATE_RULE_EXCLUDED] = "gate.excluded",
  [AIR_GATE_RULE_ROLE_MISSING] = "gate.role-missing",
  [AIR_GATE_RULE_ALREADY_DECIDED] = "gate.already-decided",
};

/* Clocks of the approver and of the runtime may differ by so much. */
#define CLOCK_SKEW_US (G_GINT64_CONSTANT (120) * G_USEC_PER_SEC)

/**
 * air_gate_rule_get_id:
 * @rule: a rule
 *
 * Returns: (transfer none): its stable id for the log, "gate.role-missing"; static
 */
const char *
air_gate_rule_get_id (AirGateRule rule)
{
  g_return_val_if_fail ((guint) rule < G_N_ELEMENTS (rule_ids), NULL);

  return rule_ids[rule];
}

/**
 * air_gate_outcome_to_string:
 * @outcome: an outcome
 *
 * Returns: (transfer none): "waiting", "approved", "denied", "expired" or "edited"; static
 */
const char *
air_gate_outcome_to_string (AirGateOutcome outcome)
{
  static const char *const names[] = { "waiting", "approved", "denied", "expired", "edited" };

  g_return_val_if_fail ((guint) outcome < G_N_ELEMENTS (names), NULL);

  return names[outcome];
}

void
air_gate_verdict_free (AirGateVerdict *self)
{
  if (self == NULL)
    return;
  g_free (self->message);
  g_free (self);
}

/**
 * air_gate_request_get_quorum:
 * @request: a gate
 * @at_us: microseconds since the Unix epoch
 *
 * Returns: how many approvals let pass at that time, escalations counted in
 */
gint64
air_gate_request_get_quorum (const AirGateRequest *request, gint64 at_us)
{
  gint64 quorum = request->quorum;

  for (gsize i = 0; i < request->n_levels; i++)
    if (request->levels[i].at_us <= at_us)
      quorum = request->levels[i].quorum;
  return quorum;
}

/* Who asks for information decides nothing, and may decide later. */
static gboolean
is_question (const char *decision)
{
  return g_strcmp0 (decision, "request-info") == 0;
}

/**
 * air_gate_request_get_outcome:
 * @request: what was asked
 * @counted: (array length=n_counted): the decisions that count so far
 * @n_counted: how many
 * @now_us: microseconds since the Unix epoch
 * @ret_approvals: (out) (optional): how many of them approve
 *
 * One denial denies; as many approvals as the quorum approve; a question for
 * information counts for nothing; past the deadline what is still waiting has
 * expired.
 *
 * Returns: where the gate stands
 */
AirGateOutcome
air_gate_request_get_outcome (const AirGateRequest *request,
                              const AirGateCounted *counted,
                              gsize n_counted,
                              gint64 now_us,
                              gint64 *ret_approvals)
{
  gint64 approvals = 0;
  gboolean denied = FALSE;

  for (gsize i = 0; i < n_counted; i++)
    if (strcmp (counted[i].decision, "deny") == 0)
      denied = TRUE;
    else if (!is_question (counted[i].decision))
      approvals++;
  if (ret_approvals != NULL)
    *ret_approvals = approvals;
  if (denied)
    return AIR_GATE_DENIED;
  /* Escalation may lower the quorum, but time alone opens nothing: the next decision counts it. */
  if (approvals >= request->quorum)
    return AIR_GATE_APPROVED;
  return request->deadline_us != 0 && now_us > request->deadline_us ? AIR_GATE_EXPIRED : AIR_GATE_WAITING;
}

/* --- who -------------------------------------------------------------------------------- */

static gboolean
contains (const char *const *list, const char *text)
{
  return list != NULL && g_strv_contains (list, text);
}

static gboolean
refuse (AirGateRule rule, char *take_message, AirGateRule *ret_rule, char **ret_message)
{
  *ret_rule = rule;
  *ret_message = take_message;
  return FALSE;
}

static gboolean
key_is_valid (const AirGateEnrolment *enrolment, gint64 at_us)
{
  return enrolment->enrolled_us <= at_us && (enrolment->revoked_us == 0 || at_us < enrolment->revoked_us);
}

static gboolean
is_among (const char *const *people, const char *uri)
{
  return people == NULL || contains (people, uri);
}

/**
 * air_gate_request_get_role_of:
 * @request: a gate
 * @uri: a person
 * @roles: those they hold
 * @at_us: microseconds since the Unix epoch
 *
 * Returns: (transfer none) (nullable): the role in which they may decide at that time, of @request's; %NULL: in none
 */
const char *
air_gate_request_get_role_of (const AirGateRequest *request, const char *uri, const char *const *roles, gint64 at_us)
{
  if (air_roles_hold (roles, request->role) && is_among (request->people, uri))
    return request->role;
  for (gsize i = 0; i < request->n_levels; i++)
    {
      const AirGateEscalation *level = &request->levels[i];

      if (level->at_us <= at_us && air_roles_hold (roles, level->role) && is_among (level->people, uri))
        return level->role;
    }
  return NULL;
}

/* Whether the role that was signed is one of those that count for this person at that time. */
static gboolean
role_counts (const AirGateRequest *request, const char *role, const AirGateEnrolment *enrolment, gint64 at_us)
{
  if (g_strcmp0 (role, request->role) == 0 && is_among (request->people, enrolment->uri))
    return air_roles_hold (enrolment->roles, role);
  for (gsize i = 0; i < request->n_levels; i++)
    if (request->levels[i].at_us <= at_us && g_strcmp0 (role, request->levels[i].role) == 0
        && is_among (request->levels[i].people, enrolment->uri))
      return air_roles_hold (enrolment->roles, role);
  return FALSE;
}

/* What holds of the person, whatever they decide. */
static gboolean
check_person (const AirGateRequest *request,
              const AirGateEnrolment *enrolment,
              gint64 at_us,
              AirGateRule *ret_rule,
              char **ret_message)
{
  if (!key_is_valid (enrolment, at_us))
    {
      g_autofree char *enrolled = air_time_format (enrolment->enrolled_us);
      g_autofree char *revoked = enrolment->revoked_us != 0 ? air_time_format (enrolment->revoked_us) : NULL;

      return refuse (AIR_GATE_RULE_KEY_NOT_VALID,
                     g_strdup_printf (
                         "the key of %s was not enrolled at that time (enrolled %s%s%s); enrol a key first",
                         enrolment->uri, enrolled, revoked != NULL ? ", revoked " : "", revoked != NULL ? revoked : ""),
                     ret_rule, ret_message);
    }
  if (contains (request->exclude, enrolment->uri))
    return refuse (
        AIR_GATE_RULE_EXCLUDED,
        g_strdup_printf ("%s may not decide here: nobody decides on a run they triggered, asked for, or whose "
                         "workflow they wrote; ask someone else",
                         enrolment->uri),
        ret_rule, ret_message);
  if (air_gate_request_get_role_of (request, enrolment->uri, enrolment->roles, at_us) == NULL)
    return refuse (AIR_GATE_RULE_ROLE_MISSING,
                   air_roles_hold (enrolment->roles, request->role)
                       ? g_strdup_printf ("%s is not among the people this gate names", enrolment->uri)
                       : g_strdup_printf ("%s does not have the role \"%s\", which this gate asks for", enrolment->uri,
                                          request->role),
                   ret_rule, ret_message);
  return TRUE;
}

static const AirGateCounted *
find_counted (const AirGateCounted *counted, gsize n_counted, const char *uri)
{
  for (gsize i = 0; i < n_counted; i++)
    if (strcmp (counted[i].uri, uri) == 0 && !is_question (counted[i].decision))
      return &counted[i];
  return NULL;
}

static gboolean
check_open (const AirGateRequest *request,
            const AirGateCounted *counted,
            gsize n_counted,
            gint64 now_us,
            AirGateRule *ret_rule,
            char **ret_message)
{
  AirGateOutcome outcome = air_gate_request_get_outcome (request, counted, n_counted, now_us, NULL);

  if (outcome == AIR_GATE_EXPIRED)
    {
      g_autofree char *deadline = air_time_format (request->deadline_us);

      return refuse (AIR_GATE_RULE_AFTER_DEADLINE,
                     g_strdup_printf ("the gate waited until %s; the decision comes too late", deadline), ret_rule,
                     ret_message);
    }
  if (outcome != AIR_GATE_WAITING)
    return refuse (AIR_GATE_RULE_CLOSED,
                   g_strdup_printf ("the gate is closed: it is %s already", air_gate_outcome_to_string (outcome)),
                   ret_rule, ret_message);
  return TRUE;
}

/**
 * air_gate_request_may_decide:
 * @request: what was asked
 * @enrolment: (nullable): whose key it is; %NULL when nobody enrolled it
 * @counted: (array length=n_counted): the decisions that count so far
 * @n_counted: how many
 * @now_us: microseconds since the Unix epoch
 * @ret_rule: (out) (optional): which rule says so
 * @ret_reason: (out) (optional) (transfer full): why or why not, in words
 *
 * What air_gate_judge() would say of a well-made decision of this person now:
 * for the interface to tell before anybody signs.
 *
 * Returns: whether they may
 */
gboolean
air_gate_request_may_decide (const AirGateRequest *request,
                             const AirGateEnrolment *enrolment,
                             const AirGateCounted *counted,
                             gsize n_counted,
                             gint64 now_us,
                             AirGateRule *ret_rule,
                             char **ret_reason)
{
  g_autofree char *message = NULL;
  AirGateRule rule = AIR_GATE_RULE_ACCEPTED;
  gboolean allowed;

  if (enrolment == NULL)
    allowed =
        refuse (AIR_GATE_RULE_UNKNOWN_KEY,
                g_strdup ("you have no enrolled decision key; ask an administrator to enrol one"), &rule, &message);
  else
    allowed = check_open (request, counted, n_counted, now_us, &rule, &message)
              && check_person (request, enrolment, now_us, &rule, &message);
  if (allowed && find_counted (counted, n_counted, enrolment->uri) != NULL)
    allowed = refuse (AIR_GATE_RULE_ALREADY_DECIDED,
                      g_strdup ("you have decided this gate already; another person must decide too"), &rule, &message);
  if (allowed)
    message = g_strdup_printf ("you may decide as %s",
                               air_gate_request_get_role_of (request, enrolment->uri, enrolment->roles, now_us));
  if (ret_rule != NULL)
    *ret_rule = rule;
  if (ret_reason != NULL)
    *ret_reason = g_steal_pointer (&message);
  return allowed;
}

/* --- what ---------------------------------------------------------------------------------- */

static gboolean
check_statement (const AirGateRequest *request,
                 const AirGateStatement *statement,
                 gint64 now_us,
                 AirGateRule *ret_rule,
                 char **ret_message)
{
  if (g_strcmp0 (statement->subject_name, request->gate) != 0 || g_strcmp0 (statement->gate, request->gate) != 0
      || g_strcmp0 (statement->subject_digest, request->request_hash) != 0)
    return refuse (
        AIR_GATE_RULE_WRONG_SUBJECT,
        g_strdup_printf ("the decision is about another request than this one of gate %s; fetch the gate again "
                         "and decide on what it shows",
                         request->gate),
        ret_rule, ret_message);
  if (g_strcmp0 (statement->artifact, request->artifact) != 0)
    return refuse (AIR_GATE_RULE_WRONG_ARTIFACT,
                   g_strdup ("the decision is about another version of the workflow; fetch the gate again"), ret_rule,
                   ret_message);
  if (g_strcmp0 (statement->action_digest, request->action_digest) != 0)
    return refuse (AIR_GATE_RULE_WRONG_ACTION,
                   g_strdup ("the decision is about another action than the one that waits; fetch the gate again"),
                   ret_rule, ret_message);
  if (g_strcmp0 (statement->decision, "edit") == 0 && !request->editable)
    return refuse (AIR_GATE_RULE_UNKNOWN_DECISION,
                   g_strdup ("the policy lets nobody change anything here; approve or deny"), ret_rule, ret_message);
  if (g_strcmp0 (statement->decision, "approve") != 0 && g_strcmp0 (statement->decision, "deny") != 0
      && g_strcmp0 (statement->decision, "edit") != 0 && !is_question (statement->decision))
    return refuse (AIR_GATE_RULE_UNKNOWN_DECISION,
                   g_strdup_printf ("\"%s\" is no decision; it is \"approve\", \"deny\", \"edit\" or \"request-info\"",
                                    statement->decision != NULL ? statement->decision : ""),
                   ret_rule, ret_message);
  if (statement->issued_us > now_us + CLOCK_SKEW_US
      || (request->requested_us != 0 && statement->issued_us < request->requested_us - CLOCK_SKEW_US))
    return refuse (
        AIR_GATE_RULE_NOT_YET_VALID,
        g_strdup ("the decision was issued in the future, or before the gate asked; check this machine's clock"),
        ret_rule, ret_message);
  if (statement->expires_us <= now_us || statement->expires_us <= statement->issued_us)
    {
      g_autofree char *expires = air_time_format (statement->expires_us);

      return refuse (AIR_GATE_RULE_EXPIRED, g_strdup_printf ("the decision was good until %s; decide again", expires),
                     ret_rule, ret_message);
    }
  return TRUE;
}

static gboolean
is_replayed (const AirGateStatement *statement, const AirGateCounted *counted, gsize n_counted, gboolean nonce_seen)
{
  if (statement->nonce == NULL || statement->nonce[0] == '\0' || nonce_seen)
    return TRUE;
  for (gsize i = 0; i < n_counted; i++)
    if (g_strcmp0 (counted[i].nonce, statement->nonce) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_duplicate (const AirGateStatement *statement,
              const AirGateEnrolment *enrolment,
              const AirGateCounted *counted,
              gsize n_counted)
{
  for (gsize i = 0; statement->envelope != NULL && i < n_counted; i++)
    if (g_strcmp0 (counted[i].envelope, statement->envelope) == 0 && strcmp (counted[i].uri, enrolment->uri) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
judge_new (const AirGateRequest *request,
           const AirGateStatement *statement,
           const AirGateEnrolment *enrolment,
           const AirGateCounted *counted,
           gsize n_counted,
           gboolean nonce_seen,
           gint64 now_us,
           AirGateRule *ret_rule,
           char **ret_message)
{
  if (!check_statement (request, statement, now_us, ret_rule, ret_message)
      || !check_open (request, counted, n_counted, now_us, ret_rule, ret_message))
    return FALSE;
  if (is_replayed (statement, counted, n_counted, nonce_seen))
    return refuse (AIR_GATE_RULE_REPLAYED,
                   g_strdup ("the decision's nonce was used before or is missing; decide again with a fresh one"),
                   ret_rule, ret_message);
  /* The key must have been good both when it signed and now. */
  if (!check_person (request, enrolment, statement->issued_us, ret_rule, ret_message)
      || !check_person (request, enrolment, now_us, ret_rule, ret_message))
    return FALSE;
  if (!role_counts (request, statement->role, enrolment, now_us))
    return refuse (AIR_GATE_RULE_ROLE_MISSING,
                   g_strdup_printf ("the decision was made as \"%s\", the gate asks for \"%s\"",
                                    statement->role != NULL ? statement->role : "", request->role),
                   ret_rule, ret_message);
  if (find_counted (counted, n_counted, enrolment->uri) != NULL)
    return refuse (AIR_GATE_RULE_ALREADY_DECIDED,
                   g_strdup_printf ("%s has decided this gate already; another person must decide too", enrolment->uri),
                   ret_rule, ret_message);
  return TRUE;
}

/**
 * air_gate_judge:
 * @request: what was asked
 * @statement: what was signed, its signature verified
 * @enrolment: (nullable): whose key it is; %NULL when nobody enrolled it
 * @counted: the decisions of this gate that count so far
 * @n_counted: how many
 * @nonce_seen: whether a decision of another gate used the nonce
 * @now_us: when the decision arrives (for the verifier: when it was recorded)
 *
 * Judges one decision whose signature was verified. The same envelope again is
 * accepted and changes nothing, even when the gate is closed.
 *
 * Returns: (transfer full): the verdict
 */
AirGateVerdict *
air_gate_judge (const AirGateRequest *request,
                const AirGateStatement *statement,
                const AirGateEnrolment *enrolment,
                const AirGateCounted *counted,
                gsize n_counted,
                gboolean nonce_seen,
                gint64 now_us)
{
  AirGateVerdict *verdict = g_new0 (AirGateVerdict, 1);

  verdict->outcome = air_gate_request_get_outcome (request, counted, n_counted, now_us, &verdict->counted);
  if (enrolment == NULL || g_strcmp0 (enrolment->key_id, statement->key_id) != 0)
    {
      refuse (AIR_GATE_RULE_UNKNOWN_KEY,
              g_strdup_printf ("nobody enrolled the key %s; enrol it before deciding with it",
                               statement->key_id != NULL ? statement->key_id : "(none)"),
              &verdict->rule, &verdict->message);
      return verdict;
    }
  if (is_duplicate (statement, enrolment, counted, n_counted))
    {
      verdict->accepted = TRUE;
      verdict->rule = AIR_GATE_RULE_DUPLICATE;
      verdict->message = g_strdup ("this decision was recorded already; it counts once");
      return verdict;
    }
  if (!judge_new (request, statement, enrolment, counted, n_counted, nonce_seen, now_us, &verdict->rule,
                  &verdict->message))
    return verdict;

  verdict->accepted = TRUE;
  verdict->rule = AIR_GATE_RULE_ACCEPTED;
  if (strcmp (statement->decision, "deny") == 0)
    verdict->outcome = AIR_GATE_DENIED;
  else if (!is_question (statement->decision))
    {
      gint64 quorum = air_gate_request_get_quorum (request, now_us);
      gboolean edits = strcmp (statement->decision, "edit") == 0;

      /* Who changes the action is the first who approves what came of it; who approved before approved another. */
      verdict->counted = edits ? 1 : verdict->counted + 1;
      if (edits && request->edited)
        verdict->outcome = AIR_GATE_EDITED;
      else if (verdict->counted >= quorum)
        verdict->outcome = AIR_GATE_APPROVED;
      else
        verdict->outcome = edits ? AIR_GATE_EDITED : AIR_GATE_WAITING;
    }
  verdict->message =
      g_strdup_printf ("%s by %s as %s: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " approvals, %s",
                       statement->decision, enrolment->uri, statement->role, verdict->counted,
                       air_gate_request_get_quorum (request, now_us), air_gate_outcome_to_string (verdict->outcome));
  return verdict;
}
